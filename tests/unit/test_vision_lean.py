"""What a CPU is given of a model answers what the file answers."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from kbray.vision import DEFAULT, regions
from kbray.vision.lean import lean
from kbray.vision.weights import layout_path


def saved(nodes: list[onnx.NodeProto], stored: dict[str, NDArray[np.float32]], path: Path) -> Path:
    graph = helper.make_graph(
        nodes,
        "made here",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 4, 4))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in stored.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8), path)
    return path


def test_weights_too_small_for_a_float_of_full_precision_are_none(tmp_path: Path) -> None:
    weights = np.array([1e-40, -1e-39, 2.0, 1e-37], np.float32)
    path = saved([helper.make_node("Mul", ["x", "w"], ["y"])], {"w": weights}, tmp_path / "tiny.onnx")
    (kept,) = onnx.load_from_string(lean(path)).graph.initializer
    assert numpy_helper.to_array(kept).tolist() == [0, 0, *weights[2:].tolist()]


def swish(*, plus: float = 3, most: float = 6, parts: float = 6, other: str = "x") -> list[onnx.NodeProto]:
    """x · clip(x + 3, 0, 6) / 6, and what is nearly that; `other`: what is added to."""
    stored = {"plus": plus, "least": 0.0, "most": most, "parts": parts}
    return [
        *(
            helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(one, np.float32)))
            for name, one in stored.items()
        ),
        helper.make_node("Abs", ["x"], ["z"]),
        helper.make_node("Add", [other, "plus"], ["moved"]),
        helper.make_node("Clip", ["moved", "least", "most"], ["clipped"]),
        helper.make_node("Mul", ["x", "clipped"], ["product"]),
        helper.make_node("Div", ["product", "parts"], ["y"]),
    ]


@pytest.mark.parametrize(
    ("nodes", "joined"),
    [
        (swish(), True),
        (swish(plus=2), False),
        (swish(most=5), False),
        (swish(parts=5), False),
        (swish(other="z"), False),
        (
            [*swish()[:-1], helper.make_node("Div", ["product", "parts"], ["w"]), helper.make_node("Add", ["w", "moved"], ["y"])],
            False,
        ),
    ],
)
def test_only_hard_swishes_are_joined(nodes: list[onnx.NodeProto], joined: bool, tmp_path: Path) -> None:
    path = saved(nodes, {}, tmp_path / "swish.onnx")
    made = lean(path)
    assert ("HardSigmoid" in {node.op_type for node in onnx.load_from_string(made).graph.node}) == joined
    image = np.linspace(-5, 5, 48, dtype=np.float32).reshape(1, 3, 4, 4)
    (found,), (expected,) = (onnxruntime.InferenceSession(one).run(None, {"x": image}) for one in (made, path))
    assert np.abs(found - expected).max() < 1e-5


def test_the_models_answer_as_their_files_do() -> None:
    chance = np.random.default_rng(5)
    detection, _ = DEFAULT.paths()
    for path, size in ((detection, (320, 256)), (layout_path(), regions.SIZE)):
        image = chance.normal(size=(1, 3, *size)).astype(np.float32)
        sessions = [onnxruntime.InferenceSession(one) for one in (lean(path), path)]
        for found, expected in zip(*(one.run(None, {one.get_inputs()[0].name: image}) for one in sessions), strict=True):
            assert np.abs(found - expected).max() < 1e-4
    kinds = Counter(node.op_type for node in onnx.load_from_string(lean(layout_path())).graph.node)
    assert kinds["Div"] == 0
    assert kinds["HardSigmoid"] == 96
