"""The pictures of a help file, which its topics show."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from kbray.config import Settings
from kbray.parse.chm.container import Container
from kbray.parse.failing import readable


def pictures(path: Path, names: Iterable[str], settings: Settings) -> Iterator[tuple[str, bytes]]:
    """The files in it with these names, each with its bytes; what can't be read is left out.

    Raises: DocumentError: the help file can't be opened.
    """
    with Container(path, settings) as container:
        yield from readable(names, container.read)
