"""What is pinned can be installed by every Python that kbray says it runs on."""

from importlib.metadata import distribution, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PINNED = [Requirement(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if line]
OURS = ("3.11.0", "3.12.0", "3.13.0")


def test_kbray_says_which_pythons_it_runs_on() -> None:
    said = SpecifierSet(metadata("kbray")["Requires-Python"])
    assert tuple(said.filter(("3.10.99", *OURS, "3.14.0"))) == OURS


def test_no_pin_needs_another_python() -> None:
    """soupsieve 4 wanted 3.11.5, and so `make run` failed with the Python 3.11.2 of Debian 12."""
    needed = {
        pin.name: SpecifierSet(",".join(distribution(pin.name).metadata.get_all("Requires-Python") or ())) for pin in PINNED
    }
    assert not {name: str(said) for name, said in needed.items() if tuple(said.filter(OURS)) != OURS}
