"""Code on slides, told by its face: listings, unless most of the presentation is in such a face, which then tells nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kbray.model import Element

_MOST = 0.5  # of the characters that are no titles


def without_typescript(slides: Sequence[tuple[Element, ...]]) -> list[tuple[Element, ...]]:
    """The slides, code as paragraphs where most of their text is that."""
    text = [element for slide in slides for element in slide if element.kind in ("paragraph", "list_item", "code")]
    code = sum(len(element.text) for element in text if element.kind == "code")
    if code <= _MOST * sum(len(element.text) for element in text):
        return list(slides)
    return [tuple(_typed(slide)) for slide in slides]


def _typed(slide: Iterable[Element]) -> Iterable[Element]:
    for element in slide:
        if element.kind != "code":
            yield element
            continue
        for line in element.text.split("\n"):
            if text := " ".join(line.split()):
                yield replace(element, kind="paragraph", text=text)
