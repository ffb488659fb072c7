"""Who this process is, so that another on the same machine can tell whether it still lives."""

import json
import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Identity:
    host: str
    machine: str  # where `pid` means something: this boot, this pid namespace
    pid: int
    started: float  # tells a pid from the next process that gets it; comparable on one machine only


def this() -> Identity:
    pid = os.getpid()
    return Identity(socket.gethostname(), machine(), pid, _started(pid) or 0.0)


def job_id() -> str | None:
    """The submission id of the Ray job this process is, as the dashboard shows it; None when it is none."""
    config: dict[str, dict[str, str]] = json.loads(os.environ.get("RAY_JOB_CONFIG_JSON_ENV_VAR", "{}"))
    return config.get("metadata", {}).get("job_submission_id")


@cache
def machine() -> str:
    """The same for two processes exactly if they see each other under the pids they have."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    if boot.is_file():
        return f"{boot.read_text().strip()}/{os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116 (a magic link, not a path)
    return f"{socket.gethostname()}/{psutil.boot_time():.0f}"


def gone(identity: Identity) -> bool:
    """Whether that process has surely ended; False where it can't be seen from here."""
    return identity.machine == machine() and _started(identity.pid) != identity.started


def _started(pid: int) -> float | None:
    """When the process started; None: it has ended.

    On Linux in clock ticks since boot, since the time of day that psutil makes of it moves when the clock is set.
    """
    try:
        if not Path("/proc/self/stat").is_file():
            return psutil.Process(pid).create_time()
        # The name in parentheses may hold anything; state is the third field of the line, start time the 22nd.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, psutil.NoSuchProcess):
        return None
    return None if fields[0] in "ZX" else float(fields[19])
