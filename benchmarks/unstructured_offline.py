"""`unstructured` for those that compare with it: its partitioners without the network, and without guessing titles."""

import importlib
import os
import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def partitioner(kind: str) -> Callable[..., list[Any]]:
    """Its `partition_<kind>`.

    The original `unstructured.nlp.tokenize` loads a spaCy model, fetched from the internet on first use. All that it serves is
    telling prose from titles in text without a style.
    """
    os.environ.update(DO_NOT_TRACK="1", SCARF_NO_ANALYTICS="1", UNSTRUCTURED_DISABLE_NOTICE="1")
    sys.modules["unstructured.nlp.tokenize"] = _tokenizer()
    function: Callable[..., list[Any]] = getattr(importlib.import_module(f"unstructured.partition.{kind}"), f"partition_{kind}")
    return function


def _tokenizer() -> ModuleType:
    """Sentences by their marks, words by white space, no parts of speech."""
    module = ModuleType("unstructured.nlp.tokenize")
    members: dict[str, object] = {
        "sent_tokenize": lambda text: _SENTENCE.split(text.strip()),
        "word_tokenize": lambda text: re.findall(r"\w+|[^\w\s]", text),
        "pos_tag": lambda text: [],
    }
    module.__dict__.update(members)
    return module
