"""Bytes → text: byte order marks, declarations, UTF-8, then a bounded guess; what got lost is said."""

import codecs
import re
from collections import Counter
from dataclasses import dataclass, replace

_SAMPLE = 64 * 1024  # bytes the guess looks at
_HEAD = 8 * 1024  # bytes searched for a declaration
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATIONS = (
    re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)[\"']"),
    re.compile(rb"<meta[^>]*?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE),
)
# The web says one name and means a larger set (WHATWG Encoding Standard, 4.2).
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
_NO_CHARSETS = frozenset(
    """
    idna punycode raw-unicode-escape undefined unicode-escape
    cp037 cp273 cp424 cp500 cp875 cp1026 cp1140
    """.split()
)
"""Ways to write text in ASCII that Python calls encodings, raise what others don't, and change what was well; and those in which
no ASCII is (EBCDIC): a text that names one in ASCII is not in it, and all bytes would be letters there."""
_LATIN = frozenset({"cp1252", "cp1254", "iso8859-15", "mac-roman"})
_ESCAPES = ((re.compile(rb"\x1b\$[@B]"), "iso2022_jp_ext"), (re.compile(rb"\x1b\$\)C"), "iso2022_kr"))  # of 7-bit encodings
_GUESSES = [
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "cp932", "euc_jp",
    "iso2022_jp", "gb18030", "big5", "cp949", "mac_roman", "mac_cyrillic", "cp437", "cp850", "cp866", "iso8859_2",
]  # fmt: skip
# Letters beyond ASCII of languages written in Latin, by the encodings that they are written in, likelier ones first.
_WESTERN = (
    *("àâæçèéêëîïôœùûüÿ", "äöüß", "áéíñóúü¡¿ºª", "àèéìòóù", "àáâãçéêíóôõúü", "àçèéíïòóúü"),
    *("åäöæøé", "áæéíðóöþúý", "éëïöüáóèê", "äõöüšž"),
)
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "äöüß")
_ALPHABETS: dict[str, tuple[str, ...]] = {
    "cp1252": _WESTERN,
    "cp1250": (*_CENTRAL, "ăâîşţ"),
    "cp1254": ("çğıöşüâîû",),
    "iso8859_2": _CENTRAL,
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
    "cp850": _WESTERN,
    "cp852": _CENTRAL,
    "mac_roman": _WESTERN,
}
_SURE, _ALONE = 0.95, 0.7  # shares of characters in one language's letters, of runs that are one byte
_SIGNS = "«»°€’‘“”‚„–—…·£§©®½²³µ±×÷"
_PIECES = frozenset("".join(_WESTERN) + "".join(_WESTERN).upper() + _SIGNS) - {"ÿ"}
"""Of a text in Windows-1252 between others. A byte of ones is noise."""
_WITHOUT_SIGNS = frozenset(("cp850", "cp852", "mac_roman"))  # or with others: what looks like one is a letter of another encoding
_ALIKE = frozenset(("cp1250", "cp1252", "cp1254", "cp1257", "iso8859_2", "mac_roman", "cp850", "cp437"))
_TWICE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]{1,3}")  # UTF-8 taken for Latin-1 and written as UTF-8 again
_C1 = re.compile("[\u0080-\u0084\u0086-\u009f]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_ZEROS = re.compile("\0{16,}")  # no text has so many side by side
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")
_FEW_MIXED, _MOST_MIXED = 2, 3  # runs in UTF-8, at least; so many times as many letters may be in the other encoding
_ASCII = bytes(range(0x80))
_PRINTED = bytes(range(0x20, 0x7F)) + b"\t\n\r"  # nine bytes of ten are such in no text in UTF-16, in whatever script
_C0_BYTES = bytes(set(range(0x20)) - set(b"\t\n\f\r") | {0x7F})
_C1_BYTES = re.compile(rb"\xc2[\x80-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text without NULs and control characters; `lossy` when bytes stand for nothing in the encoding."""

    text: str
    encoding: str
    lossy: bool
    controls: int  # how many control characters were taken out
    guessed: bool = False
    zeros: int = 0  # of the control characters, those in long runs
    mixed: bool = False  # pieces were in another encoding

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the user where characters are lost or may be wrong."""
        told = []
        if self.guessed:
            told.append(f"No encoding is declared and it isn't UTF-8: {self.encoding} was guessed, so characters may be wrong.")
        if self.mixed:
            told.append("Its letters are in UTF-8 and in Windows-1252 by turns: each was read as it is, and may be wrong.")
        if self.lossy:
            told.append(f"Some bytes are not text in {self.encoding}; they were replaced by U+FFFD.")
        return (*told, *zeroed(self.zeros))


def zeroed(zeros: int) -> tuple[str, ...]:
    """What to tell of a text with so many bytes of zero in long runs, as a disk or a broken copy leaves them; nothing of none."""
    return (f"Zeros stand where text should be ({zeros:,}): a part of the file is lost; fetch it again.",) if zeros else ()


def zeros_in(text: str) -> int:
    """How many zeros stand in long runs."""
    return sum(len(run) for run in _ZEROS.findall(text)) if "\0" in text else 0


def decode(data: bytes, *, declared: bool = False, charset: str | None = None) -> Decoded:
    """`data` as text; never raises.

    Args: declared: believe an XML declaration or a meta charset near the beginning; charset: what is said of it elsewhere, which
    is believed before that.
    """
    data, marked = unmarked(data)
    if marked:
        return _decoded(data, marked)
    if wide := _wide(data):
        return _decoded(data, wide)
    if escaped := _escaped(data):
        return _decoded(data, escaped)
    if named := (_meant(charset) if charset else None) or (declared_encoding(data) if declared else None):
        if named not in _LATIN and (text := _strictly(data, named)) is not None:
            return _clean(text, named, lossy=False)
        if named in _LATIN and _strictly(data, "utf-8") is None:
            return _decoded(data, named)
    return _undeclared(data)


def declared_encoding(data: bytes) -> str | None:
    """The Python name of the encoding that the head of a document names, if there is such an encoding."""
    head = data[:_HEAD]
    for pattern in _DECLARATIONS:
        if (found := pattern.search(head)) and (meant := _meant(found[1].decode("ascii", "replace"))):
            return meant
    return None


def _meant(charset: str) -> str | None:
    """The Python name of the encoding that who wrote this name used; None: there is no such encoding."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):  # a NUL or a letter of another script in it is a ValueError
        return None
    if name in _NO_CHARSETS:
        return None
    if name.startswith(("utf-16", "utf-32")):
        return "utf-8"  # it could be read byte by byte, or has no zero bytes, so the name is wrong
    return _MEANT.get(name, name)


def _undeclared(data: bytes) -> Decoded:
    if (text := _strictly(data, "utf-8")) is not None:
        return _clean(text, "utf-8", lossy=False)
    if (text := _cut(data)) is not None:
        return _clean(text, "utf-8", lossy=True)
    if (mixed := _mixed(data)) is not None:
        return replace(_clean(mixed, "utf-8", lossy=False), mixed=True)
    text = data.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    other = len(data) - len(text)  # about the number of continuation bytes that were right
    if wrong * 10 < other:
        return _clean(text, "utf-8", lossy=True)
    return replace(_decoded(data, _guess(data)), guessed=True)


def _mixed(data: bytes) -> str | None:
    """A text in UTF-8 with pieces in Windows-1252, as pages are that were put together; None: it is none.

    A letter of the latter stands alone, or beside another one; letters in UTF-8 are two bytes that no text in it has.
    """
    right = wrong = 0
    pieces: list[str] = []
    at = 0
    for run in _HIGH_RUNS.finditer(data):
        text = _strictly(run[0], "utf-8")
        if text is not None:
            right += 1
        elif len(run[0]) <= 2 and (text := _strictly(run[0], "cp1252")) and _PIECES.issuperset(text):
            wrong += 1
        else:
            return None
        pieces += (data[at : run.start()].decode("ascii"), text)
        at = run.end()
    if right < max(_FEW_MIXED, wrong / _MOST_MIXED):
        return None
    return "".join((*pieces, data[at:].decode("ascii")))


def _cut(data: bytes) -> str | None:
    """A text in UTF-8 without the end of its last character, which is replaced; None: it is none."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(data)
    except UnicodeDecodeError:
        return None
    return None if text.isascii() else text + "\ufffd"


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    start = max(0, _first_high(data) - 1024)
    sample = data[start : start + _SAMPLE]
    high = Counter(sample.translate(None, _ASCII))
    western = max(_ALPHABETS, key=lambda encoding: _share(high, encoding))
    if _is_scattered(sample) and _share(high, western) >= _SURE:
        return western
    matches = list(from_bytes(sample, cp_isolation=_GUESSES, enable_fallback=False))
    near = [match for match in matches if match.chaos <= matches[0].chaos + 0.02]
    best = max(near, key=lambda match: match.coherence).encoding if near else "cp1252"
    return western if best in _ALIKE else best


def _share(high: Counter[int], encoding: str) -> float:
    """Of these bytes: signs, and letters of that language of the encoding which has most of them.

    Capitals count for half: most of them are small letters of another encoding.
    """
    characters = [(bytes((byte,)).decode(encoding, "replace"), count) for byte, count in high.items()]
    signs = "" if encoding in _WITHOUT_SIGNS else _SIGNS

    def weight(character: str, letters: str) -> float:
        return 1 if character in letters or character in signs else 0.5 if character.lower() in letters else 0

    known = (sum(count * weight(character, letters) for character, count in characters) for letters in _ALPHABETS[encoding])
    return max(known) / max(high.total(), 1)


def _is_scattered(sample: bytes) -> bool:
    """Whether bytes beyond ASCII mostly stand alone; in other scripts than Latin letters stand side by side."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    return sum(len(run) == 1 for run in runs) >= _ALONE * len(runs)


def _first_high(data: bytes) -> int:
    found = re.search(rb"[\x80-\xff]", data)
    return found.start() if found else 0


def units(head: bytes) -> str | None:
    """The encoding of a text whose characters are 16 or 32 bits, by its first bytes; None: it is another one."""
    rest, marked = unmarked(head)
    encoding = marked or _wide(rest)
    return encoding if encoding != "utf-8" else None


def unmarked(data: bytes) -> tuple[bytes, str | None]:
    """A text without its byte order mark, and what that stands for; nothing where it is UTF-16's, and ASCII follows."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            rest = data[len(mark) :]
            head = rest[:_HEAD]
            is_false = (
                encoding.startswith("utf-16") and b"\0" not in head and len(head.translate(None, _PRINTED)) * 10 < len(head)
            )
            return rest, None if is_false else encoding
    return data, None


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: nearly every other byte of the head is zero."""
    head = data[:512]
    if len(head) < 4 or b"\0" not in head:
        return None
    half = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _escaped(data: bytes) -> str | None:
    """The encoding whose escape sequences are in the text; it is 7-bit, so that it would pass for ASCII."""
    if b"\x1b" not in data or not data.isascii():
        return None
    return next((encoding for mark, encoding in _ESCAPES if mark.search(data)), None)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _decoded(data: bytes, encoding: str) -> Decoded:
    text = _strictly(data, encoding)
    if text is not None:
        return _clean(text, encoding, lossy=False)
    return _clean(data.decode(encoding, errors="replace"), encoding, lossy=True)


def _clean(text: str, encoding: str, *, lossy: bool) -> Decoded:
    if not _has_controls(text):
        return Decoded(text.removeprefix("\ufeff"), encoding, lossy, 0)
    if _C1.search(text):
        text = _TWICE.sub(_once, text)
    zeros = zeros_in(text)
    text, controls = _CONTROLS.subn("", text.removeprefix("\ufeff"))
    return Decoded(text, encoding, lossy, controls, zeros=zeros)


def _has_controls(text: str) -> bool:
    """Whether there may be one of `_CONTROLS`; bytes tell it in a tenth of the time."""
    data = text.encode("utf-8", "surrogatepass")
    return (
        len(data.translate(None, _C0_BYTES)) < len(data)
        or _C1_BYTES.search(data) is not None
        or "\ufffe" in text
        or "\uffff" in text
    )


def _once(match: re.Match[str]) -> str:
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
