"""Places: where content was seen, and which places are no more or can't be read."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

from kbray.catalogue import storable
from kbray.catalogue.rows import KnownLocation
from kbray.model import FileId, Found, RunId

OF_FILE = """
    LEFT JOIN LATERAL (
        SELECT p.uri, p.gone_at FROM locations p WHERE p.file_id = f.id ORDER BY p.gone_at IS NOT NULL, p.uri LIMIT 1
    ) l ON true
"""
"""For each file of `files f` a place `l` where it lies, else one where it lay, else none: other content is in its place."""
MOUNT = "mount"
"""The version of a place that is a folder, at which a file system was mounted; which one, or SEVERAL, stands behind a space."""
SEVERAL = f"{MOUNT} several"
URI = "coalesce(l.uri, f.uri)"
GONE = "(l.uri IS NULL OR l.gone_at IS NOT NULL)"


def below(uri: str, folder: str) -> str:
    """The SQL that tells whether the place `uri` lies somewhere below `folder`; both are SQL, too.

    "0" is the character after "/": the range holds what begins with the folder and "/", and an index can walk it.
    """
    return f"({uri} >= {folder} || '/' AND {uri} < {folder} || '0')"


_AT_OR_BELOW_ROOT = f"(uri = :root OR {below('uri', 'CAST(:root AS text)')})"


def known(connection: Connection, uris: Sequence[str]) -> dict[str, KnownLocation]:
    asked = {storable.uri(uri): uri for uri in uris}
    rows = connection.execute(
        text("""
            SELECT l.uri, l.file_id, f.sha256, l.size_bytes, l.mtime_ns, l.version, f.media_type
            FROM locations l LEFT JOIN files f ON f.id = l.file_id
            WHERE l.uri = ANY(CAST(:uris AS text[]))
        """),
        {"uris": list(asked)},
    )
    return {
        asked[row.uri]: KnownLocation(
            asked[row.uri], row.file_id, row.sha256, row.size_bytes, row.mtime_ns, row.version, row.media_type
        )
        for row in rows
    }


def put(connection: Connection, run: RunId, found: Iterable[Found]) -> None:
    """The places lead to their content, whose files are there already. In the order of URIs, so that two syncs can't deadlock."""
    places = sorted({storable.uri(one.seen.uri): one for one in found}.items())
    connection.execute(
        text("""
            INSERT INTO locations AS l (uri, file_id, size_bytes, mtime_ns, version, seen_run)
            SELECT n.uri, f.id, n.size_bytes, n.mtime_ns, n.version, :run
            FROM unnest(CAST(:uris AS text[]), CAST(:shas AS text[]), CAST(:sizes AS bigint[]), CAST(:mtimes AS bigint[]),
                        CAST(:versions AS text[])) WITH ORDINALITY AS n(uri, sha256, size_bytes, mtime_ns, version, nth)
            JOIN files f ON f.sha256 = n.sha256
            ORDER BY n.nth
            ON CONFLICT (uri) DO UPDATE SET
                file_id = excluded.file_id, size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns,
                version = excluded.version, seen_run = greatest(l.seen_run, excluded.seen_run), seen_at = now(),
                gone_at = NULL, problem = NULL
        """),
        {
            "run": run,
            "uris": [uri for uri, _ in places],
            "shas": [one.sha256 for _, one in places],
            "sizes": [one.seen.size_bytes for _, one in places],
            "mtimes": [one.seen.mtime_ns for _, one in places],
            "versions": [storable.optional(one.seen.version) for _, one in places],
        },
    )


def touch(connection: Connection, run: RunId, uris: Sequence[str]) -> None:
    """Seen again, unchanged."""
    connection.execute(
        text("""
            UPDATE locations SET seen_run = greatest(seen_run, :run), seen_at = now(), gone_at = NULL
            WHERE uri = ANY(CAST(:uris AS text[]))
        """),
        {"run": run, "uris": [storable.uri(uri) for uri in uris]},
    )


