"""An ONNX graph as a torch module: the same weights on a device that onnxruntime's wheel doesn't serve.

Operators as ONNX defines them, in what is here used of opset 11 and 13 (https://onnx.ai/onnx/operators/). What computes shapes
stays in plain Python integers, so that a pass over a GPU never waits for one and can be captured as a CUDA graph.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F

from kbray.errors import ConfigError

Numbers = tuple[int, ...]
Value = Tensor | Numbers | int | None
"""A tensor; or a shape, or one of its numbers; None: an input that was left out."""
Operator = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Node:
    operator: str
    attributes: dict[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Graph(nn.Module):
    """The graph of `path`; its one input (n, 3, height, width), its outputs in their order.

    Where the file fixes the batch or the size, other ones are taken too.
    Raises: ConfigError: the graph has an operator that is unknown here.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        graph = onnx.load(str(path)).graph
        constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        nodes: list[Node] = []
        same: dict[str, str] = {}
        for node in graph.node:
            attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
            inputs = tuple(same.get(name, name) for name in node.input)
            if node.op_type == "Constant":
                constants[node.output[0]] = numpy_helper.to_array(attributes["value"])
            elif node.op_type == "Identity":
                same[node.output[0]] = inputs[0]
            elif node.op_type not in _OPERATORS:
                raise ConfigError(f"The model {path.name} has the operator {node.op_type}, which kbray can't run on a GPU.")
            else:
                nodes.append(Node(node.op_type, attributes, inputs, tuple(node.output)))
        self._input = next(one.name for one in graph.input if one.name not in constants)
        self._outputs = [same.get(one.name, one.name) for one in graph.output]
        scales = {node.inputs[2] for node in nodes if node.operator == "Resize" and len(node.inputs) > 2}
        self._shapes: dict[str, Any] = {"": None}
        self._weights: dict[str, str] = {}
        for name, array in constants.items():
            if not array.size:
                self._shapes[name] = None
            elif np.issubdtype(array.dtype, np.integer) or name in scales:
                self._shapes[name] = tuple(array.tolist()) if array.ndim else array.item()
            else:
                self._weights[name] = f"weight_{len(self._weights)}"
                self.register_buffer(self._weights[name], torch.from_numpy(array.copy()))
        fused = _with_gelu(_with_bias(nodes, constants), constants)
        self._nodes = _with_their_last_use(fused, self._outputs)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        values: dict[str, Any] = {self._input: image} | self._shapes
        values |= {name: getattr(self, buffer) for name, buffer in self._weights.items()}
        for operator, node, done in self._nodes:
            made = operator(*(values[name] for name in node.inputs))
            values.update(zip(node.outputs, made if len(node.outputs) > 1 else (made,), strict=True))
            for name in done:
                del values[name]
        return tuple(values[name] for name in self._outputs)


def _with_bias(nodes: Sequence[Node], constants: Mapping[str, NDArray[Any]]) -> list[Node]:
    """What is added to a convolution, channel by channel, as its bias: a pass over the image less."""
    users = Counter(name for node in nodes for name in node.inputs)
    bare = {node.outputs[0]: node for node in nodes if node.operator == "Conv" and len(node.inputs) == 2}
    found: dict[int, Node] = {}
    for node in nodes:
        conv = bare.get(node.inputs[0]) if node.operator == "Add" else None
        if conv is not None and users[conv.outputs[0]] == 1 and _by_channel(constants.get(node.inputs[1])):
            found.pop(id(conv), None)
            node = replace(conv, inputs=(*conv.inputs, node.inputs[1]), outputs=node.outputs)
        found[id(node)] = node
    return list(found.values())


def _by_channel(array: NDArray[Any] | None) -> bool:
    return array is not None and array.ndim == 4 and array.size == array.shape[1]


