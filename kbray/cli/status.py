"""`kbray status`: where everything stands."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, NoReturn

from kbray.cli.options import Json, flag
from kbray.cli.render import count, jsonable, out, out_json, plain, since, time_left, to_json, write
from kbray.cli.session import wired
from kbray.errors import ConfigError
from kbray.model import FILE_STATUSES, GRADES, RunInfo

if TYPE_CHECKING:
    from kbray.catalogue import StatusReport
    from kbray.wiring import Wiring

WATCH_EVERY_S = 2.0


def status(
    watch: Annotated[bool, flag("--watch", "-w", help="Refresh every two seconds until Ctrl-C.")] = False,
    json: Json = False,
) -> None:
    """Show where everything stands.

    Files by status, pages, speed and time left, what an older kbray made or took in, stuck parts, live runs.

    With --watch and --json, one JSON document a line.
    """
    with wired() as wiring:
        look = looking(wiring)
        if watch:
            _watch(look, json)
        elif json:
            out_json(as_json(look()))
        else:
            out("\n".join(lines(look())))


def looking(wiring: "Wiring") -> Callable[[], "StatusReport"]:
    """What looks how everything stands."""
    try:
        index = wiring.index_fingerprint()
    except ConfigError:  # as in `known_fingerprints`
        index = None
    return partial(wiring.catalogue().status, wiring.settings.lease_s, wiring.known_fingerprints(), index)


def _watch(look: Callable[[], "StatusReport"], json: bool) -> NoReturn:
    if json or not sys.stdout.isatty():
        while True:
            report = look()
            write(to_json(as_json(report)) if json else "\n".join(lines(report)) + "\n")
            time.sleep(WATCH_EVERY_S)
    from rich.live import Live
    from rich.text import Text

    with Live(auto_refresh=False) as live:
        while True:
            live.update(Text("\n".join(lines(look()))), refresh=True)
            time.sleep(WATCH_EVERY_S)


def as_json(report: "StatusReport") -> dict[str, object]:
    """The shape that programs rely on: files (with total and all six statuses), pages, grades, runs, and what needs attention."""
    files: dict[str, int] = {"total": report.total}
    for name in FILE_STATUSES:
        files[name] = report.files.get(name, 0)
    return {
        "files": files,
        "pages": report.pages,
        "pages_done": report.pages_done,
        "pages_failed": report.pages_failed,
        "incomplete": report.incomplete,
        "quality": jsonable(report.quality),
        "stale": report.stale,
        "stale_index": report.stale_index,
        "problems": report.problems,
        "gone": report.gone,
        "older_census": report.older_census,
        "stuck_parts": report.stuck_parts,
        "vectors": jsonable(report.vectors),
        "runs": [{**jsonable(run), "pages_per_s": _speed(run)} for run in report.runs],
    }


def lines(report: "StatusReport") -> Iterator[str]:
    """The same for people; what came from outside is made safe."""
    yield f"Files        {report.total:>7,}"
    for name in FILE_STATUSES:
        yield f"  {name:<10} {report.files.get(name, 0):>7,}"
    left = max(0, report.pages - report.pages_done - report.pages_failed)
    yield f"Pages        {report.pages:>7,}   {report.pages_done:,} done, {report.pages_failed:,} failed, {left:,} left"
    if any(report.quality.values()):
        yield f"Quality      {sum(report.quality.values()):>7,}   " + ", ".join(
            f"{report.quality[one]:,} {one}" for one in GRADES
        )
    for one in report.vectors:
        yield f"Vectors      {one.files:>7,}   of {one.of:,} indexed files, by {plain(one.model)}" + (
            "" if one.active else ", being built"
        )
    yield from _to_look_at(report)
    if report.runs:
        yield "\nRuns"
    for run in report.runs:
        yield "  " + _run_line(run, left)


def _to_look_at(report: "StatusReport") -> Iterator[str]:
    """With the command for it."""
    if report.incomplete:
        yield f"\n{count(report.incomplete, 'document')} with pages or chapters missing: kbray files --incomplete"
    if report.quality["poor"]:
        yield f"\n{count(report.quality['poor'], 'document')} of poor quality: kbray files --quality poor"
    if report.stale:
        yield f"\n{count(report.stale, 'file')} read by an older kbray or with other settings: kbray process --stale, kbray index"
    if report.stale_index:
        yield f"\n{count(report.stale_index, 'file')} indexed by an older kbray or with other settings: kbray index --stale"
    if report.files.get("failed"):
        yield f"\n{count(report.files['failed'], 'file')} failed: kbray errors"
    if report.problems:
        yield f"\n{count(report.problems, 'place')} could not be read: kbray errors"
    if report.gone:
        yield f"\n{count(report.gone, 'file')} no longer where seen before: kbray files --gone"
    if report.older_census:
        yield (
            f"\n{count(report.older_census, 'file')} taken in by an older kbray, which could tell fewer kinds of files: "
            "kbray sync --reread FOLDER"
        )
    if report.stuck_parts:
        yield f"\n{count(report.stuck_parts, 'part')} stuck in a run that is dead: kbray cleanup"


def _run_line(run: RunInfo, pages_left: int) -> str:
    text = f"{run.id:>4}  {run.command:<8} {run.state:<12} "
    if not run.live:
        text += f"{run.started_at.astimezone():%Y-%m-%d %H:%M}, {since(run.started_at, run.ended_at or run.heartbeat_at)}"
    else:
        text += f"for {since(run.started_at)} on {plain(run.host)}"
    if run.files_done or run.files_failed:
        text += f": {count(run.files_done, 'file')} done, {run.files_failed:,} failed"
    if run.pages_done:
        text += f", {count(run.pages_done, 'page')}"
    speed = _speed(run)
    if speed and run.live:
        text += f", {speed:.1f} pages/s"
        if pages_left:
            text += f", {time_left(pages_left / speed)}"
    return text + (f" ({plain(run.message)})" if run.message and not run.live else "")


def _speed(run: RunInfo) -> float | None:
    """Pages a second over the whole run; None before the first page."""
    seconds = ((run.ended_at or datetime.now(UTC)) - run.started_at).total_seconds()
    return round(run.pages_done / seconds, 2) if run.pages_done and seconds > 0 else None
