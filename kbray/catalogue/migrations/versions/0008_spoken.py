"""Of what language the chunks of a file are lies together: a search by words skips the others before it adds up their scores."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE spoken (
            file_id bigint NOT NULL, language text COLLATE "C" NOT NULL, chunks bit varying NOT NULL,
            CONSTRAINT spoken_pkey PRIMARY KEY (file_id, language)
        )
    """)
    op.execute("LOCK TABLE chunks IN SHARE MODE")  # none comes meanwhile
    op.execute("""
        INSERT INTO spoken (file_id, language, chunks)
        SELECT file_id, l.language,
               CAST(string_agg(CASE WHEN c.language = l.language THEN '1' ELSE '0' END, '' ORDER BY c.ordinal) AS bit varying)
        FROM (SELECT DISTINCT file_id, language FROM chunks WHERE language IS NOT NULL) l
        JOIN chunks c USING (file_id) GROUP BY 1, 2
    """)
