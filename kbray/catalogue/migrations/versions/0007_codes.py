"""Vectors get codes, with their language: where few meet a filter by language, all that do are compared in a moment.

The vectors themselves stay untouched, and so does their index, which takes minutes to make.
"""

from alembic import op
from sqlalchemy import text

from kbray.catalogue import vectors

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    connection = op.get_bind()
    for model in connection.execute(text("SELECT id, dimension FROM models ORDER BY id")).all():
        connection.execute(text(f"LOCK TABLE vectors_{model.id} IN SHARE MODE"))  # none comes meanwhile
        vectors.add_codes(connection, model.id, model.dimension)
