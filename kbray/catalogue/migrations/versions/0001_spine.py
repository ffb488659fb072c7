"""Files, where they lie, their parts, and the runs that work on them."""

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """
    CREATE TABLE runs (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT runs_pkey PRIMARY KEY,
        token bigint NOT NULL,
        command text NOT NULL,
        arguments jsonb NOT NULL,
        state text NOT NULL DEFAULT 'running'
            CONSTRAINT runs_state_check CHECK (state IN ('running', 'stopping', 'succeeded', 'failed', 'interrupted', 'dead')),
        host text NOT NULL,
        machine text NOT NULL,
        pid integer NOT NULL,
        process_started double precision NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        heartbeat_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        ray_job_id text,
        message text
    )
    """,
    "CREATE UNIQUE INDEX runs_token ON runs (token)",
    "CREATE INDEX runs_live ON runs (id) WHERE state IN ('running', 'stopping')",
    """
    CREATE TABLE tallies (
        run_id bigint NOT NULL CONSTRAINT tallies_run_id_fkey REFERENCES runs (id),
        slot integer NOT NULL,
        files_done bigint NOT NULL DEFAULT 0,
        files_failed bigint NOT NULL DEFAULT 0,
        parts_done bigint NOT NULL DEFAULT 0,
        parts_failed bigint NOT NULL DEFAULT 0,
        pages_done bigint NOT NULL DEFAULT 0,
        pages_failed bigint NOT NULL DEFAULT 0,
        CONSTRAINT tallies_pkey PRIMARY KEY (run_id, slot)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE files (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT files_pkey PRIMARY KEY,
        sha256 text COLLATE "C" NOT NULL CONSTRAINT files_sha256_check CHECK (length(sha256) = 64),
        uri text COLLATE "C" NOT NULL,
        media_type text COLLATE "C" NOT NULL,
        size_bytes bigint NOT NULL,
        pages integer,
        encrypted boolean NOT NULL DEFAULT false,
        scanned boolean,
        parts integer NOT NULL,
        status text NOT NULL DEFAULT 'synced'
            CONSTRAINT files_status_check
            CHECK (status IN ('synced', 'processing', 'processed', 'indexing', 'indexed', 'failed')),
        fingerprint text,
        engine text,
        title text,
        language text,
        units_expected bigint,
        units_produced bigint,
        characters bigint,
        complete boolean,
        finished_by bigint,
        assembler_run bigint,
        assembler_token bigint,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX files_sha256 ON files (sha256)",
    "CREATE INDEX files_status ON files (status, id) INCLUDE (pages, complete)",
    "CREATE INDEX files_assembler ON files (assembler_run) WHERE assembler_run IS NOT NULL",
    """
    CREATE TABLE locations (
        uri text COLLATE "C" NOT NULL CONSTRAINT locations_pkey PRIMARY KEY,
        file_id bigint CONSTRAINT locations_file_id_fkey REFERENCES files (id),
        size_bytes bigint NOT NULL,
        mtime_ns bigint NOT NULL,
        version text,
        seen_run bigint NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now(),
        gone_at timestamptz,
        problem text
    )
    """,
    "CREATE INDEX locations_file ON locations (file_id, uri)",
    "CREATE INDEX locations_problem ON locations (uri) WHERE problem IS NOT NULL",
    "CREATE INDEX locations_gone ON locations (uri) WHERE gone_at IS NOT NULL",
    """
    CREATE TABLE parts (
        file_id bigint NOT NULL CONSTRAINT parts_file_id_fkey REFERENCES files (id),
        part integer NOT NULL,
        first_page integer,
        last_page integer,
        state text NOT NULL DEFAULT 'pending'
            CONSTRAINT parts_state_check CHECK (state IN ('pending', 'claimed', 'done', 'failed')),
        run_id bigint,
        token bigint,
        attempts integer NOT NULL DEFAULT 0,
        interruptions integer NOT NULL DEFAULT 0,
        fingerprint text,
        pages integer,
        CONSTRAINT parts_pkey PRIMARY KEY (file_id, part),
        CONSTRAINT parts_claimed_check CHECK (state <> 'claimed' OR (run_id IS NOT NULL AND token IS NOT NULL))
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX parts_open ON parts (file_id, part) WHERE state IN ('pending', 'claimed')",
    "CREATE INDEX parts_claimed ON parts (run_id) WHERE state = 'claimed'",
    """
    CREATE TABLE attempts (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT attempts_pkey PRIMARY KEY,
        file_id bigint NOT NULL,
        part integer NOT NULL,
        attempt integer NOT NULL,
        run_id bigint NOT NULL,
        token bigint NOT NULL,
        host text NOT NULL,
        outcome text NOT NULL DEFAULT 'started'
            CONSTRAINT attempts_outcome_check CHECK (outcome IN ('started', 'done', 'failed', 'released', 'lost')),
        started_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        pages integer NOT NULL DEFAULT 0,
        parse_s double precision NOT NULL DEFAULT 0,
        recognise_s double precision NOT NULL DEFAULT 0,
        commit_s double precision NOT NULL DEFAULT 0,
        cpu_s double precision NOT NULL DEFAULT 0,
        peak_bytes bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX attempts_part ON attempts (file_id, part)",
    "CREATE INDEX attempts_run ON attempts (run_id)",
    """
    CREATE TABLE failures (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT failures_pkey PRIMARY KEY,
        file_id bigint NOT NULL CONSTRAINT failures_file_id_fkey REFERENCES files (id),
        part integer,
        page integer,
        chapter text,
        code text NOT NULL,
        stage text NOT NULL,
        message text NOT NULL,
        signature text COLLATE "C" NOT NULL,
        traceback text NOT NULL,
        run_id bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX failures_file ON failures (file_id, part)",
    "CREATE INDEX failures_signature ON failures (signature, file_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
