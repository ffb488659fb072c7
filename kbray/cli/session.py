"""What the global options of this invocation are, and the settings and parts that follow from them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kbray.config import Settings
    from kbray.wiring import Wiring


_flags: ContextVar[Mapping[str, object]] = ContextVar("flags", default=MappingProxyType({}))


def remember(**flags: object) -> None:
    """Keep the global options for the command that follows."""
    _flags.set({key: value for key, value in flags.items() if value is not None})


def given_flags() -> dict[str, object]:
    return dict(_flags.get())


def settings(**more: object) -> "Settings":
    """The settings in force: global options, the command's own flags (`more`), environment, kbray.toml, defaults.

    Raises: ConfigError.
    """
    from kbray.config import load

    return load(**given_flags() | {key: value for key, value in more.items() if value is not None})


@contextmanager
def wired(**more: object) -> "Iterator[Wiring]":
    """Catalogue and object store, connected when first used and closed after the block."""
    from kbray.cli.render import say
    from kbray.wiring import connect

    with connect(settings(**more), waiting=say) as wiring:
        yield wiring
