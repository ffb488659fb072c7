"""Without the columns that nothing reads: what languages a model knows stands in its card, and nobody asks when a place was
adopted.
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE models DROP COLUMN languages")
    op.execute("ALTER TABLE adopted DROP COLUMN adopted_at")
