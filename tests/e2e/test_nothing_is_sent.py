"""README: "Nothing of yours is sent anywhere". By no process of ours or of what we use, whatever makes the connection."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.kbray_process import PATIENCE_S, SAMPLES, Kbray

COMMANDS = """
kbray() { "$PYTHON" -m kbray "$@"; }
kbray run "$SAMPLES" || test $? -eq 1  # one is broken on purpose
kbray search "where do lost files hide"
kbray inspect --out "$OUT/page.html" field-guide.epub
kbray export --format unstructured field-guide.epub
kbray doctor
"$PYTHON" -c 'import kbray; assert kbray.open().search("lost files")'
"""
IN_WHICH_CLOUD = {"169.254.169.254 80", "metadata.google.internal"}
"""Ray's dashboard asks that, and nothing can keep it from asking (docs/security.md)."""


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None or not Path("/dev/net/tun").exists(),
    reason="it gets a network of its own, which only root may make",
)
def test_no_packet_leaves_the_machine(kbray: Kbray, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    here = {"PYTHON": sys.executable, "SAMPLES": str(SAMPLES), "OUT": str(tmp_path)}
    with_all = {"KBRAY_RAY_DASHBOARD": "true", "KBRAY_VECTORS": "true"}
    alone = ["unshare", "--net", "--mount", "--propagation", "private", sys.executable, "-m", "tests.e2e.alone", str(seen)]

    done = subprocess.run(
        [*alone, "bash", "-euc", COMMANDS + "printf probe > /dev/udp/203.0.113.7/99"],
        env=kbray.environment | with_all | here,
        cwd=SAMPLES.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    wanted = set(seen.read_text().splitlines())
    assert "203.0.113.7 99" in wanted, "what is sent is not seen"
    assert wanted - {"203.0.113.7 99"} <= IN_WHICH_CLOUD
