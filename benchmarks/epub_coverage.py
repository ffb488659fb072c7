"""Does document.md hold all text of an EPUB's spine, in order and once? Beside a reference that lxml alone reads (`spine_text`).

White space doesn't count. Marks of notes stand in document.md as `[^label]`, so they count neither as lost nor as repeated.
In this process, without Ray and the database.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from rapidfuzz.distance import LCSseq

from benchmarks import spine_text
from benchmarks.pdf_quality import markdown_of
from kbray.config import Settings
from kbray.errors import DocumentError
from kbray.model import Window
from kbray.parse import parse

FILES = 100_000
MEDIA_TYPE = "application/epub+zip"
_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_NOTE = re.compile(r"^\[\^[^\]\s]+\]: ", re.MULTILINE)  # else a definition of a link to a Markdown reader
_MARK = re.compile(r"\[\^[^\]\s]+\]")
_TAG = re.compile(r"<[^>]*>")
_NEAR = 0.98


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """Coverage: the share of the reference found in order. Extra: the share of document.md that is not in the reference.

    Raises: SystemExit: there is no EPUB below `documents`.
    """
    paths = sorted(documents.rglob("*.epub"))[:files] if documents else []
    if not paths:
        raise SystemExit("This benchmark needs real books: --documents FOLDER")
    settings = Settings(home=folder)
    found: dict[str, tuple[float, float, int]] = {}
    refused: list[str] = []
    for path in paths:
        try:
            made = shown(markdown_of(parse(path, MEDIA_TYPE, Window(), settings)))
        except DocumentError:
            refused.append(path.name)
            continue
        pieces = list(spine_text.pieces(path))
        with_marks = _solid("".join(piece.text for piece in pieces))
        reference = _solid("".join(piece.text for piece in pieces if not piece.mark))
        found[path.name] = _share(reference, made), 1 - _share(made, with_marks), len(reference)
    characters = sum(size for _, _, size in found.values())
    return {
        "books": len(found),
        "refused": refused,
        "characters": characters,
        "coverage": round(sum(coverage * size for coverage, _, size in found.values()) / max(characters, 1), 5),
        "least_coverage": round(min(coverage for coverage, _, _ in found.values()), 5),
        "most_extra": round(max(extra for _, extra, _ in found.values()), 5),
        "each": {name: (round(coverage, 5), round(extra, 5)) for name, (coverage, extra, _) in found.items()},
    }


def shown(markdown: str) -> str:
    """The characters that a Markdown reader shows, without white space, note marks and labels, pictures and list markers."""
    return _solid(_MARK.sub("", "".join(_blocks(_NOTE.sub("", markdown)))))


def _blocks(markdown: str) -> Iterator[str]:
    for token in _READER.parse(markdown):
        if token.type == "html_block":
            yield _html(token.content)
        elif token.type in ("fence", "code_block"):
            yield token.content
        for child in token.children or ():
            if child.type in ("text", "code_inline", "text_special"):
                yield child.content


def _html(block: str) -> str:
    return _TAG.sub("", block).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _solid(text: str) -> str:
    return "".join(text.split())


def _share(wanted: str, text: str) -> float:
    """Which share of the characters of `wanted` stands in `text`, in order."""
    if not wanted:
        return 1.0
    shorter = min(len(wanted), len(text))
    # with a bound only a band around the diagonal is looked at
    common = LCSseq.similarity(wanted, text, score_cutoff=int(_NEAR * shorter)) or LCSseq.similarity(wanted, text)
    return common / len(wanted)
