"""`kbray doctor` where something is broken: a check tells it, and never raises."""

import sys
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.ops import doctor


def test_a_torch_that_can_not_be_loaded_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libcudnn.so.9: cannot open shared object file')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "torch"]:
        monkeypatch.delitem(sys.modules, name)

    (check,) = doctor._gpu(Settings())

    assert (check.name, check.state) == ("torch", "fail")
    assert "libcudnn.so.9" in check.detail
