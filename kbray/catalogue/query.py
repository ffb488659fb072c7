"""What people type → what is looked for. Pure."""

import re
from dataclasses import dataclass

from kbray.catalogue import storable
from kbray.errors import ConfigError

_LONGEST = 20_000  # characters: five pages of print
_MOST = 100  # phrases, exclusions and beginnings: each is a condition of its own to the database
_TERM = re.compile(r"""(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))""")


@dataclass(frozen=True, slots=True)
class Query:
    """Words rank: the more of them and the rarer, the better. What has all phrases comes first: people quote in their questions
    what is nowhere else, too. What is excluded must not be there.
    """

    words: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()  # beginnings of words, without the `*`
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()  # words and phrases

    @property
    def meaning(self) -> str:
        """What an embedding is made of: all but what is excluded."""
        return " ".join((*self.words, *self.prefixes, *self.phrases))


def parse(text: str) -> Query:
    """`words "a phrase" -excluded -"excluded phrase" begin*`; a `-` inside of a word is part of it.

    Raises: ConfigError: it is longer than a question can be.
    """
    if len(text) > _LONGEST:
        raise ConfigError(f"The question has {len(text):,} characters; at most {_LONGEST:,} are looked for: shorten it.")
    words, prefixes, phrases, excluded = list[str](), list[str](), list[str](), list[str]()
    for found in _TERM.finditer(storable.text(text)):
        term = found["phrase"] if found["phrase"] is not None else found["word"]
        if not re.search(r"\w", term):
            continue
        if found["minus"]:
            excluded.append(term)
        elif found["phrase"] is not None:
            phrases.append(term)
        elif term.endswith("*"):
            prefixes.append(term.rstrip("*"))
        else:
            words.append(term)
    if len(prefixes) + len(phrases) + len(excluded) > _MOST:
        raise ConfigError(f"The question has more than {_MOST} phrases, exclusions and beginnings (begin*): shorten it.")
    return Query(tuple(words), tuple(prefixes), tuple(phrases), tuple(excluded))
