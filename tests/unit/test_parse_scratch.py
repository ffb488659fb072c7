"""Temporary folders while others sweep."""

import threading
from pathlib import Path

from kbray.parse.sandbox.scratch import Scratch, sweep


def test_a_folder_that_is_just_made_is_not_swept(tmp_path: Path) -> None:
    enough = threading.Event()

    def sweeping() -> None:
        while not enough.is_set():
            sweep(tmp_path)

    sweepers = [threading.Thread(target=sweeping) for _ in range(3)]
    for sweeper in sweepers:
        sweeper.start()
    try:
        for _ in range(1000):
            scratch = Scratch("parse", tmp_path)
            (scratch.path / "stderr").write_text("written where it was made")
            scratch.remove()
    finally:
        enough.set()
        for sweeper in sweepers:
            sweeper.join()
