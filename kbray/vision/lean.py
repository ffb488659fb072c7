"""A model's file, so that a CPU has less to do and answers the same, but for rounding."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rewritten = tuple[list[Any], Sequence[str]]
"""Nodes that stand where one was, and names of what is made on the way to it and used nowhere else."""


def lean(path: Path) -> Any:
    """The model (`onnx.ModelProto`) of this file."""
    import onnx

    model = onnx.load(str(path))
    _drop_subnormals(model.graph)
    _drop_identities(model.graph)
    known = onnx.shape_inference.infer_shapes(model).graph
    sizes = {
        one.name: tuple(side.dim_value for side in one.type.tensor_type.shape.dim) for one in (*known.input, *known.value_info)
    }
    for rewritten in (_joined_hard_swish, _with_bias, _scaled_once, _in_parts):
        _rewrite(model.graph, rewritten, sizes)
    return model


def _drop_subnormals(graph: Any) -> None:
    """Weights too small for a float of full precision become 0: they add nothing, and CPUs are slow with them.

    A tenth of the detection model's are: channels that training gave up.
    """
    from onnx import TensorProto, numpy_helper

    for one in graph.initializer:
        if one.data_type == TensorProto.FLOAT:
            weights = numpy_helper.to_array(one)
            small = np.abs(weights) < np.finfo(np.float32).tiny
            if weights[small].any():
                one.CopyFrom(numpy_helper.from_array(np.where(small, np.float32(0), weights), one.name))


def _drop_identities(graph: Any) -> None:
    """They stand between what is put together here; those that name an output stay."""
    outputs = {one.name for one in graph.output}
    same: dict[str, str] = {}
    kept = []
    for node in graph.node:
        inputs = [same.get(name, name) for name in node.input]
        if node.op_type == "Identity" and node.output[0] not in outputs:
            same[node.output[0]] = inputs[0]
        else:
            kept.append(_like(node, inputs, node.output))
    del graph.node[:]
    graph.node.extend(kept)


class _Wires:
    """What leads where in a graph; `sizes`: of what its nodes make, 0 where a side isn't known."""

    def __init__(self, graph: Any, sizes: dict[str, tuple[int, ...]]) -> None:
        from onnx import numpy_helper

        self._graph = graph
        self._makers = {name: node for node in graph.node for name in node.output}
        self.sizes = sizes
        self.stored: dict[str, NDArray[Any]] = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        for node in graph.node:
            if node.op_type == "Constant":
                self.stored[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        self.users = Counter([*(name for node in graph.node for name in node.input), *(one.name for one in graph.output)])

    def maker(self, name: str, *kinds: str) -> Any:
        """The node that makes it, if it is of such a kind; else None."""
        node = self._makers.get(name)
        return node if node is not None and node.op_type in kinds else None

    def store(self, name: str, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self._graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _rewrite(graph: Any, rewritten: Callable[[Any, _Wires], Rewritten | None], sizes: dict[str, tuple[int, ...]]) -> None:
    """Every node for which there is something to stand in its place, where all on the way to it is used by it alone."""
    wires = _Wires(graph, sizes)
    done: set[str] = set()
    made = []
    for node in graph.node:
        found = rewritten(node, wires)
        if found and all(wires.users[name] == 1 for name in found[1]):
            done.update(found[1])
            made += found[0]
        else:
            made.append(node)
    del graph.node[:]
    graph.node.extend(node for node in made if node.output[0] not in done)


def _like(node: Any, inputs: Sequence[str], outputs: Sequence[str]) -> Any:
    """The node with other inputs and outputs."""
    from onnx import NodeProto

    return NodeProto(op_type=node.op_type, domain=node.domain, attribute=node.attribute, input=inputs, output=outputs)


def _joined_hard_swish(node: Any, wires: _Wires) -> Rewritten | None:
    """x · clip(x + 3, 0, 6) / 6 as x · HardSigmoid(x): two passes over the image where there were four.

    The layout model has 94, a third of its work.
    """
    from onnx import helper

    def step(name: str, kind: str, *numbers: float) -> list[str]:
        """What goes into it, if it is of that kind with these numbers behind the rest."""
        maker = wires.maker(name, kind)
        if maker is None:
            return []
        inputs = list(maker.input)
        rest = len(inputs) - len(numbers)
        told = [
            wires.stored[one].item() if one in wires.stored and wires.stored[one].size == 1 else None for one in inputs[rest:]
        ]
        return inputs[:rest] if told == list(numbers) else []

    product = step(node.output[0], "Div", 6)
    factors = step(product[0], "Mul") if product else []
    moved = step(factors[1], "Clip", 0, 6) if factors else []
    if not moved or step(moved[0], "Add", 3) != factors[:1]:
        return None
    gate = f"{node.output[0]} gate"
    hard_sigmoid = helper.make_node("HardSigmoid", factors[:1], [gate], alpha=1 / 6, beta=0.5)
    return [hard_sigmoid, helper.make_node("Mul", [factors[0], gate], node.output)], (product[0], factors[1], moved[0])


def _with_bias(node: Any, wires: _Wires) -> Rewritten | None:
    """What is added to a convolution, channel by channel, as its bias: a pass over the image less."""
    conv: Any = wires.maker(node.input[0], "Conv", "ConvTranspose") if node.op_type == "Add" else None
    bias = wires.stored.get(node.input[1]) if conv is not None and len(conv.input) == 2 else None
    if bias is None or bias.ndim != 4 or bias.size != bias.shape[1] or bias.size != wires.sizes.get(conv.output[0], (0, 0))[1]:
        return None
    inputs = [*conv.input, wires.store(f"{node.output[0]} bias", bias.reshape(-1))]
    return [_like(conv, inputs, node.output)], (conv.output[0],)


def _scaled_once(node: Any, wires: _Wires) -> Rewritten | None:
    """x + x · gate, one number a channel, as x · (gate + 1): a pass over the image less. The detection model has 8."""
    from onnx import helper

    product: Any = wires.maker(node.input[1], "Mul") if node.op_type == "Add" else None
    if product is None or product.input[0] != node.input[0] or wires.sizes.get(product.input[1], ())[2:] != (1, 1):
        return None
    gate = f"{node.output[0]} gate"
    more = helper.make_node("Add", [product.input[1], wires.store(f"{gate} more", np.ones(1, np.float32))], [gate])
    return [more, helper.make_node("Mul", [node.input[0], gate], node.output)], (product.output[0],)


def _in_parts(node: Any, wires: _Wires) -> Rewritten | None:
    """A convolution over two images, one behind the other, as the sum of one over each: they need not be put together.

    onnxruntime has the second add to what the first has made. That image is one of the largest of both models.
    """
    from onnx import helper

    whole: Any = wires.maker(node.input[0], "Concat") if node.op_type == "Conv" else None
    weights = wires.stored.get(node.input[1]) if whole is not None and len(whole.input) == 2 else None
    if weights is None:
        return None
    channels = [wires.sizes.get(name, (0, 0))[1] for name in whole.input]
    if not all(channels) or sum(channels) != weights.shape[1]:  # not told, or put together along another side
        return None
    parts: list[Any] = []
    for image, some, bias in zip(whole.input, np.split(weights, channels[:1], 1), ([], node.input[2:]), strict=True):
        name = f"{node.output[0]} part {len(parts)}"
        parts.append(_like(node, [image, wires.store(f"{name} weights", some), *bias], [name]))
    total = helper.make_node("Add", [part.output[0] for part in parts], node.output)
    return [*parts, total], (whole.output[0],)
