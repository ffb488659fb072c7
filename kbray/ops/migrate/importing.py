"""A bundle into this knowledge base: first its objects, which only adds some; then its catalogue, which takes the place of the
one there is, in one transaction. What was there before is kept for `roll_back`.

An import that was killed is run again: what has come is not copied again, and a catalogue that has come doesn't come twice.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from kbray import objects
from kbray.catalogue import Before, Catalogue
from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.ops.migrate.bundle import (
    DUMP,
    LISTING,
    Listed,
    Manifest,
    Moved,
    Report,
    Wrong,
    checked_file,
    in_threads,
    lines,
    open_bundle,
    stamp_of,
)
from kbray.ops.runs import RecordedRun
from kbray.ports import Objects
from kbray.wiring import catalogue_as_it_is


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has done.

    `problems`: objects that the bundle should have and has not, or not whole; then its catalogue has not come.
    `again`: it had come before, from this bundle.  `left_behind`: runs that were at work in the source.
    """

    manifest: Manifest
    copied: int
    copied_bytes: int
    problems: Wrong
    again: bool = False
    left_behind: int = 0


def bring(settings: Settings, place: str, *, report: Report = lambda _: None) -> Imported:
    """The knowledge base is that of the bundle.

    Raises: ConfigError: there is no whole bundle that this kbray can read, or the target can't take it or is in use.
            DatabaseUnavailable, ObjectStoreUnavailable: run it again, it goes on.
    """
    bundle, manifest = open_bundle(place, settings)
    with catalogue_as_it_is(settings) as catalogue, ExitStack() as stack:
        _require_fit(catalogue, manifest, settings)
        store = _own_store(catalogue, settings)
        dump = stack.enter_context(checked_file(bundle, DUMP, manifest.catalogue))
        listing = stack.enter_context(checked_file(bundle, LISTING, manifest.listing))
        moved, problems = Moved("copying objects", manifest.objects), Wrong()
        with _marked(catalogue, place, settings) as run:

            def beat() -> None:
                report(moved)
                if run is not None:
                    run.beat()

            wanted = (listed for listed in lines(listing) if listed.problem is None)
            for listed, copied in in_threads(partial(_bring, bundle, store), wanted, beat):
                if listed.problem:
                    problems.add(listed)
                moved.add(listed, copied=copied)
            if problems.count and run is not None:
                run.end_as("failed", f"The bundle lacks {problems.count} objects.")
        done = Imported(manifest, moved.copied, moved.bytes, problems)
        if problems.count:
            return done
        report(Moved("putting the catalogue in place", 0))
        before = catalogue.before()
        again = before is not None and before.bundle == manifest.id
        if not again:
            catalogue.restore(dump, manifest.id, manifest.schema, vectors=manifest.vectors)
        left_behind = catalogue.settle()
        _own_store(catalogue, settings)
        return replace(done, again=again, left_behind=left_behind)


def roll_back(settings: Settings) -> Before:
    """The catalogue is as it was before the last import; which that was. Objects that came with it stay, and harm nobody.

    Raises: ConfigError: there is no such import, or a run is at work.
    """
    with catalogue_as_it_is(settings) as catalogue:
        if (before := catalogue.before()) is None:
            raise ConfigError("There is no import to roll back here: none was made, or what was before it has been given up.")
        catalogue.roll_back()
        if catalogue.revision()[0] is None:
            objects.disown(objects.connect(settings))
        return before


def forget(settings: Settings) -> Before | None:
    """What was before the last import is given up; which import that was, if there was one."""
    with catalogue_as_it_is(settings) as catalogue:
        before = catalogue.before()
        catalogue.forget_before()
        return before


def _require_fit(catalogue: Catalogue, manifest: Manifest, settings: Settings) -> None:
    """Raises: ConfigError: the target can't take the bundle, or somebody works in it."""
    here, newest = catalogue.revision()
    if manifest.revision > newest:  # they are numbered
        raise ConfigError(
            f"The bundle was made by kbray {manifest.kbray} with schema {manifest.revision}, and this kbray knows schemas up to "
            f"{newest}: upgrade kbray here."
        )
    if here not in (None, newest):
        raise ConfigError(f"The target's database has schema {here}, kbray needs {newest}: run `kbray db upgrade`.")
    catalogue.require_room(manifest.schema, vectors=manifest.vectors)
    if here is not None:
        catalogue.reap(settings.lease_s)
        for run in catalogue.status(settings.lease_s).runs:
            if run.live:
                raise ConfigError(
                    f"Run {run.id} ({run.command}, process {run.pid} on {run.host}) is at work in the target: "
                    "let it end or stop it, then import."
                )


def _own_store(catalogue: Catalogue, settings: Settings) -> Objects:
    """Raises: ConfigError: the object store is another catalogue's."""
    store, here = objects.connect(settings), catalogue.revision()[0] is not None
    objects.require_own(store, catalogue.identity() if here else None, filled=here and catalogue.filled())
    return store


@contextmanager
def _marked(catalogue: Catalogue, place: str, settings: Settings) -> Iterator[RecordedRun | None]:
    """While objects come, the target says that somebody is at work, so that no cleanup takes them for waste.

    One that has no tables yet can't say so, and nobody cleans it up.
    """
    if catalogue.revision()[0] is None:
        yield None
        return
    arguments = {"bundle": place}
    with RecordedRun(catalogue, "migrate import", arguments, lease_s=settings.lease_s, heartbeat_s=settings.heartbeat_s) as run:
        yield run


def _bring(bundle: Objects, target: Objects, listed: Listed) -> tuple[Listed, bool]:
    """The object is in the target, and whether it had to be copied; or it has a problem."""
    if listed.stamp is None or target.size(listed.key) == listed.stamp.size_bytes:
        return listed, False
    try:
        with bundle.local(listed.key, fresh=True) as path:
            if stamp_of(path) != listed.stamp:
                return replace(listed, problem="corrupt"), False
            target.put_file(listed.key, path)
    except KeyError:
        return replace(listed, problem="missing"), False
    return listed, True
