"""Paragraphs of Chinese, Japanese and Korean print, where lines are full to the last letter, and items end with no stop.

A Chinese or Japanese line may end behind any letter: one that leaves room was ended by who wrote it, whatever it ends with.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from math import inf
from statistics import median

from kbray.document.layout.lines import Line

_IDEOGRAPHS = "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SIGNS = "\u3001-\u303f\u30fb\uff01-\uff65\u2018-\u201d\u2026"  # of their text, and between others
_HANGUL = "\uac00-\ud7a3\u3131-\u3163"
_EASTERN = re.compile(f"[{_IDEOGRAPHS}{_HANGUL}]")
_WHOLE = re.compile(rf"([^\s{_IDEOGRAPHS}{_SIGNS}]*)([{_IDEOGRAPHS}]?[{_SIGNS}]*)")  # that no line parts
_STOPS = tuple("。！？：；…，、」』）》】.!?:;,)")
_ITEM = re.compile(
    r"(?P<ideograph>[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十百0-9０-９]{1,4}[条章节節款項])"
    r"|(?P<digit>[0-9０-９]{1,2}(?:[、．]|\.(?![0-9]))|[（(][0-9０-９]{1,2}[）)])|(?P<circle>[①-⑳㉠-㉻])"
    r"|(?P<kana>[ア-ン][\s、．.)）])|(?P<hangul>[가나다라마바사아자차카타파하ㄱ-ㅎ][.)]\s)|(?P<sign>[・·ㅇ※〇○□◇◆■●]\s?)"
    r"|(?P<label>[^\W\d_][^：:，。、\s]{1,9}：)"
)
_LETTERS, _COLUMN = 0.3, 0.5  # of the letters of a line, and of the lines of a column, at least, are of such a script
_LETTER = 0.6  # of the font size: a Latin letter, or wider than most
_ROOM = 2.0  # … more than what was to follow would have taken
_EDGE = 1.5  # …: lines that end no farther apart have one edge, as beside a picture
_STRAY = 0.4  # …: no indent
_FULL, _RAGGED = 1.0, 4.0  # …: full lines end no farther apart, but Korean ones, which end with a word
_FEWEST = 2  # full lines tell where they end
_SHARE, _BEYOND = 0.5, 0.3  # of the most lines that end in one place, and of all: so few have notes in the margin beside them
_CENTRED = 0.3  # of the font size, from the middle


def is_eastern(line: Line) -> bool:
    """Much of it is in a script of East Asia."""
    if line.text.isascii():
        return False
    letters = sum(map(str.isalnum, line.text))
    return letters > 0 and len(_EASTERN.findall(line.text)) >= _LETTERS * letters


def edge_of(rows: Sequence[Sequence[Line]]) -> float | None:
    """Where full lines of a column of such text end; -inf: none are, as in verse or lists; None: it is of other text."""
    lines = [row[0] for row in rows if len(row) == 1 and not row[0].whole]
    if not lines or sum(map(is_eastern, lines)) < _COLUMN * len(lines):
        return None
    rights, size = sorted(line.box.right for line in lines), median(line.size for line in lines)
    for apart in (_FULL * size, _RAGGED * size):
        full = [place - bisect_left(rights, right - apart) for place, right in enumerate(rights, start=1)]  # lines that end there
        edges = [
            right
            for right, count in zip(rights, full, strict=True)
            if count > max(_FEWEST - 1, _SHARE * max(full))
            and len(rights) - bisect_left(rights, right + apart) <= _BEYOND * len(rights)
        ]
        if edges:
            return edges[-1]
    return -inf


def leaves_paragraph(paragraph: Sequence[Line], line: Line, left: float, edge: float) -> bool:
    """The paragraph ended early in a column whose lines are full, or `line` begins the next item.

    Args: edge: as `edge_of` tells it; text that stands in at the left may do so there, and shows by itself how far it goes.
    """
    above, size = paragraph[-1], line.size
    if not (is_eastern(above) and is_eastern(line)) or line.text.startswith(_STOPS):
        return False
    item, needed = _ITEM.match(line.text), _next_width(line) + _ROOM * size
    if item is not None:
        first = _ITEM.match(paragraph[0].text)
        same = first is not None and first.lastgroup == item.lastgroup
        if same or above.text.endswith(_STOPS) or edge - above.box.right > needed:
            return True
    middles = [one.box.left + one.box.right for one in (above, line)]
    if above.box.left - left > size and abs(middles[0] - middles[1]) < 2 * _CENTRED * size:
        return False  # a title of several lines
    if edge > -inf and min(above.box.left, line.box.left) - left > _STRAY * size:
        edge = max(one.box.right for one in (*paragraph[-2:-1], line))
    return abs(above.box.right - line.box.right) > _EDGE * size and edge - above.box.right > needed


def _next_width(line: Line) -> float:
    """How wide what begins the line and can't be parted is."""
    other, own = _WHOLE.findall(line.text)[0]
    if _EASTERN.search(other):  # Korean, whose words stay whole in most print
        return line.size * sum(1.0 if _EASTERN.match(letter) else _LETTER for letter in other)
    return line.size * (len(own) + _LETTER * len(other))
