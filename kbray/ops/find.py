"""FILE arguments: a path or URI where it was seen, the start of its SHA-256, its catalogue id, or its bare name."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kbray.errors import ConfigError
from kbray.model import FileId, Hit

if TYPE_CHECKING:
    from kbray.catalogue import Catalogue

SHOWN = 10  # candidates listed when a name fits several files
NEAR = 3  # files named where none is called so
LEAST_PART = 3  # characters of a name
FEW = 1000  # files of one name that are counted
LAST_PASSAGE = 10**9  # the ordinal of none


def find_one(catalogue: "Catalogue", text: str) -> FileId:
    """The one file meant.

    Raises: ConfigError: no file fits, or several do, which are then named.
    """
    found = find_any(catalogue, text)
    if len(found) == 1:
        return found[0]
    if found:
        rows = [catalogue.file(file_id).row for file_id in found[:SHOWN]]
        listed = "; ".join(f"{row.id} ({row.sha256[:12]}, {row.name!r})" for row in rows)
        more = f"; and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
        raise ConfigError(f"{text!r} fits {len(found):,} files: {listed}{more}. Name one by its id.")
    raise ConfigError(
        f"No file is known as {text!r}{_perhaps(catalogue, text)}. Name it by its path, the start of its SHA-256 (6 digits or "
        "more) or its id; `kbray files` lists them all."
    )


def find_any(catalogue: "Catalogue", text: str) -> list[FileId]:
    """The files that may be meant."""
    return next((found for look in _looks(catalogue, text) if (found := look())), [])


def _perhaps(catalogue: "Catalogue", text: str) -> str:
    """Files with that in their names."""
    name = text.rpartition("/")[2]
    if len(name) < LEAST_PART:
        return ""
    near = catalogue.files(only=f"*{_literal(name)}*", limit=NEAR + 1)
    listed = ", ".join(f"{row.id} ({row.name!r})" for row in near[:NEAR])
    return f"; perhaps it is {listed}{' or another one' if len(near) > NEAR else ''}" if near else ""


def find_all(catalogue: "Catalogue", texts: Iterable[str]) -> list[FileId]:
    """The files meant, in the order given, each once."""
    return list(dict.fromkeys(find_one(catalogue, text) for text in texts))


def find_passage(catalogue: "Catalogue", text: str, around: int = 0) -> tuple[Hit, list[Hit]] | None:
    """The passage that search calls so (`12:3`), and it with up to so many on each side, in order; None: it names no passage.

    Raises: ConfigError: there is no such passage, nor a file of that name.
    """
    named = re.fullmatch(r"([0-9]{1,18}):([0-9]{1,9})", text)
    if named is None:
        return None
    file_id, ordinal = FileId(int(named[1])), int(named[2])
    near = catalogue.passages(file_id, ordinal - around, ordinal + around)
    hit = next((hit for hit in near if hit.ordinal == ordinal), None)
    if hit is not None:
        return hit, near
    if find_any(catalogue, text):
        return None
    raise ConfigError(
        f"There is no passage {text}: {_passages_of(catalogue, file_id)}; hits of a search tell how passages are called."
    )


def unfitting(catalogue: "Catalogue", only: str | None) -> str:
    """A sentence where no file is of the kind asked for, or called so; "": there are some, or none is asked for."""
    if only is None or catalogue.files(only=only, limit=1):
        return ""
    return f"No file is of the kind {only!r}, or called so; `kbray files` lists them all."


def taken_in(catalogue: "Catalogue", path: Path) -> bool:
    """Whether a file lies there that kbray took in: a user's own, which is only read."""
    return path.exists() and bool(catalogue.locations(list(_spellings(str(path)))))


def _passages_of(catalogue: "Catalogue", file_id: FileId) -> str:
    try:
        row = catalogue.file(file_id).row
    except KeyError:
        return f"no file has the id {file_id}"
    found = catalogue.passages(file_id, 0, LAST_PASSAGE)
    if not found:
        return f"{row.name!r} has none, and is {row.status}"
    if len(found) == 1:
        return f"the only one of {row.name!r} is {file_id}:{found[0].ordinal}"
    return f"those of {row.name!r} go from {file_id}:{found[0].ordinal} to {file_id}:{found[-1].ordinal}"


def _looks(catalogue: "Catalogue", text: str) -> Iterator[Callable[[], list[FileId]]]:
    """The ways to find what is meant, the surest first; a bare file name last, for that is how people speak of files."""
    yield from (partial(catalogue.find, name) for name in _spellings(text))
    if text and "/" not in text:
        # Brackets keep `pdf` from being read as a kind.
        pattern = _literal(text)
        pattern = f"[{pattern[0]}]{pattern[1:]}" if pattern[0].isalnum() else pattern
        yield lambda: [row.id for row in catalogue.files(only=pattern, limit=FEW)]


def _literal(text: str) -> str:
    """The pattern that stands for the text: brackets take a character as itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)


def _can_be_path(text: str) -> bool:
    """Whether a system can have a file of that name: NUL and halves of characters are in none."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _spellings(text: str) -> Iterator[str]:
    """The text itself, then as a path: absolute, with the links of its folder resolved (as sync does), with all resolved."""
    yield text
    if "://" in text or not _can_be_path(text):
        return
    absolute = Path(os.path.abspath(text))  # noqa: PTH100 - Path.absolute keeps "..", and resolve follows links
    seen = {text}
    for path in (absolute, absolute.parent.resolve() / absolute.name, absolute.resolve()):
        uri = str(path)
        if uri not in seen:
            seen.add(uri)
            yield uri
