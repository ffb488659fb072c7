"""Settings: flag > KBRAY_* environment > kbray.toml > default. Unknown keys are errors; a Settings never changes."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import platformdirs
from pydantic import ByteSize, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from kbray.errors import ConfigError

PREFIX = "KBRAY_"
MiB = 1024 * 1024
GiB = 1024 * MiB


def _usual_home() -> Path:
    try:
        return Path(platformdirs.user_data_dir("kbray", appauthor=False))
    except RuntimeError:  # as in a container that is run as a number
        raise ConfigError("This user has no home folder: name a folder for kbray with --home or KBRAY_HOME.") from None


class Settings(BaseSettings):
    """Everything that can be set, with its default; docs/configuration.md is made from this class."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    home: Path = Field(
        default_factory=_usual_home,
        description="Where the embedded database, the local objects, the cache and the logs live.",
    )
    database_url: str | None = Field(
        default=None,
        description="A PostgreSQL server, as postgresql://user:password@host:5432/name; unset: the embedded one under `home`.",
    )
    objects_url: str | None = Field(
        default=None,
        description="Where results and originals are kept: s3://bucket/prefix or a folder; unset: `home`/objects.",
    )
    s3_endpoint_url: str | None = Field(
        default=None, description="Endpoint of an S3 server other than AWS (MinIO). Keys come from AWS_* or ~/.aws."
    )
    ray_address: str | None = Field(
        default=None, description="A Ray cluster to join (`auto`, `host:6379`, `ray://…`); unset: one on this machine."
    )
    ray_dashboard: bool = Field(
        default=True,
        description="Start the Ray dashboard with a cluster on this machine, ten seconds after Ray.",
    )
    memory: ByteSize | None = Field(
        default=None,
        description="What kbray and all it starts may take on this machine (`8GiB`): workers, actors, object store and the share "
        "of each parser follow from it; unset: four fifths of the machine's. On a Ray cluster that was joined: of each node's; "
        "unset: all that Ray gives out there.",
    )
    workers: int | None = Field(
        default=None,
        ge=1,
        description="How many parts are parsed at once, on a cluster that was joined in all; unset: one a core, or what fits the "
        "memory.",
    )
    model_actors: int | None = Field(
        default=None,
        ge=1,
        description="How many actors run models (layout and OCR, then embedding); unset: one a core, or what fits `memory`.",
    )
    gpu_share: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="Which share of a GPU each model actor takes, where the cluster has one; 0.25 puts four on each, so that "
        "one's work on the processor overlaps with another's on the device.",
    )
    pages_per_part: int = Field(
        default=64,
        ge=1,
        le=1000,
        description="Pages in one part: what is claimed, retried and committed together; of a scan a quarter as many.",
    )
    max_attempts: int = Field(
        default=3, ge=1, description="A part that killed its worker this many times is failed instead of tried again."
    )
    heartbeat_s: float = Field(default=5.0, gt=0, description="Seconds between two signs of life of a run.")
    lease_s: float = Field(
        default=60.0,
        gt=0,
        description="A run without a sign of life for this many seconds is dead; its parts are free.",
    )
    parse_timeout_s: float = Field(default=300.0, gt=0, description="Seconds a parser may take for one part before it is killed.")
    parse_memory_bytes: int = Field(
        default=2 * GiB,
        ge=64 * MiB,
        description="Memory a parser and its children may take before they are killed; less where `memory` is small.",
    )
    max_file_bytes: int = Field(default=4 * GiB, ge=1, description="Larger files are not read.")
    max_unpacked_bytes: int = Field(
        default=1 * GiB,
        ge=1,
        description="What the members of an archive (EPUB, DOCX, …) that are read may unpack to, in all; of archives of files "
        "(ZIP, TAR, mailbox) twice their own size where that is more.",
    )
    max_member_bytes: int = Field(
        default=64 * MiB,
        ge=1,
        description="What one member of an EPUB, DOCX or the like may unpack to; a file in an archive of files: the lesser of "
        "`max_file_bytes` and `max_unpacked_bytes`.",
    )
    max_unpack_ratio: int = Field(
        default=200, ge=2, description="How many times its packed size a member of more than 1 MiB may unpack to."
    )
    max_archive_members: int = Field(default=20_000, ge=1, description="How many members an archive may have.")
    max_page_pixels: int = Field(
        default=40_000_000, ge=10_000, description="Pages are rendered smaller where they would have more pixels."
    )
    ocr: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="What is recognised: pages without usable text, scans with a bad text layer, and large pictures without any, "
        "in office files, too (auto); all pages, and pictures in EPUBs (always); nothing (never).",
    )
    ocr_dpi: int = Field(default=200, ge=72, le=600, description="Resolution at which pages are rendered for recognition.")
    ocr_detection: str = Field(
        default="multi_PP-OCRv6_det_small",
        description="The model that finds lines of print: an .onnx file that every node has, or a name that `rapidocr` knows "
        "and fetches it by; the default is installed with kbray.",
    )
    ocr_recognition: str = Field(
        default="multi_PP-OCRv6_rec_small",
        description="The model that reads them, likewise: `eslav_PP-OCRv5_rec_mobile` reads Cyrillic.",
    )
    ghostscript: bool = Field(
        default=False,
        description="Whether PostScript is read: converted to PDF by Ghostscript, which every node must have. Such files are "
        "programs, which it runs, with no access to others; docs/security.md tells what stands against them.",
    )
    ocr_scripts: str = Field(
        default="",
        description="Scripts besides those of the models that recognition reads, by Tesseract, which every node must have, with "
        "its data for them: `Cyrillic Greek`. A page is read in the one that it is in. `kbray doctor` tells which there are.",
    )
    ocr_precision: Literal["half", "single"] = Field(
        default="half",
        description="How exactly recognition computes: in half precision on GPUs and on processors with AVX512-BF16 or AMX, "
        "where that is half as fast again, and about one character in ten thousand comes out otherwise (half); or the same on "
        "all machines (single).",
    )
    embedding_model: str = Field(
        default="sentence-transformers/all-MiniLM-L6-v2",
        description="The sentence-transformers model that makes vectors, and whose tokens chunks are measured in: a folder, or a "
        "name on the hub; the default is installed with kbray.",
    )
    vectors: bool = Field(
        default=True, description="Whether `index` and `run` make vectors of the passages; without, search goes by words."
    )
    chunk_tokens: int = Field(
        default=256, ge=32, le=8192, description="Tokens in one chunk at most, the titles above it included."
    )
    mcp_token: SecretStr | None = Field(
        default=None, description="What `kbray mcp --http` wants to be shown by its clients; unset: a new one each time, printed."
    )
    patience_s: float = Field(
        default=60.0,
        ge=0,
        description="Seconds an outage of the database or the object store is waited out before a run gives up.",
    )
    cache_bytes: int = Field(
        default=8 * GiB, ge=0, description="Bound of a node's cache of originals fetched from a remote object store."
    )

    @field_validator("home")
    @classmethod
    def _whole(cls, home: Path) -> Path:
        """No shell has replaced the `~` of a file or a service's environment, and Ray's workers stand in other folders."""
        if any("\ud800" <= character <= "\udfff" for character in str(home)):  # as Python tells bytes that are no text
            raise ValueError("its name is no text in UTF-8, by which PostgreSQL and Ray could be told of it")
        return home.expanduser().absolute()

    @property
    def objects(self) -> str:
        """`objects_url`, or the local folder that stands for it. A folder is told by its whole path, however it was written."""
        url = self.objects_url
        if url is None:
            return str(self.home / "objects")
        if url.startswith("file://"):
            return unquote(urlsplit(url).path)
        return url if "://" in url else str(Path(url).expanduser().absolute())

    @property
    def log_dir(self) -> Path:
        return self.home / "logs"

    def log_of(self, run: int) -> Path:
        """Where Ray's own words of a run on this machine go."""
        return self.log_dir / f"run-{run}.log"

    def stats_of(self, run: int) -> Path:
        """Where what Ray Data counted in it goes."""
        return self.log_dir / f"run-{run}.stats.jsonl"

    @property
    def cache_dir(self) -> Path:
        return self.home / "cache"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings)


