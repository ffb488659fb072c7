"""`kbray run`: sync, process and index in one go."""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kbray.cli import index as indexing
from kbray.cli import process as processing
from kbray.cli import status
from kbray.cli import sync as syncing
from kbray.cli.options import Address, Json, MaxFiles, Memory, Only, RetryFailed, RetryPoor, Stale, Workers
from kbray.cli.render import out, out_json, say
from kbray.cli.session import wired
from kbray.cli.stopping import INTERRUPTED
from kbray.cli.sync import Paths
from kbray.ops.find import unfitting

if TYPE_CHECKING:
    from kbray.wiring import Wiring


def run(
    paths: Paths,
    max_files: MaxFiles = None,
    only: Only = None,
    retry_failed: RetryFailed = False,
    retry_poor: RetryPoor = False,
    stale: Stale = False,
    address: Address = None,
    workers: Workers = None,
    memory: Memory = None,
    no_vectors: indexing.NoVectors = False,
    json: Json = False,
) -> None:
    """Take in folders, process what is in them, and make it searchable: sync, process, index.

    Safe to repeat: what is known and unchanged costs nothing. Exit code 1: some files could not be read or failed.
    """
    from kbray.catalogue import Selection

    with wired(ray_address=address, workers=workers, memory=memory, vectors=False if no_vectors else None) as wiring:
        synced = syncing.take_in(wiring, paths)
        if not json:
            (say if synced.interrupted else out)(syncing.describe(synced))
        if synced.interrupted:
            raise typer.Exit(INTERRUPTED)
        selection = processing.select(
            wiring, max_files=max_files, only=only, retry_failed=retry_failed, retry_poor=retry_poor, stale=stale
        )
        from kbray.flow import cluster  # Ray takes its time to load

        if unfit := unfitting(wiring.catalogue(), only):
            say(unfit)
        with cluster.kept():
            processed = processing.work(wiring, selection, command="run")
            if not json:
                out(processing.describe(processed, "run"))
            if processed.state == "interrupted":
                if json:
                    out_json({"sync": synced, "process": processed, "index": None, "vectors": None})
                raise typer.Exit(INTERRUPTED)
            selection = Selection(only=only, max_files=max_files)
            indexed = indexing.work(wiring, selection, command="run")
            if not json:
                out(indexing.describe(indexed, "run"))
            embedded = indexing.work_vectors(wiring, selection, indexed, command="run")
        if json:
            out_json({"sync": synced, "process": processed, "index": indexed, "vectors": embedded})
        else:
            out((indexing.describe_vectors(embedded, "run") if embedded else "") + "\n")
            out("\n".join(status.lines(status.looking(wiring)())))
            out(_what_next(wiring))
    processing.finish(processed)
    processing.finish(indexed)
    if embedded:
        processing.finish(embedded)
    if synced.problems:
        raise typer.Exit(1)


def called() -> str:
    """How kbray is called from here."""
    if shutil.which("kbray"):
        return "kbray"
    if Path(sys.argv[0]).name == "kbray":
        return os.path.relpath(sys.argv[0])
    return f"{sys.orig_argv[0]} -m kbray"  # whose main file may be kbray's own or a job's: none that one would type


def _what_next(wiring: "Wiring") -> str:
    """Where the results lie, and the commands to try."""
    here = called()
    return f"""
Results: {wiring.objects().url}, docs/<sha256>/<fingerprint>/ with document.md, elements.parquet and document.json

Try next
  {here} search WORDS               the passages that answer
  {here} files                      what there is
  {here} show NAME                  one file: where, what, how it went
  {here} export NAME                its text as Markdown
  {here} errors                     what failed, and what to do about it"""
