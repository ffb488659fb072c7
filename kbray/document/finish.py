"""Parts → what is kept of a file: its three objects, and its line in the catalogue."""

from collections.abc import Sequence

from kbray.document import manifest, markdown
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
) -> Finished:
    """Arguments and errors are those of `assemble`."""
    document = assemble(
        parts, sha256=sha256, fingerprint=fingerprint, media_type=media_type, expected=expected, failures=failures
    )
    result = summarise(document)
    if result.failed:
        return Finished(result, tuple(failures))
    return Finished(
        result,
        tuple(failures),
        elements=elements_to_parquet(document),
        markdown=markdown.render(document).encode(),
        manifest=manifest.render(document).encode(),
    )
