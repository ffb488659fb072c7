"""The main content of a web page told from what stands around it: navigation, teasers, comments, notices.

trafilatura finds the text; kbray's own elements that hold it are main, and what belongs between them. Nothing is dropped, and a
page that isn't an article among other things stays whole: see `mark`.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import compress, pairwise

from lxml import etree

from kbray.model import Element, Kind
from kbray.parse.markup.trees import local

_WIDE = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # scripts without spaces: by character
_WORD = re.compile(rf"[^\W{_WIDE}]+|[{_WIDE}]")
_SHINGLE = 4  # words in a row that must be the same
_FOUND = 2 / 3  # of an element's words, for it to be main
_LINE = 8  # words of what counts as text; what is shorter may be a date, a button, a label
_LABEL = 3  # words; what is shorter may stand between paragraphs: [edit], Advertisement
_LEAST = 40  # words of text in the main content
_LOST = 100  # words of text, not links and the like, that any page may have around an article, and as many more as that has
_AROUND = 0.02  # of a page's words are links and the like around its article, at least
_LARGEST = 2_000_000  # characters, of text and of mark-up: trafilatura takes seconds for more, and books are no web pages

_TAGS = frozenset(("nav", "aside", "footer", "select", "dialog"))
_ROLES = frozenset(("navigation", "complementary", "contentinfo", "search", "banner", "dialog"))
_COMMENTS = ("comment", "disqus")  # how ids and classes of what holds them begin
_ALWAYS: frozenset[Kind] = frozenset(("code", "formula"))
_BETWEEN: frozenset[Kind] = frozenset(("image", "caption", "table", "heading"))

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page that holds no article


def mark(elements: Sequence[Element], root: etree._Element, title: str) -> tuple[Element, ...]:
    """`elements` of the page `root`, those around its main content with `main` False; its headline is main.

    All of them stay main where their text is longer than a web page's, where trafilatura finds too little of it, leaves out as
    much as it finds (lists of teasers, results, threads), or leaves out hardly any links (notes, reports, other pages without
    navigation).
    """
    if sum(len(element.text) for element in elements) > _LARGEST:
        return tuple(elements)  # before memory is taken for a hundred megabytes of words
    words = [[] if element.kind == "image" else _WORD.findall(element.text) for element in elements]
    lengths = [len(own) for own in words]
    around = [share >= 0.5 for share in _shares(words, _around_text(root))]
    if sum(lengths) < _LEAST or sum(compress(lengths, around)) < _AROUND * sum(lengths):
        return tuple(elements)  # as below, without a search that takes a second for a book
    found = _shares(words, _main_text(root))
    main = [share >= _FOUND or element.kind in _ALWAYS for share, element in zip(found, elements, strict=True)]
    texts = (number for number, length in enumerate(lengths) if length >= _LINE and main[number] and not around[number])
    begin = next((number for number in texts if elements[number].kind not in ("heading", "list_item")), 0)
    _settle_headings(elements, main, around, begin)
    if not _is_article(lengths, main, around):
        return tuple(elements)
    _settle_headline(elements, main, title, begin)
    _fill(elements, lengths, main, around)
    return tuple(element if is_main else replace(element, main=False) for element, is_main in zip(elements, main, strict=True))


def hide_navigation(root: etree._Element) -> bool:
    """Write `hidden` on what leads elsewhere around the main part of a chapter that tells it; whether there is any.

    Books made of web sites by Sphinx have links to the chapters beside it above and below each, under a title of its own.
    """
    mains = [node for node in root.iter(etree.Element) if node.get("role") == "main" or local(node.tag) == "main"]
    inside = {node for main in mains for node in (*main.iter(etree.Element), *main.iterancestors())}
    around = [node for node in root.iter(etree.Element) if mains and node.get("role") == "navigation" and node not in inside]
    for node in around:
        node.set("hidden", "")
    return bool(around)


def _main_text(root: etree._Element) -> str:
    from trafilatura import extract

    markup = etree.tostring(root, encoding="unicode", method="html")
    if len(markup) > _LARGEST:
        return ""
    return extract(markup, favor_precision=True, include_comments=False) or ""


def _around_text(root: etree._Element) -> str:
    """Of links that lead away, and of what isn't what a page is about by its tag or role, or holds comments."""
    found: list[str] = []
    events = etree.iterwalk(root, events=("start",))
    for _, node in events:
        if _is_around(node):
            found.extend(map(str, node.itertext()))
            events.skip_subtree()
    return "\n".join(found)


