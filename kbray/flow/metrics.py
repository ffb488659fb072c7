"""What Ray's metrics agents show to Prometheus, as `ray_<name>`, a counter with `_total` behind it.

Counted where work is made durable, so that what a claim lost to another run is not counted twice.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from ray.util.metrics import Counter, Gauge

from kbray.model import Effort, Failure, Progress, RunId

COUNTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "kbray_files": ("Files that ended so: processed, indexed or failed.", ("outcome",)),
    "kbray_pages": ("Pages done or lost; a file without pages counts as one.", ("outcome",)),
    "kbray_failures": ("Failures, of files and of single pages, by code and stage.", ("code", "stage")),
    "kbray_stage_seconds": ("Seconds that a stage took, over all that were worked on at the same time.", ("stage",)),
    "kbray_parse_cpu_seconds": ("CPU seconds of the parse children and the workers that wait for them.", ()),
    "kbray_bytes": ("Bytes of originals read (by their share in parts), and of results stored.", ("kind",)),
    "kbray_recognised_pages": ("Pages whose text was recognised from their image.", ()),
    "kbray_recognised_lines": ("Lines of print that were recognised.", ()),
    "kbray_recognition_slots": ("Places that the batches had in which these lines came: how full they are.", ()),
    "kbray_passages": ("Passages that can be found: by their words, by their vectors.", ("kind",)),
}
"""Name → what it counts, and its labels."""
GAUGES: Mapping[str, str] = {
    "kbray_files_left": "Files of the run under way that are still to end.",
    "kbray_pages_left": "Pages of the run under way that are still to be done.",
}
"""Name → what it shows; the label is the run."""
NAMES = (*COUNTERS, *GAUGES)


def add(name: str, value: float = 1, **labels: str) -> None:
    """Count `value` more."""
    if value:
        _counter(name).inc(value, tags=labels)


def spent(effort: Effort, parse: str | None = None, recognise: str | None = None, commit: str | None = None) -> None:
    """Count what an attempt took, under the names that its stages have here."""
    stages = ((parse, effort.parse_s), (recognise, effort.recognise_s), (commit, effort.commit_s))
    for stage, seconds in stages:
        if stage is not None:
            add("kbray_stage_seconds", seconds, stage=stage)


def failed(failures: Sequence[Failure]) -> None:
    for failure in failures:
        add("kbray_failures", code=failure.code, stage=failure.stage)


def left(run: RunId, progress: Progress) -> None:
    """Show what the run has still to do."""
    files = progress.files_total - progress.files_done - progress.files_failed
    pages = progress.pages_total - progress.pages_done - progress.pages_failed
    for name, value in (("kbray_files_left", files), ("kbray_pages_left", pages)):
        _gauge(name).set(max(0, value), tags={"run": str(run)})


@cache
def _counter(name: str) -> Counter:
    told, labels = COUNTERS[name]
    return Counter(name, told, labels)


@cache
def _gauge(name: str) -> Gauge:
    return Gauge(name, GAUGES[name], ("run",))
