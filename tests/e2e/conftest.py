import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kbray.catalogue import embedded
from tests.e2e.head import Head
from tests.e2e.kbray_process import SAMPLES, Kbray


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Not pytest's folder: another pytest that starts closes that to all other users, and the server of root runs as one."""
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as made:
        yield Path(made)


@pytest.fixture(scope="session")
def kbrays(folder: Path) -> Iterator[list[Kbray]]:
    """All that were made; their database servers are stopped at the end, before their folder goes: without it none is found."""
    made: list[Kbray] = []
    yield made
    assert folder.is_dir()
    for kbray in made:
        embedded.stop(kbray.home, force=True)


@pytest.fixture(autouse=True)
def nothing_runs_on(kbrays: list[Kbray]) -> Iterator[None]:
    """A process that a test leaves behind would disturb the next ones."""
    yield
    for kbray in kbrays:
        kbray.end()


@pytest.fixture(scope="session")
def fresh(folder: Path, kbrays: list[Kbray]) -> Callable[..., Kbray]:
    """Makes kbrays with homes of their own."""

    def make(**settings: str) -> Kbray:
        kbrays.append(Kbray(folder / f"home-{len(kbrays)}", settings))
        return kbrays[-1]

    return make


@pytest.fixture
def kbray(fresh: Callable[..., Kbray]) -> Kbray:
    return fresh()


@pytest.fixture(scope="session")
def ran(fresh: Callable[..., Kbray]) -> Kbray:
    """A kbray with two workers that has run on the samples. Look at it, don't change it."""
    kbray = fresh(KBRAY_WORKERS="2", KBRAY_MODEL_ACTORS="2", KBRAY_VECTORS="true")
    kbray.run("run", SAMPLES, expect=1)  # one sample is broken on purpose
    return kbray


@pytest.fixture
def head(kbray: Kbray) -> Iterator[Head]:
    with tempfile.TemporaryDirectory(prefix="kray-", ignore_cleanup_errors=True) as folder:
        made = Head(kbray, Path(folder))
        try:
            made.start()
            yield made
        finally:
            made.end()
