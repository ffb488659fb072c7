"""The large letters or numbers with which chapters begin, beside several lines of text."""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace

from kbray.document.layout.words import Word, baselines

_LARGE = 1.8  # of the usual font size
_STRAY = 0.3  # of the usual font size
_LOWER = 0.5  # of the usual font size: the last line beside it stands no lower
_FAR = 1.2  # of the usual font size, from the lines beside it
_LEAST = 2  # lines beside it
_LONGEST = 2  # characters: a quotation mark may stand before it
_DIGITS = 3  # of the number of a chapter, as in Bibles
_INK = 0.6  # of its font size: its height at least
_PROSE = 0.3  # of the words beside it begin with a small letter: else it is a logo


def with_initials(words: Sequence[Word]) -> list[Word]:
    """The words, such letters put to the words that they begin."""
    sizes = Counter[float]()
    for word in words:
        sizes[word.size] += len(word.text)
    usual = max(sizes, key=lambda size: (sizes[size], -size), default=0.0)
    initials = [word for word in words if word.size >= _LARGE * usual and _is_initial(word.text)]
    found = list(words)
    for initial in initials:
        first = _first_beside(initial, found, usual)
        if first is None:
            continue
        others = {word.text.casefold() for word in found if word is not initial and word is not first}
        if text := _begun(initial.text, first.text, others):
            found = [replace(word, text=text) if word is first else word for word in found if word is not initial]
    return found


def _is_initial(text: str) -> bool:
    if text.isdecimal():
        return len(text) <= _DIGITS
    return len(text) <= _LONGEST and text[-1].isupper() and not any(character.isalnum() for character in text[:-1])


def _first_beside(initial: Word, words: Sequence[Word], usual: float) -> Word | None:
    """The first word of the text right beside it, if that has as many lines as it needs."""
    stray, right = _STRAY * usual, initial.box.right
    ink = replace(initial.box, top=initial.baseline - _INK * initial.size, bottom=initial.baseline)
    if any(word is not initial and ink.holds(*word.box.middle) for word in words):
        return None  # a watermark: the text goes on through it
    beside = [
        word
        for word in words
        if word.size * _LARGE <= initial.size
        and word.box.left >= right - stray
        and initial.box.top - usual <= word.box.top
        and word.baseline <= initial.baseline + _LOWER * usual
    ]
    firsts = [min(row, key=lambda word: word.box.left) for row in baselines(beside)]
    near = [word for word in firsts if word.box.left <= right + _FAR * usual]
    prose = sum(word.text[0].islower() for word in beside)
    return near[0] if len(near) >= _LEAST and prose >= _PROSE * len(beside) else None


def _begun(initial: str, text: str, others: Set[str]) -> str | None:
    """The word, or two, where the letter is one by itself (`A`, `I`) and another follows; None: it begins none.

    Args: others: the other words of the page.
    """
    if initial.isdecimal():
        return f"{initial} {text}"
    letter, rest = initial[-1].casefold(), text.casefold()
    goes_on = text[0].islower() or text.isupper() or text[0] in "'’"
    if letter in others and (not goes_on or (rest in others and letter + rest not in others)):
        return f"{initial} {text}"
    return initial + text if goes_on else None
