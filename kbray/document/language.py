"""The language of a document that doesn't tell it."""

from collections.abc import Iterable

from kbray.model import Element

_ENOUGH = 4000  # characters to go by
_LEAST = 200
_SURE = 0.8


def detect(elements: Iterable[Element]) -> str | None:
    """BCP 47, by the first pages of running text; None where that is too little, or no language is likely enough."""
    from langdetect import DetectorFactory, LangDetectException, detect_langs  # its profiles take half a second to load

    DetectorFactory.seed = 0  # it draws samples: the same document has the same language each time
    text = ""
    for element in elements:
        if element.main and element.kind in ("paragraph", "list_item", "heading") and (any(map(str.isalpha, element.text))):
            text += element.text + "\n"
        if len(text) >= _ENOUGH:
            break
    if len(text) < _LEAST:
        return None
    try:
        likely = detect_langs(text[:_ENOUGH])[0]
    except LangDetectException:
        return None
    return str(likely.lang) if likely.prob >= _SURE else None
