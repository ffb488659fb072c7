"""A database with the newest schema becomes one of an older kbray, as far as its rows allow."""

from tests.integration.pile import sql

_UNDO = {
    "0012": (
        "ALTER TABLE models ADD languages text[]",
        "ALTER TABLE adopted ADD adopted_at timestamptz NOT NULL DEFAULT now()",
    ),
    "0011": ("ALTER TABLE files DROP authors, DROP names, DROP dated",),
    "0010": ("ALTER TABLE files DROP census",),
    "0009": ("DROP TABLE identity",),
    "0008": ("DROP TABLE spoken",),
}
"""Revision → what takes it back, the newest first. Older ones are taken back by the tests that need it."""


def rewind(url: str, revision: str) -> None:
    for newer, statements in _UNDO.items():
        for statement in statements if newer > revision else ():
            sql(url, statement)
    sql(url, f"UPDATE alembic_version SET version_num = '{revision}'")
