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

COLUMNS = ("run", "command", "state", "started", "took", "files", "failed", "pages", "message")
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

    By stage, by kind of file, and the slowest files, from what each attempt took. Seconds of parts that were worked on at the
    same time add up, so that their sum is more than the run took.
    """
    with wired() as wiring:
        if run is None:
            found = wiring.catalogue().runs(limit)
            if json:
                out_json({"runs": found})
            else:
                out_table(COLUMNS, (_columns(one) for one in found), right=("run", "files", "failed", "pages"))
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
    return (run.id, run.command, run.state, started, took, run.files_done, run.files_failed, run.pages_done, run.message)


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


def _show(profile: "RunProfile") -> None:
    run = profile.run
    took = since(run.started_at, run.ended_at)
    out(f"Run {run.id}, {run.command}, {run.state}: {took}, {count(run.pages_done, 'page')}" + _message(run))
    by_stage = stages(profile)
    whole = sum(by_stage.values())
    if not whole:
        out("No parts were worked on.")
        return
    out("\nBy stage")
    for stage, seconds in by_stage.items():
        out(f"  {stage:<10} {duration(seconds):>14}  {seconds / whole:>4.0%}")
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


def _index_cost(cost: "Cost") -> tuple[object, ...]:
    effort: Effort = cost.effort
    return (cost.parts, *(duration(seconds) for seconds in (effort.parse_s, effort.recognise_s, effort.cpu_s)))


def _cost(cost: "Cost") -> tuple[object, ...]:
    effort: Effort = cost.effort
    times = (effort.parse_s, effort.recognise_s, effort.commit_s, effort.cpu_s)
    return (cost.parts, cost.pages, *(duration(seconds) for seconds in times), size(effort.peak_bytes))


def _message(run: RunInfo) -> str:
    return f" ({plain(run.message)})" if run.message else ""
