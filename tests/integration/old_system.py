"""The system that kbray replaces, made up to its description: a database with a table of files, and what the table names."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

TABLE = """
    CREATE TYPE ingest_state AS ENUM ('synced', 'processing', 'processed', 'indexed', 'failed', 'quarantined');
    CREATE TABLE ingest_files (
        id serial PRIMARY KEY, s3_key text, status ingest_state, error_message text, file_size bigint, etag text,
        created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now()
    );
    CREATE TABLE users (id serial PRIMARY KEY, name text, email text, status text);
    CREATE TABLE jobs (id serial PRIMARY KEY, file_id int, state text, error text, started_at timestamptz);
    INSERT INTO users (name, email, status) SELECT 'user ' || n, 'u' || n || '@example', 'active' FROM generate_series(1, 50) n;
    INSERT INTO jobs (file_id, state, error) SELECT n, 'done', NULL FROM generate_series(1, 50) n;
"""
SAID = {"total": 3275, "indexed": 432, "processed": 105, "synced": 2669, "failed": 61, "processing": 23}
"""What its own report said; by status these sum to 3,290."""


@dataclass(frozen=True, slots=True)
class Row:
    key: str | None
    status: str | None
    error: str | None = None
    size: int | None = None
    etag: str | None = None
    age_days: int = 0


@dataclass
class OldSystem:
    """Its database. Once it is filled nothing in it may change."""

    url: str
    digest: str = ""

    def fill(self, rows: Sequence[Row]) -> None:
        """The table of files has these rows."""
        with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(TABLE)
            columns = "s3_key, status, error_message, file_size, etag, updated_at"
            with cursor.copy(f"COPY ingest_files ({columns}) FROM STDIN") as copy:
                for row in rows:
                    day = f"2025-06-{28 - row.age_days:02} 12:00:00+00"
                    copy.write_row((row.key, row.status, row.error, row.size, row.etag, day))
        self.digest = self.look()

    def look(self) -> str:
        """Changes with the tables there are and with any row in them, even one that is written as it was."""
        found = hashlib.sha256()
        with psycopg.connect(self.url) as connection:
            names = connection.execute(
                "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1"
            ).fetchall()
            for (name,) in names:
                rows = connection.execute(f"SELECT t::text, t.xmin::text FROM {name} t ORDER BY 1").fetchall()
                found.update(repr((name, rows)).encode())
        return found.hexdigest()
