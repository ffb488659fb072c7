"""Parts → what is kept of a file: its three objects, and its line in the catalogue."""

from collections.abc import Collection, Sequence

from kbray.document import grading, manifest, markdown
from kbray.document.arrow import elements_to_parquet
from kbray.document.assemble import assemble, summarise
from kbray.model import Failure, Finished, Parsed, Window


def finish(
    parts: Sequence[Parsed | None],
    *,
    sha256: str,
    fingerprint: str,
    media_type: str,
    expected: Sequence[Window],
    failures: Sequence[Failure],
    scripts: Collection[str] = (),
) -> Finished:
    """Arguments and errors are those of `assemble`; `scripts`: those that recognition reads, where pages were recognised."""
    document = assemble(
        parts, sha256=sha256, fingerprint=fingerprint, media_type=media_type, expected=expected, failures=failures
    )
    quality = grading.grade(document, scripts)
    result = summarise(document, quality)
    if result.failed:
        return Finished(result, tuple(failures))
    return Finished(
        result,
        tuple(failures),
        elements=elements_to_parquet(document),
        markdown=markdown.render(document.elements).encode(),
        manifest=manifest.render(document, quality).encode(),
    )
