"""What chapters and parts are called: "Chapter 3", printed over the name of the chapter, is one title with it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from kbray.document.layout.paragraphs import Block

MOST = 3
"""Blocks that such a title may be."""
_WORD = (
    "chapter|part|book|volume|appendix|annex|kapitel|teil|band|anhang|chapitre|partie|tome|livre|annexe|cap[ií]tulo|parte|tomo"
    "|libro|ap[eé]ndice|anexo|capitolo|appendice|capítol|apèndix|hoofdstuk|deel|bijlage|rozdział|część|dodatek|kapitola|část"
    "|příloha|глава|часть|том|приложение|розділ|частина|додаток|chương|phần|phụ lục|luku|liite|osa|bölüm|skyrius|priedas|κεφάλαιο"
)
_COUNTED = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    "|twenty"
)
_NUMERAL = rf"(?:\d{{1,3}}|[ivxlc]{{1,7}}|[a-z]|{_COUNTED})"
_EAST_ASIAN = r"第\s?[\d一二三四五六七八九十百]{1,4}\s?[章部編篇卷]|제\s?\d{1,3}\s?[장부]"
_CALLED = re.compile(rf"(?:{_WORD})", re.IGNORECASE)
_NUMBER = re.compile(rf"{_NUMERAL}[.:]?", re.IGNORECASE)
_DIVISION = re.compile(rf"(?:{_WORD})\s+{_NUMERAL}[.:]?(?:\s+(?=\S)|\s*$)|(?:{_EAST_ASIAN})\s*", re.IGNORECASE)
_SECTION = re.compile(r"(?:\d{1,3}|[A-Z]|[IVXLC]{1,6})(?:\.\d{1,3})*[.):]?\s+")
_LARGER = 1.05  # of the size of "Chapter": the least that the name has; what is no larger is a title of its own


def name_of(title: str) -> str:
    """A title without "Chapter 3" before it; all of it where that is all."""
    found = _DIVISION.match(title)
    return title[found.end() :] or title if found else title


def unnumbered(title: str) -> str:
    """A title without the number of its section before it."""
    found = _SECTION.match(title)
    return title[found.end() :] if found else title


def size_of_title(blocks: Sequence[Block]) -> int:
    """How many blocks, of which each may be a title, are one that begins with "Chapter 3", or "Chapter" and "3"; 1: none is."""
    first = blocks[0]
    number = 2 if len(blocks) > 1 and _CALLED.fullmatch(first.text) and _NUMBER.fullmatch(blocks[1].text) else 1
    if len(blocks) <= number or (number == 1 and not _is_bare(first.text)):
        return 1
    name, last = blocks[number], blocks[number - 1]
    stands_below = name.box.top >= last.box.bottom - last.size / 2
    if not stands_below or name.size < _LARGER * first.size or _is_bare(name.text) or name.text[:1].isdigit():
        return 1
    return number + 1


def whole(blocks: Sequence[Block]) -> Block:
    """Such blocks as one, in the print of the name."""
    *called, name = blocks
    title = called[0]
    for block in (*called[1:], name):
        title = title.joined(block)
    return replace(title, size=name.size, bold=name.bold)


def _is_bare(text: str) -> bool:
    found = _DIVISION.match(text)
    return found is not None and found.end() == len(text)
