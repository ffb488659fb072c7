"""Vectors are those that sentence-transformers makes of the same files and texts."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertModel,
    DistilBertModel,
    MPNetModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaModel,
    XLMRobertaModel,
)

from kbray import embed, runtimes
from kbray.config import Settings
from kbray.embed import graph
from kbray.embed.encoder import Encoder
from kbray.embed.light import LightEncoder
from kbray.errors import ConfigError
from kbray.ports import Embedder

TEXTS = [
    "A fox.",
    "How is the heat of a lamp measured?",
    "word " * 400,
    "北京",
    "",
    " spaces  around ",
    *(f"Number {n} of " + "many " * n for n in range(40)),
]
_WORDS = ["<s>", "<pad>", "</s>", "<unk>", "a", "fox", "lamp", "many", "number", "of", "query:", "text:", "word"]


@cache
def _folder() -> Path:
    return embed.model_folder(Settings().embedding_model)


@cache
def _light() -> Embedder:
    return embed.load(_folder(), longest=256, threads=1)


@cache
def _bare() -> SentenceTransformer:
    return SentenceTransformer(str(_folder()), device="cpu", model_kwargs={"dtype": torch.float32})


def _unit(made: object) -> NDArray[np.float32]:
    found = np.atleast_2d(np.asarray(made, np.float32))
    unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def _single(folder: Path, longest: int) -> LightEncoder:
    """In single precision, so that nothing but the order of sums makes a difference."""
    network = graph.read(folder)
    assert network
    return LightEncoder(folder, network, longest=longest, threads=1, half=False)


def test_the_default_model_needs_no_torch_and_makes_the_same_vectors() -> None:
    made = _light().documents(TEXTS)

    assert isinstance(_light(), LightEncoder)
    assert made.shape == (len(TEXTS), _light().dimension)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)
    assert (made * _unit(_bare().encode(TEXTS))).sum(axis=1).min() > 0.999, "half precision leaves a thousandth at most"
    for text, document in zip(TEXTS, made, strict=True):
        assert _light().query(text) @ document > 0.999, "a text alone, and among others"


def test_in_single_precision_they_are_equal() -> None:
    made = _single(_folder(), longest=256).documents(TEXTS)
    np.testing.assert_allclose(made, _unit(_bare().encode(TEXTS)), atol=1e-5)


def test_nothing_is_made_of_nothing() -> None:
    assert _light().documents([]).shape == (0, 384)


def _model(folder: Path, kind: type[PreTrainedModel], pooling: str = "mean", **config: object) -> Path:
    """A small model of this kind, with random weights and a dozen words, as sentence-transformers saves it."""
    torch.manual_seed(3)
    asked = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "pad_token_id": 1}
    network = kind(kind.config_class(**asked, vocab_size=len(_WORDS), max_position_embeddings=300, **config))
    for layer in network.modules():
        if isinstance(layer, torch.nn.LayerNorm | torch.nn.Linear | torch.nn.Embedding):
            torch.nn.init.normal_(layer.weight, 0.3, 0.5)
    (folder / "bare").mkdir(parents=True)
    network.save_pretrained(folder / "bare")
    words = Tokenizer(models.WordLevel({word: number for number, word in enumerate(_WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    special = {"unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=words, **special).save_pretrained(folder / "bare")
    transformer = Transformer(str(folder / "bare"))
    made = SentenceTransformer(
        modules=[transformer, Pooling(32, pooling_mode=pooling), Normalize()],
        prompts={"query": "query: ", "document": "text: "},
        device="cpu",
    )
    made.save(str(folder / "model"))
    return folder / "model"


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("kind", [BertModel, RobertaModel, XLMRobertaModel, MPNetModel])
def test_networks_of_other_kinds_with_prompts(tmp_path: Path, kind: type[PreTrainedModel], pooling: str) -> None:
    folder = _model(tmp_path, kind, pooling)
    texts = ["a fox of many", "lamp", "", "many of a fox " * 90, "a word unheard of", "number a of word lamp fox"]
    longest = 180

    made = _single(folder, longest=longest)

    bare = SentenceTransformer(str(folder), device="cpu")
    bare.max_seq_length = longest
    np.testing.assert_allclose(made.documents(texts), _unit(bare.encode_document(texts)), atol=1e-5)
    for text in texts:
        np.testing.assert_allclose(made.query(text), _unit(bare.encode_query([text]))[0], atol=1e-5)


def test_a_text_is_cut_where_the_model_has_no_more_places(tmp_path: Path) -> None:
    folder = _model(tmp_path, RobertaModel)  # 300 places, the first two of which stand for what is no text
    bare = SentenceTransformer(str(folder), device="cpu")
    bare.max_seq_length = 298
    made = _single(folder, longest=1000).documents(["fox " * 400, "a"])
    np.testing.assert_allclose(made, _unit(bare.encode_document(["fox " * 400, "a"])), atol=1e-5)


def test_what_is_of_another_kind_is_left_to_sentence_transformers(tmp_path: Path) -> None:
    folder = _model(tmp_path / "other", DistilBertModel)
    made = embed.load(folder, longest=24, threads=1)
    assert isinstance(made, Encoder)
    expected = SentenceTransformer(str(folder), device="cpu").encode_document(["a fox", "lamp of many"])
    assert (made.documents(["a fox", "lamp of many"]) * _unit(expected)).sum(axis=1).min() > 0.999
    assert made.query("a fox") @ _unit(SentenceTransformer(str(folder), device="cpu").encode_query(["a fox"]))[0] > 0.999


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"is_decoder": True}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("config.json", {"num_hidden_layers": 3}),  # than there are weights for
        ("1_Pooling/config.json", {"pooling_mode": "max"}),
        ("1_Pooling/config.json", {"pooling_mode": ["cls", "mean"]}),
        ("1_Pooling/config.json", {"include_prompt": False}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
    ],
)
def test_a_model_with_more_to_it_is_not_taken_for_a_plain_one(tmp_path: Path, file: str, change: dict[str, object]) -> None:
    folder = _model(tmp_path, BertModel)
    assert graph.read(folder)
    place = folder / file
    place.write_text(json.dumps(json.loads(place.read_text()) | change))
    assert graph.read(folder) is None


@pytest.mark.parametrize("kept", [0, 100, 20_000])
def test_weights_that_are_cut_off_are_told_in_a_sentence(tmp_path: Path, kept: int) -> None:
    folder = _model(tmp_path, BertModel)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:kept])
    assert graph.read(folder) is None
    with pytest.raises(ConfigError, match="holds no sentence-transformers model that can be loaded"):
        embed.load(folder, longest=24, threads=1)


def test_one_without_its_weights_or_with_a_layer_behind_is_not(tmp_path: Path) -> None:
    folder = _model(tmp_path, BertModel)
    modules = json.loads((folder / "modules.json").read_text())
    dense = {"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"}
    (folder / "modules.json").write_text(json.dumps([*modules, dense]))
    assert graph.read(folder) is None
    (folder / "modules.json").write_text("{")
    with pytest.raises(ConfigError, match=r"modules\.json of the embedding model is no JSON"):
        graph.read(folder)
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "model.safetensors").unlink()
    assert graph.read(folder) is None


def test_weights_in_half_precision(tmp_path: Path) -> None:
    folder = _model(tmp_path, BertModel)
    whole = _single(folder, longest=24).documents(["a fox", "lamp of many"])
    SentenceTransformer(str(folder), device="cpu").half().save(str(tmp_path / "half"))
    assert "F16" in (tmp_path / "half" / "model.safetensors").read_bytes()[:2000].decode("latin-1")
    half = _single(tmp_path / "half", longest=24)
    np.testing.assert_allclose(half.documents(["a fox", "lamp of many"]), whole, atol=5e-3)


def test_where_there_is_no_openvino_it_is_done_by_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "has_openvino", lambda: False)  # as elsewhere than on x86-64
    made = embed.load(_folder(), longest=256, threads=1)
    assert isinstance(made, Encoder)
    assert (made.documents(TEXTS) * _light().documents(TEXTS)).sum(axis=1).min() > 0.999


def test_a_signal_is_heard_where_models_came_and_went() -> None:
    code = """
import signal
from kbray import embed, runtimes
from kbray.config import Settings
runtimes.computes_in_bfloat16()
folder = embed.model_folder(Settings().embedding_model)
models = [embed.load(folder, longest=256, threads=1) for _ in range(3)]
for model in models:
    model.query("A fox.")
del model
while models:
    models.pop(0)
signal.signal(signal.SIGINT, lambda *_: print("heard"))
signal.raise_signal(signal.SIGINT)
"""
    done = subprocess.run([sys.executable, "-X", "faulthandler", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr
