"""A first adopt.toml: the table of another system's database that looks most like a list of files, read by names and by samples.

It is a guess for a person to read: what it rests on is said in comments, and so is what it can't know.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kbray.catalogue.foreign import Category, Foreign, ForeignColumn, ForeignTable
from kbray.errors import ConfigError
from kbray.ops.adopt.mapping import NO_STATUS, Meaning

Role = Literal["key", "status", "error", "size", "hash", "updated"]

LOOKED_INTO = 8  # tables that a sample is taken of
SAMPLE = 200  # rows
WORDS = 50  # status words at most; a column with more is none of statuses
ENOUGH = 6.0  # what key and status each must reach: a good name, or good contents

_CATEGORY: dict[Role, Category] = {
    "key": "text",
    "status": "text",
    "error": "text",
    "size": "number",
    "hash": "text",
    "updated": "time",
}
# Names as they are usually given, the surest first.
_NAMES: dict[Role, tuple[str, ...]] = {
    "key": (
        *("s3_key", "object_key", "minio_key", "storage_key", "file_key", "s3_uri", "s3_path", "object_name", "key"),
        *("file_path", "filepath", "path", "uri", "url", "filename", "file_name", "name"),
    ),
    "status": ("status", "processing_status", "file_status", "ingest_status", "state", "stage"),
    "error": ("error", "error_message", "last_error", "error_msg", "failure_reason", "failure", "exception", "message"),
    "size": ("size", "size_bytes", "file_size", "file_size_bytes", "content_length", "bytes", "length"),
    "hash": ("sha256", "content_hash", "file_hash", "checksum", "hash", "md5", "etag", "s3_etag"),
    "updated": ("updated_at", "last_updated", "modified_at", "last_modified", "processed_at", "synced_at", "created_at"),
}
_TABLE_WORDS = frozenset({"file", "files", "document", "documents", "object", "objects", "item", "items", "ingest"})
_MEANINGS: dict[Meaning, str] = {
    "synced": "synced new pending queued waiting uploaded registered discovered created stored ready todo",
    "processing": "processing running in_progress started working active claimed locked extracting parsing",
    "processed": "processed parsed extracted chunked converted done complete completed success succeeded finished ok",
    "indexing": "indexing embedding",
    "indexed": "indexed embedded vectorized vectorised published searchable",
    "failed": "failed failure error errored crashed timeout aborted",
    "skip": "skip skipped deleted removed ignored excluded duplicate",
}
KNOWN_WORDS: dict[str, Meaning] = {word: meaning for meaning, words in _MEANINGS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table and its column for each role, with how sure that is."""

    table: ForeignTable
    columns: Mapping[Role, str]
    score: float  # 0: it has no column for key or for status
    bucket: str | None = None  # where all sampled keys are s3:// addresses in one


@dataclass(frozen=True, slots=True)
class Proposal:
    """An adopt.toml, and what a person should look at in it."""

    source: str
    table: str
    columns: Mapping[Role, str]
    statuses: Mapping[str, Meaning | None]  # None: nobody can tell by the word
    unsure: tuple[str, ...]
    toml: str


def propose(source: Foreign) -> Proposal:
    """Raises: ConfigError: no table looks like a list of files, or the source refuses us; DatabaseUnavailable."""
    tables = source.tables()
    by_name = sorted(tables, key=lambda table: -by_names(table).score)[:LOOKED_INTO]
    candidates = sorted((by_contents(table, _sample(source, table)) for table in by_name), key=lambda one: -one.score)
    if not candidates or not candidates[0].score:
        listed = ", ".join(table.label for table in tables[:20]) or "none that this user may read"
        raise ConfigError(
            f"No table of {source.place} looks like a list of files with key and status; there are: {listed}. "
            "Write the mapping by hand: docs/adopt.md has an example."
        )
    best = candidates[0]
    words = source.words(best.table, best.columns["status"], WORDS)
    statuses = {(word or "").strip(): guess(word) for word, _ in words}
    counts: Counter[str] = Counter()
    for word, count in words:
        counts[(word or "").strip()] += count
    unsure = tuple(_doubts(best, candidates[1:], statuses))
    toml = render(source.place, best, statuses, counts, unsure)
    return Proposal(source.place, best.table.label, best.columns, statuses, unsure, toml)


def _sample(source: Foreign, table: ForeignTable) -> dict[str, list[str]]:
    """Some values of each column of text."""
    names = [column.name for column in table.columns if column.category == "text"]
    rows = source.sample(table, names, SAMPLE) if names else []
    return {name: [value for row in rows if (value := row[n]) is not None] for n, name in enumerate(names)}


# ---------------------------------------------------------------- scoring


def by_names(table: ForeignTable) -> Candidate:
    """As far as names and types tell."""
    return by_contents(table, {})


def by_contents(table: ForeignTable, samples: Mapping[str, Sequence[str]]) -> Candidate:
    """As far as names, types and some values tell. Key and status make a list of files; the rest adds a little."""
    columns: dict[Role, str] = {}
    rates: dict[Role, float] = {}
    score = 4.0 * bool(_TABLE_WORDS & set(_words_of(table.name)))
    for role, category in _CATEGORY.items():
        free = [column for column in table.columns if column.category == category and column.name not in columns.values()]
        rated = [(rate(role, column, samples.get(column.name, ())), column.name) for column in free]
        best, name = max(rated, key=lambda one: one[0], default=(0.0, ""))
        if best > 0:
            columns[role] = name
            rates[role] = best
            score += best if role in ("key", "status") else best / 10
    if min(rates.get("key", 0.0), rates.get("status", 0.0)) < ENOUGH:
        score = 0.0
    values = samples.get(columns.get("key", ""), ())
    buckets = {value.removeprefix("s3://").partition("/")[0] if value.startswith("s3://") else "" for value in values}
    return Candidate(table, columns, score, buckets.pop() or None if len(buckets) == 1 else None)