def _with_gelu(nodes: Sequence[Node], constants: Mapping[str, NDArray[Any]]) -> list[Node]:
    """x / sqrt 2 → erf → + 1 → times x → times 1/2, which is one operator of torch."""
    makers = {node.outputs[0]: node for node in nodes}
    users = Counter(name for node in nodes for name in node.inputs)

    def before(node: Node | None, operator: str, number: float | None = None) -> Node | None:
        """What made the input of `node`, if it is that operator, with that constant, for nobody else."""
        made = makers.get(node.inputs[0]) if node is not None else None
        if made is None or made.operator != operator or users[made.outputs[0]] != 1:
            return None
        return made if number is None or _is(constants.get(made.inputs[1]), number) else None

    parts: set[int] = set()
    found = []
    for node in nodes:
        if node.operator == "Mul" and _is(constants.get(node.inputs[1]), 0.5) and (product := before(node, "Mul")) is not None:
            plus = before(replace(product, inputs=product.inputs[::-1]), "Add", 1.0)
            root = before(before(plus, "Erf") and makers[plus.inputs[0]], "Div", 2**0.5) if plus is not None else None
            if plus is not None and root is not None and root.inputs[0] == product.inputs[0]:
                parts |= {id(product), id(plus), id(makers[plus.inputs[0]]), id(root)}
                node = Node("Gelu", {}, (root.inputs[0],), node.outputs)
        found.append(node)
    return [node for node in found if id(node) not in parts]


def _is(array: NDArray[Any] | None, number: float) -> bool:
    return array is not None and array.size == 1 and abs(float(array.reshape(())) - number) < 1e-6


