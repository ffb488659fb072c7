"""What the pipeline needs from the rooms of floor 3, as Protocols."""

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kbray.model import PageImage, Reading

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    key: str
    size_bytes: int


class Objects(Protocol):
    """A flat store of bytes under keys like `raw/<sha256>`; a folder or an S3 bucket.

    Every method raises ObjectStoreUnavailable when the store can't be reached or is full, and KeyError where a key is missing.
    Writing a key that exists replaces it atomically: a reader sees the old bytes or the new ones.
    """

    url: str

    def put(self, key: str, data: bytes) -> None: ...
    def put_file(self, key: str, path: Path) -> None: ...
    def get(self, key: str) -> bytes: ...
    def local(self, key: str, *, fresh: bool = False) -> AbstractContextManager[Path]:
        """The object as a file on this node (from a bounded cache when the store is remote); read-only.

        Args: fresh: what the store has now, past any cache.
        """
        ...

    def exists(self, key: str) -> bool: ...
    def size(self, key: str) -> int | None:
        """How many bytes the object has; None: there is none. One look, however many objects there are."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]: ...
    def delete(self, keys: Iterable[str]) -> None:
        """Missing keys are no error."""
        ...


class Embedder(Protocol):
    """Texts → unit vectors, whose inner products tell how near they are in meaning."""

    dimension: int

    def documents(self, texts: Sequence[str]) -> "NDArray[float32]":
        """(n) texts → (n, dimension), in the order given. Raises: ModelOutOfMemory: for a single text."""
        ...

    def query(self, text: str) -> "NDArray[float32]":
        """→ (dimension)."""
        ...


class Recogniser(Protocol):
    """Page images → what they say, one reading a page, in the order given; a blank page gives an empty one."""

    @property
    def lines(self) -> int:
        """Of print, recognised so far."""
        ...

    @property
    def slots(self) -> int:
        """Places that the batches had in which they came."""
        ...

    @property
    def characters(self) -> Set[str]:
        """All that it can read."""
        ...

    def recognise(self, pages: Sequence[PageImage], lines: int | None = None) -> list[Reading]:
        """Args: lines: so many of a page are enough, from all over it: what stands where is no matter then."""
        ...
