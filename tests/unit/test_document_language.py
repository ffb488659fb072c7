"""The language of a document that doesn't tell it."""

import pytest

from kbray.document.language import detect
from kbray.model import Element

TEXTS = {
    "en": "The committee met in the evening and decided that the ladder should be repaired before anybody climbs it again. ",
    "de": "Der Ausschuss trat am Abend zusammen und beschloss, dass die Leiter repariert wird, bevor jemand sie besteigt. ",
    "fr": "Le comité s'est réuni le soir et a décidé que l'échelle devait être réparée avant que quelqu'un n'y remonte. ",
    "ru": "Комитет собрался вечером и решил, что лестницу нужно починить, прежде чем кто-либо снова на неё поднимется. ",
}


@pytest.mark.parametrize("language", TEXTS)
def test_running_text_tells_its_language_the_same_each_time(language: str) -> None:
    elements = [Element("table", "1\t2\n" * 100), *(Element("paragraph", TEXTS[language]) for _ in range(3))]
    assert {detect(elements) for _ in range(3)} == {language}


@pytest.mark.parametrize("text", ["", "Perlis, A. J.", "Sugai, I. 1958 " * 3, "0 1 2 3 4 5 6 7 8 9 " * 50])
def test_what_is_too_little_tells_nothing(text: str) -> None:
    assert detect([Element("paragraph", text)]) is None
