"""Hits, titles and files as an agent reads them: lines of text. JSON would take two thirds as many tokens again."""

from collections.abc import Mapping, Sequence
from typing import Any

from kbray.catalogue import FileRow
from kbray.catalogue.selection import TYPE_NAMES
from kbray.document import byline
from kbray.model import Chunk, Element, Hit

WHOLE = 3
"""Passages that are told whole; of the others only what is around the words."""
EXCERPT = 400
"""Characters of these."""
_LEAD = 60
"""Characters before the first word of an excerpt."""
_KINDS = {media_type: name for name, media_types in TYPE_NAMES.items() for media_type in media_types}
_MOST_TITLES = 150
"""Titles that an outline has where nobody says how deep it is to go."""
MOST_TITLES = 500


def distinct(hits: Sequence[Hit], k: int) -> list[tuple[Hit, list[str]]]:
    """The first `k` texts, each once, with the names of the other files that say the same."""
    kept: dict[str, tuple[Hit, list[str]]] = {}
    for hit in hits:
        text = " ".join(hit.chunk.text.split()).casefold()
        if text in kept:
            kept[text][1].append(f"{hit.name} ({hit.file_id})")
        elif len(kept) < k:
            kept[text] = hit, []
    return list(kept.values())


def passages(found: Sequence[tuple[Hit, list[str]]], whole: int = WHOLE) -> str:
    """Passages, best first; what goes on from one stands below it.

    Args: whole: so many are not cut.
    """
    blocks, seen = list[str](), set[int]()
    for chain in _chains([hit for hit, _ in found]):
        for number, (place, hit) in enumerate(chain):
            lines = [f"[{hit.file_id}:{hit.ordinal}] goes on" if number else _head(hit, signed=hit.file_id not in seen)]
            seen.add(hit.file_id)
            lines.append(_shown(hit, whole=place < whole, goes_on=number > 0))
            if same := found[place][1]:
                lines.append(f"(The same text: {', '.join(same)})")
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _chains(hits: Sequence[Hit]) -> list[list[tuple[int, Hit]]]:
    """Places in the ranking and hits; behind each those that go on from it."""
    left = {(hit.file_id, hit.ordinal): (place, hit) for place, hit in enumerate(hits)}
    chains = []
    for hit in hits:
        chain, ordinal = [], hit.ordinal
        while found := left.pop((hit.file_id, ordinal), None):
            chain.append(found)
            ordinal += 1
        if chain:
            chains.append(chain)
    return chains


def _head(hit: Hit, *, signed: bool) -> str:
    """Args: signed: with author and date."""
    by = f" ({told})" if signed and (told := byline.told(hit.authors, hit.date)) else ""
    chunk = hit.chunk
    path = [" ".join(title.split()) for title in chunk.heading_path]
    title = " ".join((hit.title or "").split())
    if title and title not in path[:1] and title != hit.name:
        path.insert(0, title)
    gone = " (deleted or replaced since)" if hit.gone else ""
    return f"[{hit.file_id}:{hit.ordinal}] {hit.name}{_place(chunk)}{gone}{by}{' — ' if path else ''}{' › '.join(path)}"


def _place(at: Chunk | Element, above: Chunk | Element | None = None) -> str:
    """Page, or chapter and page of the printed edition; only what isn't that of what is `above`."""
    chapter = at.chapter if at.page is None and (above is None or at.chapter != above.chapter) else None
    page = at.print_page if at.page is None else at.page
    if above is not None and page == (above.print_page if above.page is None else above.page):
        page = None
    return (f", chapter {chapter}" if chapter is not None else "") + (f", page {page}" if page is not None else "")


def _shown(hit: Hit, *, whole: bool, goes_on: bool) -> str:
    begin = hit.chunk.repeated if goes_on else 0
    text = hit.chunk.text[begin:]
    return (
        text.strip() if whole else excerpt(text, [(start - begin, end - begin) for start, end in hit.matches if start >= begin])
    )


def excerpt(text: str, matches: Sequence[tuple[int, int]]) -> str:
    """The stretch of a text with the most different words that were asked for; `…` stands where it is cut."""
    if len(text) <= EXCERPT * 1.25:
        return text
    best, most = 0, -1
    for begin, _ in matches or ((0, 0),):
        start = max(0, begin - _LEAD)
        words = len({text[a:b].casefold() for a, b in matches if start <= a and b <= start + EXCERPT})
        if words > most:
            best, most = start, words
    best = min(best, len(text) - EXCERPT)
    start = text.find(" ", best) + 1 if best else 0
    end = text.rfind(" ", start, best + EXCERPT) if best + EXCERPT < len(text) else len(text)
    start, end = (start, end) if start < end else (best, best + EXCERPT)  # a script without blanks
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"


def document(row: FileRow, manifest: Mapping[str, Any] | None = None) -> str:
    """A line or two about a file: what it is, what is needed to cite it, and what to beware of."""
    title = " ".join((row.title or "").split())
    kind = [_KINDS.get(row.media_type, row.media_type)]
    if manifest is None and (by := byline.told(row.authors, row.date)):
        kind.insert(0, by)
    if row.pages:
        kind.append("1 page" if row.pages == 1 else f"{row.pages} pages")
    if row.language:
        kind.append(row.language)
    line = f"[{row.id}] {row.name}{f' — {title}' if title and title != row.name else ''} ({', '.join(kind)})"
    lines = [line, *_doubts(row)]
    if manifest is not None:
        said = [", ".join(map(byline.shown, row.authors)), manifest["publisher"], row.date, manifest["identifier"], row.uri]
        lines.insert(1, "; ".join(one for one in said if one))
    return "\n".join(lines)


def listed(rows: Sequence[FileRow]) -> str:
    """Files, a line each, below their folders."""
    lines, folder = [], ""
    for row in rows:
        above = row.uri.rpartition("/")[0]
        if above != folder:
            folder = above
            lines.append(f"{folder}/")
        lines.append(document(row))
    return "\n".join(lines)


def _doubts(row: FileRow) -> list[str]:
    told = []
    if row.status == "failed":
        told.append(f"  failed: {row.error.message if row.error else 'for no reason that is known'}")
    elif row.status != "indexed":
        told.append(f"  not searchable yet: {row.status}")
    if row.quality not in (None, "good"):
        told.append(f"  text is {row.quality}: {' '.join(reason.message for reason in row.reasons)}")
    if row.gone:
        told.append("  deleted or replaced since")
    return told


def outline(elements: Sequence[Element], depth: int | None) -> str:
    """Titles, a line each, below each other by their level, with page or chapter where that isn't the one of the title above.

    Args: depth: levels of titles; None: as many as make a text of bearable length.
    """
    titles = [element for element in elements if element.kind == "heading" and element.main]
    levels = sorted({title.level for title in titles})
    if depth is None:
        sizes = {level: sum(title.level <= level for title in titles) for level in levels}
        depth = max((level for level, size in sizes.items() if size <= _MOST_TITLES), default=levels[0] if levels else 1)
    shown = [title for title in titles if title.level <= depth]
    lines = []
    for above, title in zip((None, *shown), shown[:MOST_TITLES], strict=False):
        lines.append(f"{'  ' * levels.index(title.level)}{' '.join(title.text.split())}{_place(title, above)}")
    if len(shown) < len(titles):
        lines.append(f"({len(titles) - len(shown)} titles of lower levels are left out: depth={levels[-1]} shows them.)")
    if len(shown) > MOST_TITLES:
        lines.append(f"({len(shown) - MOST_TITLES} more titles are left out: read goes on below the last one.)")
    return "\n".join(lines) or "(No titles: read it from the beginning, or search in it.)"
