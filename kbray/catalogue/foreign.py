"""Another system's database: which tables it has, and one of them read as a list of files. Nothing in it can be changed.

What it holds is not ours: every value is cast to text, cut to a bound, and may be missing. Rows come in pages by their key, each
page a short transaction of its own, so a long adoption neither needs memory for all of them nor holds the database's snapshot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    TableClause,
    Text,
    case,
    cast,
    column,
    exc,
    func,
    null,
    select,
    table,
    text,
)

from kbray.catalogue.connection import Database
from kbray.errors import ConfigError

T = TypeVar("T")
Category = Literal["text", "number", "time", "other"]

LONGEST_KEY = 2000  # characters; S3 allows 1,024 bytes
LONGEST_TEXT = 1000  # of a status or an error
_CATEGORIES: dict[str, Category] = {"S": "text", "E": "text", "N": "number", "D": "time"}  # pg_type.typcategory
_TABLES = text("""
    SELECT n.nspname AS schema, c.relname AS name, a.attname AS column, t.typcategory AS category
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
      AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    ORDER BY n.nspname, c.relname, a.attnum
""")


@dataclass(frozen=True, slots=True)
class ForeignColumn:
    name: str
    category: Category


@dataclass(frozen=True, slots=True)
class ForeignTable:
    """A table or view that this user may read."""

    schema: str
    name: str
    columns: tuple[ForeignColumn, ...]

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class FileColumns:
    """Which column of a table holds what, where it lists files."""

    key: str  # where the bytes are
    status: str
    error: str | None = None
    size: str | None = None
    hash: str | None = None
    updated: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """A row as the other system has it."""

    key: str
    status: str | None
    error: str | None
    size_bytes: int | None
    hash: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How many rows there are, how many of them have no key, how many keys there are, and how often each status comes."""

    rows: int
    keyless: int
    keys: int
    statuses: tuple[tuple[str | None, int], ...]  # the most frequent first


