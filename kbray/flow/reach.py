"""reach: whether every node of a cluster that was joined can do the work, told before any of it begins."""

import secrets

import ray
from ray.exceptions import GetTimeoutError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import kbray
from kbray.config import Settings
from kbray.errors import ConfigError, DatabaseUnavailable, ObjectStoreUnavailable
from kbray.wiring import Wiring

PATIENCE_S = 60
"""For a node to start a worker and to answer."""


def check(settings: Settings) -> None:
    """Each node has this kbray, reaches the database, and sees an object that was put here.

    Raises: ConfigError: one does not; with the remedy.
    """
    with Wiring(settings) as wired:
        key = f"probe/{secrets.token_hex(8)}"
        wired.objects().put(key, b"")
        try:
            answers = {node: _ask(node, settings, key) for node in _alive()}
            for node, answer in answers.items():
                # A node that is gone meanwhile, as a laptop whose lid was closed, is no part of the cluster any more.
                if (lack := _answered(answer)) and (host := _alive().get(node)):
                    raise ConfigError(f"The node {host} of the Ray cluster can't do the work: {lack}")
        finally:
            wired.objects().delete([key])


def _alive() -> dict[str, str]:
    """Node → its address."""
    return {node["NodeID"]: node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]}


def _ask(node: str, settings: Settings, key: str) -> "ray.ObjectRef[str | None]":
    there = NodeAffinitySchedulingStrategy(node_id=node, soft=False)
    task = ray.remote(num_cpus=0, max_retries=0)(_lack).options(scheduling_strategy=there)
    reference: ray.ObjectRef[str | None] = task.remote(settings.model_copy(update={"patience_s": 0}), kbray.__version__, key)
    return reference


def _answered(answer: "ray.ObjectRef[str | None]") -> str | None:
    try:
        lack: str | None = ray.get(answer, timeout=PATIENCE_S)
    except GetTimeoutError:
        return (
            f"it belongs to the cluster and has not answered for {PATIENCE_S} seconds: it may be overloaded, asleep or cut off. "
            "Run the command again when it answers, or take it out of the cluster (`ray stop` there)."
        )
    except RayError as error:
        why = str(error).strip().rpartition("\n")[2]
        return f"kbray can't be run there ({why}); install kbray {kbray.__version__} in the Python that Ray was started with."
    return lack


def _lack(settings: Settings, version: str, key: str) -> str | None:
    """Run on the node: what it lacks, and what to do about it."""
    if kbray.__version__ != version:
        return f"it has kbray {kbray.__version__}, and here is {version}; install the same."
    with Wiring(settings) as wired:
        try:
            wired.catalogue().revision()
        except (DatabaseUnavailable, ConfigError):
            return "it does not reach the database; set database_url to a PostgreSQL server that all nodes reach."
        try:
            if wired.objects().exists(key):
                return None
        except (ObjectStoreUnavailable, ConfigError):
            pass
        return (
            f"it does not see what lies in {wired.settings.objects}; set objects_url to s3://bucket/prefix, or to a folder that "
            "all nodes share under this name."
        )
