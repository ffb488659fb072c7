"""What is printed at the head or the foot of most topics: navigation, the name of the book, notices of copyright."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from kbray.model import Element, Kind

_LEAST = 6  # topics
_SHARE = 0.5  # of the topics
_EDGE, _LONGEST = 4, 300  # elements at each end of a topic that are looked at; characters
_Key = tuple[Kind, str, str | None]


def without_running(topics: Iterable[Sequence[Element]]) -> list[tuple[Element, ...]]:
    """The topics, those elements not `main` that stand at the same end of most of them; what stands between them stays."""
    read = [tuple(topic) for topic in topics]
    told = [topic for topic in read if topic]
    common = [
        {
            key
            for key, count in Counter(chain.from_iterable(map(set, ends))).items()
            if count > max(_LEAST - 1, _SHARE * len(told))
        }
        for ends in ([_keys(topic[:_EDGE]) for topic in told], [_keys(topic[-_EDGE:]) for topic in told])
    ]
    return [_told(topic, *common) for topic in read]


def _keys(elements: Iterable[Element]) -> list[_Key]:
    return [_key(element) for element in elements if len(element.text) <= _LONGEST]


def _key(element: Element) -> _Key:
    return element.kind, element.text, element.target


def _told(topic: tuple[Element, ...], heads: set[_Key], feet: set[_Key]) -> tuple[Element, ...]:
    first = next((at for at, element in enumerate(topic[:_EDGE]) if _key(element) not in heads), min(_EDGE, len(topic)))
    last = next((at for at, element in enumerate(reversed(topic[-_EDGE:])) if _key(element) not in feet), min(_EDGE, len(topic)))
    if first + last >= len(topic):
        return topic  # there is nothing else in it
    running = {*range(first), *range(len(topic) - last, len(topic))}
    return tuple(replace(element, main=False) if at in running else element for at, element in enumerate(topic))
