"""A Ray that does not come up is told; one that was only slow is started once more."""

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
import ray

from kbray import budget
from kbray.config import Settings
from kbray.errors import ClusterUnavailable
from kbray.flow import cluster

SLOW = "The current node timed out during startup. This could happen because some of the raylet failed to startup"


class Starts:
    """`ray.init`: each start leaves a process with a child of its own, and ends with the next of these errors, or well."""

    def __init__(self, *errors: str) -> None:
        self._errors = list(errors)
        self.left: list[psutil.Process] = []
        self.started: list[subprocess.Popen[bytes]] = []

    def __call__(self, **_: object) -> None:
        parent = subprocess.Popen(["sh", "-c", "sleep 600 & echo started; wait"], stdout=subprocess.PIPE)
        self.started.append(parent)
        assert parent.stdout is not None
        assert parent.stdout.readline()
        parent.stdout.close()
        process = psutil.Process(parent.pid)
        self.left += [process, *process.children()]
        if self._errors:
            raise Exception(self._errors.pop(0))


def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *errors: str) -> tuple[str | None, list[bool]]:
    """What was told of it, and which of the processes live."""
    told = None
    starts = Starts(*errors)
    monkeypatch.setattr(ray, "init", starts)
    settings = Settings(home=tmp_path)
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        cluster._start(budget.of(settings, models=False), tmp_path)
    except ClusterUnavailable as error:
        told = error.message
    alive = [process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in starts.left]
    assert bystander.poll() is None, "what ran before is in nobody's way"
    bystander.kill()
    bystander.wait()
    for process, lives in zip(starts.left, alive, strict=True):
        if lives:
            process.kill()
    for one in starts.started:
        one.wait()
    return told, alive


def test_a_slow_one_is_given_a_second_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert start(monkeypatch, tmp_path, SLOW) == (None, [False, False, True, True])


def test_but_not_a_third(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told, alive = start(monkeypatch, tmp_path, SLOW, SLOW)
    assert told is not None
    assert told.startswith("Ray did not start on this machine, which may be short of processor time, memory or disk: The current")
    assert len(alive) == 4


def test_one_that_can_not_start_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told, alive = start(monkeypatch, tmp_path, "No such port\nand more")
    assert told is not None
    assert told.endswith("disk: No such port")
    assert len(alive) == 2


@pytest.mark.parametrize(("taken", "told"), [(False, FileNotFoundError), (True, ClusterUnavailable)])
def test_who_takes_its_folder_away_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, taken: bool, told: type[Exception]
) -> None:
    """Its workers failed to write their logs, which was told as a defect."""
    (folder := tmp_path / "ray").mkdir()
    up = cluster.Cluster(Settings(home=tmp_path), lambda: None, folder)
    monkeypatch.setattr(cluster._Kept, "now", cluster._Kept(ExitStack(), up))
    monkeypatch.setattr(cluster, "_log_to", lambda _: None)

    def work() -> None:
        with cluster.connected(up.settings, tmp_path / "log", models=False):
            if taken:
                folder.rmdir()
            raise FileNotFoundError("worker.out")

    with pytest.raises(told):
        work()


def test_a_user_without_a_home_folder_has_a_token_for_ray(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a container; Ray failed to make the folder for its own."""
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", "")
    monkeypatch.delenv("RAY_AUTH_TOKEN_PATH")
    monkeypatch.setenv("HOME", "/dev/null")
    cluster._have_token(tmp_path)
    token = tmp_path / "ray_auth_token"
    assert (os.environ["RAY_AUTH_TOKEN_PATH"], token.stat().st_mode & 0o777) == (str(token), 0o600)
    assert len(token.read_text()) > 30


def test_a_user_with_a_home_folder_has_rays_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    monkeypatch.delenv("RAY_AUTH_TOKEN_PATH", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    cluster._have_token(tmp_path)
    assert "RAY_AUTH_TOKEN_PATH" not in os.environ
