"""RTF by pandoc to HTML, and from there by our own walker: headings, lists, tables, notes.

Lists that are written as plain text become lists where that is sure.
"""

import codecs
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pypandoc

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Element, Parsed, Unit
from kbray.parse import html
from kbray.parse.markup import trees
from kbray.parse.markup.lists import numeral

ENGINE = "pandoc"
ERRORS: tuple[type[Exception], ...] = ()
_WARNING = re.compile(r"^\[WARNING\] (.+)$", re.MULTILINE)
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{3,5})")
_CHARACTERS = re.compile(
    r"(?P<unicode>\\u-?\d{1,6} ?)|(?P<bytes>(?:\\'[0-9a-fA-F]{2})+)(?P<next>[@-\[\]-z|~]?)|(?P<beyond>[^\x00-\x7f]+)"
    r"|\\(?P<escaped>[\\{}])|(?P<group>[{}])|\\f(?P<font>\d+)|(?P<plain>\\plain(?![a-z]))|\\uc(?P<width>\d)"
)
_UNICODE = re.compile(r"\\u(-?\d{1,6}) ?")
_STAND_IN = re.compile(r"[\r\n]*(?:\\'[0-9a-fA-F]{2}|[^\\{}\r\n])")  # what old readers show for a character that is in Unicode
_FONT = re.compile(rb"\\f(\d+)(?:\\(?!f\d)[a-z]+-?\d*\s?)*?\\fcharset(\d+)")
_FIRST_FONT = re.compile(rb"\\deff(\d+)")
_CHARACTER_SETS = {
    **{77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254"},
    **{163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250"},
}
"""Of fonts, by the numbers of Windows; all others are in the code page of the document."""
_ROWS = re.compile(rb"(?P<defined>\\trowd(?:\\(?:cellx|tr|cl|brdr)[a-z]*-?\d*\s?)*)|(?P<end>\\row\b)|\\(?:intbl|cell)(?![a-z])")
_ITEM = re.compile(r"(?:(?P<bullet>[•·▪‣◦●○■□*–-])|(?P<open>\(?)(?P<number>[0-9]{1,3}|[a-z])(?P<close>[.)]))\s+(?=\S)")
_UNSURE = "*–-"  # they also begin what somebody says, or remarks
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»“)\]]*\Z")
_SPECIAL = re.compile(r"[\\{}]")
_BASED = re.compile(rb"\\sbasedon(\d+) ?")
_STYLE = re.compile(rb"\{[^{}]{0,1000}\\sbasedon[^{}]{0,1000}\}")
_STYLE_NUMBER = re.compile(rb"\\[cdt]?s(\d+)")


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: ValueError: pandoc can't read it, and says why; EmptyDocument."""
    data = _with_rows_defined(_with_styles_rooted(_in_unicode(path.read_bytes())))
    command = [
        pypandoc.get_pandoc_path(),
        "--sandbox",
        "--standalone",
        "--wrap=none",
        "--mathml",
        "-f",
        "rtf",
        "-t",
        "html",
    ]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0:
        raise ValueError(said.strip().splitlines()[0] if said.strip() else f"pandoc ended with code {done.returncode}")
    root = trees.html(done.stdout.decode("utf-8", "replace"))
    if root is None:
        raise EmptyDocument("There is no text in the file.")
    for block in root.iter("header"):
        parent = block.getparent()
        if block.get("id") == "title-block-header" and parent is not None:  # pandoc's own heading, made of the metadata
            parent.remove(block)
            break
    elements = tuple(_with_lists(html.read(root)))
    characters = sum(len(element.text) for element in elements)
    metadata = html.metadata(root)
    if metadata.title == "-":  # pandoc's word for standard input
        metadata = replace(metadata, title=None)
    warnings = tuple(
        dict.fromkeys(f"pandoc: {warning}" for warning in _WARNING.findall(said) if "requires a nonempty <title>" not in warning)
    )
    return Parsed(ENGINE, elements, (Unit("whole", characters),), metadata, warnings=warnings)


def _with_lists(elements: Iterable[Element]) -> Iterator[Element]:
    """Paragraphs that follow each other, or lines of one, as items of a list if their signs make them one."""
    for form, group in groupby(elements, _form):
        found = list(group)
        lines = [(element, line) for element in found for line in element.text.split("\n")] if form is not None else []
        items = [(element, match, line) for element, line in lines if (match := _ITEM.match(line))]
        if len(items) > 1 and _is_list(items):
            for element, match, line in items:
                marker = "-" if match["bullet"] else match[0].strip()
                yield replace(element, kind="list_item", level=1, marker=marker, text=line[match.end() :])
        else:
            yield from found


def _form(element: Element) -> tuple[str | bool | None, ...] | None:
    """What the lines of a paragraph have in common as items; None: they are none."""
    lines = element.text.split("\n") if element.kind == "paragraph" and not element.formulas else []
    found = [_ITEM.match(line) for line in lines]
    forms = {one and (one["bullet"], one["open"], one["close"], (one["number"] or "").isdecimal()) for one in found}
    return forms.pop() if len(forms) == 1 else None


