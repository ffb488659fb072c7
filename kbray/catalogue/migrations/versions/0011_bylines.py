"""Authors and date of files can be searched. Of files processed before, `kbray index` reads them from their results."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute('ALTER TABLE files ADD COLUMN authors text[], ADD COLUMN names tsvector, ADD COLUMN dated text COLLATE "C"')
    op.execute("CREATE INDEX files_names ON files USING gin (names) WITH (fastupdate = off)")
    op.execute("CREATE INDEX files_dated ON files (dated, id)")
    op.execute("""
        CREATE INDEX files_unsigned ON files (id)
        WHERE authors IS NULL AND status IN ('processed', 'indexing', 'indexed')
    """)
