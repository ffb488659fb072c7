"""Formulas of Hangul, written in words ("{a} over {b}") → MathML, after Hancom's description of that language (revision 1.3)."""

import re
from collections.abc import Callable
from unicodedata import normalize

from lxml import etree

from kbray.parse.hangul.equation_words import ACCENTS, LARGE, LIMITS, NAMES, SYMBOLS, TABLES
from kbray.parse.markup import mathml
from kbray.parse.office.omml import node_of, tokens

_TOKEN = re.compile(r'"[^"]*"?|[A-Za-z]+|[0-9]+(?:\.[0-9]+)?|<<<|>>>|<->|<=>|->|<-|=>|<=|>=|!=|==|<<|>>|\+-|-\+|\\.|\S')
_DEEPEST = 60  # groups in groups; what is nested deeper is read as bare text
_UPRIGHT = ("rm", "rmbold")
_SCRIPTS = {"^": "^", "sup": "^", "to": "^", "_": "_", "sub": "_", "from": "_", "lsub": "_", "lsup": "^"}
_ENDS = frozenset(("}", "#", "&", "right"))
_SPACES = str.maketrans("~`", "  ")
_APART = _ENDS | {"over", "atop", "choose", "from", "to", "sup", "sub", "lsup", "lsub", "~", "`"}
_CLOSING = frozenset(")]|")
_NAMED = re.compile("(?=[a-z])(?:" + "|".join(sorted(NAMES, key=len, reverse=True)) + ")(?=[a-zA-Z])")


def read(script: str) -> tuple[str, str]:
    """The formula on one line, and its MathML; its words as they are, and none, where it is empty or nested too deeply."""
    try:
        tree = _Formula(script).tree()
    except _TooDeepError:
        return " ".join(script.split()), ""
    return (mathml.text_of(tree), mathml.source_of(tree)) if len(tree) else ("", "")


class _TooDeepError(Exception):
    pass


