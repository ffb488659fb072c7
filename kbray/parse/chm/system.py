"""What a help file says of itself (#SYSTEM): title, language, which file holds its contents."""

from collections.abc import Iterator
from dataclasses import dataclass
from locale import windows_locale

_CONTENTS, _DEFAULT, _TITLE, _LANGUAGE, _NAME, _FONT = 0, 2, 3, 4, 6, 16
_VERSION_BYTES = 4
_SCRIPTS = {  # in the names of fonts, as in CHARSET of the Windows API
    **{128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258"},
    **{177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250"},
}
_PAGES = {
    **dict.fromkeys(("cs", "pl", "hu", "sk", "sl", "hr", "ro", "sq"), "cp1250"),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "kk", "ky", "tt", "mn"), "cp1251"),
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"),
    **dict.fromkeys(("et", "lv", "lt"), "cp1257"),
    **{"el": "cp1253", "tr": "cp1254", "az": "cp1254", "he": "cp1255", "iw": "cp1255", "vi": "cp1258", "th": "cp874"},
    **{"ja": "cp932", "ko": "cp949", "zh": "gb18030", "zh-TW": "cp950", "zh-HK": "cp950", "zh-MO": "cp950"},
}


@dataclass(frozen=True, slots=True)
class System:
    """Text is as it stands there, in an encoding that is told by nothing but the language and the font."""

    title: bytes = b""
    contents: bytes = b""  # name of the file with the contents
    default: bytes = b""  # of the topic that is shown first
    name: bytes = b""  # of the help file itself, without its ending, as links call it
    language: str | None = None  # BCP 47
    encoding: str | None = None  # that the font and the language stand for; None: one for Latin letters, or unknown


def read(data: bytes, language: int) -> System:
    """From #SYSTEM, and the language (LCID) of who made the file, which counts where that says none."""
    told = dict(_entries(data))
    if len(told.get(_LANGUAGE, b"")) >= 4:
        language = int.from_bytes(told[_LANGUAGE][:4], "little") or language
    return System(
        title=_text(told, _TITLE),
        contents=_text(told, _CONTENTS),
        default=_text(told, _DEFAULT),
        name=_text(told, _NAME),
        language=_tag(language) or None,
        encoding=_of_font(_text(told, _FONT)) or encoding_of(language),
    )


def encoding_of(language: int) -> str | None:
    """What Windows writes a language (LCID) in; None: it is one of Latin letters in the west, or unknown."""
    tag = _tag(language)
    return _PAGES.get(tag) or _PAGES.get(tag.partition("-")[0])


def _tag(language: int) -> str:
    return windows_locale.get(language & 0xFFFF, "").replace("_", "-")


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = _VERSION_BYTES
    while at + 4 <= len(data):
        kind, size = (int.from_bytes(data[place : place + 2], "little") for place in (at, at + 2))
        yield kind, data[at + 4 : at + 4 + size]
        at += 4 + size


def _text(told: dict[int, bytes], kind: int) -> bytes:
    return told.get(kind, b"").partition(b"\0")[0].strip()


def _of_font(told: bytes) -> str | None:
    """The encoding of the script of a font: face, size, script."""
    script = told.rpartition(b",")[2].strip()
    return _SCRIPTS.get(int(script)) if script.isdigit() and len(script) < 4 else None
