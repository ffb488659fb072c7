"""A model in bfloat16, on CPUs that compute in it: OpenVINO, since onnxruntime has no operators for that."""

import threading
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


@cache
def computed_here() -> bool:
    """Whether this CPU multiplies in bfloat16 (AVX512-BF16, AMX). OpenVINO is installed on x86-64 only."""
    try:
        import openvino
    except ModuleNotFoundError:
        return False
    told: Any = openvino.Core().get_property("CPU", "INFERENCE_PRECISION_HINT")
    return bool(told == openvino.Type.bf16)


class Session:
    """As `engines.Session`: floats of single precision go in and come out. Safe to use in threads; they take turns."""

    def __init__(self, model: bytes, threads: int | None = None) -> None:
        import openvino

        # Without a word it ties its threads to cores, those of all actors to the same.
        options = {"INFERENCE_PRECISION_HINT": "bf16", "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
        core = openvino.Core()
        self._compiled = core.compile_model(core.read_model(model), "CPU", options | {"INFERENCE_NUM_THREADS": threads or 0})
        self._request = self._compiled.create_infer_request()
        self._turn = threading.Lock()

    def __call__(self, batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        with self._turn:
            return list(self._request.infer([batch], share_inputs=True).to_tuple())
