"""Vectors by the model that lies beside kbray are those that sentence-transformers makes of the same texts."""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from kbray import embed
from kbray.config import Settings
from kbray.embed.encoder import Encoder

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
