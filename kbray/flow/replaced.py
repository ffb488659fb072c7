"""Insides of Ray that no setting reaches, replaced for a while."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def replaced(*instead: tuple[object, str, object]) -> Iterator[None]:
    """Inside, the attribute of each owner is another. Raises: AttributeError: of a Ray that names one otherwise."""
    with ExitStack() as undo:
        for owner, name, ours in instead:
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)
        yield
