"""docker-compose.yml as `docker compose config` resolves it; where there is no Docker Compose, by reading it ourselves."""

import functools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<how>:[-?])(?P<rest>[^}]*))?\})")


class RefusedError(Exception):
    """The file can't be resolved; the message is Docker Compose's, or ours."""


@functools.cache
def command() -> list[str] | None:
    """Docker Compose on this machine."""
    for words in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(words[0]) and subprocess.run([*words, "version"], capture_output=True, check=False).returncode == 0:
            return words
    return None


def resolved(environment: Mapping[str, str], profiles: Sequence[str], folder: Path) -> dict[str, Any]:
    """The services that start with these profiles. `environment` stands in an .env file made in `folder`; nothing else is seen.

    Raises: RefusedError.
    """
    words = command()
    if words is None:
        return _read(environment, profiles)
    env = folder / ".env"
    env.write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
    asked = [*words, "--file", str(ROOT / "docker-compose.yml"), "--env-file", str(env)]
    asked += [word for profile in profiles for word in ("--profile", profile)]
    asked += ["config", "--format", "json"]
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}  # no variable of this machine's may fill a gap
    done = subprocess.run(asked, env=bare, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RefusedError(done.stderr)
    config: dict[str, Any] = json.loads(done.stdout)
    return config


def _read(environment: Mapping[str, str], profiles: Sequence[str]) -> dict[str, Any]:
    """What of it we look at is brought to Docker Compose's own form."""
    config: dict[str, Any] = _filled_in(yaml.safe_load((ROOT / "docker-compose.yml").read_text()), environment)
    services = config["services"]
    config["services"] = {n: s for n, s in services.items() if not s.get("profiles") or {*s["profiles"]} & {*profiles}}
    for service in config["services"].values():
        service["ports"] = [_port(port) for port in service.get("ports", [])]
    return config


def _port(short: str) -> dict[str, Any]:
    *address, published, target = short.rsplit(":", 2)
    return {"host_ip": "".join(address), "published": published, "target": int(target)}


def _filled_in(node: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _filled_in(value, environment) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled_in(item, environment) for item in node]
    return _VARIABLE.sub(lambda found: _value(found, environment), node) if isinstance(node, str) else node


def _value(found: "re.Match[str]", environment: Mapping[str, str]) -> str:
    if found["escaped"]:
        return "$"
    if value := environment.get(found["name"]):
        return value
    if found["how"] == ":?":
        raise RefusedError(f"required variable {found['name']} is missing a value: {found['rest']}")
    return found["rest"] or ""
