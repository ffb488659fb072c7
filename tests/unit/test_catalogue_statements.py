"""Statements that are sent for every part of every file are made once: SQLAlchemy reads a text for its names at each making."""

from types import SimpleNamespace
from typing import Any

import pytest

from kbray.catalogue import indexings, parts
from kbray.model import Effort, FileId, IndexRef, PartRef, RunId, Window


class Connection:
    """Of a server that agrees to everything."""

    def execute(self, statement: object, values: object) -> Any:
        row = SimpleNamespace(attempts=1, interruptions=0, again=False)
        return SimpleNamespace(one_or_none=lambda: row)


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    def refuse(statement: str) -> None:
        raise AssertionError(f"made anew: {statement}")

    for module in (parts, indexings):
        monkeypatch.setattr(module, "text", refuse)
    return Connection()


def test_of_parts(connection: Any) -> None:
    ref = PartRef(FileId(1), 0, "0" * 64, "text/plain", 1, Window(), 2)
    claim = parts.claim(connection, RunId(1), ref, 7)
    assert claim is not None
    values: dict[str, Any] = {"fingerprint": "f", "pages": 1, "failed": False, "failed_with": (), "effort": Effort()}
    assert parts.commit(connection, claim, **values, result=None).last


def test_of_files_that_are_indexed(connection: Any) -> None:
    claim = indexings.claim(connection, RunId(1), IndexRef(FileId(1), "0" * 64, "f", "en", 1, 3), 7)
    assert claim is not None
    indexings.release(connection, claim)
