"""Scans with a text layer: whether that or what recognition reads is the better text of a page. No language is known.

Thresholds were set on layers whose truth is known (docs/benchmarks.md, text_layers).
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace

from kbray.document.grading import is_garbled
from kbray.model import Element, PageImage, Parsed, Reading

LINES = 24
"""Of a page that are read to see whether its layer says the same."""
_PAGES = 64
"""Of so many one is sampled: a document was recognised in one go, and a sample costs as much as an ordinary page."""
_KNOWN = 0.95
"""Least share of a layer's letters that recognition knows: it takes others for those it knows, and is sure of them."""
_RUN = 4
"""Characters that are looked for together, wherever on the page they stand: in which order it is read is no matter."""
_DOUBT = 0.02
"""Of a sample's characters those that the layer has otherwise, for the page to be read in full."""
_WRONG = 0.03
"""Of a page's characters those that its layer and what was read have otherwise, for the layer to be bad: every seventh word."""
_ENOUGH = 200
"""Characters of a page by which its language is known well enough."""
_SHORT = 3
"""Characters of which most runs come again within a page, if they are of its language."""
_LIKELIER = 1.5
"""How many times more of what was read otherwise must consist of runs that both agree on elsewhere. What is right is of the same
language as the rest of the page, and mistakes are not; where both are bad they are alike in this."""
_PART = 0.5
"""Of a page's text: a layer with less has only a part of it."""
_AS_MUCH = 0.8
"""Of a layer's length that must have been read: not all that it says may be seen."""
_SURE, _VERY_SURE = 0.8, 0.9
"""Least confidence of what replaces a layer (below it is doubtful by itself), and of what shows that a layer is only a part."""


def comparable(parsed: Parsed, known: Set[str]) -> Parsed:
    """Without the images of layers that recognition can't judge, because it doesn't know their letters."""
    return _kept(parsed, lambda image: _is_comparable(" ".join(_texts(_own(parsed, image))), known))


def trusted(parsed: Parsed) -> Parsed:
    """Without the images of all pages with a layer."""
    return _kept(parsed, lambda _: False)


def sample(parsed: Parsed) -> list[PageImage]:
    """Of the pages with a layer those on which that says most: titles and plates tell little of the rest."""
    layered = [image for image in parsed.images if image.layered]
    fullest = sorted(layered, key=lambda image: -sum(map(len, _texts(_own(parsed, image)))))
    return fullest[: -(-len(layered) // _PAGES)]


def is_doubtful(parsed: Parsed, image: PageImage, some: Reading) -> bool:
    """Whether the page had better be read in full; `some`: lines of it."""
    return _missing(_runs(_folded(some.elements), _RUN), _runs(_folded(_own(parsed, image)), _RUN)) > _DOUBT


def is_worse(layer: Sequence[Element], reading: Sequence[Element]) -> bool:
    """Whether a page's text layer is bad, and what was read of the whole page is better."""
    theirs, ours = _folded(layer), _folded(reading)
    length, read, sure = sum(map(len, theirs)), sum(map(len, ours)), _confidence(reading)
    if read < max(_ENOUGH, _AS_MUCH * length) or sure < _SURE:
        return False
    if length < _PART * read:
        return sure >= _VERY_SURE
    layer_runs, read_runs = _runs(theirs, _RUN), _runs(ours, _RUN)
    # Where only one of them is laid out as a table, its cells cut runs that the other has.
    if min(_missing(read_runs, layer_runs), _missing(layer_runs, read_runs)) <= _WRONG:
        return False
    layer_runs, read_runs = _runs(theirs, _SHORT), _runs(ours, _SHORT)
    agreed = layer_runs & read_runs
    return _known(read_runs - layer_runs, agreed) > _LIKELIER * _known(layer_runs - read_runs, agreed)


def is_better(reading: Sequence[Element]) -> bool:
    """Whether what was read of a page is better than a text that seems to be coded wrongly; else the print may look so itself."""
    return _confidence(reading) >= _SURE and not is_garbled("\n".join(_texts(reading)))


def _kept(parsed: Parsed, keeps: Callable[[PageImage], bool]) -> Parsed:
    return replace(parsed, images=tuple(image for image in parsed.images if not image.layered or keeps(image)))


def _own(parsed: Parsed, image: PageImage) -> list[Element]:
    return [element for element in parsed.elements if element.page == image.page]


def _is_comparable(text: str, known: Set[str]) -> bool:
    letters = [character for character in unicodedata.normalize("NFC", text) if character.isalpha()]
    return sum(letter in known for letter in letters) >= _KNOWN * len(letters)


def _missing(runs: Counter[str], among: Counter[str]) -> float:
    """Share of characters that must differ for so many of the runs to be missing."""
    return 1 - ((runs & among).total() / runs.total()) ** (1 / _RUN) if runs else 0.0


def _known(runs: Counter[str], agreed: Counter[str]) -> float:
    """Share of runs that stand among those agreed on, too."""
    return sum(count for run, count in runs.items() if run in agreed) / max(1, runs.total())


def _confidence(elements: Iterable[Element]) -> float:
    """Mean over characters; 0 where none is told."""
    told = [(sum(map(len, _texts([one]))), one.confidence) for one in elements if one.confidence is not None]
    return sum(length * confidence for length, confidence in told) / max(1, sum(length for length, _ in told))


def _folded(elements: Iterable[Element]) -> list[str]:
    """Letters and digits alone, without case."""
    plain = (unicodedata.normalize("NFKC", text).casefold() for text in _texts(elements))
    return ["".join(filter(str.isalnum, text)) for text in plain]


def _runs(texts: Iterable[str], length: int) -> Counter[str]:
    return Counter(text[start : start + length] for text in texts for start in range(len(text) - length + 1))


def _texts(elements: Iterable[Element]) -> Iterator[str]:
    for element in elements:
        if element.table is None:
            yield element.text
        else:
            yield from (cell.text for cell in element.table.cells)
