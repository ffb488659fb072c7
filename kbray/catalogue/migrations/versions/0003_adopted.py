"""What the system before kbray said of the places that were adopted from it."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE adopted (
            uri text COLLATE "C" NOT NULL CONSTRAINT adopted_pkey PRIMARY KEY,
            source text NOT NULL,
            status text,
            error text,
            adopted_at timestamptz NOT NULL DEFAULT now()
        )
    """)
