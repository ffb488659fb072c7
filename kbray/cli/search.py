"""`kbray search`: the passages that answer a question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli.options import Author, Json, Since, Until, flag
from kbray.cli.render import out, out_json, plain, say
from kbray.cli.session import wired
from kbray.document.byline import told
from kbray.model import SearchMode

if TYPE_CHECKING:
    from kbray.catalogue import Byline
    from kbray.model import Hit
    from kbray.wiring import Wiring

EXCERPT = 320
"""Characters of a passage that are shown."""


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS…",
            help='Words, "a phrase" (what has it comes first), -what must not be there, begin*.',
            show_default=False,
        ),
    ],
    k: Annotated[int, typer.Option("-k", "--k", min=1, max=1000, metavar="N", help="How many passages.")] = 10,
    only: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPE|PATTERN", help="Only in files of this kind (`pdf`, `epub`) or name (`*physics*`)."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--lang", metavar="TAG", help="Only passages in this language: `en`, `de`, `pt-BR`.")
    ] = None,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    newest: Annotated[
        bool, flag("--newest", help="The same passages, those of the newest documents first; those without a date come last.")
    ] = False,
    per_file: Annotated[
        int | None,
        typer.Option(
            "--per-file", min=1, metavar="N", help="At most so many passages of each file; 1 tells which documents are about it."
        ),
    ] = None,
    mode: Annotated[
        SearchMode | None,
        typer.Option(
            "--mode",
            help="By words (lexical: at once), by meaning (dense), or both (hybrid: the default, where there are vectors).",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Find the passages that answer best.

    By words: the more of them are in a passage, and the rarer they are, the higher it stands; they need not all be there. By
    meaning: what says it in other words is found, too; the model takes a second to load. Passages with a phrase come before
    those that only have its words; put it in quotation marks, and the whole in those of your shell:
    `kbray search '"black swan" bird -ballet'`. A query that begins with `-` goes after `--`.
    """
    from kbray.catalogue.selection import byline
    from kbray.ops.search import as_json, left_out
    from kbray.ops.search import search as answers

    by = byline(author, since, until)
    with wired() as wiring:
        hits = answers(wiring, " ".join(words), k, mode=mode, only=only, language=language, by=by, per_file=per_file)
        if newest:
            hits.sort(key=lambda hit: hit.date or "", reverse=True)
        if not hits and not json:
            say(_why_nothing(wiring, " ".join(words), only, language, by))
        if undated := left_out(wiring, by, only=only):
            say(undated)
    if json:
        out_json({"hits": [as_json(hit) for hit in hits]})
    elif hits:
        out("\n\n".join(_lines(number, hit) for number, hit in enumerate(hits, start=1)))


def place_of(hit: "Hit") -> str:
    """Where the passage stands, for people."""
    chunk = hit.chunk
    if chunk.page is not None:
        return f"page {chunk.page}"
    place = (chunk.chapter or "") + (f"#{chunk.anchor}" if chunk.anchor else "")
    return place + (f", printed page {chunk.print_page}" if chunk.print_page else "")


def heading(hit: "Hit") -> str:
    """Titles, then where it stands, for people."""
    titles = " › ".join(dict.fromkeys(" ".join(title.split()) for title in (hit.title, *hit.chunk.heading_path) if title))
    by = told(hit.authors, hit.date)
    where = ", ".join(part for part in (hit.name, "no longer there" if hit.gone else "", place_of(hit)) if part)
    where += f" ({by})" if by else ""
    return f"{plain(titles or hit.name)}\n   {plain(where)}"


def _lines(number: int, hit: "Hit") -> str:
    name = f"[{hit.file_id}:{hit.ordinal}, {hit.score:.3g}]"
    return f"{number}. {heading(hit)}   {name}\n   {marked(*excerpt(hit.chunk.text, hit.matches))}"


def excerpt(text: str, matches: Sequence[tuple[int, int]], width: int = EXCERPT) -> tuple[str, list[tuple[int, int]]]:
    """The part of the text where most matches are, cut between words, and where they stand in it."""
    start = 0
    if len(text) > width and matches:
        most = max(matches, key=lambda first: sum(first[0] <= begin and end <= first[0] + width for begin, end in matches))
        start = max(0, min(most[0] - width // 8, len(text) - width))
    end = min(len(text), start + width)
    while 0 < start < end and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    inside = [(begin + shift, stop + shift) for begin, stop in matches if start <= begin and stop <= end]
    return before + text[start:end] + after, inside


def marked(text: str, matches: Sequence[tuple[int, int]]) -> str:
    """On one line, the matches between asterisks."""
    parts, place = [], 0
    for begin, end in matches:
        parts += [text[place:begin], "*", text[begin:end], "*"]
        place = end
    return " ".join("".join([*parts, text[place:]]).split())


def _why_nothing(wiring: "Wiring", words: str, only: str | None, language: str | None, by: "Byline | None") -> str:
    from kbray.catalogue import query
    from kbray.ops.find import unfitting
    from kbray.ops.search import unspoken

    catalogue = wiring.catalogue()
    if not catalogue.status(wiring.settings.lease_s).files.get("indexed"):
        return "Nothing is indexed yet: run `kbray index`."
    if not query.parse(words).meaning:
        return "There is no word to look for; name one besides what must not be there."
    if unfit := unfitting(catalogue, only):
        return unfit
    if by is not None and not catalogue.files(only=only, by=by, limit=1):
        if catalogue.unsigned(0, 1):
            return "Authors and dates of files that an older kbray processed are not noted yet: run `kbray index`."
        return f"No file is {'' if only is None else f'of --type {only} and '}{_told(by)}; `kbray files` tells who and when."
    asked = (("type", only), ("lang", language), *_options(by))
    within = " and ".join(f"--{name} {value}" for name, value in asked if value is not None)
    nowhere = f"No passage {f'within {within} ' if within else ''}has any of these words; those like `the` are not looked for."
    return unspoken(wiring, language) or nowhere


def _options(by: "Byline | None") -> tuple[tuple[str, str | None], ...]:
    return () if by is None else (("author", by.author), ("since", by.since), ("until", by.until))


def _told(by: "Byline") -> str:
    said = (("by", by.author), ("since", by.since), ("until", by.until))
    return " ".join(f"{name} {value}" for name, value in said if value is not None)
