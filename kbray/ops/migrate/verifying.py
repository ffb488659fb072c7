"""Whether this knowledge base is the one in a bundle: the same counts, the same bytes, the same answers."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kbray.catalogue import Catalogue, FoundPassage
from kbray.errors import ConfigError
from kbray.ops.migrate.bundle import (
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
from kbray.ports import Objects
from kbray.wiring import Wiring

_DIGITS = 9
"""Scores are sums of floats, and the order of adding is the server's."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number that differs."""

    what: str
    bundle: int
    here: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A search whose hits differ."""

    words: str
    bundle: list[FoundPassage]
    here: list[FoundPassage]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared, and what differs."""

    objects: int
    searches: int
    counts: list[Count] = field(default_factory=list)
    problems: Wrong = field(default_factory=Wrong)
    answers: list[Answer] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return not (self.counts or self.problems.count or self.answers)


def verify(
    wired: Wiring, place: str, *, sample: int | None = None, searches: Sequence[str] = (), report: Report = lambda _: None
) -> Verified:
    """This knowledge base compared with the bundle; objects by the hash of what the store has now.

    Args: sample: look at so many objects, another choice each time; None: at all.
          searches: only these of those recorded; none: all.
    Raises: ConfigError: there is no whole bundle, or a search wasn't recorded in it.
    """
    bundle, manifest = open_bundle(place, wired.settings)
    asked = _chosen(manifest, searches)
    catalogue = wired.catalogue()
    counts = _counts(manifest, catalogue.counts())
    with checked_file(bundle, LISTING, manifest.listing) as listing:
        looked_at, problems = _objects(wired.objects(), listing, manifest.objects, sample, report)
    return Verified(looked_at, len(asked), counts, problems, _answers(catalogue, asked))


def _chosen(manifest: Manifest, searches: Sequence[str]) -> dict[str, list[FoundPassage]]:
    for words in searches:
        if words not in manifest.searches:
            recorded = ", ".join(repr(one) for one in manifest.searches) or "none"
            raise ConfigError(
                f"The hits of {words!r} are not in the bundle, so there is nothing to compare: give --search to "
                f"`kbray migrate export`. Recorded are: {recorded}."
            )
    return {words: manifest.searches[words] for words in searches} if searches else manifest.searches


def _counts(manifest: Manifest, here: dict[str, int]) -> list[Count]:
    every = {**dict.fromkeys(manifest.counts, 0), **dict.fromkeys(here, 0)}
    pairs = [Count(what, manifest.counts.get(what, 0), here.get(what, 0)) for what in every]
    return [count for count in pairs if count.bundle != count.here]


def _objects(objects: Objects, listing: Path, total: int, sample: int | None, report: Report) -> tuple[int, Wrong]:
    wanted = min(total, sample) if sample is not None else total
    moved, problems = Moved("reading objects", wanted), Wrong()
    for listed in in_threads(partial(_looked_at, objects), _some(listing, total, wanted), lambda: report(moved)):
        if listed.problem:
            problems.add(listed)
        moved.add(listed, copied=True)
    return moved.objects, problems


def _some(listing: Path, total: int, wanted: int) -> Iterator[Listed]:
    """As many objects of the list as are wanted."""
    chosen = None if wanted == total else set(random.sample(range(total), wanted))
    for number, listed in enumerate(listed for listed in lines(listing) if listed.problem is None):
        if chosen is None or number in chosen:
            yield listed


def _looked_at(objects: Objects, listed: Listed) -> Listed:
    try:
        with objects.local(listed.key, fresh=True) as path:
            return listed if stamp_of(path) == listed.stamp else replace(listed, problem="corrupt")
    except KeyError:
        return replace(listed, problem="missing")


def _answers(catalogue: Catalogue, asked: dict[str, list[FoundPassage]]) -> list[Answer]:
    pairs = [Answer(words, hits, catalogue.answers(words)) for words, hits in asked.items()]
    return [answer for answer in pairs if _comparable(answer.bundle) != _comparable(answer.here)]


def _comparable(hits: Sequence[FoundPassage]) -> list[tuple[float, str, int]]:
    return sorted((-round(hit.score, _DIGITS), hit.sha256, hit.ordinal) for hit in hits)
