"""Where a passage of a book stands in its printed edition."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE chunks ADD COLUMN print_page text")
