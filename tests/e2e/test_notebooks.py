"""The notebooks run, from the first cell to the last, on what `kbray run samples` made."""

import warnings
from pathlib import Path

import nbformat
import pytest

from tests.e2e.kbray_process import Kbray

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of a library that it imports
    from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.filterwarnings("default")  # Jupyter's own
@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_and_holds_no_output(ran: Kbray, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # of a library that calls itself typed
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in book.cells), "clear the outputs"

    for name, value in ran.environment.items():
        if name.startswith("KBRAY_"):
            monkeypatch.setenv(name, value)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()

    outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
    assert any("text/plain" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.output_type == "error"]
