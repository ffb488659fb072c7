"""Similarity of Markdown documents, beside values computed by hand."""

import pytest

from benchmarks.similarity import Node, distance, mhs, nid, scores, teds

HTML = "<table><tr><td>abc</td><td>x</td></tr></table>"


def tree(label: str, *children: Node) -> Node:
    return Node((label, 1, 1), "", children)


def unequal(one: Node, other: Node) -> float:
    return float(one.label != other.label)


def test_the_tree_edit_distance_is_that_of_zhang_and_shasha() -> None:
    one = tree("f", tree("d", tree("a"), tree("c", tree("b"))), tree("e"))
    other = tree("f", tree("c", tree("d", tree("a"), tree("b"))), tree("e"))
    assert distance(one, other, unequal) == 2  # the example of their paper: c is deleted and inserted again
    assert distance(one, one, unequal) == 0
    assert distance(tree("a"), one, unequal) == 5  # it is in there: five more are inserted
    assert distance(tree("x"), one, unequal) == 6


def test_text_is_compared_by_insertions_and_deletions() -> None:
    assert nid("abcd", "abd") == pytest.approx(1 - 1 / 7)
    assert nid("a  b\n\nc", "a b c\n") == 1
    assert nid("abcd", "") == 0


def test_of_a_cell_that_is_read_wrong_the_part_that_is_wrong_counts() -> None:
    assert teds(HTML, HTML) == 1
    assert teds(HTML, HTML.replace("abc", "abd")) == pytest.approx(1 - (1 / 3) / 4)  # table, row, two cells


def test_a_cell_a_row_a_table_that_is_missing_counts_as_much_as_it_has_nodes() -> None:
    assert teds(HTML, "<table><tr><td>abc</td></tr></table>") == pytest.approx(1 - 1 / 4)
    more = HTML.replace("</table>", "<tr><td>y</td></tr></table>")
    assert teds(more, HTML) == teds(HTML, more) == pytest.approx(1 - 2 / 6)
    assert teds(HTML + HTML, HTML) == pytest.approx(1 - 4 / 8)
    assert teds(HTML, "no table") == 0
    assert teds("no table", HTML) is None


def test_a_cell_of_another_span_is_another_cell() -> None:
    assert teds(HTML, HTML.replace("<td>abc", '<td colspan="2">abc')) == pytest.approx(1 - 1 / 4)


def test_tables_of_markdown_count_like_those_of_html() -> None:
    found = scores("<table>\n<tr><th>a|b</th><td>c<br>d</td></tr>\n<tr><td>e</td><td></td></tr>\n</table>", MARKDOWN)
    assert found.teds == 1
    assert found.mhs is None
    assert found.overall == (found.nid + 1) / 2


MARKDOWN = "| a\\|b | c<br>d |\n| --- | --- |\n| e |  |\n"


def test_headings_are_compared_with_the_text_below_them_whatever_their_level() -> None:
    assert mhs("# One\ntext\n\n## Two\nmore", "### One\n\ntext\n# Two\nmore") == 1
    assert mhs("# One\ntext", "# One\ntext\n# Two\nmore") == pytest.approx(1 - 2 / 5)
    assert mhs("# One\nabcd", "# One\nabce") == pytest.approx(1 - (1 / 4) / 3)  # document, heading, its text
    assert mhs("before\n# One", "# One") == pytest.approx(1 - 1 / 3)


def test_headings_count_only_where_there_should_be_some() -> None:
    assert mhs("text", "# One") is None
    assert mhs("# One", "One") == 0


def test_a_perfect_document_has_a_score_of_one() -> None:
    document = f"# One\n\ntext\n\n{HTML}\n"
    assert scores(document, document).overall == 1