def rate(role: Role, column: ForeignColumn, values: Sequence[str]) -> float:
    """0 to 20: how well a column fits a role, by its name and, for key and status, by what is in it."""
    name = "_".join(_words_of(column.name))
    names = _NAMES[role]
    if name in names:
        score = 10 - 5 * names.index(name) / len(names)
    else:
        score = 3.0 * any(set(_words_of(one)) <= set(_words_of(name)) for one in names)
    if role == "key" and values:
        paths = sum("/" in value or re.search(r"\.[A-Za-z0-9]{2,5}$", value) is not None for value in values)
        score += 10 * (paths / len(values)) * (len(set(values)) / len(values)) - 2 * (paths == 0)
    if role == "status" and values:
        known = sum(guess(value) is not None for value in values)
        score += 10 * known / len(values) - 2 * (known == 0) - 5 * (len(set(values)) > WORDS)
    return max(0.0, score)


def guess(word: str | None) -> Meaning | None:
    """What a status word most likely means; of no word at all, that nobody has worked on the file."""
    plain = re.sub(r"[\s\-]+", "_", (word or "").strip().casefold())
    return KNOWN_WORDS.get(plain) if plain else "synced"


def _words_of(name: str) -> list[str]:
    """s3Key, s3_key and S3-KEY are the same two words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").replace(" ", "_").split("_")


# ---------------------------------------------------------------- telling


def _doubts(best: Candidate, others: Sequence[Candidate], statuses: Mapping[str, Meaning | None]) -> Iterator[str]:
    if rivals := [other.table.label for other in others if other.score > 0.7 * best.score]:
        yield f"Is it this table? These look like lists of files, too: {', '.join(map(quoted, rivals))}."
    if best.bucket is None:
        yield "Where do the bytes lie? The database doesn't say: fill in `objects`, and `endpoint` for MinIO."
    if "error" not in best.columns:
        yield "No column looks like the text of an error; without one only the status is kept."
    if "updated" not in best.columns:
        yield "No column tells when a row was changed: of rows with the same key the first by status will speak."
    if unknown := [word for word, meaning in statuses.items() if meaning is None]:
        yield f"What do these words mean: {', '.join(map(quoted, unknown))}? Rows that have them are left until it is said."
    if NO_STATUS in statuses:
        yield 'Some rows have no status. The line `"" = "synced"` takes them like new files.'
    if len(statuses) >= WORDS:
        yield f"The status column has {WORDS} words or more, which is odd for a status. Is it the right one?"


def render(
    source: str,
    chosen: Candidate,
    statuses: Mapping[str, Meaning | None],
    counts: Counter[str],
    unsure: Sequence[str],
) -> str:
    """The file's text."""
    lines = [
        "# How `kbray adopt` reads the catalogue of the system before it: a proposal, made from what was found in",
        f"# {quoted(source)}. Read it, correct it, then run `kbray adopt DATABASE_URL --mapping adopt.toml`:",
        "# that changes nothing and tells what would become of each file.",
        *(["#", "# Unsure:", *(f"# - {doubt}" for doubt in unsure)] if unsure else []),
        "",
        f"table = {quoted(chosen.table.label)}",
        "",
        "# Where the bytes lie: s3://bucket/prefix, or a folder. Keys are looked for below it.",
        f"objects = {quoted(f's3://{chosen.bucket}')}" if chosen.bucket else '# objects = "s3://bucket/prefix"',
        '# endpoint = "http://127.0.0.1:9000"  # an S3 server other than AWS, like MinIO; unset: kbray\'s own s3_endpoint_url',
        '# strip = ""                          # what stands before each key and is not part of it below `objects`',
        "",
        "[columns]",
        *(
            f"{role} = {quoted(chosen.columns[role])}" if role in chosen.columns else f'# {role} = ""'
            for role in ("key", "status", "error", "size", "hash", "updated")
        ),
        "",
        "# Its words, and what they are called here: synced, processing, processed, indexing, indexed, failed; or skip, to leave",
        "# such files out. All others are taken as synced: kbray makes its own results. What it was called before is kept.",
        "[statuses]",
        *(_status_line(word, meaning, counts[word]) for word, meaning in statuses.items()),
        "",
        "# What the other system's own report said, if you have it; the numbers are compared with the rows.",
        "# [said]",
        "# total = 0",
        *(f"# {quoted(word)} = 0" for word in statuses if word),
    ]
    return "\n".join(lines) + "\n"


def _status_line(word: str, meaning: Meaning | None, count: int) -> str:
    rows = f"{count:,} {'row' if count == 1 else 'rows'}"
    if meaning is None:
        return f'# {quoted(word)} = ""  # {rows}: what does it mean?'
    return f"{quoted(word)} = {quoted(meaning)}  # {rows}"


def quoted(text: str) -> str:
    """As TOML writes a string on one line; what can't be seen is written as its number."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
