"""Networks like BERT (RoBERTa, MPNet, their multilingual kin) for OpenVINO, from the files of a sentence-transformers model.

By these the default model, and most that people take, need neither torch nor transformers on a CPU: those take five seconds and
half a gigabyte before they are told the first word.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbray.embed import described

Weights = dict[str, NDArray[Any]]

_FILLING = {"bert": 0, "roberta": 1, "xlm-roberta": 1, "camembert": 1, "mpnet": 1}
"""The kinds of networks that are known, each with the token that fills up rows where its description names none."""
_AS_BERT = {
    "attention.attn.q.": "attention.self.query.",
    "attention.attn.k.": "attention.self.key.",
    "attention.attn.v.": "attention.self.value.",
    "attention.attn.o.": "attention.output.dense.",
    "attention.LayerNorm.": "attention.output.LayerNorm.",
}
"""Parts of names of MPNet's weights, which do what BERT's do by other names."""
_FARTHEST = 128
"""Tokens apart, beyond which MPNet makes no difference."""
_POOLING = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}
"""That are computed here, by their names before version 6 of sentence-transformers."""
_TYPES = {"F32": np.float32, "F16": np.float16}
_NOTHING = -1e9
"""Added to what is no token, before softmax."""


@dataclass(frozen=True, slots=True)
class Network:
    """What goes into the layers is looked up in tables that stay in their file: words (vocabulary, d), places from the first
    token on (longest, d), and the one type of text (d).

    `layers`: an `openvino.Model`, whose inputs are what is looked up (n, t, d), and 1 where a token is, else 0 (n, t), and whose
    output is (n, t, d). Its weights stay in their file, too, until they are laid out for this CPU.
    """

    layers: Any
    words: NDArray[Any]
    places: NDArray[Any]
    kind: NDArray[np.float32]
    filling: int  # the token that fills up rows
    pooling: str  # "cls": the vector of the first token; "mean": of all
    prompts: dict[str, str]  # what stands before a text, by what it is: "query", "document"

    def embedded(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n, t) → (n, t, d)."""
        made = self.words[tokens].astype(np.float32, copy=False)
        made += self.places[: tokens.shape[1]]
        made += self.kind
        return made


def read(folder: Path) -> Network | None:
    """The network of the model in this folder; None: it is of another kind, or has more to it than its network.

    Raises: ConfigError: its description is damaged.
    """
    config = described(folder / "config.json") or {}
    pooling = _pooling(folder)
    if pooling is None or not _is_plain(config):
        return None
    weights = {_as_bert(name): array for name, array in _weights(folder / "model.safetensors").items()}
    first = "encoder.layer.0.attention.self.query.weight"
    prefix = next((name.removesuffix(first) for name in weights if name.endswith(first)), None)
    if prefix is None:
        return None
    weights = {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}
    told = config.get("pad_token_id")
    filling = _FILLING[config["model_type"]] if told is None else told
    types = weights.get("embeddings.token_type_embeddings.weight")  # MPNet has none
    try:
        # RoBERTa and MPNet count places from behind the token that fills up rows, whose own place that is.
        before = 0 if config["model_type"] == "bert" else filling + 1
        places = weights["embeddings.position_embeddings.weight"][before:]
        return Network(
            layers=_layers(weights, config, len(places)),
            words=weights["embeddings.word_embeddings.weight"],
            places=places,
            kind=np.zeros(places.shape[1], np.float32) if types is None else types[0].astype(np.float32),
            filling=filling,
            pooling=pooling,
            prompts=(described(folder / "config_sentence_transformers.json") or {}).get("prompts") or {},
        )
    except KeyError:  # weights by other names, or a description that leaves something out
        return None


def _as_bert(name: str) -> str:
    for theirs, ours in _AS_BERT.items():
        name = name.replace(theirs, ours)
    return name


def _is_plain(config: Any) -> bool:
    return (
        config.get("model_type") in _FILLING
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"  # others add to the scores of attention
        and not config.get("is_decoder")
        and (
            config["model_type"] != "mpnet" or config.get("pad_token_id", 1) == 1
        )  # it counts places from there whatever it says
    )