def _with_their_last_use(nodes: Sequence[Node], outputs: Sequence[str]) -> list[tuple[Operator, Node, list[str]]]:
    """Each node with what nobody needs after it: memory on the device is what bounds a batch."""
    kept = {"", *outputs}
    found: list[tuple[Operator, Node, list[str]]] = []
    for node in reversed(nodes):
        done = [name for name in dict.fromkeys((*node.inputs, *node.outputs)) if name not in kept]
        kept.update(done)
        found.append((partial(_OPERATORS[node.operator], **node.attributes), node, done))
    return found[::-1]


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Padding before and after, of `auto_pad` SAME_UPPER."""
    whole = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return whole // 2, whole - whole // 2


def _padded(
    image: Tensor, kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int] | None, auto_pad: bytes, value: float
) -> tuple[Tensor, tuple[int, int]]:
    """The image, and the padding that is left to the operator: (rows, columns) on both sides alike."""
    if auto_pad == b"SAME_UPPER":
        (top, bottom), (left, right) = (_same(*of) for of in zip(image.shape[2:], kernel, strides, strict=True))
    else:
        top, left, bottom, right = pads or (0, 0, 0, 0)
    if (top, left) == (bottom, right):
        return image, (top, left)
    return F.pad(image, (left, right, top, bottom), value=value), (0, 0)


def _conv(
    image: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    kernel_shape: Sequence[int],
    strides: Sequence[int] = (1, 1),
    dilations: Sequence[int] = (1, 1),
    group: int = 1,
    pads: Sequence[int] | None = None,
    auto_pad: bytes = b"NOTSET",
) -> Tensor:
    image, padding = _padded(image, kernel_shape, strides, pads, auto_pad, 0.0)
    bias = bias if bias is None else bias.flatten()
    return F.conv2d(image, weight, bias, tuple(strides), padding, tuple(dilations), group)


def _conv_transpose(
    image: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    kernel_shape: Sequence[int],
    strides: Sequence[int] = (1, 1),
    dilations: Sequence[int] = (1, 1),
    group: int = 1,
    pads: Sequence[int] = (0, 0, 0, 0),
) -> Tensor:
    del kernel_shape  # the weight's own
    return F.conv_transpose2d(image, weight, bias, tuple(strides), tuple(pads[:2]), 0, group, tuple(dilations))


def _max_pool(
    image: Tensor,
    *,
    kernel_shape: Sequence[int],
    strides: Sequence[int] = (1, 1),
    pads: Sequence[int] | None = None,
    auto_pad: bytes = b"NOTSET",
    ceil_mode: int = 0,
) -> Tensor:
    image, padding = _padded(image, kernel_shape, strides, pads, auto_pad, float("-inf"))
    return F.max_pool2d(image, tuple(kernel_shape), tuple(strides), padding, ceil_mode=bool(ceil_mode))


def _average_pool(
    image: Tensor,
    *,
    kernel_shape: Sequence[int],
    strides: Sequence[int] = (1, 1),
    pads: Sequence[int] = (0, 0, 0, 0),
    ceil_mode: int = 0,
    count_include_pad: int = 0,
) -> Tensor:
    return F.avg_pool2d(image, tuple(kernel_shape), tuple(strides), tuple(pads[:2]), bool(ceil_mode), bool(count_include_pad))


def _batch_normalization(
    image: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, *, epsilon: float = 1e-5, momentum: float = 0.9
) -> Tensor:
    del momentum  # of training
    return F.batch_norm(image, mean, variance, scale, bias, eps=epsilon)


def _clip(image: Tensor, low: Tensor | None = None, high: Tensor | None = None) -> Tensor:
    return torch.clamp(image, low, high)


def _resize(
    image: Tensor,
    _region: object = None,
    scales: tuple[float, ...] | None = None,
    sizes: Numbers | None = None,
    *,
    coordinate_transformation_mode: bytes,
    mode: bytes,
    nearest_mode: bytes,
) -> Tensor:
    """Nearest neighbour, rounded down: all that these models use, and what torch calls `nearest`."""
    if (coordinate_transformation_mode, mode, nearest_mode) != (b"asymmetric", b"nearest", b"floor"):
        raise ConfigError(f"The model resizes by {mode.decode()}, {nearest_mode.decode()}, which kbray can't do on a GPU.")
    if scales is None:
        assert sizes is not None
        return F.interpolate(image, size=sizes[2:])
    return F.interpolate(image, scale_factor=scales[2:])


def _reduce_mean(image: Tensor, *, axes: Sequence[int], keepdims: int = 1) -> Tensor:
    return image.mean(tuple(axes), keepdim=bool(keepdims))


def _reshape(image: Tensor | Numbers | int, shape: Numbers) -> Value:
    if not isinstance(image, Tensor):  # of a number, or a row of them
        numbers = image if isinstance(image, tuple) else (image,)
        return numbers if shape else numbers[0]
    wanted = [image.shape[axis] if number == 0 else number for axis, number in enumerate(shape)]
    if wanted[0] == 1 and -1 in wanted:
        wanted[0] = image.shape[0]  # the file was made for a batch of one
    return image.reshape(wanted)


def _transpose(image: Tensor, *, perm: Sequence[int]) -> Tensor:
    return image.permute(*perm)


def _split(image: Tensor, parts: Numbers, *, axis: int) -> tuple[Tensor, ...]:
    return torch.split(image, list(parts), axis)


def _concat(*parts: Any, axis: int) -> Value:
    if isinstance(parts[0], Tensor):
        return torch.cat(parts, axis)
    return tuple(number for part in parts for number in (part if isinstance(part, tuple) else (part,)))


def _slice(
    image: Tensor | Numbers,
    starts: Numbers,
    ends: Numbers,
    axes: Numbers,
    steps: Numbers | None = None,
) -> Value:
    for start, end, axis, step in zip(starts, ends, axes, steps or (1,) * len(axes), strict=True):
        if isinstance(image, Tensor):
            image = image[(slice(None),) * axis + (slice(start, min(end, image.shape[axis]), step),)]
        else:
            image = image[start:end:step]
    return image


def _squeeze(image: Tensor | Numbers, *, axes: Sequence[int]) -> Value:
    if isinstance(image, Tensor):
        return image.squeeze(tuple(axes))
    return image[0]


def _unsqueeze(image: Tensor | int, *, axes: Sequence[int]) -> Value:
    if isinstance(image, Tensor):
        for axis in axes:
            image = image.unsqueeze(axis)
        return image
    return (image,)


def _cast(image: Value, *, to: int) -> Value:
    """Of shapes only, which are whole numbers here whatever their width."""
    if isinstance(image, Tensor) or to not in (onnx.TensorProto.INT32, onnx.TensorProto.INT64):
        raise ConfigError("The model casts values, which kbray can't do on a GPU.")
    return image


_OPERATORS: dict[str, Operator] = {
    "Add": torch.add,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_normalization,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Div": torch.div,
    "Erf": torch.erf,
    "Gelu": F.gelu,
    "GlobalAveragePool": lambda image: image.mean((2, 3), keepdim=True),
    "HardSigmoid": lambda image, alpha=0.2, beta=0.5: torch.clamp(image * alpha + beta, 0, 1),
    "MatMul": torch.matmul,
    "MaxPool": _max_pool,
    "Mul": torch.mul,
    "Pow": torch.pow,
    "ReduceMean": _reduce_mean,
    "Relu": torch.relu,
    "Reshape": _reshape,
    "Resize": _resize,
    "Shape": lambda image: tuple(image.shape),
    "Sigmoid": torch.sigmoid,
    "Slice": _slice,
    "Softmax": torch.softmax,
    "Split": _split,
    "Sqrt": torch.sqrt,
    "Squeeze": _squeeze,
    "Sub": torch.sub,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
