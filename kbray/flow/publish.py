"""publish: the chunks of a file take the place of those that were there, in one fenced transaction."""

import time
from dataclasses import replace

from kbray.flow import deaths, metrics
from kbray.flow.failures import recorded
from kbray.flow.rows import Chunked
from kbray.wiring import Wiring


def publish(wired: Wiring, file: Chunked) -> None:
    """Make the file searchable; or failed, with the reason."""
    started = time.perf_counter()
    catalogue, fingerprint = wired.catalogue(), wired.index_fingerprint()
    failures, held = file.failures, False
    with recorded("publish") as refused, deaths.counted(wired.settings, file.claim, "publishing the file"):
        held = catalogue.publish(file.claim, fingerprint, file.chunks, failures, file.effort)
    if refused:
        failures = (*failures, *refused)
        held = catalogue.publish(file.claim, fingerprint, (), failures, file.effort)
    if not held:
        return
    metrics.add("kbray_files", outcome="failed" if failures else "indexed")
    metrics.add("kbray_passages", 0 if failures else len(file.chunks), kind="words")
    metrics.spent(replace(file.effort, commit_s=time.perf_counter() - started), parse="chunk", commit="publish")
    metrics.failed(failures)
