"""What names a catalogue in the object store that is its own."""

from sqlalchemy import Connection, text


def of(connection: Connection) -> str:
    return str(connection.execute(text("SELECT id FROM identity")).scalar_one())


def filled(connection: Connection) -> bool:
    """Whether it knows any file."""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM files)")))


def become(connection: Connection, identity: str) -> None:
    connection.execute(text("UPDATE identity SET id = CAST(:identity AS uuid)"), {"identity": identity})