def touch_inside(connection: Connection, run: RunId, uris: Sequence[str]) -> int:
    """What lies inside these places, attachments, was seen again with them; how many. Call it before `touch`.

    What a file no longer holds was not seen when it was read last, and stays gone.
    """
    done = connection.execute(
        text(f"""
            UPDATE locations l SET seen_run = greatest(l.seen_run, :run), seen_at = now(), gone_at = NULL
            FROM locations h
            WHERE h.uri = ANY(CAST(:uris AS text[])) AND l.seen_run >= h.seen_run AND {below("l.uri", "h.uri")}
        """),
        {"run": run, "uris": [storable.uri(uri) for uri in uris]},
    )
    return done.rowcount


def put_problems(connection: Connection, run: RunId, problems: Sequence[tuple[str, str]]) -> None:
    """These places could not be read; what was known of their content stays. Size and time of -1 make the next sync read them."""
    stored = sorted({storable.uri(uri): storable.text(message) for uri, message in problems}.items())
    connection.execute(
        text("""
            INSERT INTO locations AS l (uri, size_bytes, mtime_ns, seen_run, problem)
            SELECT n.uri, -1, -1, :run, n.problem
            FROM unnest(CAST(:uris AS text[]), CAST(:problems AS text[])) WITH ORDINALITY AS n(uri, problem, nth)
            ORDER BY n.nth
            ON CONFLICT (uri) DO UPDATE SET
                size_bytes = -1, mtime_ns = -1, problem = excluded.problem,
                seen_run = greatest(l.seen_run, excluded.seen_run), seen_at = now(), gone_at = NULL
        """),
        {"run": run, "uris": [uri for uri, _ in stored], "problems": [problem for _, problem in stored]},
    )


def put_mounts(connection: Connection, run: RunId, drives: Mapping[str, str], anew: bool) -> None:
    """At these folders file systems of these ids are mounted: places without content, of version MOUNT, until they are gone.

    Args: anew: what was mounted there before is no matter.
    """
    stored = sorted((storable.uri(uri), storable.text(f"{MOUNT} {drive}")) for uri, drive in drives.items())
    connection.execute(
        text("""
            INSERT INTO locations AS l (uri, size_bytes, mtime_ns, version, seen_run)
            SELECT n.uri, -1, -1, n.version, :run
            FROM unnest(CAST(:uris AS text[]), CAST(:versions AS text[])) WITH ORDINALITY AS n(uri, version, nth) ORDER BY n.nth
            ON CONFLICT (uri) DO UPDATE SET
                file_id = NULL, size_bytes = -1, mtime_ns = -1,
                version = CASE WHEN :anew OR l.gone_at IS NOT NULL OR l.file_id IS NOT NULL
                                 OR split_part(l.version, ' ', 1) IS DISTINCT FROM :mount
                                 OR l.version IN (:mount, excluded.version) THEN excluded.version ELSE :several END,
                seen_run = greatest(l.seen_run, excluded.seen_run), seen_at = now(), gone_at = NULL, problem = NULL
        """),
        {
            "run": run,
            "mount": MOUNT,
            "several": SEVERAL,
            "anew": anew,
            "uris": [uri for uri, _ in stored],
            "versions": [version for _, version in stored],
        },
    )


def unmounted(connection: Connection, run: RunId, roots: Iterable[str]) -> list[str]:
    """Where under `roots` a file system was mounted, and neither this run nor a later one met one; sorted."""
    found = {
        uri
        for root in roots
        for uri in connection.scalars(
            text(f"""
                SELECT uri FROM locations
                WHERE {_AT_OR_BELOW_ROOT} AND seen_run < :run AND gone_at IS NULL
                  AND file_id IS NULL AND split_part(version, ' ', 1) = :mount
            """),
            {"root": _root(root), "run": run, "mount": MOUNT},
        )
    }
    return sorted(map(storable.place, found))


