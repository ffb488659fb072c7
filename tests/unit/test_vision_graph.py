"""torch makes of the models' files what onnxruntime makes of them."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import rapidocr
import torch
from onnx import TensorProto, helper

from kbray.errors import ConfigError
from kbray.vision import regions
from kbray.vision.graph import Graph
from kbray.vision.weights import layout_path

MODELS = Path(rapidocr.__file__).parent / "models"


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("PP-OCRv6_det_small.onnx", [(1, 320, 320), (2, 352, 672), (3, 64, 96)]),
        ("PP-OCRv6_rec_small.onnx", [(1, 48, 64), (3, 48, 320), (2, 48, 1000)]),
        ("ch_ppocr_mobile_v2.0_cls_mobile.onnx", [(1, 48, 192), (4, 48, 192)]),
    ],
)
def test_both_engines_say_the_same(name: str, shapes: list[tuple[int, int, int]]) -> None:
    chance = np.random.default_rng(7)
    session = onnxruntime.InferenceSession(str(MODELS / name))
    graph = Graph(MODELS / name).eval()
    for count, height, width in shapes:
        images = chance.normal(size=(count, 3, height, width)).astype(np.float32)
        (expected,) = session.run(None, {session.get_inputs()[0].name: images})
        with torch.inference_mode():
            (found,) = graph(torch.from_numpy(images))
        assert found.shape == expected.shape
        assert np.abs(found.numpy() - expected).max() < 1e-4


def test_both_engines_say_the_same_of_a_layout_though_its_file_is_made_for_one_page() -> None:
    images = np.random.default_rng(7).normal(size=(3, 3, *regions.SIZE)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(layout_path()))
    one_by_one = [session.run(None, {"image": image[None]}) for image in images]
    with torch.inference_mode():
        found = Graph(layout_path()).eval()(torch.from_numpy(images))
    for made, expected in zip(found, map(np.concatenate, zip(*one_by_one, strict=True)), strict=True):
        assert made.shape == expected.shape
        assert np.abs(made.numpy() - expected).max() < 1e-4


def test_an_operator_that_is_unknown_is_named(tmp_path: Path) -> None:
    node = helper.make_node("Einsum", ["x"], ["y"], equation="i->i")
    place = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    onnx.save(helper.make_model(helper.make_graph([node], "odd", place[:1], place[1:])), tmp_path / "odd.onnx")
    with pytest.raises(ConfigError, match=r"odd\.onnx has the operator Einsum, which kbray can't run on a GPU"):
        Graph(tmp_path / "odd.onnx")
