"""`kbray runs`: what was done when, and where the time of one run went."""

from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli.files import kind_of
from kbray.cli.options import Json
from kbray.cli.render import count, duration, jsonable, out, out_json, out_table, plain, since, size
from kbray.cli.session import wired
from kbray.errors import ConfigError
from kbray.model import Effort, RunId, RunInfo

if TYPE_CHECKING:
    from kbray.catalogue import Cost, RunProfile

COLUMNS = ("run", "command", "state", "started", "took", "files", "failed", "pages", "pages/s", "message")
COST_COLUMNS = ("parts", "pages", "parse", "recognise", "commit", "CPU of parse", "peak")
INDEX_COLUMNS = ("attempts", "chunk", "embed", "CPU")


def runs(
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="Number of a run: where its time went.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="No more than this many, newest first.")] = 20,
    json: Json = False,
) -> None:
    """List runs, newest first; with RUN, where its time went.

    By stage, by kind of file, the slowest files, and what failed, beside the last run before that did the same. Seconds of parts
    that were worked on at the same time add up, so that their sum is more than the run took.
    """
    with wired() as wiring:
        if run is None:
            found = wiring.catalogue().runs(limit, lease_s=wiring.settings.lease_s)
            if json:
                out_json({"runs": found})
            else:
                out_table(COLUMNS, (_columns(one) for one in found), right=("run", "files", "failed", "pages", "pages/s"))
            return
        try:
            profile = wiring.catalogue().profile(RunId(run))
        except KeyError:
            raise ConfigError(f"There is no run {run}; `kbray runs` lists them.") from None
    if json:
        out_json({**jsonable(profile), "stages": stages(profile)})
    else:
        _show(profile)


def _columns(run: RunInfo) -> tuple[object, ...]:
    started = f"{run.started_at.astimezone():%Y-%m-%d %H:%M}"
    took = since(run.started_at, run.ended_at)
    return (
        run.id,
        run.command,
        run.state,
        started,
        took,
        run.files_done,
        run.files_failed,
        run.pages_done,
        _speed(run, run.pages_done),
        run.message,
    )


def stages(profile: "RunProfile") -> dict[str, float]:
    """Seconds by stage, over all parts."""
    efforts = [cost.effort for cost in profile.kinds]
    if profile.indexing:
        return {
            "chunk": sum(effort.parse_s for effort in efforts),
            "embed": sum(effort.recognise_s for effort in efforts),
        }
    return {
        "parse": sum(effort.parse_s for effort in efforts),
        "recognise": sum(effort.recognise_s for effort in efforts),
        "commit": sum(effort.commit_s for effort in efforts),
    }


def _speed(run: RunInfo, done: int) -> str:
    """Per second of the whole run, the start of Ray included."""
    seconds = ((run.ended_at or run.heartbeat_at) - run.started_at).total_seconds()
    return f"{done / seconds:.1f}" if done and seconds > 0 else ""


def _show(profile: "RunProfile") -> None:
    run, before, unit = profile.run, profile.before, _unit(profile)
    took = since(run.started_at, run.ended_at)
    speed = f", {_speed(run, _done(profile))} {unit}s/s" if _done(profile) else ""
    out(f"Run {run.id}, {run.command}, {run.state}: {took}, {count(_done(profile), unit)}{speed}" + _message(run))
    if before:
        out(f"Before it run {before.run.id}: {count(_done(before), unit)}, {_speed(before.run, _done(before)) or 0} {unit}s/s")
    if not any(stages(profile).values()):
        out("No parts were worked on.")
        return
    _show_stages(profile)
    columns, costs = (INDEX_COLUMNS, _index_cost) if profile.indexing else (COST_COLUMNS, _cost)
    out("\nBy kind")
    out_table(
        ("kind", "files", *columns),
        ((kind_of(cost.name), cost.files, *costs(cost)) for cost in profile.kinds),
        right=("files", *columns),
    )
    out("\nSlowest files")
    out_table(
        ("id", *columns, "name"),
        ((cost.file_id, *costs(cost), cost.name) for cost in profile.slowest),
        right=("id", *columns),
    )
    if profile.problems:
        out("\nWhat failed, and still does")
        out_table(
            ("files", "parts", "code", "stage", "example", "message"),
            ((p.files, p.parts, p.code, p.stage, p.example.name, plain(p.message)) for p in profile.problems),
            right=("files", "parts"),
        )


def _show_stages(profile: "RunProfile") -> None:
    """Beside those of the run before."""
    before, by_stage, unit = profile.before, stages(profile), _unit(profile)
    earlier, whole = stages(before) if before else {}, sum(by_stage.values())
    out("\nBy stage")
    header = ("stage", "time", "share", f"a {unit}", *([f"in run {before.run.id}"] if before else []))
    out_table(
        header,
        (
            (
                stage,
                duration(seconds),
                f"{seconds / whole:.0%}",
                _each(seconds, _done(profile)),
                *([_each(earlier[stage], _done(before))] if before else []),
            )
            for stage, seconds in by_stage.items()
        ),
        right=header[1:],
    )


def _unit(profile: "RunProfile") -> str:
    """What `_done` counts."""
    return "file" if profile.indexing else "page"


def _done(profile: "RunProfile") -> int:
    """Pages, or files where passages or vectors were made."""
    return profile.run.files_done if profile.indexing else profile.run.pages_done


def _each(seconds: float, done: int) -> str:
    return f"{1000 * seconds / done:,.1f} ms" if done else ""


def _index_cost(cost: "Cost") -> tuple[object, ...]:
    effort: Effort = cost.effort
    return (cost.parts, *(duration(seconds) for seconds in (effort.parse_s, effort.recognise_s, effort.cpu_s)))


def _cost(cost: "Cost") -> tuple[object, ...]:
    effort: Effort = cost.effort
    times = (effort.parse_s, effort.recognise_s, effort.commit_s, effort.cpu_s)
    return (cost.parts, cost.pages, *(duration(seconds) for seconds in times), size(effort.peak_bytes))


def _message(run: RunInfo) -> str:
    return f" ({plain(run.message)})" if run.message else ""
