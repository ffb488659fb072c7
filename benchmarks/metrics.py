"""Measures of ranked retrieval, over the ids in the order they were found and the set of those that are relevant."""

import math
from collections.abc import Collection, Sequence


def average_precision(found: Sequence[str], relevant: Collection[str]) -> float:
    """The mean, over the relevant, of the precision where each is found; 0 where it is not."""
    hits, total = 0, 0.0
    for place, one in enumerate(found, start=1):
        if one in relevant:
            hits += 1
            total += hits / place
    return total / len(relevant)


def ndcg(found: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Normalised discounted cumulative gain of the first k; every relevant one is worth the same."""
    gain = sum(1 / math.log2(place + 1) for place, one in enumerate(found[:k], start=1) if one in relevant)
    best = sum(1 / math.log2(place + 1) for place in range(1, min(k, len(relevant)) + 1))
    return gain / best


def recall(found: Sequence[str], relevant: Collection[str], k: int) -> float:
    """The share of the relevant among the first k."""
    return sum(one in relevant for one in found[:k]) / len(relevant)


def reciprocal_rank(found: Sequence[str], relevant: Collection[str]) -> float:
    """One over the place of the first relevant one; 0 where there is none."""
    return next((1 / place for place, one in enumerate(found, start=1) if one in relevant), 0.0)