class Foreign:
    """A database to look at; connects when first asked.

    Raises: ConfigError: `url` names no PostgreSQL database.
            Every method: ConfigError: it refuses us, or what we ask; DatabaseUnavailable: it does not answer.
    """

    def __init__(self, url: str, *, patience_s: float = 60, waiting: Callable[[str], None] | None = None) -> None:
        self._database = Database(url, patience_s=patience_s, pool_size=1, read_only=True, waiting=waiting)

    @property
    def place(self) -> str:
        """Which database this is: without user and password."""
        return self._database.place

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def tables(self) -> list[ForeignTable]:
        """Those this user may read, by schema and name."""

        def work(connection: Connection) -> list[ForeignTable]:
            found: dict[tuple[str, str], list[ForeignColumn]] = {}
            for row in connection.execute(_TABLES):
                columns = found.setdefault((row.schema, row.name), [])
                columns.append(ForeignColumn(row.column, _CATEGORIES.get(row.category, "other")))
            return [ForeignTable(schema, name, tuple(columns)) for (schema, name), columns in found.items()]

        return self._read(work)

    def sample(self, asked: ForeignTable, columns: Sequence[str], limit: int) -> list[tuple[str | None, ...]]:
        """Some rows of it."""
        chosen = [_text(name, LONGEST_KEY).label(f"c{number}") for number, name in enumerate(columns)]
        statement = select(*chosen).select_from(_table(asked)).limit(limit)
        return self._read(lambda connection: [tuple(row) for row in connection.execute(statement)])

    def words(self, asked: ForeignTable, name: str, limit: int) -> list[tuple[str | None, int]]:
        """The most frequent values of a column, and how often each comes."""
        return self._read(lambda connection: _words(connection, asked, name, limit))

    def totals(self, asked: ForeignTable, columns: FileColumns, statuses: int) -> Totals:
        """Args: statuses: how many different ones are told at most."""
        listed = _listed(asked, columns)
        statement = select(func.count(), func.count(listed.c.key), func.count(listed.c.key.distinct()))

        def work(connection: Connection) -> Totals:
            rows, with_key, keys = connection.execute(statement).one()
            return Totals(rows, rows - with_key, keys, tuple(_words(connection, asked, columns.status, statuses)))

        return self._read(work)

    def rows(self, asked: ForeignTable, columns: FileColumns, after: str | None, limit: int) -> list[ForeignRow]:
        """The next `limit` keys above `after`, each once: of rows that share one, that with the latest `updated` speaks."""
        listed = _listed(asked, columns)
        newest_first = (listed.c.updated.desc().nulls_last(), listed.c.status.nulls_last())
        nth = func.row_number().over(partition_by=listed.c.key, order_by=newest_first).label("nth")
        ranked = select(listed, nth).where(listed.c.key.is_not(None) if after is None else listed.c.key > after).subquery()
        statement = select(ranked).where(ranked.c.nth == 1).order_by(ranked.c.key).limit(limit)

        def work(connection: Connection) -> list[ForeignRow]:
            found = connection.execute(statement)
            return [ForeignRow(row.key, row.status, row.error, _whole(row.size), row.hash) for row in found]

        return self._read(work)

    def errors(
        self, asked: ForeignTable, columns: FileColumns, statuses: Sequence[str | None], limit: int
    ) -> list[tuple[str | None, int]]:
        """What is said most often of rows that have one of these statuses, and how often."""
        listed = _listed(asked, columns)
        often = func.count()
        statement = (
            select(listed.c.error, often)
            .where(listed.c.status.in_([status for status in statuses if status is not None]))
            .group_by(listed.c.error)
            .order_by(often.desc(), listed.c.error.nulls_last())
            .limit(limit)
        )
        return self._read(lambda connection: [(row[0], row[1]) for row in connection.execute(statement)])

    def repeated(self, asked: ForeignTable, columns: FileColumns, limit: int) -> list[tuple[str, int]]:
        """Keys that several rows have, and how many."""
        listed = _listed(asked, columns)
        often = func.count()
        statement = (
            select(listed.c.key, often)
            .where(listed.c.key.is_not(None))
            .group_by(listed.c.key)
            .having(often > 1)
            .order_by(often.desc(), listed.c.key)
            .limit(limit)
        )
        return self._read(lambda connection: [(row[0], row[1]) for row in connection.execute(statement)])

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return self._database.transaction(work)
        except exc.DBAPIError as error:
            reason = str(error.orig).partition("\n")[0].rstrip(".")
            raise ConfigError(f"Database {self.place} can't be read: {reason}.") from None


def _words(connection: Connection, asked: ForeignTable, name: str, limit: int) -> list[tuple[str | None, int]]:
    words = select(_text(name, LONGEST_TEXT).label("word")).select_from(_table(asked)).subquery()
    often = func.count()
    statement = select(words.c.word, often).group_by(words.c.word).order_by(often.desc(), words.c.word.nulls_last()).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(statement)]


def _listed(asked: ForeignTable, columns: FileColumns) -> Subquery:
    """The table with our names for its columns; NULL where it has none, and for a key of nothing but spaces."""
    key = _text(columns.key, LONGEST_KEY)
    return (
        select(
            case((func.btrim(key) == "", null()), else_=key).label("key"),
            _text(columns.status, LONGEST_TEXT).label("status"),
            _text(columns.error, LONGEST_TEXT).label("error"),
            _text(columns.size, LONGEST_TEXT).label("size"),
            _text(columns.hash, LONGEST_TEXT).label("hash"),
            (null() if columns.updated is None else column(columns.updated)).label("updated"),
        )
        .select_from(_table(asked))
        .subquery("listed")
    )


def _table(asked: ForeignTable) -> TableClause:
    return table(asked.name, *(column(one.name) for one in asked.columns), schema=asked.schema)


def _text(name: str | None, longest: int) -> ColumnElement[str]:
    """In the order of code points, whatever the database's own order is."""
    return func.left(cast(null() if name is None else column(name), Text), longest).collate("C")


def _whole(number: str | None) -> int | None:
    """A size that is not a whole number tells nothing."""
    return int(number) if number is not None and number.isascii() and number.isdigit() else None
