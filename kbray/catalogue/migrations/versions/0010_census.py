"""Which census a file was taken in by, so that those whose kind an older kbray could not tell are known. None yet has any."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE files ADD COLUMN census smallint NOT NULL DEFAULT 0")
