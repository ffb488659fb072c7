"""Keys of objects: what kbray writes it knows again, and nothing else."""

import pytest

from kbray.objects import layout
from kbray.objects.keys import checked

SHA, FINGERPRINT = "ab" * 32, "0123456789abcdef"


def test_keys_are_those_of_the_stores_that_are_there() -> None:
    assert layout.original(SHA) == f"raw/{SHA}"
    assert layout.part(SHA, FINGERPRINT, 7) == f"parts/{SHA}/{FINGERPRINT}/000007"
    assert layout.results(SHA, FINGERPRINT) == tuple(
        f"docs/{SHA}/{FINGERPRINT}/{name}" for name in ("elements.parquet", "document.md", "document.json")
    )


@pytest.mark.parametrize("fingerprint", [FINGERPRINT, f"{FINGERPRINT}-ocr"])
def test_what_a_key_is_of_is_known_again(fingerprint: str) -> None:
    lasting = (layout.original(SHA), *layout.results(SHA, fingerprint))

    for key in (*lasting, layout.part(SHA, fingerprint, 0)):
        assert layout.content_of(checked(key)) == SHA
        assert layout.lasts(key) == (key in lasting)


@pytest.mark.parametrize(
    "key",
    [
        "kbray.json",
        "raw/data.csv",
        f"raw/{SHA}/x",
        f"other/raw/{SHA}",
        f"docs/{SHA}/document.md",
        f"docs/{SHA}/short/document.md",
    ],
)
def test_keys_of_others_are_of_nothing(key: str) -> None:
    assert layout.content_of(key) is None


@pytest.mark.parametrize("name", ["document.mdx", "document.md/x", "notes.txt", ""])
def test_nothing_but_results_lasts(name: str) -> None:
    assert not layout.lasts(layout.result(SHA, FINGERPRINT, name))
