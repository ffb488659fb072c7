"""adopt.toml: how another system's catalogue is read. Which table and columns, what its words mean, and where the bytes lie."""

import difflib
import tomllib
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kbray.catalogue.foreign import FileColumns, Foreign, ForeignTable
from kbray.errors import ConfigError
from kbray.model import FileStatus
from kbray.ops.sync.walk import Root, roots_of

Meaning = FileStatus | Literal["skip"]
MEANINGS: tuple[str, ...] = (*get_args(FileStatus), "skip")
NO_STATUS = ""
"""The word that stands for rows without a status."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Columns(_Strict):
    """Names of columns."""

    key: str
    status: str
    error: str | None = None
    size: str | None = None
    hash: str | None = None
    updated: str | None = None

    def of_table(self) -> FileColumns:
        return FileColumns(**self.model_dump())


class Mapping(_Strict):
    """What adopt.toml says."""

    table: str
    objects: str  # s3://bucket/prefix, or a folder
    endpoint: str | None = None
    strip: str = ""  # what stands before each key and is no part of it below `objects`
    columns: Columns
    statuses: dict[str, Meaning]
    said: dict[str, int] = Field(default_factory=dict)  # numbers of the other system's own report; `total` among them

    def meaning(self, word: str | None) -> Meaning | None:
        """What a status word of the other system is called here; as written, or else in any case. None: nothing says it."""
        asked = (word or "").strip()
        if asked in self.statuses:
            return self.statuses[asked]
        return next((meaning for known, meaning in self.statuses.items() if known.casefold() == asked.casefold()), None)


def load(path: Path) -> Mapping:
    """Raises: ConfigError: it can't be read, or what is wrong in it."""
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(
            f"{path} can't be read: {error.strerror}. `kbray adopt DATABASE_URL --out {path.name}` proposes one."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise ConfigError(f"{path}: {_wrong(error)}") from None


def _wrong(error: ValidationError) -> str:
    """The first thing that is wrong, and what would be right; a name that is unknown comes before one that is missing."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    where = [str(part) for part in first["loc"]]
    key = ".".join(where)
    if first["type"] == "missing":
        return f"{key} is missing. See docs/adopt.md for an example."
    if first["type"] == "extra_forbidden":
        allowed = list((Columns if where[0] == "columns" and len(where) > 1 else Mapping).model_fields)
        near = difflib.get_close_matches(where[-1], allowed, n=1)
        return f"{key} is unknown; allowed are {', '.join(allowed)}." + (f" Did you mean {near[0]}?" if near else "")
    if where[0] == "statuses" and len(where) > 1:
        return f"statuses.{where[1]} is {first['input']!r}; allowed are {', '.join(MEANINGS)}."
    return f"{key} is wrong: {first['msg']}."


def table_of(source: Foreign, mapping: Mapping) -> ForeignTable:
    """The table that the mapping names, with all the columns it names.

    Raises: ConfigError: there is none; DatabaseUnavailable.
    """
    tables = source.tables()
    found = [one for one in tables if mapping.table in (one.label, one.name)]
    exact = [one for one in found if one.label == mapping.table or one.schema == "public"]
    if not found or (len(found) > 1 and len(exact) != 1):
        what = "several tables" if found else "no table"
        listed = ", ".join(one.label for one in (found or tables)[:20]) or "none"
        raise ConfigError(
            f"There is {what} {mapping.table!r} that this user may read in {source.place}; "
            f"there are: {listed}. Correct `table` in the mapping."
        )
    table = found[0] if len(found) == 1 else exact[0]
    names = [column.name for column in table.columns]
    for role, name in mapping.columns.model_dump().items():
        if name is not None and name not in names:
            raise ConfigError(
                f"Table {table.label} has no column {name!r} (columns.{role} in the mapping); it has {', '.join(names)}."
            )
    return table


def root_of(mapping: Mapping, folder: Path) -> Root:
    """Where the bytes lie; a relative path begins at `folder`, that of the mapping.

    Raises: ConfigError: there is no such folder.
    """
    objects = mapping.objects
    if objects.startswith("s3://"):
        return Root(objects.rstrip("/"), None)
    if "://" in objects:
        raise ConfigError(f"`objects` in the mapping is {objects!r}; it must be s3://bucket/prefix or a folder.")
    (root,) = roots_of([str(folder / Path(objects).expanduser())])
    if root.path is None or not Path(root.path).is_dir():
        raise ConfigError(f"`objects` in the mapping is {objects!r}, which is no folder.")
    return root
