"""A Ray cluster of our own, with token authentication on."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.e2e.kbray_process import PATIENCE_S, SAMPLES, Kbray, wait_until
from tests.e2e.processes import below, kill, suspend
from tests.ports import free_port

ROOT = SAMPLES.parent
Node = subprocess.Popen[bytes]
# A dead node is noticed after a second or two instead of half a minute.
_ALERT = {
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "5",
    "RAY_health_check_timeout_ms": "1000",
}


class Head:
    """A Ray head on which kbray is installed and has its settings, and the environment in which its own commands find it."""

    def __init__(self, kbray: Kbray, folder: Path) -> None:
        self.kbray = kbray
        self._folder, self._log = folder, folder / "nodes.log"
        self._port, self._dashboard, self.metrics = free_port(), free_port(), free_port()
        self.address = f"127.0.0.1:{self._port}"
        self.url = f"http://127.0.0.1:{self._dashboard}"
        ours = {key: value for key, value in kbray.environment.items() if not key.startswith("RAY_")}
        self.environment = (
            ours
            | _ALERT
            | {
                "RAY_AUTH_MODE": "token",
                "RAY_AUTH_TOKEN": secrets.token_hex(32),
                "RAY_USAGE_STATS_ENABLED": "0",
                "RAY_USAGE_STATS_REPORT_URL": "http://127.0.0.1:9",  # it reports that, too
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            }
        )
        self._nodes: list[Node] = []

    def start(self) -> None:
        # A head that can't have one of its ports ends, or goes on without a dashboard, unless that is asked for by name.
        ports = [f"--port={self._port}", f"--dashboard-port={self._dashboard}", f"--metrics-export-port={self.metrics}"]
        ports += [f"--ray-client-server-port={free_port()}"]
        node = self._start([_ray(), "start", "--head", "--include-dashboard=true", f"--temp-dir={self._folder}", *ports])

        def answers() -> bool:
            assert node.poll() is None, f"Ray's head ended with {node.returncode}:\n{self._log.read_text()}"
            return self.job("list").returncode == 0

        wait_until(answers)

    def join(self, *prefix: str, gpus: int = 0) -> Node:
        """Another node, started by the command `prefix` where one is given, that says to have `gpus`."""
        node = self._start([*prefix, _ray(), "start", f"--address={self.address}", f"--num-gpus={gpus}"])
        wait_until(lambda: self._alive() == len(self._nodes))
        return node

    def _alive(self) -> int:
        """How many nodes the head knows to be alive; none while it is too busy to say."""
        command = [_ray(), "list", "nodes", "--address", self.url, "--filter", "state=ALIVE", "--format", "json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=60)
        return done.stdout.count('"node_id"')

    def _start(self, command: list[str]) -> Node:
        # Its usual port is one for the whole machine, and without it a node takes no jobs.
        command += [f"--dashboard-agent-listen-port={free_port()}"]
        command += ["--block", "--num-cpus=2", "--node-ip-address=127.0.0.1", "--object-store-memory=200000000"]
        with self._log.open("ab") as log:
            self._nodes.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log))
        return self._nodes[-1]

    def kill(self, node: Node) -> None:
        """As when its power fails."""
        everything = [*below(node.pid), psutil.Process(node.pid)]
        kill(everything)
        psutil.wait_procs(everything, timeout=10)
        node.wait()
        self._nodes.remove(node)

    def freeze(self, node: Node) -> None:
        """As when its cable is pulled: nothing of it answers, and nobody is told."""
        suspend([psutil.Process(node.pid), *below(node.pid)])

    def end(self) -> None:
        for node in reversed(self._nodes):
            self.kill(node)

    def submit(self, *entrypoint: object, options: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
        while True:
            done = self.job("submit", "--working-dir", ".", *options, "--", "python", *map(str, entrypoint))
            if "No available agent to submit job" not in said(done):
                return done
            time.sleep(1)  # the head is still coming up; the test's own time limit ends this

    def job(self, verb: str, *words: str, token: str | None = None) -> "subprocess.CompletedProcess[str]":
        """`ray job VERB …` against this head, with its token or another one."""
        command = [_ray(), "job", verb, "--address", self.url, *words]
        environment = self.environment | ({"RAY_AUTH_TOKEN": token} if token else {})
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S)

    def command(self, *words: object) -> "subprocess.Popen[str]":
        """`kbray WORDS --submit` here, from a machine without settings of its own."""
        here = {key: value for key, value in self.environment.items() if not key.startswith("KBRAY_")}
        return self._kbray(here, *words, "--submit", self.url)

    def joining(self, *words: object) -> "subprocess.Popen[str]":
        """`kbray WORDS --address` here."""
        return self._kbray(self.environment, *words, "--address", self.address)

    def _kbray(self, environment: dict[str, str], *words: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "kbray", *map(str, words)]
        pipe = subprocess.PIPE
        self.kbray.started.append(subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True))
        return self.kbray.started[-1]


def said(done: "subprocess.CompletedProcess[str]") -> str:
    return done.stdout + done.stderr


def _ray() -> str:
    return str(Path(sys.executable).with_name("ray"))
