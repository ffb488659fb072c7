"""Windows, fingerprints, and what importing the parsers costs."""

import subprocess
import sys

import pytest

from kbray import parse
from kbray.config import Settings
from kbray.model import Census, Window
from kbray.parse.media import PICTURED, POSTSCRIPT


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (None, [(None, None)]),
        (0, [(None, None)]),
        (1, [(1, 1)]),
        (16, [(1, 16)]),
        (17, [(1, 16), (17, 17)]),
        (33, [(1, 16), (17, 32), (33, 33)]),
    ],
)
def test_windows_cover_every_page_once(pages: int | None, expected: list[tuple[int | None, int | None]]) -> None:
    found = parse.windows(Census("application/pdf", pages=pages), 16)
    assert found == tuple(Window(first, last) for first, last in expected)
    assert sum(window.pages for window in found) == max(1, pages or 1)
    assert parse.windows(Census("application/pdf", pages=pages, scanned=False), 16) == found
    assert parse.windows(Census("application/pdf", pages=pages, scanned=True), 64) == found


def test_a_scan_has_windows_of_at_least_a_page() -> None:
    assert parse.windows(Census("application/pdf", pages=2, scanned=True), 1) == (Window(1, 1), Window(2, 2))


def test_a_fingerprint_is_stable_and_tells_kinds_apart() -> None:
    settings = Settings()
    known = {media_type: parse.fingerprint(media_type, settings) for media_type in parse.MEDIA_TYPES}
    assert all(len(value) == 16 and int(value, 16) >= 0 for value in known.values())
    assert known == {media_type: parse.fingerprint(media_type, Settings()) for media_type in known}
    kinds = {(engine, media_type in PICTURED, media_type == POSTSCRIPT) for media_type, engine in parse.MEDIA_TYPES.items()}
    assert len(set(known.values())) == len(kinds)
    assert parse.fingerprint("application/x-dvi", settings) not in known.values()


def test_a_fingerprint_follows_the_settings_that_shape_the_result() -> None:
    plain = Settings()
    for changed, concerned in (
        (Settings(ocr="always"), {"pdf", "djvu", "images", "comics", "pictures", "pictured", "epub"}),
        (Settings(max_page_pixels=10_000_000), {"pdf", "djvu", "images", "comics", "pictures", "pictured"}),
        (Settings(ocr_dpi=300), {"pdf", "djvu", "images", "comics", "pictures"}),
        (Settings(max_member_bytes=1024), {"chm", "epub", "fb2", "pictures", "comics", "office", "iwork", "hangul"}),
        (Settings(parse_timeout_s=1, heartbeat_s=1), set()),
    ):
        for media_type, engine in parse.MEDIA_TYPES.items():
            kinds = {engine, "pictured" if media_type in PICTURED else ""}
            same = parse.fingerprint(media_type, plain) == parse.fingerprint(media_type, changed)
            assert same == concerned.isdisjoint(kinds), (media_type, changed)


def test_a_fingerprint_forgets_the_resolution_where_nothing_is_recognised() -> None:
    never, finer = Settings(ocr="never"), Settings(ocr="never", ocr_dpi=300)
    assert parse.fingerprint("application/pdf", never) == parse.fingerprint("application/pdf", finer)


def test_a_fingerprint_follows_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    before = parse.fingerprint("text/html", Settings())
    monkeypatch.setattr(parse, "version", lambda name: "999")
    assert parse.fingerprint("text/html", Settings()) != before


def test_importing_the_parsers_is_light() -> None:
    heavy = [
        "unstructured",
        "spacy",
        "pandas",
        "numpy",
        "torch",
        "ray",
        "onnxruntime",
        "cv2",
        "pypdfium2",
        "lxml",
        "trafilatura",
        "PIL",
        "boto3",
    ]
    code = f"import sys, kbray.parse.sandbox.parent, kbray.parse.sniff; print([m for m in {heavy!r} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
