"""What is told of a page, a chapter or a member that can't be read, where the rest of its file can; or how it is passed over."""

from collections.abc import Callable, Iterable, Iterator

from kbray.errors import DocumentError, signature
from kbray.model import Failure


def failure(error: DocumentError, *, page: int | None = None, chapter: str | None = None, message: str = "") -> Failure:
    """Args: message: a longer one; how many files it names makes no other problem of it."""
    return Failure(error.code, message or error.message, "parse", signature(error.code, "parse", error.message), page, chapter)


def readable(names: Iterable[str], read: Callable[[str], bytes]) -> Iterator[tuple[str, bytes]]:
    """Each of these with its bytes; what can't be read, or has none, is left out."""
    for name in names:
        try:
            data = read(name)
        except DocumentError:
            continue
        if data:
            yield name, data