def _is_list(items: Sequence[tuple[Element, re.Match[str], str]]) -> bool:
    """Numbers have to count from the first; of signs that mean other things, too, no line may be a sentence."""
    bullet = items[0][1]["bullet"]
    if bullet is None:
        numbers = [match["number"] for _, match, _ in items]
        return numbers == [str(place) if numbers[0].isdecimal() else numeral(place, "a") for place in range(1, len(numbers) + 1)]
    return bullet not in _UNSURE or not any(_SENTENCE_END.search(line) for _, _, line in items)


def _with_rows_defined(data: bytes) -> bytes:
    """RTF whose rows all have a definition. One without takes over that of the row above; pandoc would join the two."""
    pieces: list[bytes] = []
    defined, ended, done = b"", -1, 0
    for found in _ROWS.finditer(data):
        if found["defined"]:
            defined, ended = found["defined"], -1
        elif found["end"]:
            ended = found.end()
        elif ended >= 0 and defined:  # a cell begins
            pieces += [data[done:ended], defined + b" "]
            done, ended = ended, -1
    return b"".join(pieces) + data[done:]


def _with_styles_rooted(data: bytes) -> bytes:
    """RTF without styles that are based on themselves, which pandoc would follow until its memory ends."""

    def rooted(found: re.Match[bytes]) -> bytes:
        own = _STYLE_NUMBER.search(found[0])
        number = int(own[1]) if own else 0
        return _BASED.sub(lambda base: b"" if int(base[1]) == number else base[0], found[0])

    return _STYLE.sub(rooted, data)


def _in_unicode(data: bytes) -> bytes:
    """RTF with the characters themselves, in UTF-8, where it spells them by code page or number.

    Pandoc takes them so; but it reads no code page other than 1252, follows no character sets of fonts, joins no surrogates, and
    loses the space after `\\u8211?`.
    """
    page = _CODE_PAGE.search(data[:4096])
    codec = _codec(page[1].decode()) if page is not None else "cp1252"
    if page is not None and codec is not None:
        data = data.replace(page[0], rb"\ansicpg1252", 1)
    codec = codec or "cp1252"
    sets = {int(font): _CHARACTER_SETS.get(int(kind), codec) for font, kind in _FONT.findall(data) if len(font + kind) < 10}
    first = _FIRST_FONT.search(data[:4096])
    plain = sets.get(int(first[1]), codec) if first is not None and len(first[1]) < 10 else codec
    states = [(plain, 1)]  # of the groups that are open, the innermost last: code page, and how many stand in for a character
    text, at = data.decode(codec, "replace"), 0
    pieces: list[str] = []
    while (found := _CHARACTERS.search(text, at)) is not None:
        pieces.append(text[at : found.start()])
        now, width = states[-1]
        at, said = found.end(), found[0]
        if found["unicode"]:
            said, at = _units(text, found.start(), width)
        elif found["bytes"]:
            said = _decoded(bytes.fromhex(said.removesuffix(found["next"]).replace(r"\'", "")), found["next"], now, codec)
        elif not found["beyond"]:
            if found["group"] == "{":
                states.append(states[-1])
            elif found["group"] and len(states) > 1:
                states.pop()
            elif found["font"] and len(found["font"]) < 10:
                states[-1] = sets.get(int(found["font"]), codec), width
            elif found["plain"]:
                states[-1] = plain, width
            elif found["width"]:
                states[-1] = now, int(found["width"])
            pieces.append(said)
            continue
        pieces += ["{}", _SPECIAL.sub(r"\\\g<0>", said)]  # the empty group ends a control word, which might take a letter in
    return "".join((*pieces, text[at:])).encode("utf-8", "replace")


def _units(text: str, at: int, width: int) -> tuple[str, int]:
    """The characters that numbers spell there, each with so many that stand in for it, and where they end."""
    units = bytearray()
    while (found := _UNICODE.match(text, at)) is not None:
        units += (int(found[1]) & 0xFFFF).to_bytes(2, "little")
        at = found.end()
        for _ in range(width):
            stand_in = _STAND_IN.match(text, at)
            at = stand_in.end() if stand_in is not None else at
    return units.decode("utf-16-le", "replace"), at


def _decoded(data: bytes, after: str, codec: str, usual: str) -> str:
    """Bytes and the letter behind them, which may be the second half of their last character.

    What the codec doesn't know is in the usual one: some programs name a character set of Japan in all fonts.
    """
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        text = decoder.decode(data)
        if decoder.getstate()[0]:
            return text + decoder.decode(after.encode(), final=True)
    except UnicodeDecodeError:
        text = data.decode(usual, "replace")
    return text + after


def _codec(page: str) -> str | None:
    """Python's name of a code page; None when it has none."""
    name = {"0": "cp1252", "10000": "mac_roman", "65001": "utf-8"}.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None
