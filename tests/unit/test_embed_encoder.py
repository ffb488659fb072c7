"""Vectors by the model that lies beside kbray are those that sentence-transformers makes of the same texts."""

import copy
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from transformers import BertModel, MPNetModel, PreTrainedModel, RobertaModel, XLMRobertaModel

from kbray import embed
from kbray.config import Settings
from kbray.embed.encoder import Encoder, _dtype
from kbray.embed.packed import _Encoder, pack

DTYPES = [torch.float32, *([torch.bfloat16] if torch.ops.mkldnn._is_mkldnn_bf16_supported() else [])]  # no other CPU packs it
TEXTS = [
    "A fox.",
    "How is the heat of a lamp measured?",
    "word " * 400,
    "北京",
    "",
    *(f"Number {n} of " + "many " * n for n in range(40)),
]


@cache
def _encoder() -> Encoder:
    return Encoder(embed.model_folder(Settings().embedding_model), longest=256, threads=1)


def _unit(made: object) -> NDArray[np.float32]:
    found = np.atleast_2d(np.asarray(made, np.float32))
    unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def test_vectors_are_those_of_the_bare_model() -> None:
    bare = SentenceTransformer(
        str(embed.model_folder(Settings().embedding_model)), device="cpu", model_kwargs={"dtype": torch.float32}
    )
    expected = _unit(bare.encode(TEXTS))

    made = _encoder().documents(TEXTS)

    assert made.shape == (len(TEXTS), _encoder().dimension)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)
    assert (made * expected).sum(axis=1).min() > 0.999, "half precision leaves a thousandth at most"


def test_a_question_gets_the_prompt_that_the_model_has_for_questions() -> None:
    encoder = _encoder()
    for prompt in ("", "Represent this question for retrieval: "):
        encoder._model.prompts["query"] = prompt
        for text in TEXTS:
            expected = _unit(encoder._model.encode_query([text]))[0]
            np.testing.assert_allclose(encoder.query(text), expected, atol=1e-6)
    encoder._model.prompts["query"] = ""
    np.testing.assert_allclose(encoder.query("A fox."), encoder.documents(["A fox."])[0], atol=0.01)


@pytest.mark.parametrize("kind", [BertModel, RobertaModel, XLMRobertaModel, MPNetModel])
@pytest.mark.parametrize("dtype", DTYPES)
def test_packed_networks_compute_the_same(kind: type[PreTrainedModel], dtype: torch.dtype) -> None:
    """Those of a kind that is taken apart, and one whose linear layers alone are packed."""
    torch.manual_seed(3)
    asked = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "vocab_size": 50}
    bare = kind(kind.config_class(**asked)).eval().to(dtype)
    outer = torch.nn.ModuleList([copy.deepcopy(bare)])
    pack(outer)
    tokens = torch.randint(5, 50, (3, 12))
    filled = torch.ones_like(tokens)
    filled[1, 7:] = filled[2, 1:] = 0
    tokens[filled == 0] = 1
    with torch.inference_mode():
        for input_ids, mask in ((tokens, filled), (tokens[:1], filled[:1])):
            expected = bare(input_ids=input_ids, attention_mask=mask).last_hidden_state
            made = outer[0](input_ids=input_ids, attention_mask=mask).last_hidden_state
            bound = 1e-5 if dtype is torch.float32 else 0.05
            torch.testing.assert_close(made[mask == 1], expected[mask == 1], atol=bound, rtol=bound)
    assert not any(type(inner) is torch.nn.Linear for inner in outer.modules())
    assert any(type(inner) is _Encoder for inner in outer.modules()) == (kind is not MPNetModel)


def test_the_vector_of_a_question_is_that_of_the_model_as_it_was() -> None:
    """In the same precision: what is packed, and what is left out on the way, changes nothing that could be told from noise."""
    folder = str(embed.model_folder(Settings().embedding_model))
    bare = SentenceTransformer(folder, device="cpu", model_kwargs={"dtype": _dtype(gpu=False)})
    for text in TEXTS[:10]:
        expected = _unit(bare.encode_query([text], convert_to_tensor=True).float().numpy())[0]
        assert _encoder().query(text) @ expected > 0.9999
