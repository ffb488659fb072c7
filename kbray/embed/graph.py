"""Networks as BERT is (BERT, RoBERTa and their multilingual kin) as ONNX, from the files of a sentence-transformers model.

By these the default model, and most small ones that people take, need neither torch nor transformers on a CPU: those take five
seconds and half a gigabyte before they are told the first word, as long as a search in all.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", dict[str, Any], list[Any])
Weights = dict[str, NDArray[Any]]

_FILLING = {"bert": 0, "roberta": 1, "xlm-roberta": 1, "camembert": 1}
"""The kinds of networks that are known, each with the token that fills up rows where its description names none."""
_POOLING = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}
"""That are computed here, by their names before version 6 of sentence-transformers."""
_TYPES = {"F32": np.float32, "F16": np.float16}
_MOST_BYTES = 128 * 2**20
"""Of layers in single precision, several copies of which lie in memory while a model is loaded. One of 340 MB took 2.0 GB, and
1.0 afterwards, where sentence-transformers takes 1.1 and 0.6."""
_OPSET, _IR = 20, 10  # the first with an operator for GELU
_NOTHING = -1e9
"""Added to what is no token, before softmax."""


@dataclass(frozen=True, slots=True)
class Network:
    """What goes into the layers is looked up in tables that stay in their file: words (vocabulary, d), places from the first
    token on (longest, d), and the one type of text (d).
    """

    words: NDArray[Any]
    places: NDArray[Any]
    kind: NDArray[np.float32]
    filling: int  # the token that fills up rows
    pooling: str  # "cls": the vector of the first token; "mean": of all

    def embedded(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n, t) → (n, t, d)."""
        made = self.words[tokens].astype(np.float32, copy=False)
        made += self.places[: tokens.shape[1]]
        made += self.kind
        return made


def read(folder: Path) -> tuple[Network, bytes] | None:
    """The network of the model in this folder, and its layers as ONNX: the inputs are what is looked up (n, t, d), and 1 where a
    token is, else 0 (n, t); the output is (n, t, d).

    None: it is of another kind, or too large, or has more to it than its network.
    """
    config = _json(folder / "config.json", dict)
    pooling = _pooling(folder)
    if pooling is None or not _is_plain(config):
        return None
    weights = _weights(folder / "model.safetensors")
    first = "encoder.layer.0.attention.self.query.weight"
    prefix = next((name.removesuffix(first) for name in weights if name.endswith(first)), None)
    if prefix is None:
        return None
    weights = {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}
    layers = {name: array for name, array in weights.items() if name.startswith("encoder.")}
    if 4 * sum(prod(array.shape) for array in layers.values()) > _MOST_BYTES:
        return None
    told = config.get("pad_token_id")
    filling = _FILLING[config["model_type"]] if told is None else told
    try:
        # RoBERTa counts places from behind the token that fills up rows, whose own place that is.
        before = 0 if config["model_type"] == "bert" else filling + 1
        network = Network(
            words=weights["embeddings.word_embeddings.weight"],
            places=weights["embeddings.position_embeddings.weight"][before:],
            kind=weights["embeddings.token_type_embeddings.weight"][0].astype(np.float32),
            filling=filling,
            pooling=pooling,
        )
        return network, _Graph(weights, config).model
    except KeyError:  # weights by other names, or a description that leaves something out
        return None


def _json(path: Path, kind: type[T]) -> T:
    """Empty: there is no such file, or something else in it, of which who loads the whole model will complain."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return kind()
    return told if isinstance(told, kind) else kind()


def _is_plain(config: Any) -> bool:
    return (
        config.get("model_type") in _FILLING
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"  # others add to the scores of attention
        and not config.get("is_decoder")
    )


def _pooling(folder: Path) -> str | None:
    """How the vectors of tokens become one; None: in a way that isn't known here, or something comes before or after it."""
    modules = _json(folder / "modules.json", list)
    kinds = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]) or modules[0].get("path"):
        return None
    text = _json(folder / "sentence_bert_config.json", dict)
    if text.get("do_lower_case") or text.get("transformer_task", "feature-extraction") != "feature-extraction":
        return None
    told = _json(folder / str(modules[1].get("path", "")) / "config.json", dict)
    if not told.get("include_prompt", True):
        return None
    asked = told.get("pooling_mode") or [name for name in told if name.startswith("pooling_mode_") and told[name]]
    return next((mode for mode, name in _POOLING.items() if asked in (mode, [mode], [name])), None)


