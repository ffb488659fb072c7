"""The schema, step by step; run from code, in one transaction, under a lock, so that two processes may ask at the same time."""

from pathlib import Path

from sqlalchemy import Connection, text

from kbray.errors import ConfigError

HEAD = "0012"
"""The newest revision; a constant, so that asking whether there is anything to do needs no Alembic."""

_LOCK = 0x6B62726179  # "kbray"


def current(connection: Connection) -> str | None:
    """The revision of the database; None when it is empty."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def upgrade(connection: Connection) -> None:
    """The database has the newest schema.

    Raises: ConfigError: it was made by a newer kbray.
    """
    if current(connection) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise ConfigError(
            f"The database has schema {current(connection)}, which this kbray does not know: "
            "upgrade kbray to the version that made it."
        ) from None
    _add_vectors(connection)


def _add_vectors(connection: Connection) -> None:
    """pgvector, where the server has it and lets us; search by meaning asks for it later."""
    wanted = """
        SELECT EXISTS (SELECT 1 FROM pg_available_extension_versions WHERE name = 'vector' AND NOT installed
                       AND (trusted OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)))
           AND NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector')
           AND has_database_privilege(current_database(), 'CREATE')
    """
    if connection.scalar(text(wanted)):
        connection.execute(text("CREATE EXTENSION vector"))
