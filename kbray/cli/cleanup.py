"""`kbray cleanup`: what is wrong, and with --auto-fix, mended."""

from typing import TYPE_CHECKING, Annotated

from kbray.cli import process as processing
from kbray.cli.options import Json, flag
from kbray.cli.render import out, out_json, plain, say, size
from kbray.cli.session import wired

if TYPE_CHECKING:
    from kbray.ops.cleanup import Summary


def cleanup(
    auto_fix: Annotated[bool, flag("--auto-fix", help="Mend what was found, then process what is left.")] = False,
    json: Json = False,
) -> None:
    """Find what is wrong; with --auto-fix, mend it.

    Without the flag nothing is changed: you are told what is wrong and what would be done. Looks for parts of dead runs,
    failures worth another try, results missing from the object store, objects nothing refers to, and incomplete documents.
    """
    from kbray.ops.cleanup import Cleaner

    with wired() as wiring:
        cleaner = Cleaner(wiring.catalogue(), wiring.own_objects(), lambda: dict(wiring.fingerprints()), wiring.settings.lease_s)
        summaries = cleaner.clean(fix=auto_fix)
        if not json:
            _show(summaries, fixed=auto_fix)
        if not auto_fix:
            if json:
                out_json({"findings": summaries})
            return
        outcome = processing.work(wiring, processing.select(wiring), command="cleanup")
    if json:
        out_json({"findings": summaries, "process": outcome})
    else:
        out(processing.describe(outcome))
    processing.finish(outcome)


def _show(summaries: list["Summary"], *, fixed: bool) -> None:
    for summary in summaries:
        weight = f" ({size(summary.size_bytes)})" if summary.size_bytes else ""
        out(f"{summary.what.capitalize()}: {summary.found:,}{weight}")
        for finding in summary.examples:
            number = f"{finding.file_id}  " if finding.file_id is not None else ""
            out(f"    {number}{plain(finding.detail)}" + (f" (left alone: {finding.left})" if finding.left else ""))
        if more := summary.found - sum(finding.count for finding in summary.examples):
            out(f"    … and {more:,} more")
        if summary.for_the_user:
            out(f"    What to do: {summary.action}.")
        elif fixed:
            out(f"    Mended {summary.fixed:,} of {summary.found:,}: {summary.action}.")
        else:
            out(f"    --auto-fix would {summary.action}.")
    if not summaries:
        out("Nothing is wrong.")
    elif not fixed and not all(summary.for_the_user for summary in summaries):
        say("Nothing was changed. Run `kbray cleanup --auto-fix` to do so; it then processes what is left.")
