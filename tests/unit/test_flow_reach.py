"""What is said of a node that can't do the work."""

import re
from typing import Any

import pytest
import ray
from ray.exceptions import GetTimeoutError, RaySystemError

from kbray.flow import reach


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            GetTimeoutError("Get timed out: some object(s) not ready."),
            "it belongs to the cluster and has not answered for 60 s",
        ),
        (RaySystemError("No module named 'kbray'"), r"kbray can't be run there \(.*No module named 'kbray'.*\); install kbray"),
    ],
    ids=["silent", "without kbray"],
)
def test_a_silent_node_is_not_said_to_lack_kbray(error: Exception, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def get(_answer: Any, timeout: float) -> None:
        raise error

    monkeypatch.setattr(ray, "get", get)
    answer: Any = None
    found = reach._answered(answer)
    assert found is not None
    assert re.search(told, found)
