"""Plain text → paragraphs: blank lines part them, lines that an editor wrapped are joined, deliberate line breaks are kept."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from kbray.config import Settings
from kbray.errors import EmptyDocument, UnsupportedMedia
from kbray.model import Element, Metadata, Parsed, Unit, Window
from kbray.parse.encoding import Decoded, decode
from kbray.parse.plain import gutenberg
from kbray.parse.plain.blocks import Block, blocks_of
from kbray.parse.plain.items import is_list, items_in, levels
from kbray.parse.plain.titles import RULE, apart, titles_of

_LONGEST = 4000  # characters of one element; longer paragraphs are cut where a sentence ends
_NARROWEST = 40  # columns: nobody wraps prose into less, so the line breaks of such texts are meant
_WIDEST = 160  # columns: longer lines are whole paragraphs
_PROSE = 60  # columns: lines around a break that reach this far show the width wrapped to there, which may change within a file
_SLACK = 0.85  # of the width: a line this full, with the next word, was broken by its editor
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s|[。！？]")
_MARKS = re.compile(r"\A(?!>+From )(?:> ?)+")  # of mail that is quoted; mailboxes put one before "From "
_COLUMNS = re.compile(r"\S(?:\t| {3,})\S")
_BULLET = re.compile(r"(?:[-*•·–]|\(?\d{1,3}[.)])\s")
_ESCAPES = re.compile(rb"\x1b\[[\d;]*[mK]")  # of terminals: colours and weights
_OVERSTRUCK = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]+)\x08")  # what manuals print twice, or a stroke under it
_INDENT = re.compile(r"^[ \t\u00a0]+", re.MULTILINE)
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]")


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole text, whatever the window. What Project Gutenberg puts around its books is not what they are about.

    Raises: EmptyDocument (no bytes, or white space only), UnsupportedMedia (the bytes are no text).
    """
    text, warnings = read(path)
    before, book, behind = gutenberg.parted(text)
    around = ([replace(element, main=False) for element in elements_of(part)] for part in (before, behind))
    elements = (*next(around), *elements_of(book, titled=True), *next(around))
    return whole("text", elements, warnings, gutenberg.metadata(before))


def message(data: bytes) -> tuple[Element, ...]:
    """The text of a message, which has lists, but no titles. Raises: UnsupportedMedia: the bytes are no text."""
    return tuple(elements_of(_unix(_decoded(data).text)))


