"""What the system before kbray said of places, word for word; `kbray show` tells it. It decides nothing here."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from kbray.catalogue import storable
from kbray.catalogue.rows import Adopted


def put(connection: Connection, adopted: Iterable[Adopted]) -> None:
    """In the order of URIs, so that two adoptions can't deadlock. Of a place that was adopted before, the newer words stay."""
    stored = sorted({storable.uri(one.uri): one for one in adopted}.items())
    connection.execute(
        text("""
            INSERT INTO adopted (uri, source, status, error)
            SELECT n.uri, n.source, n.status, n.error
            FROM unnest(CAST(:uris AS text[]), CAST(:sources AS text[]), CAST(:statuses AS text[]), CAST(:errors AS text[]))
                 WITH ORDINALITY AS n(uri, source, status, error, nth)
            ORDER BY n.nth
            ON CONFLICT (uri) DO UPDATE SET
                source = excluded.source, status = excluded.status, error = excluded.error
        """),
        {
            "uris": [uri for uri, _ in stored],
            "sources": [storable.text(one.source) for _, one in stored],
            "statuses": [storable.optional(one.status) for _, one in stored],
            "errors": [storable.optional(one.error) for _, one in stored],
        },
    )
