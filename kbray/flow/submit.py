"""submit: a command of kbray as a job on a Ray cluster, its words followed to its end."""

import asyncio
import logging
import os
import shlex
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

# Read by Ray when it is loaded. A cluster that asks for no token does not mind one.
if "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ or (Path.home() / ".ray" / "auth_token").is_file():
    os.environ.setdefault("RAY_AUTH_MODE", "token")

import aiohttp
import requests
from ray.exceptions import AuthenticationError
from ray.job_submission import JobStatus, JobSubmissionClient

from kbray.errors import ClusterUnavailable, ConfigError

logging.getLogger("ray.dashboard.modules.job.sdk").setLevel(logging.WARNING)  # that a job's log has ended is no news
INTERRUPTED = 130
STOP_WAIT_S = 12
"""Seconds from the wish to stop to the kill: Ray's own three are too few for parts in hand to be finished."""
PAUSE_S = 1.0
TIMES = 3
"""How often at most a job is submitted whose cluster dies."""
_LOST = (ConnectionError, RuntimeError, requests.RequestException, aiohttp.ClientError)
"""What Ray's client raises when the cluster has gone, or answers that it does not know the job."""


def submit(
    address: str, words: Sequence[str], *, patience_s: float, out: Callable[[str], None], say: Callable[[str], None]
) -> int:
    """Run `kbray WORDS` as a job, with the settings that the cluster's nodes have, and return its exit code.

    A job dies with its cluster. When that is back within `patience_s` the command is submitted again, and goes on where it was.
    The first KeyboardInterrupt stops the job in order, and the second one leaves it alone.

    Args: address: of the dashboard, `http://host:8265`.  out: gets what the job writes.  say: gets what the user is told beside.
    Raises: ConfigError: the cluster refuses the token. ClusterUnavailable: it can't be reached, or died again and again.
    """
    for _ in range(TIMES):
        try:
            client = _client(address, patience_s=0)
            job = _submitted(client, address, words, patience_s)
        except KeyboardInterrupt:
            say(f"Stopped before the cluster answered: `ray job list --address {address}` tells whether it took the job.")
            return INTERRUPTED
        say(f"Submitted as {job}; Ctrl-C ends it in order, as `ray job stop --address {address} {job}` does.")
        code = _Follower(address, job, patience_s, out, say).to_its_end(client)
        if code is not None:
            return code
        say("The cluster went away, and the job with it: it is submitted again.")
    raise ClusterUnavailable(f"The cluster at {address} lost the job {TIMES} times.")


def _client(address: str, *, patience_s: float) -> JobSubmissionClient:
    """Raises: ConfigError, ClusterUnavailable."""
    ends = time.monotonic() + patience_s
    while True:
        try:
            return JobSubmissionClient(address)
        except AuthenticationError:
            raise ConfigError(
                f"The cluster at {address} wants another token: set RAY_AUTH_TOKEN, or RAY_AUTH_TOKEN_PATH, to the one that it "
                "was started with."
            ) from None
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{address!r} is no address of a Ray dashboard, such as http://127.0.0.1:8265: {error}") from None
        except _LOST:
            if time.monotonic() >= ends:
                tried = f", after {patience_s:g} s of trying" if patience_s else ""
                raise ClusterUnavailable(f"No Ray dashboard answers at {address}{tried}.") from None
        time.sleep(PAUSE_S)


def _submitted(client: JobSubmissionClient, address: str, words: Sequence[str], patience_s: float) -> str:
    """Its id. A head that comes up answers a few seconds before it takes jobs. Raises: ClusterUnavailable."""
    ends = time.monotonic() + patience_s
    while True:
        try:
            made: str = client.submit_job(
                entrypoint=shlex.join(["python", "-m", "kbray", *words]),
                runtime_env={"env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": str(STOP_WAIT_S)}},
            )
            return made
        except _LOST as error:
            if time.monotonic() >= ends:
                raise ClusterUnavailable(f"The cluster at {address} takes no job: {str(error).partition(chr(10))[0]}") from None
        time.sleep(PAUSE_S)


class _Follower:
    """Shows what one job writes, over the loss of the connection, too."""

    def __init__(self, address: str, job: str, patience_s: float, out: Callable[[str], None], say: Callable[[str], None]) -> None:
        self._address = address
        self._job = job
        self._patience_s = patience_s
        self._out = out
        self._say = say
        self._shown = 0  # characters; a log is always told from its beginning
        self._wishes = 0  # of the user to end it
        self._stopping = False

    def to_its_end(self, client: JobSubmissionClient) -> int | None:
        """The job's exit code; None: its cluster went away with it, and nobody had asked it to stop."""
        # Counted, not only raised: asyncio makes of Ctrl-C a cancellation, which a task that just ends forgets.
        before = signal.signal(signal.SIGINT, self._wish)
        try:
            return self._followed(client)
        finally:
            signal.signal(signal.SIGINT, before)

    def _wish(self, *_: object) -> None:
        self._wishes += 1
        raise KeyboardInterrupt

    def _followed(self, client: JobSubmissionClient) -> int | None:
        stop = lost = False  # the job is to be told; the cluster is to be found again
        while True:
            try:
                if self._wishes > 1:
                    self._say(f"The job goes on by itself: `ray job status --address {self._address} {self._job}`.")
                    return INTERRUPTED
                if self._wishes and not self._stopping:
                    self._stopping = stop = True
                    self._say("Stopping the job: parts in flight are finished. Press Ctrl-C again to leave at once.")
                if lost:
                    time.sleep(PAUSE_S)
                    client = _client(self._address, patience_s=self._patience_s)
                    if self._job not in {found.submission_id for found in client.list_jobs()}:
                        return self._ended(None)
                    lost = False
                if stop:
                    client.stop_job(self._job)
                    stop = False
                if not self._stopping:
                    asyncio.run(self._show(client.tail_job_logs(self._job)))
                info = client.get_job_info(self._job)
                if self._stopping:  # Ray ends what it tells of a log up to five seconds after the job's end
                    self._tell(client.get_job_logs(self._job))
                if info.status.is_terminal():
                    return self._ended(info)
                time.sleep(PAUSE_S)
            except KeyboardInterrupt:
                continue
            except _LOST:
                lost = True

    def _ended(self, info: Any) -> int | None:
        """A job without an exit code was not ended by its own process: it or its node is gone, or it was stopped at once."""
        if info is not None and info.driver_exit_code is not None and info.status != JobStatus.STOPPED:
            return int(info.driver_exit_code)
        return INTERRUPTED if self._stopping or (info is not None and info.status == JobStatus.STOPPED) else None

    async def _show(self, lines: AsyncIterator[str]) -> None:
        told = 0
        async for text in lines:
            if self._wishes:
                break  # its interrupt was lost on the way
            told += len(text)
            self._tell(text, told)

    def _tell(self, text: str, end: int | None = None) -> None:
        """What of it is new. Args: end: where in the log it ends; None: it is the whole log."""
        end = len(text) if end is None else end
        if end > self._shown:
            self._out(text[self._shown - end :])
            self._shown = end
