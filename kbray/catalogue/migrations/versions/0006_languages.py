"""The language of a passage lies in the index of its key: a filter by language looks at all passages without reading them.

An index holds short values only, and some documents tell as their language what is none.
"""

from alembic import op
from sqlalchemy import text

from kbray.catalogue import languages

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    connection = op.get_bind()
    for told in connection.scalars(text("SELECT DISTINCT language FROM chunks WHERE language IS NOT NULL")).all():
        if (tag := languages.tag(told)) != told:
            connection.execute(text("UPDATE chunks SET language = :tag WHERE language = :told"), {"tag": tag, "told": told})
    op.execute("ALTER TABLE chunks DROP CONSTRAINT chunks_pkey")
    op.execute("ALTER TABLE chunks ADD CONSTRAINT chunks_pkey PRIMARY KEY (file_id, ordinal) INCLUDE (language)")