def _pooling(folder: Path) -> str | None:
    """How the vectors of tokens become one; None: in a way that isn't known here, or something comes before or after it."""
    modules = described(folder / "modules.json") or []
    kinds = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]) or modules[0].get("path"):
        return None
    text = described(folder / "sentence_bert_config.json") or {}
    if text.get("do_lower_case") or text.get("transformer_task", "feature-extraction") != "feature-extraction":
        return None
    told = described(folder / str(modules[1].get("path", "")) / "config.json") or {}
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
        content = np.asarray(np.memmap(path, np.uint8, "c"))  # OpenVINO wants to be allowed to write
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


def _nearness(table: NDArray[Any], longest: int) -> NDArray[np.float32]:
    """What MPNet adds to the scores of a token for another one: (buckets of distances, heads) → (1, heads, longest, longest).

    Distances have buckets of their own up to a quarter of their number, on either side, and share them logarithmically then.
    Source: `relative_position_bucket` of transformers.
    """
    half = len(table) // 2
    exact = half // 2
    places = np.arange(longest)
    behind = places[:, None] - places
    distance = np.abs(behind)
    far = np.log(np.maximum(distance, 1).astype(np.float32) / exact) / np.log(_FARTHEST / exact) * (half - exact)
    bucket = np.where(distance < exact, distance, np.minimum(exact + far.astype(np.int64), half - 1)) + half * (behind < 0)
    return np.ascontiguousarray(table[bucket].transpose(2, 0, 1)[None], np.float32)


def _layers(weights: Weights, config: Any, longest: int) -> Any:
    """Args: longest: tokens in a row, at most.  Raises: KeyError: a weight is missing."""
    from openvino import Model, PartialShape, Type
    from openvino import opset13 as op

    width, heads, epsilon = config["hidden_size"], config["num_attention_heads"], config["layer_norm_eps"]
    apart, together = np.array([0, 0, heads, width // heads]), np.array([0, 0, width])
    turned = np.array([0, 2, 1, 3])
    embedded = op.parameter(PartialShape([-1, -1, width]), Type.f32)
    tokens = op.parameter(PartialShape([-1, -1]), Type.f32)

    def stored(name: str) -> Any:
        weight = weights[name]
        return op.constant(weight, shared_memory=True) if weight.dtype == np.float32 else op.constant(weight.astype(np.float32))

    def number(value: float) -> Any:
        return op.constant(np.float32(value))

    def linear(values: Any, layer: str) -> Any:
        return op.add(op.matmul(values, stored(f"{layer}.weight"), False, True), stored(f"{layer}.bias"))

    def norm(values: Any, layer: str) -> Any:
        even = op.mvn(values, np.array([-1]), True, epsilon, "inside_sqrt")
        return op.add(op.multiply(even, stored(f"{layer}.weight")), stored(f"{layer}.bias"))

    def attention(hidden: Any, place: str) -> Any:
        query, key, value = (
            op.transpose(op.reshape(linear(hidden, f"{place}.{part}"), apart, True), turned) for part in ("query", "key", "value")
        )
        scores = op.multiply(op.matmul(query, key, False, True), number((width // heads) ** -0.5))
        seen = op.matmul(op.softmax(op.add(scores, mask), -1), value, False, False)
        return op.reshape(op.transpose(seen, turned), together, True)

    mask = op.unsqueeze(op.multiply(op.subtract(number(1), tokens), number(_NOTHING)), np.array([1, 2]))
    if config["model_type"] == "mpnet":
        nearness = op.constant(_nearness(weights["encoder.relative_attention_bias.weight"], longest))
        size = op.gather(op.shape_of(tokens), np.array([1, 1]), np.array(0))
        mask = op.add(mask, op.slice(nearness, np.array([0, 0]), size, np.array([1, 1]), np.array([2, 3])))
    hidden = norm(embedded, "embeddings.LayerNorm")
    for layer in range(config["num_hidden_layers"]):
        place = f"encoder.layer.{layer}"
        attended = linear(attention(hidden, f"{place}.attention.self"), f"{place}.attention.output.dense")
        hidden = norm(op.add(attended, hidden), f"{place}.attention.output.LayerNorm")
        inner = op.gelu(linear(hidden, f"{place}.intermediate.dense"), "erf")
        hidden = norm(op.add(linear(inner, f"{place}.output.dense"), hidden), f"{place}.output.LayerNorm")
    return Model([hidden], [embedded, tokens], "network")
