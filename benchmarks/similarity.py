"""Similarity of two Markdown documents as opendataloader-bench defines it: all text, the tables, the headings with their text.

Each measure lies between 0 and 1. Tables of Markdown and of HTML count alike.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean

import lxml.html
from rapidfuzz.distance import Indel, Levenshtein

_TABLE = re.compile(r"<table\b.*?</table\s*>", re.IGNORECASE | re.DOTALL)
_ROW = re.compile(r"\s*\|.*\|\s*")
_DELIMITER = re.compile(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*")
_HEADING = re.compile(r"#{1,6}\s+(.*)")


@dataclass(frozen=True, slots=True)
class Scores:
    """None: the measure doesn't apply, as the truth has no table, or no heading."""

    nid: float
    teds: float | None
    mhs: float | None

    @property
    def overall(self) -> float:
        return fmean(score for score in (self.nid, self.teds, self.mhs) if score is not None)


@dataclass(frozen=True, slots=True)
class Node:
    """Nodes may be renamed at a part of the cost only where their labels are equal."""

    label: tuple[str, int, int] = ("", 1, 1)  # tag, column span, row span
    text: str = ""
    children: tuple["Node", ...] = ()

    def __len__(self) -> int:
        return 1 + sum(map(len, self.children))


def scores(truth: str, found: str) -> Scores:
    """Of the Markdown `found` beside what it should be."""
    truth, found = _with_html_tables(truth), _with_html_tables(found)
    return Scores(nid(truth, found), teds(truth, found), mhs(truth, found))


def nid(truth: str, found: str) -> float:
    """Normalised indel similarity of the whole texts, white space folded."""
    return Indel.normalized_similarity(_folded(truth), _folded(found))


def teds(truth: str, found: str) -> float | None:
    """Tree edit similarity of all HTML tables: root → tables → rows → cells; the root isn't counted."""
    true, seen = _tables(truth), _tables(found)
    if not true.children:
        return None
    if not seen.children:
        return 0.0
    return max(0.0, 1 - distance(true, seen, _rename) / (max(len(true), len(seen)) - 1))


def mhs(truth: str, found: str) -> float | None:
    """Tree edit similarity of the headings, whatever their level, each with the text up to the next one below it."""
    true, seen = _sections(truth), _sections(found)
    if not any(node.label[0] == "heading" for node in true.children):
        return None
    if not any(node.label[0] == "heading" for node in seen.children):
        return 0.0
    return max(0.0, 1 - distance(true, seen, _rename) / max(len(true), len(seen)))


def distance(one: Node, other: Node, rename: Callable[[Node, Node], float]) -> float:
    """Tree edit distance by Zhang and Shasha; to insert or delete a node costs 1."""
    nodes, starts, roots = _post_order(one)
    others, other_starts, other_roots = _post_order(other)
    trees = [[0.0] * len(others) for _ in nodes]
    for root in roots:
        for other_root in other_roots:
            first, other_first = starts[root], other_starts[other_root]
            high, wide = root - first + 2, other_root - other_first + 2
            forests = [[float(j) for j in range(wide)]] + [[float(i)] + [0.0] * (wide - 1) for i in range(1, high)]
            for i in range(1, high):
                node, start = first + i - 1, starts[first + i - 1]
                above, here = forests[i - 1], forests[i]
                for j in range(1, wide):
                    other_node = other_first + j - 1
                    other_start = other_starts[other_node]
                    best = min(above[j], here[j - 1]) + 1
                    if start == first and other_start == other_first:
                        here[j] = min(best, above[j - 1] + rename(nodes[node], others[other_node]))
                        trees[node][other_node] = here[j]
                    else:
                        here[j] = min(best, forests[start - first][other_start - other_first] + trees[node][other_node])
    return trees[-1][-1]


def _post_order(root: Node) -> tuple[list[Node], list[int], list[int]]:
    """Nodes in post-order, the leftmost leaf below each, and the key roots: the last nodes to have each leftmost leaf."""
    nodes: list[Node] = []
    starts: list[int] = []

    def walk(node: Node) -> int:
        start = len(nodes)
        for index, child in enumerate(node.children):
            leaf = walk(child)
            start = leaf if index == 0 else start
        nodes.append(node)
        starts.append(start)
        return start

    walk(root)
    return nodes, starts, sorted({start: place for place, start in enumerate(starts)}.values())


def _rename(one: Node, other: Node) -> float:
    return Levenshtein.normalized_distance(one.text, other.text) if one.label == other.label else 1.0


def _sections(markdown: str) -> Node:
    sections: list[tuple[str | None, list[str]]] = [(None, [])]
    for line in markdown.splitlines():
        if heading := _HEADING.fullmatch(line):
            sections.append((_folded(heading[1]), []))
        else:
            sections[-1][1].append(line)
    children: list[Node] = []
    for title, lines in sections:
        text = _folded(" ".join(lines))
        content = (Node(("content", 1, 1), text),) if text else ()
        children.extend(content if title is None else (Node(("heading", 1, 1), title, content),))
    return Node(children=tuple(children))


def _tables(markdown: str) -> Node:
    return Node(children=tuple(_table(found[0]) for found in _TABLE.finditer(markdown)))


def _table(html: str) -> Node:
    rows = []
    for row in lxml.html.fragment_fromstring(html).iter("tr"):
        cells = (cell for cell in row if cell.tag in ("td", "th"))
        rows.append(Node(("row", 1, 1), "", tuple(map(_cell, cells))))
    return Node(("table", 1, 1), "", tuple(rows))


def _cell(cell: lxml.html.HtmlElement) -> Node:
    for line_break in cell.iter("br"):
        line_break.tail = f" {line_break.tail or ''}"
    spans = int(cell.get("colspan", "1")), int(cell.get("rowspan", "1"))
    return Node(("cell", *spans), _folded(re.sub(r"<br\s*/?>", " ", cell.text_content())))


def _with_html_tables(markdown: str) -> str:
    lines = markdown.split("\n")
    written: list[str] = []
    at = 0
    while at < len(lines):
        if at + 1 < len(lines) and _ROW.fullmatch(lines[at]) and _DELIMITER.fullmatch(lines[at + 1]):
            end = at + 2
            while end < len(lines) and _ROW.fullmatch(lines[end]):
                end += 1
            written.append("".join(_html([lines[at], *lines[at + 2 : end]])))
            at = end
        else:
            written.append(lines[at])
            at += 1
    return "\n".join(written)


def _html(rows: Sequence[str]) -> Iterator[str]:
    yield "<table>"
    for row in rows:
        cells = (cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip()[1:-1]))
        yield f"<tr>{''.join(f'<td>{escape(cell, quote=False)}</td>' for cell in cells)}</tr>"
    yield "</table>"


def _folded(text: str) -> str:
    return " ".join(text.split())