def _weights(path: Path) -> Weights:
    """What lies in a file of safetensors, left there until it is looked at; {}: there is none, or it is damaged, or holds other
    types.

    Source: https://github.com/huggingface/safetensors#format; its library copies what is asked for.
    """
    if not path.is_file():
        return {}
    try:
        content = np.memmap(path, np.uint8, "r")
        length = int.from_bytes(content[:8].tobytes(), "little")
        told = json.loads(content[8 : 8 + length].tobytes())
        told.pop("__metadata__", None)
        if any(one["dtype"] not in (*_TYPES, "I64") for one in told.values()):
            return {}
        held = content[8 + length :]
        return {
            name: held[slice(*one["data_offsets"])].view(_TYPES[one["dtype"]]).reshape(one["shape"])
            for name, one in told.items()
            if one["dtype"] in _TYPES
        }
    except ValueError:  # cut off, or something else: who loads the whole model says so
        return {}


class _Graph:
    """Puts the network together, operator by operator; a name stands for what is made under it."""

    def __init__(self, weights: Weights, config: Any) -> None:
        from onnx import TensorProto, helper

        self._weights, self._nodes, self._stored = weights, list[Any](), list[Any]()
        self._epsilon = config["layer_norm_eps"]
        width, heads = config["hidden_size"], config["num_attention_heads"]
        self._store("one", np.float32(1))
        self._store("nothing", np.float32(_NOTHING))
        self._store("middle axes", np.array([1, 2]))
        self._store("heads apart", np.array([0, 0, heads, width // heads]))
        self._store("heads together", np.array([0, 0, width]))
        self._store("temper", np.float32((width // heads) ** -0.5))
        self._add("Sub", ["one", "tokens"], "others")
        self._add("Mul", ["others", "nothing"], "flat mask")
        self._add("Unsqueeze", ["flat mask", "middle axes"], "mask")
        hidden = self._norm("embedded", "embeddings.LayerNorm")
        for number in range(config["num_hidden_layers"]):
            hidden = self._layer(hidden, f"encoder.layer.{number}.")
        self._add("Identity", [hidden], "hidden")

        def value(name: str, *sides: str | int) -> Any:
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, sides)

        inputs = [value("embedded", "n", "t", width), value("tokens", "n", "t")]
        graph = helper.make_graph(self._nodes, "network", inputs, [value("hidden", "n", "t", width)], self._stored)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
        self.model = model.SerializeToString()

    def _layer(self, hidden: str, place: str) -> str:
        parts = {}
        for part, axes in (("query", (0, 2, 1, 3)), ("key", (0, 2, 3, 1)), ("value", (0, 2, 1, 3))):
            flat = self._linear(hidden, f"{place}attention.self.{part}")
            apart = self._add("Reshape", [flat, "heads apart"], f"{flat} apart")
            parts[part] = self._add("Transpose", [apart], f"{flat} turned", perm=axes)
        scores = self._add("MatMul", [parts["query"], parts["key"]], f"{place}scores")
        tempered = self._add("Mul", [scores, "temper"], f"{scores} tempered")
        masked = self._add("Add", [tempered, "mask"], f"{scores} masked")
        shares = self._add("Softmax", [masked], f"{place}shares", axis=-1)
        seen = self._add("MatMul", [shares, parts["value"]], f"{place}seen")
        turned = self._add("Transpose", [seen], f"{seen} turned", perm=(0, 2, 1, 3))
        together = self._add("Reshape", [turned, "heads together"], f"{seen} together")
        attended = self._linear(together, f"{place}attention.output.dense")
        hidden = self._norm(self._sum(attended, hidden), f"{place}attention.output.LayerNorm")
        inner = self._linear(hidden, f"{place}intermediate.dense")
        active = self._add("Gelu", [inner], f"{inner} active")
        outer = self._linear(active, f"{place}output.dense")
        return self._norm(self._sum(outer, hidden), f"{place}output.LayerNorm")

    def _linear(self, values: str, layer: str) -> str:
        weight = self._store(f"{layer}.weight", self._weights[f"{layer}.weight"].T)
        product = self._add("MatMul", [values, weight], f"{layer} product")
        return self._add("Add", [product, self._stored_as(f"{layer}.bias")], layer)

    def _norm(self, values: str, layer: str) -> str:
        inputs = [values, self._stored_as(f"{layer}.weight"), self._stored_as(f"{layer}.bias")]
        return self._add("LayerNormalization", inputs, layer, axis=-1, epsilon=self._epsilon)

    def _sum(self, one: str, other: str) -> str:
        return self._add("Add", [one, other], f"{one} and before")

    def _stored_as(self, name: str) -> str:
        return self._store(name, self._weights[name])

    def _store(self, name: str, array: NDArray[Any] | np.float32) -> str:
        from onnx import numpy_helper

        kept = np.asarray(array)
        if kept.dtype == np.float16:
            kept = kept.astype(np.float32)
        self._stored.append(numpy_helper.from_array(np.ascontiguousarray(kept), name))
        return name

    def _add(self, kind: str, inputs: Sequence[str], name: str, **told: Any) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, [name], **told))
        return name
