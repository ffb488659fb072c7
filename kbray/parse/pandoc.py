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
from kbray.parse import html, markup_tree
from kbray.parse.lists import numeral

ENGINE = "pandoc"
ERRORS: tuple[type[Exception], ...] = ()
_WARNING = re.compile(r"^\[WARNING\] (.+)$", re.MULTILINE)
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{3,5})")
_STAND_IN = r"(?:\?|\\'[0-9a-fA-F]{2})?"  # what old readers show for a character that follows in Unicode
_UNICODE = re.compile(rf"\\u(-?\d{{1,6}}) ?{_STAND_IN}")
_BEYOND_ASCII = re.compile(rf"(?P<unicode>(?:\\u-?\d{{1,6}} ?{_STAND_IN})+)|(?P<bytes>(?:\\'[0-9a-fA-F]{{2}})+)|[^\x00-\x7f]+")
_ROWS = re.compile(rb"(?P<defined>\\trowd(?:\\(?:cellx|tr|cl|brdr)[a-z]*-?\d*\s?)*)|(?P<end>\\row\b)|\\(?:intbl|cell)(?![a-z])")
_ITEM = re.compile(r"(?:(?P<bullet>[•·▪‣◦●○■□*–-])|(?P<open>\(?)(?P<number>[0-9]{1,3}|[a-z])(?P<close>[.)]))\s+(?=\S)")
_UNSURE = "*–-"  # they also begin what somebody says, or remarks
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»“)\]]*\Z")
_SPECIAL = re.compile(r"[\\{}]")


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Raises: ValueError: pandoc can't read it, and says why; EmptyDocument."""
    data = _with_rows_defined(_in_unicode(path.read_bytes()))
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
    root = markup_tree.html(done.stdout.decode("utf-8", "replace"))
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


def _in_unicode(data: bytes) -> bytes:
    """RTF with the characters themselves, in UTF-8, where it spells them by code page or number.

    Pandoc takes them so; but it reads no code page other than 1252, joins no surrogates, and loses the space after `\\u8211?`.
    Fonts with a character set of their own are not followed.
    """
    page = _CODE_PAGE.search(data[:4096])
    codec = _codec(page[1].decode()) if page is not None else "cp1252"
    if page is not None and codec is not None:
        data = data.replace(page[0], rb"\ansicpg1252", 1)
    codec = codec or "cp1252"

    def spelt(found: re.Match[str]) -> str:
        if found["unicode"]:
            units = b"".join((int(value) & 0xFFFF).to_bytes(2, "little") for value in _UNICODE.findall(found["unicode"]))
            text = units.decode("utf-16-le", "replace")
        elif found["bytes"]:
            text = bytes.fromhex(found["bytes"].replace(r"\'", "")).decode(codec, "replace")
        else:
            text = found[0]
        return "{}" + _SPECIAL.sub(r"\\\g<0>", text)  # the empty group ends a control word, which might take a letter in

    return _BEYOND_ASCII.sub(spelt, data.decode(codec, "replace")).encode("utf-8", "replace")


def _codec(page: str) -> str | None:
    """Python's name of a code page; None when it has none."""
    name = {"0": "cp1252", "10000": "mac_roman", "65001": "utf-8"}.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None