def exchanged(connection: Connection, run: RunId, roots: Iterable[str], unseen: Iterable[str]) -> list[tuple[str, int]]:
    """Where under `roots` this run met a mount that is not the first there, and how many places with content below it, but not
    below `unseen`, neither this run nor a later one saw; sorted."""
    hidden = sorted({_root(folder) for folder in unseen})
    found = {
        row.uri: row.places
        for root in roots
        for row in connection.execute(
            text(f"""
                WITH mounts AS (
                    SELECT uri, rtrim(uri, '/') AS folder FROM locations
                    WHERE {_AT_OR_BELOW_ROOT} AND seen_run >= :run AND gone_at IS NULL
                      AND file_id IS NULL AND version = :several
                )
                SELECT m.uri, count(*) AS places
                FROM mounts m JOIN locations l ON {below("l.uri", "m.folder")}
                WHERE l.file_id IS NOT NULL AND l.gone_at IS NULL AND l.seen_run < :run
                  AND NOT EXISTS (
                      SELECT FROM unnest(CAST(:unseen AS text[])) AS u(folder)
                      WHERE l.uri = u.folder OR {below("l.uri", "u.folder")}
                  )
                GROUP BY m.uri
            """),
            {"root": _root(root), "run": run, "several": SEVERAL, "unseen": hidden},
        )
    }
    return sorted((storable.place(uri), places) for uri, places in found.items())


def vanished(connection: Connection, run: RunId, folders: Mapping[str, float]) -> list[tuple[str, int]]:
    """Those of `folders`, sorted, at or under which places with content are known, of which neither this run nor a later one saw
    any, and which were seen after the time (seconds since 1970) when the folder changed; with the number of places."""
    asked = {_root(folder): folder for folder in folders}
    rows = connection.execute(
        text(f"""
            SELECT f.folder, count(*) AS places
            FROM unnest(CAST(:folders AS text[]), CAST(:changed AS double precision[])) AS f(folder, changed)
            JOIN locations l ON l.uri = f.folder OR {below("l.uri", "f.folder")}
            WHERE l.file_id IS NOT NULL AND l.gone_at IS NULL
            GROUP BY f.folder, f.changed
            HAVING max(l.seen_run) < :run AND max(l.seen_at) > to_timestamp(f.changed)
            ORDER BY f.folder
        """),
        {"folders": list(asked), "changed": [folders[folder] for folder in asked.values()], "run": run},
    )
    return [(asked[row.folder], row.places) for row in rows]


def mark_gone(connection: Connection, run: RunId, roots: Sequence[str], unseen: Sequence[str] = ()) -> int:
    """Places at or under `roots` that neither this run nor a later one saw. Problems of places that are no more go with them.

    Args: unseen: what lies below these could not be seen.
    """
    gone = 0
    hidden = sorted({_root(folder) for folder in unseen})
    for root in sorted({root.rstrip("/") for root in roots}):
        # A folder that could not be read was known as a problem, and is no file that is gone when it can be.
        done = connection.scalar(
            text(f"""
                WITH gone AS (
                    UPDATE locations SET gone_at = now(), problem = NULL
                    WHERE {_AT_OR_BELOW_ROOT} AND seen_run < :run AND gone_at IS NULL
                      AND NOT EXISTS (
                          SELECT FROM unnest(CAST(:unseen AS text[])) AS u(folder)
                          WHERE uri = u.folder OR {below("uri", "u.folder")}
                      )
                    RETURNING file_id
                )
                SELECT count(file_id) FROM gone
            """),
            {"root": _root(root), "run": run, "unseen": hidden},
        )
        gone += done or 0
    return gone


def _root(root: str) -> str:
    """As places below it begin, whether it was written with a slash or without."""
    return storable.uri(root).rstrip("/")


def with_problems(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(text("SELECT uri, problem FROM locations WHERE problem IS NOT NULL ORDER BY uri"))
    return [(storable.shown(row.uri), row.problem) for row in rows]


def files_at(connection: Connection, uris: Iterable[str]) -> list[FileId]:
    """The files seen at any of these places, by exact name."""
    rows = connection.scalars(
        text("""
            SELECT DISTINCT file_id FROM locations
            WHERE uri = ANY(CAST(:uris AS text[])) AND file_id IS NOT NULL ORDER BY file_id
        """),
        {"uris": sorted(set(uris))},
    )
    return [FileId(row) for row in rows]
