"""Names of people as they are looked for: capitals, accents and the order of their parts don't matter, and a part will do.

Each author of a file has a position of its own in a `tsvector`, at which all parts of the name stand, so that `john <0> smith` is
one person. (`<0>` is PostgreSQL's operator for lexemes at one position.)
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from kbray.errors import ConfigError

_APOSTROPHE = re.compile("['’ʼ`´]")
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_UNDIVIDED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")  # scripts in which names have no blanks, or need none
_MOST_WORDS = 8
_MOST_POSITIONS = 16_383  # that PostgreSQL tells apart


def vector(authors: Sequence[str]) -> str:
    """A tsvector, as PostgreSQL reads one."""
    lexemes = (
        f"'{lexeme}':{place}"
        for place, author in enumerate(authors[:_MOST_POSITIONS], start=1)
        for lexeme in sorted(set(_lexemes(author)))
    )
    return " ".join(lexemes)


def query(name: str) -> str:
    """A tsquery: all words of the name begin parts of the name of one author, whose first names may be initials.

    Raises: ConfigError: there is no letter in it.
    """
    words = list(islice(_parts(name), _MOST_WORDS))
    if not words:
        raise ConfigError(f"An author has a name: there is no letter in {name!r}.")
    # Of the words one at least is no initial there, or `John` would be everybody whose name begins with J.
    whole = [_either(word) for word in words]
    short = [_either(word, initial=True) for word in words]
    ways = (" <0> ".join((*short[:n], whole[n], *short[n + 1 :])) for n in range(len(words)))
    return " | ".join(dict.fromkeys(f"({way})" for way in ways))


def _either(word: str, *, initial: bool = False) -> str:
    forms = [f"'{form}':*" for form in sorted(_spellings(word))]
    if initial and len(word) > 1 and not _UNDIVIDED.match(word):
        forms.append(f"'{min(_spellings(word))[0]}'")
    return f"({' | '.join(forms)})" if len(forms) > 1 else forms[0]


def _lexemes(author: str) -> Iterator[str]:
    for word in _parts(author):
        yield from _spellings(word)
    # A name without blanks is found by what it ends with, one with blanks by the whole without.
    for run in _UNDIVIDED.findall("".join(_parts(author))):
        yield from (run[start:] for start in range(len(run)))


def _parts(name: str) -> Iterator[str]:
    """Words, in small letters, accents and all."""
    yield from _WORD.findall(_APOSTROPHE.sub("", unicodedata.normalize("NFKC", name).casefold()))


def _spellings(word: str) -> set[str]:
    """Without accents, and with umlauts written out: Müller is Muller and Mueller."""
    return {_bare(word), _bare(word.translate(_UMLAUTS))}


def _bare(word: str) -> str:
    apart: Iterable[str] = unicodedata.normalize("NFKD", word.translate(_LETTERS))
    # What NFKD takes apart in Hangul belongs together; marks are what is left out.
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))
