"""Vectors get codes, with their language: where few meet a filter by language, all that do are compared in a moment.

The vectors themselves stay untouched, and so does their index, which takes minutes to make.
"""

from alembic import op
from sqlalchemy import text

from kbray.catalogue import vectors

revision = "0007"
down_revision = "0006"

# 0002 was given the models after the first homes had been made by it (up to 25 November 2026), and those know of no vectors.
_WITHOUT_MODELS = (
    """
    CREATE TABLE models (
        id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT models_pkey PRIMARY KEY,
        name text NOT NULL,
        identity text NOT NULL,
        dimension integer NOT NULL,
        languages text[],
        active boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX models_identity ON models (identity)",
    "CREATE UNIQUE INDEX models_active ON models (active) WHERE active",
    "ALTER TABLE indexings ADD model_id integer NOT NULL DEFAULT 0",
    "ALTER TABLE indexings DROP CONSTRAINT indexings_pkey, ADD CONSTRAINT indexings_pkey PRIMARY KEY (file_id, model_id)",
    "DROP INDEX indexings_open",
    "CREATE INDEX indexings_open ON indexings (model_id, file_id) WHERE state IN ('pending', 'claimed')",
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.scalar(text("SELECT to_regclass('models')")) is None:
        for statement in _WITHOUT_MODELS:
            connection.execute(text(statement))
    for model in connection.execute(text("SELECT id, dimension FROM models ORDER BY id")).all():
        connection.execute(text(f"LOCK TABLE vectors_{model.id} IN SHARE MODE"))  # none comes meanwhile
        vectors.add_codes(connection, model.id, model.dimension)
