"""A small library for the tests of commands: synced for real, processed for real but without Ray."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from kbray import cli, objects, parse
from kbray.catalogue import Catalogue, Selection
from kbray.config import Settings
from kbray.document import grading, manifest, markdown
from kbray.document.arrow import elements_to_parquet
from kbray.document.assemble import assemble, summarise
from kbray.errors import KbrayError, signature
from kbray.model import Claim, Effort, Failure, FileId, FileResult
from kbray.ops import sync as syncing
from kbray.ops.runs import RecordedRun
from kbray.ops.sync.walk import roots_of
from kbray.parse.sandbox.parent import Sandbox
from kbray.ports import Objects

ODD_NAME = "[red]odd[bold] \x1b[31m\u202e name.html"
HTML = "<!DOCTYPE html><html lang='en'><head><title>{0}</title></head><body><h1>{0}</h1><p>Words about {0}.</p></body></html>"


@dataclass
class Library:
    """A folder of documents, and the catalogue and store they are in."""

    tree: Path
    catalogue: Catalogue
    settings: Settings

    @property
    def store(self) -> Objects:
        return objects.connect(self.settings)

    def write(self, name: str, text: str) -> Path:
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def page(self, name: str, title: str) -> Path:
        return self.write(name, HTML.format(title))

    def sync(self) -> syncing.SyncOutcome:
        with RecordedRun(self.catalogue, "sync", {}, lease_s=60, heartbeat_s=5) as run:
            return syncing.sync(
                self.catalogue, self.store, partial(Sandbox, self.settings), self.settings, roots_of([str(self.tree)]), run
            )

    def process(self, failing: dict[str, Failure] | None = None, *, partly: bool = False) -> None:
        """Every pending part is parsed and its file finished; those named in `failing` with that failure, `partly` or whole."""
        fingerprints = {kind: parse.fingerprint(kind, self.settings) for kind in parse.MEDIA_TYPES}
        run = self.catalogue.start_run("process", {})
        plan = self.catalogue.prepare(Selection(), fingerprints, run)
        for ref in self.catalogue.refs(plan, 0, 2**62, None, 1000):
            claim = self.catalogue.claim(run, ref)
            assert claim is not None
            name = self.catalogue.file(ref.file_id).row.name
            failure = (failing or {}).get(name)
            result, failures = self._work(claim, fingerprints.get(ref.media_type, "none"), failure, partly)
            self.catalogue.commit(
                claim,
                fingerprint=result.fingerprint,
                pages=0,
                failed=result.failed,
                failures=failures,
                effort=Effort(parse_s=0.5, cpu_s=0.4, peak_bytes=60_000_000),
                result=result,
            )
        self.catalogue.end_run(run, "succeeded")

    def _work(
        self, claim: Claim, fingerprint: str, failure: Failure | None, partly: bool
    ) -> tuple[FileResult, tuple[Failure, ...]]:
        """Parse one single-part file in this process and upload its results."""
        ref = claim.ref
        try:
            with self.store.local(f"raw/{ref.sha256}") as path:
                parsed = None if failure and not partly else parse.parse(path, ref.media_type, ref.window, self.settings)
        except KbrayError as error:
            parsed, failure = None, a_failure(error.code, error.message)
        failures = (failure,) if failure else ()
        document = assemble(
            [parsed],
            sha256=ref.sha256,
            fingerprint=fingerprint,
            media_type=ref.media_type,
            expected=[ref.window],
            failures=failures,
        )
        quality = grading.grade(document)
        result = summarise(document, quality)
        if not result.failed:
            prefix = f"docs/{ref.sha256}/{fingerprint}"
            self.store.put(f"{prefix}/elements.parquet", elements_to_parquet(document))
            self.store.put(f"{prefix}/document.md", markdown.render(document.elements).encode())
            self.store.put(f"{prefix}/document.json", manifest.render(document, quality).encode())
        return replace(result, fingerprint=fingerprint), failures

    def id_of(self, name: str) -> FileId:
        return next(row.id for row in self.catalogue.files() if row.name == name)


def a_failure(code: str, message: str) -> Failure:
    return Failure(code, message, "parse", signature(code, "parse", message), traceback="Traceback …\n  in the parser\n")


Run = Callable[..., tuple[int, str, str]]


def asking(capsys: pytest.CaptureFixture[str]) -> Run:
    """kbray with these arguments, in this process: exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return call