class _Formula:
    """White space ends what is written above or below, and what is over or under: in `10a^3 over b` that is all of `10a^3`."""

    def __init__(self, script: str) -> None:
        found = list(_TOKEN.finditer(script))
        self._words = [word for one in found for word in _split(one[0])]
        self._spaced = [  # whether white space stands before a word
            not place and (not one.start() or script[one.start() - 1].isspace())
            for one in found
            for place, _ in enumerate(_split(one[0]))
        ]
        self._at = 0
        self._depth = 0
        self._upright = False

    def tree(self) -> etree._Element:
        """Raises: _TooDeepError."""
        return node_of("math", *self._until(""))

    @property
    def _next(self) -> str:
        """The next word; empty at the end."""
        return self._words[self._at] if self._at < len(self._words) else ""

    @property
    def _adjoins(self) -> bool:
        """Whether the next word, if there is one, stands right behind the last one and goes on with it."""
        return bool(self._next) and not self._spaced[self._at] and self._next.lower() not in _APART

    def _take(self) -> str:
        word = self._next
        self._at += 1
        return word

    # ------------------------------------------------------------ rows

    def _until(self, end: str) -> list[etree._Element]:
        """All to this word, which is taken, or to the end; what would end something else in between ends nothing."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooDeepError
        found: list[etree._Element] = []
        while True:
            found += self._row()
            if not self._next or self._take().lower() == end:
                self._depth -= 1
                return found

    def _row(self) -> list[etree._Element]:
        """All to what ends a row, which is left."""
        found: list[etree._Element] = []
        while self._next and self._next.lower() not in _ENDS:
            found += self._joined()
        return found

    def _joined(self) -> list[etree._Element]:
        """An item, and what it is over or under: `a over b`."""
        left, height = self._item(), 0
        while (kind := self._next.lower()) in ("over", "atop", "choose"):
            self._take()
            left, height = [_stacked(kind, left, self._item())], height + 1
            if height > _DEEPEST:
                raise _TooDeepError
        return left

    def _item(self) -> list[etree._Element]:
        """Terms up to white space."""
        found = self._scripted()
        while self._adjoins:
            found += self._scripted()
        return found

    def _scripted(self) -> list[etree._Element]:
        """A term with what is written below and above it."""
        large = self._next.lower() in LARGE or self._next in LIMITS
        base = self._term() if self._next not in ("^", "_") else []
        scripts: dict[str, etree._Element] = {}
        while (sign := _SCRIPTS.get(self._next.lower())) is not None and sign not in scripts:
            self._take()
            script = self._script()
            if sign == "^" and self._next.lower() in ("sqrt", "root") and self._adjoins:
                self._take()
                return [*base, node_of("mroot", _one(self._term()), script)]
            scripts[sign] = script
        if not scripts:
            return base
        names = ("munder", "mover", "munderover") if large else ("msub", "msup", "msubsup")
        name = names[2] if len(scripts) == 2 else names["^" in scripts]
        *before, last = base or [node_of("mrow")]
        return [*before, node_of(name, last, *(scripts[sign] for sign in "_^" if sign in scripts))]

    def _script(self) -> etree._Element:
        """A group, or terms up to white space, a bracket or another script: `k=1` in `sum_k=1^n`."""
        if self._next == "{":
            return _one(self._term())
        found = self._term()
        while self._adjoins and self._next not in _CLOSING and self._next.lower() not in _SCRIPTS:
            if self._next.lower() in ("sqrt", "root") and len(found) == 1:
                break
            found += self._term()
        return _one(found)

    # ------------------------------------------------------------ terms

    def _term(self) -> list[etree._Element]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooDeepError
        word = self._take()
        construct = _CONSTRUCTS.get(word.lower())
        found = construct(self, word.lower()) if construct is not None else self._sign(word)
        self._depth -= 1
        return found

    def _group(self, _: str) -> list[etree._Element]:
        """With which the face of its letters ends."""
        upright = self._upright
        found = self._until("}")
        self._upright = upright
        return [_one(found)]

    def _fenced(self, _: str) -> list[etree._Element]:
        start = self._take()
        inside = self._until("right")
        return [node_of("mrow", *_bracket(start), *inside, *_bracket(self._take()))]

    def _table(self, name: str) -> list[etree._Element]:
        if self._next != "{":
            return tokens(name)
        self._take()
        rows: list[list[etree._Element]] = [[]]
        while self._next:
            rows[-1].append(node_of("mtd", *self._row()))
            end = self._take()
            if end == "}":
                break
            if end == "#":
                rows.append([])
        table = node_of("mtable", *(node_of("mtr", *row) for row in rows))
        brackets = TABLES[name]
        return [node_of("mrow", *tokens(brackets[:1]), table, *tokens(brackets[1:]))]

    def _root(self, _: str) -> list[etree._Element]:
        """`sqrt x`, `root 3 of x`."""
        inner = self._term()
        if self._next.lower() != "of":
            return [node_of("msqrt", *inner)]
        self._take()
        return [node_of("mroot", _one(self._term()), _one(inner))]

    def _accented(self, name: str) -> list[etree._Element]:
        return [node_of("munder" if name == "under" else "mover", _one(self._term()), node_of("mo", text=ACCENTS[name]))]

    def _choice(self, _: str) -> list[etree._Element]:
        return [_stacked("choose", self._term(), self._term())]

    def _arrow(self, name: str) -> list[etree._Element]:
        """With what is written above it, and below it."""
        arrow, above = _one(self._term()), _one(self._term())
        return [node_of("munderover", arrow, _one(self._term()), above) if name == "rel" else node_of("mover", arrow, above)]

    def _face(self, name: str) -> list[etree._Element]:
        self._upright = name in _UPRIGHT
        return []

    def _struck(self, _: str) -> list[etree._Element]:
        return [node_of("mo", text=normalize("NFC", f"{self._take()}\N{COMBINING LONG SOLIDUS OVERLAY}"))]

    def _measured(self, _: str) -> list[etree._Element]:
        """A colour or a size of what follows."""
        self._term()
        return []

    def _ignored(self, _: str) -> list[etree._Element]:
        return []

    def _sign(self, word: str) -> list[etree._Element]:
        name = word.lower()
        if name in LARGE:
            return [node_of("mo", text=LARGE[name])]
        if word in ("~", "`") or word.startswith('"'):
            return [node_of("mtext", text=word.strip('"').translate(_SPACES))]
        if word in NAMES or (self._upright and word.isalpha() and name not in SYMBOLS):
            return [node_of("mi", text=word)]
        symbol = SYMBOLS.get(word) or SYMBOLS.get(name)
        return tokens(word.removeprefix("\\") or word) if symbol is None else tokens(symbol)


_CONSTRUCTS: dict[str, Callable[[_Formula, str], list[etree._Element]]] = {
    "{": _Formula._group,
    "left": _Formula._fenced,
    **dict.fromkeys(TABLES, _Formula._table),
    **dict.fromkeys(("sqrt", "root"), _Formula._root),
    **dict.fromkeys(ACCENTS, _Formula._accented),
    "binom": _Formula._choice,
    **dict.fromkeys(("rel", "buildrel"), _Formula._arrow),
    **dict.fromkeys(("rm", "rmbold", "it", "itbold"), _Formula._face),
    "not": _Formula._struck,
    **dict.fromkeys(("color", "size", "scale"), _Formula._measured),
    **dict.fromkeys(("bold", "box", "big", "bigg", "longdiv"), _Formula._ignored),
}
_WORDS = SYMBOLS.keys() | LARGE.keys() | NAMES | _CONSTRUCTS.keys() | _SCRIPTS.keys()


def _split(word: str) -> list[str]:
    """The name of a function and what it is of: `logx`."""
    named = None if word.lower() in _WORDS else _NAMED.match(word)
    return [named[0], word[named.end() :]] if named is not None else [word]


def _one(parts: list[etree._Element]) -> etree._Element:
    return parts[0] if len(parts) == 1 else node_of("mrow", *parts)


def _stacked(kind: str, above: list[etree._Element], below: list[etree._Element]) -> etree._Element:
    fraction = node_of("mfrac", _one(above), _one(below))
    if kind == "over":
        return fraction
    fraction.set("linethickness", "0")
    return node_of("mrow", *tokens("("), fraction, *tokens(")")) if kind == "choose" else fraction


def _bracket(word: str) -> list[etree._Element]:
    """A point stands for none."""
    return [] if word in ("", ".") else [node_of("mo", text=SYMBOLS.get(word) or SYMBOLS.get(word.lower()) or word)]
