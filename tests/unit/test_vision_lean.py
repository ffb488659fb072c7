"""What a CPU is given of a model answers what the file answers."""

import resource
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import psutil
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from kbray.vision import DEFAULT, regions
from kbray.vision.engines import OnnxEngine
from kbray.vision.lean import lean
from kbray.vision.ocr import chances
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
    (kept,) = lean(path).graph.initializer
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
    assert ("HardSigmoid" in operators(made)) == joined
    assert apart(made, path) < 1e-5


def operators(model: onnx.ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in model.graph.node)


def apart(made: onnx.ModelProto, path: Path) -> float:
    image = np.linspace(-5, 5, 48, dtype=np.float32).reshape(1, 3, 4, 4)
    sessions = [onnxruntime.InferenceSession(one) for one in (made.SerializeToString(), path)]
    (found,), (expected,) = (one.run(None, {"x": image}) for one in sessions)
    return float(np.abs(found - expected).max())


WEIGHTS = np.random.default_rng(3).normal(size=(3, 3, 1, 1)).astype(np.float32)
BIAS = np.array([1, -2, 3], np.float32).reshape(1, 3, 1, 1)


@pytest.mark.parametrize(
    ("kind", "shape", "joined"), [("Conv", (1, 3, 1, 1), 1), ("ConvTranspose", (1, 3, 1, 1), 1), ("Conv", (3,), 0)]
)
def test_what_is_added_to_each_channel_is_a_bias(kind: str, shape: tuple[int, ...], joined: int, tmp_path: Path) -> None:
    nodes = [
        helper.make_node(kind, ["x", "w"], ["z"]),
        helper.make_node("Identity", ["z"], ["same"]),
        helper.make_node("Add", ["same", "b"], ["y"]),
    ]
    if len(shape) == 1:  # added to each column
        nodes.insert(1, helper.make_node("MaxPool", ["x"], ["p"], kernel_shape=[1, 2]))
        nodes[0].input[0] = "p"
        nodes[:2] = nodes[1::-1]
    path = saved(nodes, {"w": WEIGHTS, "b": BIAS.reshape(shape)}, tmp_path / "bias.onnx")
    made = lean(path)
    assert operators(made)["Add"] == 1 - joined
    assert apart(made, path) < 1e-5


@pytest.mark.parametrize("pooled", [True, False])
def test_what_is_added_to_its_own_product_is_multiplied_once(pooled: bool, tmp_path: Path) -> None:
    gate = helper.make_node("GlobalAveragePool" if pooled else "Abs", ["x"], ["g"])
    nodes = [gate, helper.make_node("Mul", ["x", "g"], ["z"]), helper.make_node("Add", ["x", "z"], ["y"])]
    path = saved(nodes, {}, tmp_path / "gate.onnx")
    made = lean(path)
    (last,) = (node for node in made.graph.node if "y" in node.output)
    assert (last.op_type == "Mul") == pooled
    assert apart(made, path) < 1e-5


@pytest.mark.parametrize(("axis", "apart_now"), [(1, True), (2, False)])
def test_two_images_one_behind_the_other_are_looked_at_apart(axis: int, apart_now: bool, tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Abs", ["x"], ["z"]),
        helper.make_node("Concat", ["x", "z"], ["both"], axis=axis),
        helper.make_node("Conv", ["both", "w", "b"], ["y"]),
    ]
    stored = {"w": np.concatenate([WEIGHTS, 2 * WEIGHTS], 1) if axis == 1 else WEIGHTS, "b": BIAS.reshape(3)}
    path = saved(nodes, stored, tmp_path / "both.onnx")
    made = lean(path)
    assert ("Concat" not in operators(made)) == apart_now
    assert apart(made, path) < 1e-5


def test_the_models_answer_as_their_files_do() -> None:
    chance = np.random.default_rng(5)
    detection, recognition = DEFAULT.paths()
    for path, size in ((detection, (320, 256)), (recognition, (48, 320)), (layout_path(), regions.SIZE)):
        image = chance.normal(size=(1, 3, *size)).astype(np.float32)
        sessions = [onnxruntime.InferenceSession(one) for one in (lean(path).SerializeToString(), path)]
        for found, expected in zip(*(one.run(None, {one.get_inputs()[0].name: image}) for one in sessions), strict=True):
            assert np.abs(found - expected).max() < 1e-4
    kinds = operators(lean(layout_path()))
    assert kinds["Div"] == 0
    assert kinds["HardSigmoid"] == 96
    assert [operators(lean(path))["Concat"] - operators(onnx.load(path))["Concat"] for path in (detection, recognition)] == [
        -1,
        -1,
    ]


def test_memory_is_kept_for_the_next_image() -> None:
    engine = OnnxEngine(DEFAULT.paths()[0], chances, threads=1)
    page = np.zeros((1, 640, 480, 3), np.uint8)
    engine(page)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    engine(page)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 1000  # pages of 4 KiB


def test_memory_of_a_large_image_is_given_back() -> None:
    engine = OnnxEngine(DEFAULT.paths()[0], chances, threads=1)
    process = psutil.Process()
    engine(np.zeros((1, 320, 320, 3), np.uint8))
    before = process.memory_info().rss
    engine(np.zeros((1, 2048, 1536, 3), np.uint8))
    assert process.memory_info().rss - before < 300 * 2**20
