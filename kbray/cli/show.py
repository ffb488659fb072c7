"""`kbray show`: everything known of one file."""

from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli import search as searching
from kbray.cli.files import failure_json, file_json, is_incomplete
from kbray.cli.inspect import open_page, write_page
from kbray.cli.options import FILE_HELP, Json, flag
from kbray.cli.render import count, duration, jsonable, out, out_json, plain, say, size
from kbray.cli.session import wired
from kbray.model import FINISHED, Failure, Window
from kbray.ops.find import find_one, find_passage

if TYPE_CHECKING:
    from kbray.catalogue import AttemptRow, FileDetail
    from kbray.model import Hit
    from kbray.ops.results import Results

ATTEMPTS_SHOWN = 20


def show(
    file: Annotated[
        str, typer.Argument(metavar="FILE|HIT", help=f"{FILE_HELP} Or a hit of `kbray search`: 12:3.", show_default=False)
    ],
    json: Json = False,
    opened: Annotated[bool, flag("--open", help="Open its `kbray inspect` page, at the passage of a hit.")] = False,
) -> None:
    """Show everything known of one file, or a passage that was found.

    Of a file: where it lies, its parts and attempts, timings, completeness, failures, and where its results are. Of a hit: the
    whole passage, its titles and place, and what stands around it.
    """
    from kbray.ops.results import results_of

    with wired() as wiring:
        catalogue = wiring.catalogue()
        if passages := find_passage(catalogue, file, around=1):
            _show_passage(*passages, json=json)
        else:
            detail = catalogue.file(find_one(catalogue, file))
            results = results_of(wiring.objects(), detail.row)
            if json:
                out_json(as_json(detail, results))
            else:
                _show(detail, results)
    if opened:
        open_page(*write_page(file))


def _show_passage(hit: "Hit", around: "list[Hit]", *, json: bool) -> None:
    """The neighbours without what they repeat."""
    before = [one.chunk.text for one in around if one.ordinal < hit.ordinal]
    after = [one.chunk.text[one.chunk.repeated :].strip() for one in around if one.ordinal > hit.ordinal]
    if json:
        from kbray.ops.search import as_json as hit_as_json

        out_json({**hit_as_json(hit), "before": before[0] if before else None, "after": after[0] if after else None})
        return
    out(searching.heading(hit))
    for title, texts in (("Before it", before), ("The passage", [hit.chunk.text]), ("After it", after)):
        for text in texts:
            out(f"\n{title}\n{text}")
    say(f"\n`kbray show {hit.file_id}:{hit.ordinal} --open` shows its place in the document.")


def as_json(detail: "FileDetail", results: "Results") -> dict[str, object]:
    """The row's fields, then what hangs on them."""
    return {
        **file_json(detail.row),
        **{key: value for key, value in jsonable(detail).items() if key not in ("row", "failures")},
        "failures": [{**failure_json(failure), "traceback": failure.traceback} for failure in detail.failures],
        "results": jsonable(results),
    }


def _show(detail: "FileDetail", results: "Results") -> None:
    row = detail.row
    out(f"{row.id}  {plain(row.name)}")
    _line("status", row.status + (", incomplete" if is_incomplete(row) else ""))
    _line("type", row.media_type + (", encrypted" if detail.encrypted else "") + (", scanned" if detail.scanned else ""))
    _line("size", size(row.size_bytes) + (f", {count(row.pages, 'page')}" if row.pages else ""))
    _line("SHA-256", row.sha256)
    if row.title:
        _line("title", plain(row.title) + (f" ({plain(row.language)})" if row.language else ""))
    if row.units_expected is not None and row.status in FINISHED:
        unit = "page" if row.pages else "chapter or section"
        _line(
            "content",
            f"{row.units_produced:,} of {count(row.units_expected, unit, 'pages' if row.pages else 'chapters or sections')}, "
            f"{count(row.characters or 0, 'character')}, read by {row.engine}",
        )
    if row.quality is not None:
        _line("quality", row.quality + (" (poor before; done again another way)" if detail.again else ""))
        for reason in row.reasons:
            out(f"    {reason.code}: {reason.message}")
    out("\nSeen at")
    for place in detail.locations:
        note = f"  gone since {place.gone_at.astimezone():%Y-%m-%d %H:%M}" if place.gone_at else ""
        out(f"  {plain(place.uri)}{note}" + (f"\n    {plain(place.problem)}" if place.problem else ""))
        if was := place.adopted:
            error = f", {plain(was.error)}" if was.error else ""
            out(f"    before kbray: {plain(was.status or 'no status')}{error} (by {plain(was.source)})")
    if not detail.locations:
        out(f"  {plain(row.uri)}  other content is there now")
    _show_results(results)
    _show_parts(detail)
    _show_failures(detail.failures)


def _line(name: str, value: str) -> None:
    out(f"  {name:<8} {value}")


def _show_results(results: "Results") -> None:
    if not results.keys:
        return
    folder = results.keys[0].rsplit("/", 1)[0]
    out(f"\nResults in {plain(results.store)}/{folder}")
    for key in results.keys:
        out(f"  {key.rsplit('/', 1)[1]}" + ("  MISSING: run `kbray cleanup --auto-fix`" if key in results.missing else ""))


def _show_parts(detail: "FileDetail") -> None:
    out("\nParts")
    for part in detail.parts:
        tries = count(part.attempts, "attempt") + (f", {count(part.interruptions, 'interruption')}" if part.interruptions else "")
        out(f"  {part.part:>4}  {_window(part.window):<14} {part.state:<8} {tries}")
    if not detail.attempts:
        return
    out(
        "\nAttempts"
        + (f" (the last {ATTEMPTS_SHOWN} of {len(detail.attempts):,})" if len(detail.attempts) > ATTEMPTS_SHOWN else "")
    )
    for attempt in detail.attempts[-ATTEMPTS_SHOWN:]:
        started = f"{attempt.started_at.astimezone():%Y-%m-%d %H:%M:%S}"
        what = {-1: "index", -2: "vectors"}.get(attempt.part, f"part {attempt.part}")
        out(f"  {started}  {what}, attempt {attempt.attempt}, {_cost(attempt)}")


def _cost(attempt: "AttemptRow") -> str:
    effort = attempt.effort
    text = f"run {attempt.run} on {plain(attempt.host)}: {attempt.outcome}"
    if attempt.ended_at:
        text += f" in {duration((attempt.ended_at - attempt.started_at).total_seconds())}"
    if attempt.part >= 0 and (effort.parse_s or effort.recognise_s):
        text += f" (parse {effort.parse_s:.2f} s, recognise {effort.recognise_s:.2f} s, commit {effort.commit_s:.2f} s"
        text += f", peak {size(effort.peak_bytes)})"
    return text


def _window(window: Window) -> str:
    if window.first_page is None:
        return "whole"
    if window.first_page == window.last_page:
        return f"page {window.first_page}"
    return f"pages {window.first_page}-{window.last_page}"


def _show_failures(failures: tuple[Failure, ...]) -> None:
    from kbray.errors import explain

    if not failures:
        return
    out("\nFailures")
    for failure in failures:
        place = f", page {failure.page}" if failure.page else f", {plain(failure.chapter)}" if failure.chapter else ""
        out(f"  {failure.code} in {failure.stage}{place}: {plain(failure.message)}")
    for code in dict.fromkeys(failure.code for failure in failures):
        out(f"  What to do: {explain(code)}")
