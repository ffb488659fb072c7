"""Words in fours, beside values computed by hand."""

import pytest

from benchmarks.html_articles import match, shingles


@pytest.mark.parametrize(
    ("truth", "text", "precision", "recall"),
    [
        ("a b c d e", "a b c d e", 1, 1),
        ("a b c d e", "x a b c d e", 2 / 3, 1),  # x a b c, a b c d, b c d e
        ("a b c d e f", "a b c d", 1, 1 / 3),
        ("a b c d", "a b c d a b c d", 1 / 5, 1),  # counted as often as they occur
        ("a b", "a, b!", 1, 1),
        ("a b c d", "", 0, 0),
    ],
)
def test_a_match_is_counted_in_fours(truth: str, text: str, precision: float, recall: float) -> None:
    found = match(shingles(truth), text)
    assert (found.precision, found.recall) == pytest.approx((precision, recall))
