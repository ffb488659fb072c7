"""Made-up files, runs and results for the catalogue's tests."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, create_engine, make_url, text

from kbray.catalogue import Catalogue, Committed, Selection
from kbray.model import Census, Claim, Effort, Failure, FileId, FileResult, Found, PartRef, RunId, Seen, Window

PDF = "application/pdf"
EPUB = "application/epub+zip"
NOW = {PDF: "pdf-now", EPUB: "epub-now"}
EVERYTHING = (0, 2**62)
LEASE_S = 20.0
GOOD = FileResult("pdf-now", "pdf", "A title", "en", 40, 40, 1234, complete=True, failed=False)
BAD = replace(GOOD, engine="none", title=None, language=None, units_produced=0, characters=0, complete=False, failed=True)


def sha(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()


def pdf(name: str, parts: int = 1, folder: str = "/books", content: str | None = None) -> Found:
    """A PDF of `parts` windows of 16 pages."""
    windows = tuple(Window(16 * n + 1, 16 * n + 16) for n in range(parts))
    seen = Seen(f"{folder}/{name}", size_bytes=1000, mtime_ns=7)
    return Found(seen, sha(content or name), Census(PDF, pages=16 * parts, scanned=False), windows)


def epub(name: str, folder: str = "/books") -> Found:
    return Found(Seen(f"{folder}/{name}", 500, 7), sha(name), Census(EPUB), (Window(),))


def synced(catalogue: Catalogue, *found: Found) -> RunId:
    """These are recorded; the run that did it has ended."""
    run = catalogue.start_run("sync", {})
    catalogue.record(run, found)
    catalogue.end_run(run, "succeeded")
    return run


def work(catalogue: Catalogue, run: RunId, selection: Selection | None = None) -> list[PartRef]:
    """Prepare and list what is to be done."""
    plan = catalogue.prepare(selection or Selection(), NOW, run)
    return catalogue.refs(plan, *EVERYTHING, None, 10_000)


def claimed(catalogue: Catalogue, run: RunId, ref: PartRef) -> Claim:
    claim = catalogue.claim(run, ref)
    assert claim is not None, f"{ref} could not be claimed"
    return claim


def commit(
    catalogue: Catalogue, claim: Claim, *failures: Failure, failed: bool = False, result: FileResult | None = None
) -> Committed:
    return catalogue.commit(
        claim,
        fingerprint=NOW[claim.ref.media_type],
        pages=0 if failed else claim.ref.window.pages,
        failed=failed,
        failures=failures,
        effort=Effort(parse_s=1.5, commit_s=0.25, cpu_s=1.25, peak_bytes=2**33),
        result=result,
    )


def processed(catalogue: Catalogue, run: RunId, refs: Sequence[PartRef], result: FileResult = GOOD) -> None:
    """All these parts are committed, and the files that are whole by that are finished."""
    for ref in refs:
        if commit(catalogue, claimed(catalogue, run, ref)).last:
            assert catalogue.finish(run, ref.file_id, result)


def failure(message: str = "It is broken", page: int | None = None, code: str = "corrupt_document") -> Failure:
    return Failure(code, message, "parse", f"{code} in parse: {message}", page=page, traceback="Traceback: …")


def states(catalogue: Catalogue, file_id: FileId) -> list[str]:
    return [state for _, _, state, _ in catalogue.part_outcomes(file_id)]


def sql(url: str, statement: str, **values: object) -> list[tuple[object, ...]]:
    """Behind the catalogue's back."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            return _rows(connection, statement, values)
    finally:
        engine.dispose()


def _rows(connection: Connection, statement: str, values: dict[str, object]) -> list[tuple[object, ...]]:
    done = connection.execute(text(statement), values)
    return [tuple(row) for row in done] if done.returns_rows else []


def kill(url: str, run: RunId, *, silent: bool = True) -> None:
    """The run looks dead: silent for an hour, or its process gone."""
    if silent:
        sql(url, "UPDATE runs SET heartbeat_at = now() - interval '1 hour' WHERE id = :run", run=run)
        # A server that has just started gives the living a quarter of the lease to be heard.
        sql(
            url,
            "SELECT pg_sleep(greatest(0, :grace - extract(epoch FROM now() - pg_postmaster_start_time())))",
            grace=LEASE_S / 4,
        )
    else:
        sql(url, "UPDATE runs SET process_started = process_started - 1 WHERE id = :run", run=run)
