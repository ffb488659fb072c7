"""What runs a model on a CPU: onnxruntime, or OpenVINO where it is installed. Importing this loads neither."""

import ctypes
import threading
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_KEPT = 192 * 2**20
"""Bytes of memory that the models of a process share and keep, weights included; what an image never touches costs nothing."""


class Run(Protocol):
    """A model in memory: its inputs, in their order → its outputs, all of single precision."""

    def __call__(self, *inputs: "NDArray[float32]") -> "list[NDArray[float32]]": ...


class OnnxRuntime:
    """A model, from its ONNX, on `threads` cores (all, when not given)."""

    def __init__(self, model: bytes, threads: int | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads or 0
        options.inter_op_num_threads = 1
        # Plans of memory, one for each size of image, would be made more often than they are used: a twelfth of the time.
        options.enable_mem_pattern = False
        _share_memory()
        options.add_session_config_entry("session.use_env_allocators", "1")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._inputs = [one.name for one in self._session.get_inputs()]
        # Images differ in size, and the arena keeps a piece for each, beside its first: after ten pages an actor had 1,484 MB.
        self._options = onnxruntime.RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def __call__(self, *inputs: "NDArray[float32]") -> "list[NDArray[float32]]":
        named = dict(zip(self._inputs, inputs, strict=True))
        made: list[NDArray[float32]] = self._session.run(None, named, self._options)
        return made


@cache
def _share_memory() -> None:
    """One arena for all models of this process, whose first piece is kept where others are given back after each image.

    To get all of an image's memory anew took a quarter of detection's time; most images need no more than this piece.
    """
    import onnxruntime

    place = onnxruntime.OrtMemoryInfo("Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT)
    # A strategy of 0 doubles the pieces, and is the one that keeps the first.
    sizes = {"max_mem": 0, "arena_extend_strategy": 0, "initial_chunk_size_bytes": _KEPT}
    onnxruntime.create_and_register_allocator(place, onnxruntime.OrtArenaCfg(sizes))


class OpenVino:
    """As `OnnxRuntime`, in bfloat16 where the CPU multiplies in it. Safe to use in threads; they take turns."""

    def __init__(self, model: Any, threads: int | None = None, *, half: bool = True) -> None:
        """Args: model: ONNX, or an `openvino.Model`.  half: False: in single precision on any CPU."""
        core = _core()
        # Without a word it ties its threads to cores, those of all actors to the same.
        options: dict[str, Any] = {"NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False, "INFERENCE_NUM_THREADS": threads or 0}
        if not half:
            options["INFERENCE_PRECISION_HINT"] = "f32"
        known = core.read_model(model) if isinstance(model, bytes) else model
        self._request = core.compile_model(known, "CPU", options).create_infer_request()
        self._turn = threading.Lock()

    def __call__(self, *inputs: "NDArray[float32]") -> "list[NDArray[float32]]":
        with self._turn:
            return list(self._request.infer(list(inputs), share_inputs=True).to_tuple())


def has_openvino() -> bool:
    """It is installed on x86-64 only."""
    return find_spec("openvino") is not None


@cache
def computes_in_bfloat16() -> bool:
    """Whether OpenVINO is there, and this CPU multiplies in bfloat16 (AVX512-BF16, AMX)."""
    if not has_openvino():
        return False
    import openvino

    told: Any = _core().get_property("CPU", "INFERENCE_PRECISION_HINT")
    return bool(told == openvino.Type.bf16)


@cache
def _core() -> Any:
    """One for the life of the process. Each lays a stack for signals, and takes away its own: of several that go in another order
    than they came one leaves the thread with a stack that is gone, and the next signal ends the process."""
    import openvino

    return openvino.Core()


def trim() -> None:
    """Give back what loading a model took beside what it left: glibc keeps 40 MB and more of it."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other systems have none
    if malloc_trim is not None:
        malloc_trim(0)
