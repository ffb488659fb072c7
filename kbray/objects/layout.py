"""What lies where in the object store. Keys hold the hash of a content, so the same content always has the same.

    raw/<sha256>                          its original
    parts/<sha256>/<fingerprint>/<part>   a part that was parsed, until the document is put together
    docs/<sha256>/<fingerprint>/<name>    a result

The fingerprint stands for all that shaped a result: parsers, models, settings.
"""

import re

ORIGINALS, PARTS, RESULTS = "raw/", "parts/", "docs/"
ELEMENTS, MARKDOWN, MANIFEST = "elements.parquet", "document.md", "document.json"
NAMES = (ELEMENTS, MARKDOWN, MANIFEST)
"""All results of a file, by name."""

_ANY = re.compile(r"raw/([0-9a-f]{64})$|(?:docs|parts)/([0-9a-f]{64})/[0-9a-f]{16}[^/]*/[^/]+$")
_LASTING = re.compile(r"raw/[0-9a-f]{64}|docs/[0-9a-f]{64}/[A-Za-z0-9_-]+/(?:" + "|".join(map(re.escape, NAMES)) + ")")


def original(sha256: str) -> str:
    return f"{ORIGINALS}{sha256}"


def part(sha256: str, fingerprint: str, number: int) -> str:
    return f"{parts_of(sha256)}{fingerprint}/{number:06d}"


def result(sha256: str, fingerprint: str, name: str) -> str:
    return f"{results_by(sha256, fingerprint)}{name}"


def results(sha256: str, fingerprint: str) -> tuple[str, ...]:
    """The keys of all results, in the order of NAMES."""
    return tuple(result(sha256, fingerprint, name) for name in NAMES)


def results_by(sha256: str, fingerprint: str) -> str:
    """What the keys of these results begin with."""
    return f"{results_of(sha256)}{fingerprint}/"


def results_of(sha256: str) -> str:
    """What the keys of all results of a content begin with, whatever made them."""
    return f"{RESULTS}{sha256}/"


def parts_of(sha256: str) -> str:
    """What the keys of all parts of a content begin with."""
    return f"{PARTS}{sha256}/"


def content_of(key: str) -> str | None:
    """The SHA-256 of the content that the object is of. None: kbray has no such keys, others use the same bucket."""
    found = _ANY.match(key)
    return found and (found[1] or found[2])


def lasts(key: str) -> bool:
    """Whether the key is that of an original or a result, and as kbray writes it."""
    return _LASTING.fullmatch(key) is not None