def load(**flags: Any) -> Settings:
    """The settings in force. A flag that is None was not given.

    Raises: ConfigError: an unknown key or a value out of range, named with its source.
    """
    given = {key: value for key, value in flags.items() if value is not None}
    _refuse_unknown(set(_environment(empty=True)), "the environment", PREFIX)
    environment = _environment()
    stored, path = _read_file(given)
    _refuse_unknown(set(stored), str(path))
    _refuse_unknown(set(given), "what was given")
    for source, values in (("a flag", given), (str(path), stored)):
        if key := next((key for key, value in values.items() if value == ""), None):
            raise ConfigError(f"Setting {key!r} from {source} is empty: leave it out, or give it a value.")
    merged = {key: value for key, value in stored.items() if key not in environment} | given
    try:
        return Settings(**merged)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        source = "a flag" if key in given else "the environment" if key in environment else str(path)
        raise ConfigError(f"Setting {key!r} from {source} is wrong: {first['msg'].removeprefix('Value error, ')}.") from None


def sources(flags: Mapping[str, object]) -> dict[str, str]:
    """Setting → where its value comes from, for those that have none by default; `flags` as given to `load`."""
    given = {key: value for key, value in flags.items() if value is not None}
    stored, path = _read_file(given)
    environment = {name: f"environment ({key})" for name, key in _environment().items()}
    return dict.fromkeys(stored, str(path)) | environment | dict.fromkeys(given, "flag")


def _environment(*, empty: bool = False) -> dict[str, str]:
    """Setting → the variable that names it. An empty one counts as unset: so compose files and services leave them."""
    return {
        key.removeprefix(PREFIX).lower(): key for key, value in os.environ.items() if key.startswith(PREFIX) and (value or empty)
    }


def _read_file(given: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    """kbray.toml of the working folder, or else of `home`."""
    home = Path(
        given.get("home")
        or os.environ.get(f"{PREFIX}HOME")
        or Settings.model_fields["home"].get_default(call_default_factory=True)
    ).expanduser()
    for path in (Path("kbray.toml"), home / "kbray.toml"):
        if path.is_file():
            try:
                return tomllib.loads(path.read_text(encoding="utf-8")), path
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise ConfigError(f"{path} is not valid TOML: {error}.") from None
            except OSError as error:
                raise ConfigError(f"{path} can't be read: {error.strerror}.") from None
    return {}, home / "kbray.toml"


def _refuse_unknown(keys: set[str], source: str, prefix: str = "") -> None:
    for key in sorted(keys - set(Settings.model_fields)):
        near = difflib.get_close_matches(key, Settings.model_fields, n=1)
        meant = f" Did you mean {prefix + (near[0].upper() if prefix else near[0])}?" if near else ""
        raise ConfigError(f"Unknown setting {prefix + (key.upper() if prefix else key)} in {source}.{meant}")
