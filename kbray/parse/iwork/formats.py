"""Values of cells as Numbers shows them: TSK.FormatStructArchive, told by the codes that spreadsheets of other programs have.

Full dates are written in ISO 8601, as in `office.number_format`.
"""

import re
from fractions import Fraction

from kbray.parse.iwork.wire import Message
from kbray.parse.office.number_format import general, shown

_DECIMAL, _CURRENCY, _PERCENT, _SCIENTIFIC, _DATE, _FRACTION, _DURATION, _BASE, _CUSTOM_DATE = (
    256,
    257,
    258,
    259,
    261,
    262,
    268,
    269,
    272,
)
_AUTOMATIC = 253  # decimals: as many as there are
_DAYS_UNTIL_2001 = 36_892  # from the day that spreadsheets count from
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "KRW": "₩", "INR": "₹", "BRL": "R$", "ILS": "₪"}
_FIELD = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<sign>.)", re.DOTALL)
_FIELDS = {"y": "y", "M": "m", "L": "m", "d": "d", "H": "h", "k": "h", "h": "h", "K": "h", "m": "m", "s": "s"}
_UNITS = (
    (1, 604_800, "week", "w"),
    (2, 86_400, "day", "d"),
    (4, 3600, "hour", "h"),
    (8, 60, "minute", "m"),
    (16, 1, "second", "s"),
)
_LONG, _COMPACT = 2, 0


def number(value: float, form: Message) -> str:
    """A number or an amount of money."""
    kind, places = form.number(1), form.number(2, _AUTOMATIC)
    if kind == _BASE and 2 <= form.number(8, 10) <= 36:
        return _in_base(round(value), form.number(8, 10)).rjust(min(form.number(9), 64), "0")
    if kind == _FRACTION:
        return _as_fraction(value, form.number(11))
    if kind not in (_DECIMAL, _CURRENCY, _PERCENT, _SCIENTIFIC):
        return general(value)
    decimals = "." + "#" * 15 if places >= _AUTOMATIC else "." + "0" * min(places, 30) if places else ""
    if kind == _SCIENTIFIC:
        return shown(value, f"0{decimals}E+0")
    code = f"{'#,##0' if form.number(5) else '0'}{decimals}"
    if kind == _PERCENT:
        code += "%"
    elif kind == _CURRENCY:
        name = form.text(3)
        code = f'"{_SIGNS.get(name, name + " " if name.isalnum() else "")}"{code}'
    return shown(value, f"{code};({code})" if form.number(4) in (2, 3) else code)


def _in_base(value: int, base: int) -> str:
    digits, left = "", abs(value)
    while left:
        left, digit = divmod(left, base)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return f"-{digits}" if value < 0 else digits or "0"


def _as_fraction(value: float, accuracy: int) -> str:
    """`12 1/2`. accuracy: the denominator; or, counted down from 2³², how many digits it may have."""
    size = abs(Fraction(value))
    if 0 < accuracy < 1000:
        near = Fraction(round(size * accuracy), accuracy)
    else:
        near = size.limit_denominator(10 ** max(1, min(3, 2**32 - (accuracy & 0xFFFF_FFFF))) - 1)
    whole, rest = divmod(near, 1)
    text = f"{whole} {rest}" if whole and rest else str(near)
    return f"-{text}" if value < 0 and near else text


def date(seconds: float, form: Message) -> str:
    """A moment, told in seconds since the beginning of 2001."""
    days = seconds / 86_400 + _DAYS_UNTIL_2001
    pattern = form.text(14) or form.text(18) if form.number(1) in (_DATE, _CUSTOM_DATE) else ""
    has_time = abs(seconds % 86_400) > 0.5
    return shown(days, _code(pattern) if pattern else "yyyy-mm-dd h:mm:ss" if has_time else "yyyy-mm-dd")


def _code(pattern: str) -> str:
    """A pattern for dates of Unicode (UTS 35) as a code of spreadsheets."""
    pieces: list[str] = []
    for found in _FIELD.finditer(pattern):
        letters = found["letters"]
        if letters is None:
            text = (found["quoted"] or "'") if found["quoted"] is not None else found["sign"]
            pieces.append(text if text in " -/:.," else '"' + text.replace('"', "") + '"')
        elif letters[0] in "Eec":
            pieces.append("dddd" if len(letters) == 4 else "ddd")
        elif letters[0] == "a":
            pieces.append("AM/PM")
        elif letters[0] == "y":
            pieces.append("yy" if len(letters) == 2 else "yyyy")
        elif letters[0] in _FIELDS:
            pieces.append(_FIELDS[letters[0]] * min(len(letters), 4))
    return "".join(pieces)


def duration(seconds: float, form: Message) -> str:
    """`1h 30m`, `1 hour 30 minutes`, `1:30:00`: from the largest unit that the format has, or that is in it, to the smallest."""
    style, left = form.number(7, 1), round(abs(seconds), 3)
    told = form.number(1) == _DURATION and not form.number(40)
    largest, smallest = (form.number(15, 1), form.number(16, 16)) if told else (1, 16)
    pieces: list[tuple[float, str, str]] = []
    for bit, length, name, sign in _UNITS:
        if largest <= bit <= max(smallest, largest):
            last = bit >= min(smallest, 16)
            count = round(left / length, 3) if last else left // length
            left -= 0 if last else count * length
            pieces.append((count, name, sign))
    if not told:  # only units that are there
        pieces = [piece for piece in pieces if piece[0]] or pieces[-1:]
    if style == _COMPACT and told:
        text = ":".join(
            f"{general(float(count)):0>2}" if place else general(float(count)) for place, (count, *_) in enumerate(pieces)
        )
    elif style == _LONG:
        text = " ".join(f"{general(float(count))} {name}{'' if count == 1 else 's'}" for count, name, _ in pieces)
    else:
        text = " ".join(f"{general(float(count))}{sign}" for count, _, sign in pieces)
    return f"-{text}" if seconds < 0 else text
