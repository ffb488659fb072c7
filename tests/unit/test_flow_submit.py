"""Following a job: all that it wrote is shown once, and who stops it need not wait for more than its end."""

import os
import signal
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from ray.job_submission import JobStatus

from kbray.flow import submit
from kbray.flow.submit import INTERRUPTED
from kbray.flow.submit import submit as submitted

LOG = "10 s: 3 files done\nStopping\n17 files processed\n"


class Job:
    """A job that ends two looks after it was told to stop; what Ray tells of its log never ends."""

    def __init__(self) -> None:
        self.left: int | None = None

    def submit_job(self, **_: object) -> str:
        return "raysubmit_1"

    def stop_job(self, _: str) -> None:
        self.left = 2

    async def tail_job_logs(self, _: str) -> AsyncIterator[str]:
        assert self.left is None, "it would be waited for"
        yield LOG[:7]
        yield LOG[7:19]
        os.kill(os.getpid(), signal.SIGINT)
        yield LOG[19:20]

    def get_job_info(self, _: str) -> SimpleNamespace:
        assert self.left is not None
        self.left -= 1
        return SimpleNamespace(status=JobStatus.RUNNING if self.left else JobStatus.STOPPED, driver_exit_code=None)

    def get_job_logs(self, _: str) -> str:
        return LOG if not self.left else LOG[:25]


def test_a_job_that_was_stopped_is_over_when_its_process_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submit, "JobSubmissionClient", lambda _: Job())
    monkeypatch.setattr(submit, "PAUSE_S", 0)
    shown, told = list[str](), list[str]()

    code = submitted("http://127.0.0.1:1", ["process"], patience_s=0, out=shown.append, say=told.append)

    assert code == INTERRUPTED
    assert "".join(shown) == LOG
    assert told[-1].startswith("Stopping the job")
