r"""document.md: elements as GitHub-flavoured Markdown with footnotes; running titles are left out, and what
stands around the main content of a web page.

Headings, nested lists with their own markers, GFM tables, fenced code, `![alt](target)`, `[^n]: …`. Text survives: what a
Markdown reader shows is the text of the elements, and nothing else.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from urllib.parse import quote

from kbray.document.columns import without_surrogates
from kbray.document.escaping import escape_inline, escape_line_start
from kbray.document.tables import table_to_html, table_to_markdown
from kbray.model import Element, Kind

_LABEL = re.compile(r"[^\s\[\]^\\]+")
_NUMBERED = re.compile(r"[0-9]{1,9}[.)]")


def render(elements: Iterable[Element]) -> str:
    """A whole document; ends with one newline, "" where nothing is to be shown."""
    shown = [element for element in elements if element.is_content]
    notes = frozenset(label for element in shown if (label := _label(element)))
    blocks = [block for block in _blocks(shown, notes) if block]
    return without_surrogates("\n\n".join(blocks) + "\n") if blocks else ""


def offset(elements: Sequence[Element], number: int) -> int:
    """Where in `render(elements)` the element of this number begins, or, where it isn't shown, what comes next."""
    shown = [element for element in elements if element.is_content]
    before = sum(element.is_content for element in elements[:number])
    notes = frozenset(label for element in shown if (label := _label(element)))
    blocks = [block for block in _blocks(shown[:before], notes) if block]
    if not blocks:
        return 0
    inside = 0 < before < len(shown) and shown[before - 1].kind == shown[before].kind == "list_item"
    return len(without_surrogates("\n\n".join(blocks))) + (1 if inside else 2)


def _blocks(shown: Iterable[Element], notes: frozenset[str]) -> Iterator[str]:
    for kind, elements in groupby(shown, key=lambda element: element.kind):
        if kind == "list_item":
            yield _list(elements, notes)
        else:
            write = _WRITERS.get(kind, _paragraph)
            yield from (write(element, notes) for element in elements)


def _paragraph(element: Element, notes: frozenset[str]) -> str:
    return _lines(element.text, notes, "")


def _heading(element: Element, notes: frozenset[str]) -> str:
    text = escape_inline(" ".join(element.text.split()), notes)
    text = re.sub(r"#$", r"\\#", text)  # a last # would be taken for the end of the mark-up
    return f"{'#' * min(max(element.level, 1), 6)} {text}" if text else ""


def _list(items: Iterator[Element], notes: frozenset[str]) -> str:
    """Items that follow each other; an item lies where the text of the one above it begins."""
    written: list[str] = []
    above: list[tuple[int, int]] = []  # level and width of the markers this item lies under
    for item in items:
        marker, text = _marker(item.marker), item.text
        if marker == "-" and item.marker and any(character.isalnum() for character in item.marker):
            text = f"{item.marker} {text}"  # a), iv.: no marker of Markdown's, but it tells something
        depth = len(above)
        while above and above[-1][0] >= item.level:
            above.pop()
        indent = " " * sum(width for _, width in above)
        body = _lines(text, notes, indent + " " * (len(marker) + 1))
        if not item.text.strip() or not body:
            continue
        if len(above) == depth > 0 and marker not in ("-", "1.", "1)"):
            written.append("")  # a list that starts at 3 would else be read as text of the item above it
        written.append(f"{indent}{marker} {body}")
        above.append((item.level, len(marker) + 1))
    return "\n".join(written)


def _marker(marker: str | None) -> str:
    return marker if marker and _NUMBERED.fullmatch(marker) else "-"


def _footnote(element: Element, notes: frozenset[str]) -> str:
    label = _label(element)
    if label is None:
        return _lines(f"{element.marker or ''} {element.text}", notes, "")
    return f"[^{label}]: {_lines(element.text, notes, '    ')}"


def _label(element: Element) -> str | None:
    """The label of a footnote where Markdown can hold it."""
    fits = element.kind == "footnote" and element.marker and _LABEL.fullmatch(element.marker)
    return element.marker if fits else None


def _code(element: Element, notes: frozenset[str]) -> str:
    if not element.text:
        return ""
    text = _newlines(element.text).replace("\0", "�")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _table(element: Element, notes: frozenset[str]) -> str:
    if element.table is None or not element.table.cells:
        return _paragraph(element, notes)
    if any(cell.row_span > 1 or cell.column_span > 1 for cell in element.table.cells):
        return table_to_html(element.table)
    return table_to_markdown(element.table, notes)


def _image(element: Element, notes: frozenset[str]) -> str:
    alternative = escape_inline(" ".join(element.text.split()))
    # outside of links single brackets are harmless; here they have to be balanced
    alternative = re.sub(r"(?<!\\)((?:\\\\)*)([\[\]])", r"\1\\\2", alternative)
    if not alternative and not element.target:
        return ""
    return f"![{alternative}]({_destination(element.target or '')})"


def _destination(target: str) -> str:
    """A link's destination: what Markdown could stumble over is percent-encoded."""
    return re.sub(r"[^\w/.:~%#?=,@+&-]", lambda found: quote(found[0], safe=""), without_surrogates(target))


def _lines(text: str, notes: frozenset[str], indent: str) -> str:
    """Escaped text; its lines divided by hard breaks, all but the first indented."""
    if "\n" not in text and "\r" not in text:
        return escape_line_start(escape_inline(text.strip(" \t"), notes)) if text.strip() else ""
    lines = (line.strip(" \t") for line in _newlines(text).split("\n"))
    folded = "\n".join(line for line in lines if line.strip())
    if not folded:
        return ""
    return f"\\\n{indent}".join(map(escape_line_start, escape_inline(folded, notes).split("\n")))


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


_WRITERS: Mapping[Kind, Callable[[Element, frozenset[str]], str]] = {
    "heading": _heading,
    "footnote": _footnote,
    "code": _code,
    "table": _table,
    "image": _image,
}
