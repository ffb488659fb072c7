"""A model's file, so that a CPU has less to do and answers the same, but for rounding."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Stored = Mapping[str, NDArray[Any]]


def lean(path: Path) -> bytes:
    """The model of this file."""
    import onnx

    model = onnx.load(str(path))
    _drop_subnormals(model.graph)
    _join_hard_swishes(model.graph)
    made: bytes = model.SerializeToString()
    return made


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


def _join_hard_swishes(graph: Any) -> None:
    """x · clip(x + 3, 0, 6) / 6 as x · HardSigmoid(x): two passes over the image where there were four.

    The layout model has 94, a third of its work.
    """
    from onnx import helper, numpy_helper

    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    stored |= {node.output[0]: numpy_helper.to_array(node.attribute[0].t) for node in graph.node if node.op_type == "Constant"}
    makers = {node.output[0]: node for node in graph.node}
    users = Counter([*(name for node in graph.node for name in node.input), *(one.name for one in graph.output)])
    done: set[str] = set()
    made = []
    for node in graph.node:
        parts = _hard_swish(node, makers, stored)
        if parts and all(users[name] == 1 for name in parts[1:]):
            image, *inner = parts
            done.update(inner)
            gate = f"{node.output[0]} gate"
            made.append(helper.make_node("HardSigmoid", [image], [gate], alpha=1 / 6, beta=0.5))
            node = helper.make_node("Mul", [image, gate], node.output)
        made.append(node)
    del graph.node[:]
    graph.node.extend(node for node in made if node.output[0] not in done)


def _hard_swish(node: Any, makers: Mapping[str, Any], stored: Stored) -> tuple[str, ...]:
    """x and what is computed on the way, where the node ends x · clip(x + 3, 0, 6) / 6; else nothing."""

    def step(name: str, kind: str, *numbers: float) -> list[str]:
        """What goes into it, if it is of that kind with these numbers behind the rest."""
        maker = makers.get(name)
        if maker is None or maker.op_type != kind:
            return []
        inputs = list(maker.input)
        rest = len(inputs) - len(numbers)
        told = [stored[one].item() if one in stored and stored[one].size == 1 else None for one in inputs[rest:]]
        return inputs[:rest] if told == list(numbers) else []

    product = step(node.output[0], "Div", 6)
    factors = step(product[0], "Mul") if product else []
    moved = step(factors[1], "Clip", 0, 6) if factors else []
    if moved and step(moved[0], "Add", 3) == factors[:1]:
        return factors[0], product[0], factors[1], moved[0]
    return ()
