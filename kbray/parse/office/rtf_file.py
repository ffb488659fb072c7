"""The signs of RTF: control words, groups, text, in whatever code page a font or the document is."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kbray.parse.symbols import symbol, symbols_of

_TOKEN = re.compile(
    rb"\\(?:'(?P<byte>[0-9a-fA-F]{2})|(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,10})? ?|(?P<sign>[^a-zA-Z]))"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)"
)
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_PLATFORM = re.compile(rb"\\(mac|pca?)(?![a-z])")
_PLATFORMS = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_HEAD = 4096  # bytes: where the code page is told
_SYMBOLS = 2
_CHARACTER_SETS = {
    **{77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254"},
    **{163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250"},
}
"""Of fonts, by the numbers of Windows; all others are in the code page of the document."""
_PRIVATE = range(0xF020, 0xF100)  # where characters of symbol fonts stand in Unicode


@dataclass(frozen=True, slots=True)
class Token:
    """A control word or sign with its number, a brace, or bytes: of text, or those that `\\bin` announces."""

    word: str = ""
    number: int | None = None
    text: bytes = b""


@dataclass(frozen=True, slots=True)
class Font:
    name: str = ""
    characters: int = 0  # its character set

    @property
    def is_of_symbols(self) -> bool:
        return self.characters == _SYMBOLS or symbols_of(self.name) is not None

    def shown(self, character: str) -> str:
        """A character that stands where only symbol fonts have any."""
        return symbol(self.name if self.is_of_symbols else "Symbol", ord(character))


def tokens(data: bytes) -> Iterator[Token]:
    """Raw bytes come with the word `bin` that announces them."""
    at = 0
    while (found := _TOKEN.search(data, at)) is not None:
        at = found.end()
        kind = found.lastgroup
        if kind == "text":
            yield Token(text=found[0])
        elif kind == "byte":
            yield Token(text=bytes((int(found["byte"], 16),)))
        elif kind == "brace":
            yield Token(found[0].decode())
        elif kind == "sign":
            sign = found["sign"]
            yield Token(text=sign) if sign in b"{}\\" else Token(sign.decode("latin-1"))
        else:
            number = int(found["number"]) if found["number"] else None
            word = found["word"].decode()
            if word == "bin":
                begin, at = at, at + max(0, number or 0)
                yield Token(word, number, data[begin:at])
            else:
                yield Token(word, number)


@dataclass(frozen=True, slots=True)
class CodePage:
    """How bytes are letters where no font says otherwise."""

    codec: str
    unknown: str = ""  # the number of one that Python doesn't know

    @classmethod
    def of(cls, data: bytes) -> "CodePage":
        head = data[:_HEAD]
        told, platform = _CODE_PAGE.search(head), _PLATFORM.search(head)
        if told is None:
            return cls(_PLATFORMS[platform[1]] if platform else "cp1252")
        page = told[1].decode()
        name = {"0": "cp1252", "10000": "mac_roman", "65001": "utf-8"}.get(page, f"cp{page}")
        try:
            return cls(codecs.lookup(name).name)
        except LookupError:
            return cls("cp1252", page)

    def decoded(self, data: bytes, font: Font) -> str:
        """Bytes in the character set of a font; what isn't valid there is in that of the document.

        Some programs name a character set of Japan in all fonts.
        """
        if font.is_of_symbols:
            return "".join(font.shown(chr(byte)) if byte > 0x20 else chr(byte) for byte in data)
        try:
            return data.decode(_CHARACTER_SETS.get(font.characters, self.codec))
        except UnicodeDecodeError:
            return data.decode(self.codec, "replace")


def of_units(units: list[int], font: Font) -> str:
    """The characters that 16-bit numbers spell."""
    text = b"".join((unit & 0xFFFF).to_bytes(2, "little") for unit in units).decode("utf-16-le", "replace")
    return "".join(font.shown(one) if ord(one) in _PRIVATE else one for one in text)
