"""Draws docs/terminal.svg: what `kbray run samples` writes on this machine, in a home of its own. Run it while nothing else runs.

python docs/terminal.py
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from kbray.catalogue import embedded

FOLDER = Path(__file__).parent
SHOWN_HOME = "/home/you/.local/share/kbray"
PROGRESS = re.compile(r"[0-9][0-9.]* (?:s|min)\b.*: files ")


def draw(text: str) -> str:
    """As SVG, a hundred characters wide."""
    console = Console(record=True, width=100, file=io.StringIO(), markup=False, highlight=False)
    console.print(text)
    return console.export_svg(title="kbray")


def run() -> str:
    """What a user reads at the end; lines of progress vanish on a terminal."""
    with tempfile.TemporaryDirectory(prefix="kbray-") as home:
        environment = {**os.environ, "KBRAY_HOME": home, "KBRAY_RAY_DASHBOARD": "false"}
        told = subprocess.run(
            [sys.executable, "-m", "kbray", "run", "samples"],
            cwd=FOLDER.parent,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,  # 1: a sample is broken on purpose
        ).stdout
        embedded.stop(Path(home), force=True)
    lines = [line for line in told.splitlines() if not PROGRESS.match(line)]
    return re.sub(r"\S*kbray/__main__\.py(?= )", "kbray", "\n".join(["$ make run", *lines]).replace(home, SHOWN_HOME))


if __name__ == "__main__":
    (FOLDER / "terminal.svg").write_text(draw(run()), encoding="utf-8")
