"""Names of exported files: after their sources, never the same twice, and nothing a file system refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.ops.export import free_name

SHA = "ab" * 32


def test_the_ending_gives_way_unless_it_tells_files_apart() -> None:
    taken: set[str] = set()
    assert free_name("book.epub", SHA, ".md", taken) == "book.md"
    assert free_name("book.pdf", SHA, ".md", taken) == "book.pdf.md"
    assert free_name("book.pdf", SHA, ".md", taken) == f"book-{SHA[:8]}.md"
    assert free_name("BOOK.html", SHA, ".md", taken) == "BOOK.html.md"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a/b\\c:d.txt", "a_b_c_d.md"),
        ("..", "abababab.md"),
        (".hidden", "hidden.md"),
        ("no ending", "no ending.md"),
        ("new\nline\x00.txt", "new_line_.md"),
        ("caf\udce9.txt", "caf_.md"),
        ("草枕.epub", "草枕.md"),
        ("v1.2.tar.gz", "v1.2.tar.md"),
    ],
)
def test_what_file_systems_refuse_is_replaced(name: str, file: str) -> None:
    assert free_name(name, SHA, ".md", set()) == file


@given(st.lists(st.tuples(st.text(max_size=300), st.integers(0, 2**32)), max_size=20))
def test_names_are_distinct_and_fit(sources: list[tuple[str, int]]) -> None:
    taken: set[str] = set()
    names = [free_name(name, f"{index:08x}{number:056x}", ".jsonl", taken) for index, (name, number) in enumerate(sources)]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name.encode()) <= 255
        assert "/" not in name
        assert not name.startswith(".")
