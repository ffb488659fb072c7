"""Tokens of the model that lies beside kbray, and models that can't be had."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbray import embed
from kbray.config import Settings
from kbray.document.chunking import chunk
from kbray.errors import ConfigError
from kbray.model import Element

TOKENS = embed.tokens(Settings())


def test_tokens_are_those_of_the_model() -> None:
    assert TOKENS.count(["The quick brown fox.", "", "unbelievably", "北京"]) == [5, 0, 5, 2]
    assert TOKENS.count([]) == []
    assert TOKENS.count(["word " * 1000]) == [1000], "nothing is cut off"


@given(st.lists(st.text(min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=5))
@settings(max_examples=50)
def test_texts_put_together_have_no_more_tokens_than_apart(texts: list[str]) -> None:
    words = TOKENS._tokenizer.encode(" ".join(texts), add_special_tokens=False)
    assert len(words) <= sum(TOKENS.count(texts))


def test_what_is_no_word_does_not_become_a_chunk_of_a_megabyte() -> None:
    chunks = chunk([Element("paragraph", "A picture: " + "iVBORw0KGgo" * 20_000)], TOKENS.count)
    assert max(len(one.text) for one in chunks) <= 256 * 16
    assert "".join("".join(one.text for one in chunks).split()) == "Apicture:" + "iVBORw0KGgo" * 20_000


def test_a_folder_is_a_model_and_its_tokenizer_tells_who_it_is(tmp_path: Path) -> None:
    folder = embed.model_folder(Settings().embedding_model)
    shutil.copy(folder / "tokenizer.json", tmp_path)
    assert embed.tokens(Settings(embedding_model=str(tmp_path))).identity == TOKENS.identity
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match=r"has no tokenizer\.json: choose another one"):
        embed.tokens(Settings(embedding_model=str(tmp_path)))


def test_weights_that_were_changed_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(ConfigError, match="not the one that was published"):
        embed._check(tmp_path / "model.safetensors")


@pytest.mark.parametrize("name", ["/no/such/folder", "not a name!!"])
def test_a_model_that_can_not_be_had_is_told_in_a_sentence(name: str) -> None:
    with pytest.raises(ConfigError) as told:
        embed.model_folder(name)
    assert name in told.value.message
    assert "\n" not in told.value.message


def test_a_model_describes_itself(tmp_path: Path) -> None:
    folder = embed.model_folder(Settings().embedding_model)
    assert (embed.dimension(folder), embed.languages(folder)) == (384, ("en",))

    (tmp_path / "modules.json").write_text('[{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Dense"}]')
    for name, told in (("1_Pooling", '{"word_embedding_dimension": 384}'), ("2_Dense", '{"out_features": 128}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(told)
    assert embed.dimension(tmp_path) == 128, "that of the last module"
    assert embed.languages(tmp_path) is None, "no card"


@pytest.mark.parametrize(
    ("card", "known"),
    [
        ("language: de", ("de",)),
        ("language:\n- en\n- zh-Hans\n- en", ("en", "zh")),
        ("language:\n- multilingual\n- en", None),
        ("license: mit", None),
    ],
)
def test_a_card_tells_languages(tmp_path: Path, card: str, known: tuple[str, ...] | None) -> None:
    (tmp_path / "README.md").write_text(f"---\n{card}\n---\n# A model\n")
    assert embed.languages(tmp_path) == known


def test_who_a_model_is_changes_with_its_files(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, weights in ((one, b"weights"), (other, b"others")):
        (folder / "1_Pooling").mkdir(parents=True)
        (folder / "1_Pooling" / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(weights)
    assert embed.identity(one) != embed.identity(other)
    (other / "model.safetensors").write_bytes(b"weights")
    embed.identity.cache_clear()
    assert embed.identity(one) == embed.identity(other)
    (other / "notes.md").write_text("of no matter")
    embed.identity.cache_clear()
    assert embed.identity(one) == embed.identity(other)


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no sentence-transformers model"):
        embed.dimension(tmp_path)
    (tmp_path / "modules.json").write_text("{")
    with pytest.raises(ConfigError, match=r"modules\.json of the embedding model is no JSON"):
        embed.dimension(tmp_path)