def _is_around(node: etree._Element) -> bool:
    tag = local(node.tag)
    if tag == "a":
        return "href" in node.attrib and _leads_away(node)
    if (tag in _TAGS or node.get("role") in _ROLES) and next(node.iter("h1", "main"), None) is None:  # or else never closed
        links = [_leads_away(link) for link in node.iter("a")]
        return sum(links) * 2 >= len(links)
    return any((node.get(name) or "").lower().startswith(_COMMENTS) for name in ("id", "class")) and tag != "body"


def _leads_away(link: etree._Element) -> bool:
    """Not to a place in the page, as in its own table of contents."""
    href = link.get("href", "#")
    return href == "#" or not href.startswith("#")


def _shares(words: Sequence[Sequence[str]], text: str) -> list[float]:
    """How much of each element is in `text`: words that stand with their neighbours there as they do here."""
    known = set(_shingles(_WORD.findall(text.replace("\u00ad", ""))))  # as elements are without soft hyphens
    page = [word for own in words for word in own]
    held = bytearray(len(page))
    for at, shingle in enumerate(_shingles(page)):
        if shingle in known:
            held[at : at + _SHINGLE] = b"\1" * _SHINGLE
    shares, end = [], 0
    for own in words:
        start, end = end, end + len(own)
        shares.append(sum(held[start:end]) / len(own) if own else 0.0)
    return shares


def _shingles(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(_SHINGLE)), strict=False)


def _is_article(lengths: Sequence[int], main: Sequence[bool], around: Sequence[bool]) -> bool:
    judged = list(zip(lengths, main, around, strict=True))
    kept = sum(length for length, is_main, is_around in judged if length >= _LINE and is_main and not is_around)
    lost = sum(length for length, is_main, is_around in judged if length >= _LINE and not is_main and not is_around)
    navigation = sum(length for length, is_main, is_around in judged if not is_main and is_around)
    return kept >= _LEAST and lost <= kept + _LOST and navigation >= _AROUND * sum(lengths)


def _settle_headings(elements: Sequence[Element], main: list[bool], around: Sequence[bool], begin: int) -> None:
    """A heading is main where something below it is; one before the text only if that follows it at once."""
    below = [False] * 7  # by level: main text before the next heading as high
    for number in range(len(elements) - 1, -1, -1):
        element = elements[number]
        if element.kind == "heading":
            level = min(max(element.level, 1), 6)
            main[number] = below[level] and (main[number] or main[number + 1] or (number > begin and not around[number]))
            below[level:] = [False] * (7 - level)
        elif main[number]:
            below = [True] * 7


def _fill(elements: Sequence[Element], lengths: Sequence[int], main: list[bool], around: Sequence[bool]) -> None:
    """Pictures, tables and titles between two pieces of main content, with no text beside them, are main; items between items."""
    for before, after in pairwise([number for number, is_main in enumerate(main) if is_main]):
        kinds = _BETWEEN
        if elements[before].kind == elements[after].kind == "list_item":
            kinds |= {"list_item"}
        between = range(before + 1, after)
        fit = [elements[number].kind in kinds and not around[number] for number in between]
        if all(fits or lengths[number] < _LABEL for number, fits in zip(between, fit, strict=True)):
            main[before + 1 : after] = fit


def _settle_headline(elements: Sequence[Element], main: list[bool], title: str, begin: int) -> None:
    """The title before the text is main, and lists before that, which are contents and navigation, are not."""
    told = " ".join(title.casefold().split())
    titles = [number for number in range(begin) if elements[number].kind == "heading"]
    firsts = [number for number in titles if elements[number].level == 1]
    named = [number for number in titles if " ".join(elements[number].text.casefold().split()) in told]
    headline = next(iter(reversed([number for number in firsts if main[number]] or sorted({*firsts, *named}))), None)
    if headline is None:
        return
    main[headline] = True
    if all(elements[number].kind in ("heading", "list_item") for number in range(headline) if main[number]):
        main[:headline] = [False] * headline
