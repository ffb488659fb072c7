"""`kbray doctor` where something is broken: a check tells it, and never raises."""

import sys
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.ops import doctor
from kbray.parse.boxes import postscript
from kbray.wiring import Wiring


@pytest.fixture(params=["ImportError", "OSError"])
def _broken_torch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text(f"raise {request.param}('libcudnn.so.9: cannot open shared object file')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "torch"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("_broken_torch")
def test_a_torch_that_can_not_be_loaded_is_told() -> None:
    (check,) = doctor._gpu(Settings())

    assert (check.name, check.state) == ("torch", "fail")
    assert "libcudnn.so.9" in check.detail


@pytest.mark.usefixtures("_broken_torch")
def test_whoever_needs_that_torch_is_told_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a CPU the default model does not."""
    monkeypatch.delitem(sys.modules, "kbray.embed.encoder", raising=False)
    with Wiring(Settings()) as wired:
        identity, _ = wired.model()
        wired.embedder(wired.settings.embedding_model, identity)
    told = r"torch can't be loaded: libcudnn\.so\.9.*Install it anew.*--mode lexical"
    with Wiring(Settings()) as wired, pytest.raises(ConfigError, match=told):
        wired.embedder(wired.settings.embedding_model, identity, gpu=True)


@pytest.mark.parametrize(
    ("wanted", "program", "state", "detail"),
    [
        (False, None, "ok", "is not read"),
        (False, Path("/usr/bin/gs"), "ok", "is not read; Ghostscript is here, and could, if ghostscript were true"),
        (True, Path("/usr/bin/gs"), "ok", "read by /usr/bin/gs"),
        (True, None, "fail", "there is no program `gs`, and ghostscript is true"),
    ],
)
def test_ghostscript(wanted: bool, program: Path | None, state: str, detail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postscript, "installed", lambda: program)
    (check,) = doctor._postscript(Settings(ghostscript=wanted))
    assert (check.state, check.detail) == (state, detail)
