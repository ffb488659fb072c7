"""The way to the database: one place that opens connections, waits out outages and turns driver errors into ours."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import psycopg
from psycopg import errors as driver
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url, text

from kbray.errors import ConfigError, DatabaseUnavailable

T = TypeVar("T")

_CONNECT = {
    # A server that vanishes without a word (node gone, cable out) is noticed within half a minute instead of never.
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "kbray",
}
_REFUSALS = (
    "password authentication failed",
    "no password supplied",
    "does not exist",
    "is not permitted to log in",
    "pg_hba.conf",
)
_TRANSIENT = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 2.0
_SILENT_S = 3.0  # of waiting, before it is told
_LAST_PORT = 65_535


class Database:
    """Connections to one PostgreSQL database; nothing is opened before the first transaction. Safe to use from many threads.

    Args: patience_s: how long an outage is waited out, from its first sign, in each call.
          pool_size: connections kept and used at once; further callers wait for one.
          read_only: nothing can be changed, whatever the statement; as `pg_read_all_data`, where the server lets this user.
          waiting: told in a sentence, once a call, that an outage is being waited out.
          revive: called while the server does not answer; it may start it again, or raise DatabaseUnavailable.
    Raises: ConfigError: `url` is not the URL of a PostgreSQL database.
    """

    def __init__(
        self,
        url: str,
        *,
        patience_s: float = 60,
        pool_size: int = 2,
        read_only: bool = False,
        waiting: Callable[[str], None] | None = None,
        revive: Callable[[], object] | None = None,
    ) -> None:
        self._revive = revive
        self._url = _parse(url)
        self._waiting = waiting
        self._read_only = read_only
        self._patience_s = patience_s
        self._pool_size = pool_size
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @property
    def place(self) -> str:
        """Which database this is, for messages: without user, password and options."""
        host = self._url.host or self._url.query.get("host") or "the local socket"
        port = f":{self._url.port}" if self._url.port else ""
        return f"{self._url.database or 'postgres'} on {host}{port}"

    def for_programs(self) -> tuple[str, dict[str, str]]:
        """The database as pg_dump and psql are told of it, and what must be added to their environment: the password, since a
        command line is for all to see."""
        _, asked = self._url.get_dialect()().create_connect_args(self._url)
        password = asked.pop("password", None)
        words = make_conninfo("", **{key: str(value) for key, value in {**_CONNECT, **asked}.items()})
        return words, {} if password is None else {"PGPASSWORD": str(password)}

    def transaction(self, work: Callable[[Connection], T]) -> T:
        """`work` done in one transaction, from its beginning again after a lost connection, a deadlock or a full disk.

        `work` must be safe to do twice: the connection may break after the server committed and before we heard of it.

        Raises: DatabaseUnavailable: the outage lasted longer than the patience.
                ConfigError: the server refuses this user or has no such database.
        """

        def once() -> T:
            with self._connections().begin() as connection:
                return work(connection)

        return self._patiently(once)

    def vacuum(self, tables: Sequence[str]) -> None:
        """The planner knows what is in the tables, and their indexes answer alone where they can; dead rows stay in these.

        Raises: as `transaction`.
        """

        def once() -> None:
            with self._connections().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"VACUUM (ANALYZE, SKIP_LOCKED, INDEX_CLEANUP OFF) {', '.join(tables)}"))

        self._patiently(once)

    def _patiently(self, attempt: Callable[[], T]) -> T:
        deadline: float | None = None
        waiting = self._waiting
        pause = _FIRST_PAUSE_S
        while True:
            try:
                return attempt()
            except _TRANSIENT as error:
                self._refuse(error)
                now = time.monotonic()
                deadline = now + self._patience_s if deadline is None else deadline
                trouble = self._revived() or self._sentence(error)
                if now >= deadline:
                    raise DatabaseUnavailable(f"{trouble.removesuffix('.')}, after {self._patience_s:g} s of trying.") from None
                if waiting is not None and now >= deadline - self._patience_s + _SILENT_S:
                    waiting(f"PostgreSQL database {self.place} does not answer yet; it is tried for {self._patience_s:g} s.")
                    waiting = None
                # Spread, so that a hundred workers don't return in step.
                time.sleep(max(0.0, min(pause * random.uniform(0.5, 1.0), deadline - time.monotonic())))
                pause = min(2 * pause, _LONGEST_PAUSE_S)

    def close(self) -> None:
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()

    def _connections(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = create_engine(
                    self._url,
                    connect_args={key: value for key, value in _CONNECT.items() if key not in self._url.query},
                    pool_size=self._pool_size,
                    max_overflow=0,
                    pool_timeout=600,
                    hide_parameters=True,
                )
                if self._read_only:
                    event.listen(self._engine, "connect", _only_read)
            return self._engine

    def _refuse(self, error: exc.SQLAlchemyError) -> None:
        """Raise what no waiting mends."""
        cause = error.orig if isinstance(error, exc.DBAPIError) else None
        if isinstance(cause, driver.OperationalError) and cause.sqlstate is None and any(r in str(cause) for r in _REFUSALS):
            raise ConfigError(
                f"PostgreSQL refuses the connection to database {self.place}: "
                "check its name, user and password in the database URL."
            ) from None

    def _revived(self) -> str | None:
        """What keeps the server from running again; None: nothing, or it is for others to look after."""
        try:
            if self._revive is not None:
                self._revive()
        except DatabaseUnavailable as failed:  # killed again while it started: tried again
            return failed.message
        return None

    def _sentence(self, error: exc.SQLAlchemyError) -> str:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        match cause:
            case driver.DiskFull():
                return f"PostgreSQL database {self.place} has no disk space left."
            case driver.TooManyConnections():
                return f"PostgreSQL database {self.place} takes no more connections."
            case driver.DeadlockDetected() | driver.SerializationFailure() | driver.LockNotAvailable():
                return f"PostgreSQL database {self.place} is too busy to let this change through."
        return f"PostgreSQL database {self.place} does not answer."


def _only_read(connection: psycopg.Connection[tuple[bool]], record: object) -> None:
    """Each session of its own is so for good: nobody gets to say RESET."""
    connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    # By a look at the roles: before PostgreSQL 14 there is none of this name, and asking by name is an error.
    asked = "SELECT 1 FROM pg_roles WHERE rolname = 'pg_read_all_data' AND pg_has_role(oid, 'MEMBER')"
    if connection.execute(asked).fetchone():
        connection.execute("SET ROLE pg_read_all_data")
    connection.commit()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise ConfigError("The database URL can't be read; write postgresql://user:password@host:5432/name.") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigError(f"The database URL names {parsed.get_backend_name()!r}; kbray needs postgresql://….")
    if parsed.port is not None and not 0 < parsed.port <= _LAST_PORT:
        raise ConfigError(f"The database URL names port {parsed.port}, and there is none above {_LAST_PORT:,} or below 1.")
    return parsed.set(drivername="postgresql+psycopg")
