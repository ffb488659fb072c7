"""How far the text of a document can be trusted, and what became of doing a poor one another way."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE files
            ADD COLUMN quality text CONSTRAINT files_quality_check CHECK (quality IN ('good', 'fair', 'poor')),
            ADD COLUMN reasons jsonb,
            ADD COLUMN again boolean NOT NULL DEFAULT false,
            ADD COLUMN before jsonb
    """)
