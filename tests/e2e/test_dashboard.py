"""Ray's dashboard of a run on this machine, with the real Ray: it comes up beside the work."""

import json
import re
import subprocess
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from tests.e2e.kbray_process import PATIENCE_S, Kbray

BEGIN = """
import json, time
from pathlib import Path
import psutil, ray
from ray.data._internal import stats
from kbray.config import load
from kbray.flow import cluster, dashboard

def command(process):
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # gone since it was listed
        return ""

NAME = "dash" + "board.py"  # which a fork of this process, that has its command for a moment, must not have in it

def theirs():
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if NAME in (line := command(child)) or line.startswith("ray-dashboard")]

def tell(**told):
    print(json.dumps(told), flush=True)

dashboard.AFTER_S = 6  # longer than a busy machine takes to look for it
with cluster.connected(load(), Path("ray.log"), models=False) as up:
"""
SHOWN = """
    first, early = theirs(), ray.data.range(4).sum("id")
    while not up.dashboard():
        time.sleep(0.1)
    late = ray.data.range(5).sum("id")
    known = ray.get(stats.get_or_create_stats_actor().get_datasets.remote())
    tell(first=first, early=early, late=late, known=len(known), url=up.dashboard(), theirs=theirs())
    input()
tell(left=theirs())
"""
ENDED = """
    while not theirs():
        time.sleep(0.01)
    assert up.dashboard() is None
    time.sleep(AFTER)
    tell(url=up.dashboard(), theirs=theirs())
tell(left=theirs())
"""


def start(kbray: Kbray, script: str, **environment: str) -> "tuple[subprocess.Popen[str], dict[str, Any]]":
    """Python with a cluster, and the first that it told of it."""
    kbray.home.mkdir()
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + script],
        cwd=kbray.home,
        env=kbray.environment | {"KBRAY_RAY_DASHBOARD": "true"} | environment,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
    )
    kbray.started.append(process)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def end(process: "subprocess.Popen[str]", told: dict[str, Any]) -> None:
    out, err = process.communicate("enough\n", timeout=PATIENCE_S)
    assert (process.returncode, json.loads(out), err) == (0, {"left": []}, "")
    assert told["theirs"]
    assert not any(map(psutil.pid_exists, told["theirs"]))


def test_it_comes_up_beside_the_work_and_asks_for_a_token(kbray: Kbray) -> None:
    process, told = start(kbray, SHOWN)
    assert told["first"] == []
    assert (told["early"], told["late"]) == (6, 10)
    assert told["known"] == 2, "it shows what ran before, too"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", told["url"])
    with pytest.raises(HTTPError, match="401"):
        urlopen(f"{told['url']}/api/jobs/")
    end(process, told)


@pytest.mark.parametrize(("after_s", "patience_s"), [(0, 60), (5, 0)], ids=["coming", "failed"])
def test_one_that_is_not_up_at_the_end_is_in_nobodys_way(kbray: Kbray, after_s: int, patience_s: int) -> None:
    """It is still to come, or Ray gave it up and has lost sight of it."""
    process, told = start(kbray, ENDED.replace("AFTER", str(after_s)), RAY_DASHBOARD_STARTUP_TIMEOUT_S=str(patience_s))
    assert told["url"] is None
    end(process, told)
