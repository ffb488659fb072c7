"""The tables as they are now; `migrations` leads to the same, which a test proves.

Strings that are compared, sorted or searched by their beginning are COLLATE "C": the order of code points, the same on every
server, and one index serves equality, order and prefix. Hot rows (`parts`, `tallies`) keep free space on their pages for new
versions.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIT, JSONB, TSVECTOR

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

ORDERED = Text(collation="C")
NOW = text("now()")
ZERO = text("0")
# Conditions on parts and indexings, runs, and files; with the letter of a table and a dot in front where there are several.
OPEN = "state IN ('pending', 'claimed')"
LIVE = "state IN ('running', 'stopping')"
FINISHED = "status IN ('processed', 'indexing', 'indexed')"
UNSIGNED = f"authors IS NULL AND {FINISHED}"
# Changes of a part or an indexing: nobody holds it any more; it begins as if it had never been tried.
FREED = "state = 'pending', run_id = NULL, token = NULL"
ANEW = f"{FREED}, attempts = 0, interruptions = 0"


def _time(name: str, *, required: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=not required, server_default=NOW if required else None)


# One row: what names this catalogue in the object store that is its own.
identity = Table("identity", metadata, Column("id", Uuid, primary_key=True))

runs = Table(
    "runs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("token", BigInteger, nullable=False),  # drawn by the client, so that a start that is sent twice starts one run
    Column("command", Text, nullable=False),
    Column("arguments", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="running"),
    Column("host", Text, nullable=False),
    Column("machine", Text, nullable=False),  # where `pid` means something: this boot, this pid namespace
    Column("pid", Integer, nullable=False),
    Column("process_started", Double, nullable=False),  # seconds since the epoch; tells a pid from its next owner
    _time("started_at", required=True),
    _time("heartbeat_at", required=True),
    _time("ended_at"),
    Column("ray_job_id", Text),
    Column("message", Text),
    CheckConstraint("state IN ('running', 'stopping', 'succeeded', 'failed', 'interrupted', 'dead')", name="state"),
    Index("runs_token", "token", unique=True),
    Index("runs_live", "id", postgresql_where=text(LIVE)),
)

# Counters of runs, spread over slots so that workers that commit at the same time don't wait for each other.
tallies = Table(
    "tallies",
    metadata,
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("files_done", BigInteger, nullable=False, server_default=ZERO),
    Column("files_failed", BigInteger, nullable=False, server_default=ZERO),
    Column("parts_done", BigInteger, nullable=False, server_default=ZERO),
    Column("parts_failed", BigInteger, nullable=False, server_default=ZERO),
    Column("pages_done", BigInteger, nullable=False, server_default=ZERO),
    Column("pages_failed", BigInteger, nullable=False, server_default=ZERO),
    postgresql_with={"fillfactor": "50"},
)

files = Table(
    "files",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("sha256", ORDERED, nullable=False),  # hex: twice the bytes, but what object keys, logs and people say
    Column("uri", ORDERED, nullable=False),  # where it was first seen
    Column("media_type", ORDERED, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("pages", Integer),
    Column("encrypted", Boolean, nullable=False, server_default=text("false")),
    Column("scanned", Boolean),
    Column("parts", Integer, nullable=False),
    Column("status", Text, nullable=False, server_default="synced"),
    Column("fingerprint", Text),
    Column("engine", Text),
    Column("title", Text),
    Column("language", Text),
    Column("units_expected", BigInteger),
    Column("units_produced", BigInteger),
    Column("characters", BigInteger),
    Column("complete", Boolean),
    Column("finished_by", BigInteger),  # run
    # Whose commit was the last of the file's parts: it alone may finish the file. The run is cleared when that is done.
    Column("assembler_run", BigInteger),
    Column("assembler_token", BigInteger),
    _time("created_at", required=True),
    Column("quality", Text),
    Column("reasons", JSONB),  # why it is not good
    # It came out poor, and is or was done another way. `before`: that poor result with its failures, which the other has to beat.
    Column("again", Boolean, nullable=False, server_default=text("false")),
    Column("before", JSONB),
    Column("census", SmallInteger, nullable=False, server_default=text("0")),  # CENSUS of the kbray that looked at it last
    Column("authors", ARRAY(Text)),  # NULL: not looked for yet
    Column("names", TSVECTOR),  # of them; see the module of this name
    Column("dated", ORDERED),  # day, month or year, in ISO 8601
    CheckConstraint("status IN ('synced', 'processing', 'processed', 'indexing', 'indexed', 'failed')", name="status"),
    CheckConstraint("quality IN ('good', 'fair', 'poor')", name="quality"),
    CheckConstraint("length(sha256) = 64", name="sha256"),
    Index("files_sha256", "sha256", unique=True),
    Index("files_status", "status", "id", postgresql_include=["pages", "complete"]),
    Index("files_assembler", "assembler_run", postgresql_where=text("assembler_run IS NOT NULL")),
    # Nothing is put off: a search would go through what is.
    Index("files_names", "names", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    Index("files_dated", "dated", "id"),
    Index("files_unsigned", "id", postgresql_where=text(UNSIGNED)),
)

locations = Table(
    "locations",
    metadata,
    Column("uri", ORDERED, primary_key=True),
    Column("file_id", BigInteger, ForeignKey("files.id")),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("version", Text),
    Column("seen_run", BigInteger, nullable=False),
    _time("seen_at", required=True),
    _time("gone_at"),
    Column("problem", Text),
    Index("locations_file", "file_id", "uri"),
    Index("locations_problem", "uri", postgresql_where=text("problem IS NOT NULL")),
    Index("locations_gone", "uri", postgresql_where=text("gone_at IS NOT NULL")),
)

# What the system before kbray said of a place, word for word.
adopted = Table(
    "adopted",
    metadata,
    Column("uri", ORDERED, primary_key=True),
    Column("source", Text, nullable=False),  # which database said it
    Column("status", Text),
    Column("error", Text),
)

parts = Table(
    "parts",
    metadata,
    Column("file_id", BigInteger, ForeignKey("files.id"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("first_page", Integer),
    Column("last_page", Integer),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("run_id", BigInteger),
    Column("token", BigInteger),  # of the claim that holds it or finished it
    Column("attempts", Integer, nullable=False, server_default=ZERO),
    Column("interruptions", Integer, nullable=False, server_default=ZERO),
    Column("fingerprint", Text),
    Column("pages", Integer),
    CheckConstraint("state IN ('pending', 'claimed', 'done', 'failed')", name="state"),
    CheckConstraint("state <> 'claimed' OR (run_id IS NOT NULL AND token IS NOT NULL)", name="claimed"),
    Index("parts_open", "file_id", "part", postgresql_where=text(OPEN)),
    Index("parts_claimed", "run_id", postgresql_where=text("state = 'claimed'")),
    postgresql_with={"fillfactor": "80"},
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("file_id", BigInteger, nullable=False),
    Column("part", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    Column("outcome", Text, nullable=False, server_default="started"),
    _time("started_at", required=True),
    _time("ended_at"),
    Column("pages", Integer, nullable=False, server_default=ZERO),
    Column("parse_s", Double, nullable=False, server_default=ZERO),
    Column("recognise_s", Double, nullable=False, server_default=ZERO),
    Column("commit_s", Double, nullable=False, server_default=ZERO),
    Column("cpu_s", Double, nullable=False, server_default=ZERO),
    Column("peak_bytes", BigInteger, nullable=False, server_default=ZERO),
    CheckConstraint("outcome IN ('started', 'done', 'failed', 'released', 'lost')", name="outcome"),
    Index("attempts_part", "file_id", "part"),
    Index("attempts_run", "run_id"),
    postgresql_with={"fillfactor": "80"},
)

failures = Table(
    "failures",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("file_id", BigInteger, ForeignKey("files.id"), nullable=False),
    Column("part", Integer),  # NULL: of the file as a whole
    Column("page", Integer),
    Column("chapter", Text),
    Column("code", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("signature", ORDERED, nullable=False),
    Column("traceback", Text, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    _time("created_at", required=True),
    Index("failures_file", "file_id", "part"),
    Index("failures_signature", "signature", "file_id"),
)

# What makes vectors; those of a model lie in a table of its own, `vectors_<id>`, and their codes in `codes_<id>`, so that another
# one is built beside it, and it vanishes as a whole. The active one answers queries.
models = Table(
    "models",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("dimension", Integer, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("false")),
    _time("created_at", required=True),
    Index("models_identity", "identity", unique=True),
    Index("models_active", "active", unique=True, postgresql_where=text("active")),
)

# Files that are in the index, or are to be: by their words (model 0), and by the vectors of each model. Claimed as parts are.
indexings = Table(
    "indexings",
    metadata,
    Column("file_id", BigInteger, ForeignKey("files.id"), primary_key=True, autoincrement=False),
    Column("model_id", Integer, primary_key=True, autoincrement=False, server_default=ZERO),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("run_id", BigInteger),
    Column("token", BigInteger),
    Column("attempts", Integer, nullable=False, server_default=ZERO),
    Column("interruptions", Integer, nullable=False, server_default=ZERO),
    Column("fingerprint", Text),  # of what made the chunks that are there; kept while they are made anew
    Column("chunks", Integer),
    CheckConstraint("state IN ('pending', 'claimed', 'done', 'failed')", name="state"),
    CheckConstraint("state <> 'claimed' OR (run_id IS NOT NULL AND token IS NOT NULL)", name="claimed"),
    Index("indexings_open", "model_id", "file_id", postgresql_where=text(OPEN)),
    Index("indexings_claimed", "run_id", postgresql_where=text("state = 'claimed'")),
    postgresql_with={"fillfactor": "80"},
)

chunks = Table(
    "chunks",
    metadata,
    Column("file_id", BigInteger, ForeignKey("files.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("heading_path", ARRAY(Text), nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("first_element", Integer, nullable=False),
    Column("last_element", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),  # characters at its beginning that are in the chunk before, too
    Column("page", Integer),
    Column("box", ARRAY(Double)),  # left, top, right, bottom
    Column("chapter", Text),
    Column("anchor", Text),
    Column("print_page", Text),
    Column("language", Text),
    Column("config", ORDERED, nullable=False),  # the text search configuration of its lexemes
    Column("lexemes", TSVECTOR, nullable=False),
    Column("length", Integer, nullable=False),  # how many lexemes, each counted as often as it comes
    PrimaryKeyConstraint("file_id", "ordinal", postgresql_include=["language"]),  # so that filters need not read the passages
)

# For each lexeme and file the chunks where it stands, how often, and how long these are: all that BM25 asks for lies together,
# and a file's part of it is replaced without touching what belongs to others.
postings = Table(
    "postings",
    metadata,
    Column("lexeme", ORDERED, primary_key=True),
    Column("file_id", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinals", ARRAY(Integer), nullable=False),
    Column("counts", ARRAY(Integer), nullable=False),
    Column("lengths", ARRAY(Integer), nullable=False),
)

# Of what language the chunks of a file are: for each language in it a bit for each chunk, in their order.
spoken = Table(
    "spoken",
    metadata,
    Column("file_id", BigInteger, primary_key=True, autoincrement=False),
    Column("language", ORDERED, primary_key=True),
    Column("chunks", BIT(varying=True), nullable=False),
)

# How many chunks there are and how long they are together, spread over slots as tallies are.
corpus = Table(
    "corpus",
    metadata,
    Column("config", ORDERED, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("chunks", BigInteger, nullable=False, server_default=ZERO),
    Column("length", BigInteger, nullable=False, server_default=ZERO),
    postgresql_with={"fillfactor": "50"},
)
