"""`kbray errors`: what failed, grouped into problems, with what to do about each."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli.files import file_json
from kbray.cli.options import Json, flag
from kbray.cli.render import count, jsonable, out, out_json, plain, say
from kbray.cli.session import wired

if TYPE_CHECKING:
    from kbray.catalogue import Catalogue
    from kbray.ops.problems import ExplainedProblem

PLACES_SHOWN = 20


def errors(
    signature: Annotated[
        str | None, typer.Option(metavar="S", help="Only this problem, by its key or whole signature, with all its files.")
    ] = None,
    explain: Annotated[bool, flag("--explain", help="Say what each kind of failure means and show where it arose.")] = False,
    json: Json = False,
) -> None:
    """Show what failed, problem by problem, and what to do about it.

    Failures are grouped by what went wrong, each with an example; then come places that could not be read at all.
    """
    from kbray.ops import problems

    with wired() as wiring:
        catalogue = wiring.catalogue()
        now = wiring.known_fingerprints() or {}
        found = [problems.find(catalogue, signature, now)] if signature else problems.explained(catalogue, now)
        places = [] if signature else catalogue.places_with_problems()
        if json:
            out_json(
                {
                    "problems": [_as_json(catalogue, problem, with_files=bool(signature)) for problem in found],
                    "places": [{"uri": uri, "message": message} for uri, message in places],
                }
            )
            return
        for problem in found:
            _show(catalogue, problem, explain=explain, with_files=bool(signature))
        _show_places(places)
    if not found and not places:
        say("Nothing has failed.")


def _as_json(catalogue: "Catalogue", problem: "ExplainedProblem", *, with_files: bool) -> dict[str, object]:
    shown = {**jsonable(problem), "example": file_json(problem.example)}
    if with_files:
        shown["file_rows"] = [file_json(row) for row in catalogue.files_with(problem.signature)]
    return shown


def _show(catalogue: "Catalogue", problem: "ExplainedProblem", *, explain: bool, with_files: bool) -> None:
    gone = f", {problem.gone:,} of them no longer there" if problem.gone else ""
    where = f" ({count(problem.parts, 'page or part', 'pages or parts')})" if problem.parts > problem.files else ""
    out(f"{problem.key}  {count(problem.files, 'file')}{where}{gone}  {problem.code} in {problem.stage}")
    out(f"    {plain(problem.message)}")
    out(f"    e.g. {problem.example.id}  {plain(problem.example.uri)}")
    if explain:
        out(f"    What it means: {problem.meaning}")
        out(f"    Signature: {plain(problem.signature)}")
    out(f"    What to do: {problem.advice}")
    if explain:
        for failure in catalogue.file(problem.example.id).failures:
            if failure.signature == problem.signature and failure.traceback:
                out("    " + failure.traceback.rstrip().replace("\n", "\n    "))
                break
    if with_files:
        for row in catalogue.files_with(problem.signature):
            out(f"    {row.id:>8}  {row.sha256[:12]}  {plain(row.uri)}" + ("  (no longer there)" if row.gone else ""))
    out()


def _show_places(places: Iterable[tuple[str, str]]) -> None:
    listed = list(places)
    if not listed:
        return
    out(f"{count(len(listed), 'place')} could not be read:")
    for uri, message in listed[:PLACES_SHOWN]:
        out(f"    {plain(uri)}\n        {plain(message)}")
    if len(listed) > PLACES_SHOWN:
        out(f"    … and {len(listed) - PLACES_SHOWN:,} more; --json lists them all.")
