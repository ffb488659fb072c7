"""The index: which files are in it, their chunks, for each lexeme where it stands, and the models that make vectors."""

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = (
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
    """
    CREATE TABLE indexings (
        file_id bigint NOT NULL CONSTRAINT indexings_file_id_fkey REFERENCES files (id),
        model_id integer NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'pending'
            CONSTRAINT indexings_state_check CHECK (state IN ('pending', 'claimed', 'done', 'failed')),
        run_id bigint,
        token bigint,
        attempts integer NOT NULL DEFAULT 0,
        interruptions integer NOT NULL DEFAULT 0,
        fingerprint text,
        chunks integer,
        CONSTRAINT indexings_pkey PRIMARY KEY (file_id, model_id),
        CONSTRAINT indexings_claimed_check CHECK (state <> 'claimed' OR (run_id IS NOT NULL AND token IS NOT NULL))
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX indexings_open ON indexings (model_id, file_id) WHERE state IN ('pending', 'claimed')",
    "CREATE INDEX indexings_claimed ON indexings (run_id) WHERE state = 'claimed'",
    """
    CREATE TABLE chunks (
        file_id bigint NOT NULL CONSTRAINT chunks_file_id_fkey REFERENCES files (id),
        ordinal integer NOT NULL,
        text text NOT NULL,
        heading_path text[] NOT NULL,
        tokens integer NOT NULL,
        first_element integer NOT NULL,
        last_element integer NOT NULL,
        repeated integer NOT NULL,
        page integer,
        box double precision[],
        chapter text,
        anchor text,
        language text,
        config text COLLATE "C" NOT NULL,
        lexemes tsvector NOT NULL,
        length integer NOT NULL,
        CONSTRAINT chunks_pkey PRIMARY KEY (file_id, ordinal)
    )
    """,
    """
    CREATE TABLE postings (
        lexeme text COLLATE "C" NOT NULL,
        file_id bigint NOT NULL,
        ordinals integer[] NOT NULL,
        counts integer[] NOT NULL,
        lengths integer[] NOT NULL,
        CONSTRAINT postings_pkey PRIMARY KEY (lexeme, file_id)
    )
    """,
    """
    CREATE TABLE corpus (
        config text COLLATE "C" NOT NULL,
        slot integer NOT NULL,
        chunks bigint NOT NULL DEFAULT 0,
        length bigint NOT NULL DEFAULT 0,
        CONSTRAINT corpus_pkey PRIMARY KEY (config, slot)
    ) WITH (fillfactor = 50)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
