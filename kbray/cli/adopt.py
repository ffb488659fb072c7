"""`kbray adopt`: the catalogue of another system, taken over."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli import sync as syncing
from kbray.cli.options import Json, flag
from kbray.cli.render import count, jsonable, out, out_json, plain, say, size, write
from kbray.cli.session import settings as settings_in_force
from kbray.cli.session import wired
from kbray.cli.stopping import INTERRUPTED, stoppable
from kbray.errors import ConfigError

if TYPE_CHECKING:
    from kbray.ops.adopt import AdoptReport
    from kbray.wiring import Wiring


def adopt(
    database_url: Annotated[
        str,
        typer.Argument(
            metavar="DATABASE_URL",
            help="The other system's database: postgresql://user@host:5432/name, the password from PGPASSWORD or ~/.pgpass.",
            show_default=False,
        ),
    ],
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="How its catalogue is read; without it one is proposed.", show_default=False),
    ] = None,
    propose: Annotated[bool, flag("--propose", help="Propose a mapping, on stdout or in the file of --out.")] = False,
    to: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where the proposed mapping is written.")] = None,
    apply: Annotated[bool, flag("--apply", help="Do it; without, you are told what would be done.")] = False,
    examples: Annotated[int, typer.Option(min=0, metavar="N", help="Rows shown for each thing that is odd.")] = 5,
    json: Json = False,
) -> None:
    """Take over the catalogue of another ingestion system: its files, not its results.

    Three steps: without a mapping one is proposed; with it you are told what would become of each file; with --apply it is done.
    Each file is read from the other system's bucket or folder and synced; what it was called there is kept (`kbray show`). The
    other system's database and objects are only read. Can be repeated. Exit code 1: some rows could not be taken.
    """
    if mapping is None and apply:
        raise ConfigError("--apply needs --mapping FILE; `kbray adopt DATABASE_URL --out adopt.toml` proposes one.")
    if mapping is None or propose:
        if mapping is not None:
            raise ConfigError("--propose writes a mapping and --mapping reads one; give one of them.")
        _propose(database_url, to, json=json)
        return
    if to is not None:
        raise ConfigError("--out is for a proposed mapping; give it without --mapping.")
    with wired() as wiring:
        report = _work(wiring, database_url, mapping, examples, apply=apply)
    if json:
        out_json({**jsonable(report), "left": report.left, "taken": report.taken})
    else:
        _show(report)
    if report.sync is None:
        return
    if report.sync.interrupted:
        raise typer.Exit(INTERRUPTED)
    if report.left or report.sync.problems:
        raise typer.Exit(1)


def _propose(database_url: str, to: Path | None, *, json: bool) -> None:
    from kbray.catalogue.foreign import Foreign
    from kbray.ops.adopt.propose import propose

    with Foreign(database_url, patience_s=settings_in_force().patience_s, waiting=say) as source:
        proposal = propose(source)
    if to is not None:
        try:
            with to.open("x", encoding="utf-8") as file:
                file.write(proposal.toml)
        except FileExistsError:
            raise ConfigError(f"{to} exists; name another file, or remove it.") from None
        except OSError as error:
            raise ConfigError(f"{to} can't be written: {error.strerror}.") from None
        say(f"Wrote {to}. Read and correct it, then run `kbray adopt DATABASE_URL --mapping {to}`.")
    if json:
        out_json(proposal)
    elif to is None:
        write(proposal.toml, nl=False)  # strings in it are quoted: no control characters
    for doubt in proposal.unsure:
        say(f"Unsure: {doubt}")


def _work(wiring: "Wiring", database_url: str, path: Path, examples: int, *, apply: bool) -> "AdoptReport":
    from functools import partial

    from kbray.catalogue.foreign import Foreign
    from kbray.cli.progress import sync_display
    from kbray.ops.adopt import Adoption
    from kbray.ops.adopt.mapping import load, root_of, table_of
    from kbray.parse.sandbox.parent import Sandbox

    mapping, settings = load(path), wiring.settings
    with Foreign(database_url, patience_s=settings.patience_s, waiting=say) as source:
        root = root_of(mapping, path.parent)
        table = table_of(source, mapping)
        adoption: Adoption = Adoption(source, table, mapping, root, wiring.catalogue(), settings, examples)
        if not apply:
            return adoption.survey()
        with stoppable("files being read are finished") as stop, sync_display() as report:
            return adoption.apply(wiring.own_objects(), partial(Sandbox, settings), stop=stop, report=report)


def _show(report: "AdoptReport") -> None:
    out(f"Table {plain(report.table)} of {plain(report.source)}: {count(report.rows, 'row')}, {count(report.keys, 'key')}.")
    out(f"Objects in {plain(report.objects)}.")
    _show_statuses(report)
    if report.errors:
        out("\nWhat it said of the failed ones")
        for text, times in report.errors:
            out(f"  {count(times, 'time')}: {plain(text) if text else '(nothing)'}")
    _show_odd(report)
    out()
    if report.sync is None:
        new = report.takes - report.here
        out(
            f"{count(report.takes, 'file')} would be taken over"
            + (f", {report.here:,} of them known already" if report.here else "")
            + f"; {size(report.bytes)} to be read for {count(new, 'new one')}."
        )
        say("Nothing was changed. Add --apply to do it; the other system's database and objects are only read.")
        return
    out(syncing.describe(report.sync))
    if not report.sync.interrupted:
        out(f"{count(report.taken, 'file')} of {report.rows:,} rows taken over. Go on with `kbray process`, or `kbray status`.")


def _show_statuses(report: "AdoptReport") -> None:
    said = report.said_total is not None or report.said_sum is not None
    rows = [
        (
            line.word if line.word is not None else "(none)",
            "" if line.said is None else f"{line.said:,}",
            f"{line.rows:,}",
            f"{line.takes:,}",
            line.becomes,
        )
        for line in report.statuses
    ]
    total = "" if report.said_total is None else f"{report.said_total:,}"
    rows.append(("in all", total, f"{report.rows:,}", f"{report.takes:,}", ""))
    width = min(40, max(len("status"), *(len(plain(row[0])) for row in rows)))
    out()
    for name, claimed, counted, takes, becomes in (("status", "said", "rows", "taken", "becomes"), *rows):
        own = f"  {claimed:>7}" if said else ""
        out(f"  {plain(name):<{width}}{own}  {counted:>7}  {takes:>7}  {becomes}".rstrip())
    if report.said_total is None:
        return
    if report.said_sum is not None and (apart := report.said_sum - report.said_total):
        out(f"  It said {report.said_total:,} in all, but what it said by status sums to {report.said_sum:,} ({apart:+,}).")
    if apart := report.rows - report.said_total:
        out(f"  It said {report.said_total:,} in all and has {count(report.rows, 'row')} ({apart:+,}).")


def _show_odd(report: "AdoptReport") -> None:
    from kbray.ops.adopt import REASONS

    if report.odd:
        out("\nTo look at")
    for odd in report.odd:
        out(f"  {count(odd.count, 'row')} {REASONS[odd.reason]}")
        for example in odd.examples:
            out(f"      {plain(example)}")
        if (more := odd.count - len(odd.examples)) > 0 and odd.examples:
            out(f"      … and {more:,} more")