def read(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a file, its newlines `\\n`, and what its reader has to tell of it.

    Raises: UnsupportedMedia: the bytes are no text.
    """
    decoded = _decoded(path.read_bytes())
    controls = (f"{decoded.controls} control characters were left out.",) if decoded.controls else ()
    return _unix(decoded.text), (*decoded.warnings, *controls)


def whole(engine: str, elements: Iterable[Element], warnings: Iterable[str] = (), metadata: Metadata | None = None) -> Parsed:
    """What is read of a file without pages or chapters.

    Raises: EmptyDocument: nothing.
    """
    found = tuple(elements)
    if not found:
        raise EmptyDocument("There is no text in the file.")
    characters = sum(len(element.text) for element in found)
    return Parsed(engine, found, (Unit("whole", characters),), metadata or Metadata(), warnings=tuple(warnings))


def _decoded(data: bytes) -> Decoded:
    decoded = decode(_OVERSTRUCK.sub(b"", _ESCAPES.sub(b"", data)))
    _refuse_binary(decoded)
    return decoded


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_binary(decoded: Decoded) -> None:
    size = len(decoded.text) + decoded.controls
    if decoded.controls > 16 and decoded.controls * 50 > size:
        share = round(100 * decoded.controls / size)
        raise UnsupportedMedia(f"The bytes are not text in any encoding we know: {share} % of them are control characters.")


def elements_of(text: str, *, titled: bool = False) -> Iterator[Element]:
    """Paragraphs, lists, and code for what is aligned in columns or indented; newlines are `\\n`.

    Quotations of mail (`> `) are read without their marks, which then stand once before each line that is left.

    Args: titled: whether there are titles and edges of pages in it, too, which messages have not.
    """
    if "\u00a0" in text:  # browsers in terminals begin some lines of a paragraph with them, and the others with spaces
        text = _INDENT.sub(lambda found: found[0].replace("\u00a0", " "), text)
    blocks = apart(blocks_of(text)) if titled else blocks_of(text.replace("\f", "\n\n"))
    titles = titles_of(blocks) if titled else {}
    width = _width(blocks)
    place = 0
    while place < len(blocks):
        block = blocks[place]
        if block.edge:
            yield Element("header", block.lines[0].strip())
        elif (title := titles.get(place)) is not None:
            yield Element("heading", title.text, level=title.level)
            yield from _elements_of([replace(block, lines=block.lines[title.lines :])], width)
        else:
            run = _run(blocks, titles, place)
            yield from _elements_of(blocks[place : place + run], width)
            place += run - 1
        place += 1


def _run(blocks: Sequence[Block], titles: Container[int], first: int) -> int:
    """How many blocks make a list with this one, those that are indented below an item among them; 1 if it is none."""
    _, items = items_in(blocks[first].lines)
    if not items:
        return 1
    place = first + 1
    while place < len(blocks) and place not in titles and not blocks[place].edge:
        lead, more = items_in(blocks[place].lines)
        inside = min(len(line) - len(line.lstrip()) for line in blocks[place].lines) > items[0].indent
        if not inside and (lead or more[0].indent != items[0].indent or more[0].form != items[0].form):
            break
        place += 1
    return place - first


def _elements_of(blocks: Sequence[Block], width: int) -> Iterator[Element]:
    """Of blocks that are one list, or of one."""
    found = [items_in(block.lines) for block in blocks]
    items = [item for _, more in found for item in more]
    if not is_list(items):
        for block in blocks:
            yield from _quoted(block.lines, width)
        return
    depths = levels(items)
    for lead, more in found:
        yield from _quoted(lead, width)
        for item in more:
            text = "\n".join(_paragraphs(item.lines, width))
            pieces = bounded(text)
            yield Element("list_item", next(pieces, ""), level=next(depths), marker="-" if not item.number else item.marker)
            yield from (Element("paragraph", piece) for piece in pieces)


def _quoted(lines: Sequence[str], width: int) -> Iterator[Element]:
    """The elements of a block, those of quotations with their marks."""
    for depth, group in groupby(lines, _depth):
        own = list(group)
        if depth == 0:
            yield from _elements(own, width)
            continue
        marks = _MARKS.findall(own[0])[0].rstrip() + " "
        for quoted in blocks_of("\n".join(_MARKS.sub("", line) for line in own)):
            for element in _elements(quoted.lines, width):
                yield replace(element, text=marks + element.text.replace("\n", "\n" + marks))


def _depth(line: str) -> int:
    """How many quotations a line is in."""
    marks = _MARKS.match(line)
    return marks[0].count(">") if marks else 0


def _elements(lines: Sequence[str], width: int) -> Iterator[Element]:
    """Of the lines of a block of a text wrapped to this width."""
    if _is_aligned(lines):
        yield from (Element("code", piece) for piece in bounded("\n".join(line.rstrip() for line in lines).strip("\n")))
    else:
        for is_rule, group in groupby(lines, _is_rule):
            if not is_rule:
                for paragraph in _paragraphs(list(group), width):
                    yield from (Element("paragraph", piece) for piece in bounded(paragraph))


def _is_rule(line: str) -> bool:
    """A line of one sign, drawn to part what is over and under it."""
    return RULE.fullmatch(line) is not None


def _is_aligned(lines: Sequence[str]) -> bool:
    """Columns or indentation mean something: tables, listings of programs."""
    if sum(_COLUMNS.search(line) is not None for line in lines) > 1:
        return True
    if _BULLET.match(lines[0].lstrip()):
        return False
    indents = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]  # wide spaces begin East Asian paragraphs
    deeper = sum(indent > indents[0] for indent in indents)
    return min(indents) == indents[0] and 3 * deeper >= len(indents)


def _width(blocks: Sequence[Block]) -> int:
    """The columns the text was wrapped to; 0: it wasn't, and each of its lines is a paragraph of its own."""
    lengths = sorted(_columns(line) for block in blocks for line in block.lines)
    width = lengths[int(0.95 * (len(lengths) - 1))] if lengths else 0
    return width if width <= _WIDEST else 0


def _columns(line: str) -> int:
    """The columns a line takes, East Asian characters counted as two."""
    return len(line) if line.isascii() else len(line) + len(_WIDE.findall(line))


def _paragraphs(lines: Sequence[str], width: int) -> list[str]:
    """The paragraphs of a block without blank lines: broken where a wrapped run of lines ends short."""
    folded = [" ".join(line.split()) for line in lines]
    if width == 0:
        return [line for line in folded if line]
    if width < _NARROWEST:
        return ["\n".join(folded).strip("\n")]
    columns = [_columns(line) for line in lines]
    out: list[str] = []
    run = [folded[0]]
    joined = False
    for number in range(1, len(lines)):
        near = max(columns[max(0, number - 3) : number + 2])
        joint = _joint(lines[number - 1], lines[number], near if near >= _PROSE else width)
        if joint == "\n" and joined:
            out.append("".join(run))
            run, joined = [folded[number]], False
        else:
            run += (joint, folded[number])
            joined = joined or joint != "\n"
    out.append("".join(run))
    return out


def _joint(before: str, line: str, width: int) -> str:
    """What stands between two lines: nothing or a space if the break is the editor's, else the break."""
    before = before.rstrip()
    start = line.lstrip()
    if not before or not start or len(line) - len(start) > len(before) - len(before.lstrip()) + 1 or _BULLET.match(start):
        return "\n"
    wide = _WIDE.match(start) is not None
    word = 2 if wide else len(start.split(None, 1)[0])
    if _columns(before) + 1 + word <= _SLACK * width:
        return "\n"
    if wide and _WIDE.match(before[-1]):
        return ""
    return "" if before.endswith("-") and before[-2:-1].isalpha() and start[0].islower() else " "


def lines_bounded(lines: Iterable[str]) -> Iterator[str]:
    """Lines in pieces as `bounded` gives them, cut between lines as far as these are short."""
    held: list[str] = []
    size = 0
    for line in lines:
        if held and size + len(line) >= _LONGEST:
            yield from bounded("\n".join(held))
            held, size = [], 0
        held.append(line)
        size += len(line) + 1
    yield from bounded("\n".join(held))


def bounded(text: str) -> Iterator[str]:
    """The text in pieces of at most `_LONGEST` characters, cut after a sentence, else at white space, else anywhere."""
    start = 0
    while len(text) - start > _LONGEST:
        middle, end = start + _LONGEST // 2, start + _LONGEST
        cut = max((found.end() for found in _SENTENCE_END.finditer(text, middle, end)), default=0)
        cut = cut or max(text.rfind("\n", middle, end), text.rfind(" ", middle, end)) + 1 or end
        yield text[start:cut].strip()
        start = cut
    if rest := text[start:].strip("\n").rstrip():
        yield rest
