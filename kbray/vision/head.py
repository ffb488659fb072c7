"""The recognition model on a CPU, its last layer in two: ideographs are most of its classes, and looked at where they may be.

A fifth of the model's time goes into scoring 18,710 classes at each step of a line, 15,908 of them ideographs. A step that one
of the other classes answers clearly is no ideograph; all other steps, and so every line of Chinese or Japanese, see all classes.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbray.runtimes import OnnxRuntime, Run
from kbray.vision.detection import Pixels
from kbray.vision.engines import Arrays, normalised
from kbray.vision.lean import lean

SURE = 20.0
"""Score (before softmax) from which a class that is no ideograph is beaten by none.

Where an ideograph was read, the best other class had 16.6 at most, in 413,344 steps of 70 PDFs and 16 page images in about 20
languages; nine tenths of the steps where none was read have more than 20.
"""


class SplitRecognition:
    """An engine whose answers are those of `OnnxEngine(path, best)`: the best class and its chance, (n, steps) each."""

    def __init__(
        self,
        path: Path,
        characters: Sequence[str],
        *,
        threads: int | None = None,
        runtime: Callable[[bytes, int | None], Run] = OnnxRuntime,
    ) -> None:
        """`characters`: what the classes from 1 on stand for. The model must end in one matrix, a bias and a softmax."""
        import onnx

        model = lean(path)
        inside, matrix, bias = _last_layer(model)
        rare = np.array([number for number, one in enumerate(characters, 1) if is_ideograph(one)])
        usual = np.setdiff1d(np.arange(len(bias)), rare)
        self._classes = np.concatenate([usual, rare])
        body = onnx.utils.Extractor(model).extract_model([model.graph.input[0].name], [inside])
        _append_layer(body.graph, inside, matrix[:, usual], bias[usual])
        self._body = runtime(body.SerializeToString(), threads)
        tail = onnx.ModelProto(ir_version=body.ir_version, opset_import=body.opset_import)
        tail.graph.name = "ideographs"
        tail.graph.input.append(onnx.helper.make_tensor_value_info("rows", onnx.TensorProto.FLOAT, [None, len(matrix)]))
        _append_layer(tail.graph, "rows", matrix[:, rare], bias[rare])
        self._tail = runtime(tail.SerializeToString(), threads)

    def __call__(self, images: Pixels) -> Arrays:
        inside, scores = self._body(normalised(images))
        steps = scores.shape[:2]
        inside, scores = inside.reshape(-1, inside.shape[2]), scores.reshape(-1, scores.shape[2])
        best, chances = _best(scores)
        doubtful = np.flatnonzero(scores[np.arange(len(best)), best] < SURE)
        if len(doubtful):
            (rare,) = self._tail(inside[doubtful])
            best[doubtful], chances[doubtful] = _best(np.concatenate([scores[doubtful], rare], axis=1))
        return self._classes[best].reshape(steps), chances.reshape(steps)


def is_ideograph(character: str) -> bool:
    """Chinese characters, wherever Unicode has put them."""
    return len(character) == 1 and any(first <= ord(character) <= last for first, last in _IDEOGRAPHS)


_IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def _best(scores: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(rows, classes) → the best class of each row and its chance by softmax."""
    best = scores.argmax(1)
    top = np.take_along_axis(scores, best[:, None], 1)
    return best, 1 / np.exp(scores - top).sum(1)


def _last_layer(model: Any) -> tuple[str, NDArray[np.float32], NDArray[np.float32]]:
    """The name of what goes into the last layer, its matrix (depth, classes) and bias (classes)."""
    from onnx import numpy_helper

    made_by = {output: node for node in model.graph.node for output in node.output}
    stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}

    def step(name: str, kind: str) -> tuple[str, Any]:
        node = made_by[name]
        while node.op_type == "Identity":
            node = made_by[node.input[0]]
        if node.op_type != kind:
            raise ValueError(f"The recognition model ends in {node.op_type} where {kind} was expected.")
        return node.input[0], stored.get(node.input[1]) if len(node.input) > 1 else None

    scores, _ = step(model.graph.output[0].name, "Softmax")
    product, bias = step(scores, "Add")
    inside, matrix = step(product, "MatMul")
    return inside, matrix, bias


def _append_layer(graph: Any, inside: str, matrix: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """`scores` = inside · matrix + bias, as one more output."""
    from onnx import TensorProto, helper, numpy_helper

    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(matrix), "matrix"))
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(bias), "bias"))
    graph.node.append(helper.make_node("MatMul", [inside, "matrix"], ["product"]))
    graph.node.append(helper.make_node("Add", ["product", "bias"], ["scores"]))
    graph.output.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, None))
