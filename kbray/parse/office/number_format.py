"""Numbers and dates of spreadsheets as their formats show them: `#,##0.00 [$€-407]`, `0%`, `mmm yyyy`, `[h]:mm`.

Full dates are written in ISO 8601, whatever order their format has: that order depends on the reader's country.
"""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

# Those that files name by number only; what isn't here is shown as General.
BUILT_IN = {
    **{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 48: "##0.0E+0", 49: "@"},
    **{
        5: '"$"#,##0',
        6: '"$"#,##0',
        7: '"$"#,##0.00',
        8: '"$"#,##0.00',
        37: "#,##0",
        38: "#,##0",
        39: "#,##0.00",
        40: "#,##0.00",
    },
    **{41: '#,##0;-#,##0;"-"', 42: '"$"#,##0;-"$"#,##0;"-"', 43: '#,##0.00;-#,##0.00;"-"', 44: '"$"#,##0.00;-"$"#,##0.00;"-"'},
    **{14: "yyyy-mm-dd", 15: "yyyy-mm-dd", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm"},
    **{21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0"},
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),  # dates of East Asia
}
_LONGEST = 1000  # characters of a code; Excel allows 255
_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[(\$[^\]]*|[^\]]*)\]|((?i:General)|AM/PM|A/P|[Ee][+-]|[yYbB]+|[mM]+|[dDgG]+|[hH]+|[sS]+|[0#?]+|.)',
    re.DOTALL,
)
_CODE = re.compile(r"General|AM/PM|A/P|[Ee][+-]|[yYmMdDhHsS]+|[0#?]+|[.,%/@]")
_DATE = re.compile(r"[yYmMdDhHsS]+|AM/PM|A/P")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_UNITS = ("y", "m", "d", "h", "s")
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_LAST_DAY = 2_958_466  # 9999-12-31, and one
_MOST_DECIMALS = 30
_LONGEST = 1000  # characters of a format; programs take 255

_Token = tuple[str, str]  # what it is (literal, code, elapsed, condition), and its text


def shown(value: float, code: str, *, since_1904: bool = False) -> str:
    """The number as a cell with this format shows it; as General where the format is none we know."""
    if len(code) > _LONGEST:
        return general(value)
    sections = _sections(code)
    tokens, negative = _chosen(sections, value)
    if any(kind == "elapsed" or (kind == "code" and _DATE.fullmatch(text)) for kind, text in tokens):
        moment = _moment(value, since_1904)
        return general(value) if moment is None else _dated(value, moment, tokens)
    text = _numeric(abs(value) if negative or value < 0 else value, tokens)
    if text is None:
        return general(value)
    return f"-{text}" if value < 0 and not negative and re.search(r"[1-9]", text) else text


def general(value: float) -> str:
    """Whole numbers without a point, others with up to 15 digits."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


@lru_cache(maxsize=1000)
def _sections(code: str) -> tuple[tuple[_Token, ...], ...]:
    sections: list[tuple[_Token, ...]] = []
    tokens: list[_Token] = []
    for quoted, escaped, bracket, text in _TOKEN.findall(code[:_LONGEST]):
        if text == ";":
            sections.append(tuple(tokens))
            tokens = []
        elif text:
            text = "General" if text.lower() == "general" else text
            tokens.append(("code" if _CODE.fullmatch(text) else "literal", text))
        elif bracket.startswith("$"):
            tokens.append(("literal", bracket[1:].partition("-")[0]))
        elif bracket:
            kind = "elapsed" if _ELAPSED.fullmatch(bracket) else "condition" if _CONDITION.fullmatch(bracket) else ""
            if kind:
                tokens.append((kind, f"[{bracket}]" if kind == "elapsed" else bracket))
        else:
            tokens.append(("literal", quoted or escaped or " "))
    return (*sections, tuple(tokens))


def _chosen(sections: tuple[tuple[_Token, ...], ...], value: float) -> tuple[tuple[_Token, ...], bool]:
    """The section for a value, and whether it is one that writes the sign of negative ones itself."""
    conditions = [next((text for kind, text in section if kind == "condition"), None) for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _holds(condition, value):
                return section, False
        return sections[-1], False
    numbers = sections[:3]
    if value < 0 and len(numbers) > 1:
        return numbers[1], True
    if value == 0 and len(numbers) > 2:
        return numbers[2], False
    return numbers[0], False


def _holds(condition: str, value: float) -> bool:
    found = _CONDITION.fullmatch(condition)
    if found is None:
        return False
    bound = float(found[2])
    below, above = value < bound, value > bound
    return {"<": below, ">": above, "=": value == bound, "<=": not above, ">=": not below, "<>": value != bound}[found[1]]


# ---------------------------------------------------------------- numbers


def _numeric(value: float, tokens: tuple[_Token, ...]) -> str | None:
    """None: a format of a rare kind (fractions, literals among the digits)."""
    codes = [text for kind, text in tokens if kind == "code"]
    if "General" in codes or "@" in codes:
        return "".join(general(value) if kind == "code" else text for kind, text in tokens if kind in ("code", "literal"))
    places = [index for index, (kind, text) in enumerate(tokens) if kind == "code" and text != "%"]
    literal = [text for kind, text in tokens if kind == "literal" or text == "%"]
    if not places:
        return "".join(literal).strip()
    inside = tokens[places[0] : places[-1] + 1]
    if any(kind != "code" or text in ("/", "%") for kind, text in inside):
        return None
    number = _digits(value * 100 ** codes.count("%"), "".join(text for _, text in inside))
    if number is None:
        return None
    before = "".join(text for kind, text in tokens[: places[0]] if kind in ("literal", "code"))
    after = "".join(text for kind, text in tokens[places[-1] + 1 :] if kind in ("literal", "code"))
    return f"{before}{number}{after}".strip()


def _digits(value: float, pattern: str) -> str | None:
    mantissa = re.split("[Ee]", pattern, maxsplit=1)[0]
    exponent, tail = pattern[len(mantissa) :][:2], pattern[len(mantissa) + 2 :]
    whole, _, decimals = mantissa.partition(".")
    scaled = len(mantissa) - len(mantissa.rstrip(","))  # commas at the end: thousands, millions
    least = min(decimals.count("0"), _MOST_DECIMALS)
    most = min(sum(decimals.count(sign) for sign in "0#?"), _MOST_DECIMALS)
    if exponent[1:] in ("+", "-"):
        text = f"{value:.{most}E}"
        head, _, power = text.partition("E")
        sign = "-" if power.startswith("-") else "+" if exponent[1] == "+" else ""
        return f"{head}E{sign}{power[1:].lstrip('0').rjust(tail.count('0'), '0')}"
    try:
        exact = Decimal(f"{value:.15g}") / (Decimal(1000) ** scaled)
        number = exact.quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return None
    integer, _, fraction = f"{number:f}".partition(".")
    while len(fraction) > least and fraction.endswith("0"):
        fraction = fraction[:-1]
    integer = integer.lstrip("0").rjust(min(whole.count("0"), _MOST_DECIMALS), "0")
    if "," in whole.rstrip(","):
        integer = re.sub(r"(?<=\d)(?=(\d{3})+\Z)", ",", integer)
    return f"{integer}.{fraction}" if fraction else integer


# ---------------------------------------------------------------- dates


def _moment(value: float, since_1904: bool) -> dt.datetime | None:
    """None: no day of the calendar has this number."""
    if not 0 <= value < _LAST_DAY - 1462 * since_1904:
        return None
    first = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, 30 if value >= 60 else 31)
    return first + dt.timedelta(seconds=round(value * 86_400, 3))


def _dated(value: float, moment: dt.datetime, tokens: tuple[_Token, ...]) -> str:
    codes = [text.lower() for kind, text in tokens if kind == "code"]
    days, times = {text[0] for text in codes if text[0] in "yd"}, [text for text in codes if text[0] in "hs"]
    if days == {"y", "d"}:
        exact = moment + dt.timedelta(milliseconds=500)
        if not times or exact.time().replace(microsecond=0) == dt.time():
            return exact.date().isoformat()
        return exact.isoformat(" ", "seconds" if any(text[0] == "s" for text in times) else "minutes")
    return _spelt(value, moment, tokens)


def _spelt(value: float, moment: dt.datetime, tokens: tuple[_Token, ...]) -> str:
    """Token by token; an `m` after hours or before seconds is minutes."""
    half = any(text in ("AM/PM", "A/P") for _, text in tokens)
    hour = (moment.hour - 1) % 12 + 1 if half else moment.hour
    units = [text[0].lower() if kind == "code" else text[1].lower() if kind == "elapsed" else "" for kind, text in tokens]
    pieces: list[str] = []
    for index, (kind, text) in enumerate(tokens):
        unit, wide = units[index], len(text)
        if unit == "m" and kind == "code":
            before = next((one for one in reversed(units[:index]) if one in _UNITS), "")
            after = next((one for one in units[index + 1 :] if one in _UNITS), "")
            unit = "minute" if before == "h" or after == "s" else "month"
        if kind == "elapsed":
            pieces.append(str(round(value * 86_400) // _SECONDS[unit]).rjust(wide - 2, "0"))
        elif kind != "code":
            pieces.append(text if kind == "literal" else "")
        elif unit == "a":
            pieces.append(("AM" if moment.hour < 12 else "PM")[: 2 if wide > 3 else 1])
        elif unit in ("month", "d"):
            name = _MONTHS[moment.month - 1] if unit == "month" else _DAYS[moment.weekday()]
            number = moment.month if unit == "month" else moment.day
            pieces.append(name[:3] if wide == 3 else name if wide > 3 else str(number).rjust(wide, "0"))
        elif unit in ("y", "h", "s", "minute"):
            number = {"y": moment.year if wide > 2 else moment.year % 100, "h": hour, "s": moment.second}.get(unit, moment.minute)
            pieces.append(str(number).rjust(2 if unit == "y" else min(wide, 2), "0"))
        else:  # a point, or the zeros behind it
            pieces.append(f"{moment.microsecond:06}"[:wide] if set(text) == {"0"} else text)
    return "".join(pieces).strip()
