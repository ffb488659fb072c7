"""Where one paragraph ends and the next begins: by white space, print, markers, edges, and room that was left."""

import itertools
import re
from collections.abc import Sequence
from statistics import median

from kbray.document.layout.captions import is_caption
from kbray.document.layout.lines import Line, ends_with_page
from kbray.document.layout.markers import BULLETS, is_date, marker_of
from kbray.document.layout.words import is_rtl
from kbray.model import NOTE_MARK

STRAY = 0.4  # of the font size, from line to line: no indent
_ALIGNED = 0.1  # of it: at one edge
_CENTRED = 0.3  # … from the middle
_MOST_PUSHED = 0.5  # of the font size: so much room may a raised mark take above its line
_END = 100  # characters
_LABEL = 15  # characters: the number of a table or figure, whose caption stands below it
_OTHER_PRINT = 0.04  # of the size: titles that differ by more are two, a section's and its first subsection's
_APART = 1.2  # of the step between the lines of a paragraph: a wider one parts two; a letter of another font makes less of it
_MARK = 0.85  # of the size of a line: smaller print in it is raised or lowered, and pushes the line down
_INDENT = 2.5  # of the font size: a first line stands in by no more
_FULL = 40  # characters: a shorter line may be as long as all others of a form or program are
_ENTRIES, _EVENLY, _ENDED = 3, 0.75, 0.1  # lines of each kind that tell entries, their share, and of those within that had room
_LONGER = 0.5  # of the entries have more lines than one
_STANDS_IN = 0.9  # of the font size, from the margin: an indent, or what hangs
_SUBTITLE = 0.85  # of the size of the title
_SHORT = 3  # letters: of, and, de, und
_SPACE = 0.25  # of the font size: the narrowest between words
_RANGE = re.compile(r"\d[–-]")  # at the end of a line: of pages, years
_LABEL_OF_ENTRY = re.compile(r"\[[\w.:+'’-]{1,12}\]\s")  # of a bibliography
_ENTRY = re.compile(r"(?:\.{4,}|(?:\. ){3,}|…{2,})[.…\s]*[\divxlc]*$")  # of a table of contents: dots, and the page
_SECTION = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+[^\W\d_]")
_TITLE = 3  # lines
_FAR_IN, _NAME = 3.0, 5  # of the font size: names of speakers stand in from their words; letters: shorter ones are labels
_OPEN = 2  # lines: what they put in brackets may end in the next one
_NOTE_MARKS = re.compile(rf"(?:\s?{NOTE_MARK.pattern})+$")
TERMINAL = tuple('.!?:;。！？：؟…”"»)')


def breaks(
    paragraph: Sequence[Line],
    line: Line,
    following: Line | None,
    *,
    leading: float,
    left: float,
    right: float,
    across: float,
    entries: bool,
) -> bool:
    """True when `line` starts a new paragraph after `paragraph`, in a column from `left` to `right`.

    Args: across: width that lines may have; a column of short lines tells less.  entries: see `are_entries`.
    """
    above = paragraph[-1]
    size = max(above.size, line.size)
    step = line.baseline - above.baseline
    beside = max(line.box.left - above.box.right, above.box.left - line.box.right) > size
    usual = step - _pushed_down(line, above)
    if beside or usual > max(1.28 * (leading or 1.3 * size), 1.05 * size) or step < -0.5 * size:
        return True
    if leads_to_page(above) or ends_with_page(above) or (above.words and above.words[-1].asks):
        return True
    ended = _NOTE_MARKS.sub("", above.text[-_END:]).endswith(TERMINAL)
    room = right - above.box.right
    if _other_print(above, line) or (above.bold != line.bold and (ended or room > 1.5 * size)):
        return True
    marker = None if _closes(paragraph, line) or _ends_range(above, line) else marker_of(line.text)
    if (
        (marker and _begins_item(marker, paragraph, ended, room > _first_word(line) + 2.0 * size))
        or _leaves_slanted(paragraph, line, room)
        or _are_entries(paragraph, line, room)
        or _leaves_item(paragraph, line, room)
        or _leaves_caption(paragraph, line)
        or _leaves_name(paragraph, line, room)
        or _leaves_entry(paragraph, line, ended)
        or _leaves_section(paragraph, line)
        or (is_date(line.text) and room > _first_word(line) + 2.0 * size)
        or (ended and (_stands_apart(paragraph, line, leading) or _leaves_block(paragraph, line)))
    ):
        return True
    if is_rtl(line.text):
        return ended and right - line.box.right > 1.2 * size > right - above.box.right
    indents = not entries and _indents(paragraph, line, left, across) and not _hangs(paragraph, line, following, room)
    return indents or (entries and _begins_entry(line, left)) or (ended and room > _first_word(line) + 2.0 * size)


def are_entries(rows: Sequence[Sequence[Line]], left: float, right: float) -> bool:
    """Lines of a column are entries, of a dictionary or a bibliography: each begins at the margin, and its other lines stand in.

    Then lines at the margin mostly follow one that had room for their first word, and those that stand in full ones. It is told
    from all of them, as the column may begin in the midst of an entry.
    """
    lines = [row[0] for row in rows if len(row) == 1 and not row[0].whole]
    begin = [_begins_entry(line, left) for line in lines]
    inset = sorted(line.box.left for line, begins in zip(lines, begin, strict=True) if not begins)
    if len(inset) < _ENTRIES or sum(begin) < _ENTRIES or is_rtl(lines[0].text):
        return False
    at, size = median(inset), lines[0].size
    even = sum(abs(one - at) < STRAY * size for one in inset)
    if at - left < _STANDS_IN * size or even < _EVENLY * len(inset):
        return False
    if sum(one and not other for one, other in itertools.pairwise(begin)) < _LONGER * sum(begin):
        return False
    ends = [right - above.box.right > _first_word(line) + _SPACE * line.size for above, line in itertools.pairwise(lines)]
    before = [end for end, begins in zip(ends, begin[1:], strict=True) if begins]
    within = [end for end, begins in zip(ends, begin[1:], strict=True) if not begins]
    return sum(before) >= _EVENLY * len(before) and sum(within) <= _ENDED * len(within)


def _begins_entry(line: Line, left: float) -> bool:
    return line.box.left - left < STRAY * line.size


def _closes(paragraph: Sequence[Line], line: Line) -> bool:
    """Its first bracket is the other one of a pair that lines before it opened: `(p. 43)`, not an item `43)`."""
    before, bracket, _ = line.text.partition(")")
    text = " ".join(above.text for above in paragraph[-_OPEN:])
    return bool(bracket) and "(" not in before and text.count("(") > text.count(")")


def _ends_range(above: Line, line: Line) -> bool:
    """Its number is the other end of pages, years or the like: `pp. 164–` stands before `175.`"""
    return line.text[0].isdecimal() and _RANGE.fullmatch(above.text[-2:]) is not None


def leads_to_page(line: Line) -> bool:
    """An entry of a table of contents, its end."""
    return _ENTRY.search(line.text[-_END:]) is not None


def _stands_apart(paragraph: Sequence[Line], line: Line, leading: float) -> bool:
    """The step to it is wider than those within the paragraph, if only by little, as where lines are far apart themselves.

    Paragraphs are set evenly, if nothing in a line needs more room; baselines of recognised lines are not.
    """
    steps = [below.baseline - above.baseline for above, below in itertools.pairwise(paragraph)]
    usual = max(steps, default=leading)
    marked = NOTE_MARK.search(line.text) or any(word.size < _MARK * line.size for word in line.words)
    return line.confidence is None and not marked and 0 < _APART * usual < line.baseline - paragraph[-1].baseline


def leaves_centre(above: Line, line: Line, following: Line | None, left: float, right: float) -> bool:
    """`above` stands in the middle of the column and had room for the next word, which begins text at the left margin.

    So do names of authors and short captions over a paragraph. An indent is one where the line that follows has none.
    """
    size, inset, room = line.size, above.box.left - left, right - above.box.right
    if line.bold or inset < _INDENT * size or abs(inset - room) > 2 * size or room < _first_word(line) + _SPACE * size:
        return False
    indent = line.box.left - left
    at_margin = following is not None and following.box.left - left < STRAY * size
    return indent < STRAY * size or (at_margin and indent < _INDENT * size and inset > indent + size)


def leaves_subtitle(above: Line, line: Line, largest: float, width: float) -> bool:
    """Below a title in larger print, on a slide: both stand about one middle, and there was room above for the first word.

    So do subtitle, author and date, as wide as the title or less. What goes on begins with a small letter, or stands behind a
    short word; less than a word may be of a formula.

    Args: largest: size of the largest print of the region. width: of the region.
    """
    size, last = line.size, above.text.rpartition(" ")[2]
    if size > _SUBTITLE * largest or len(line.text) <= _SHORT or abs(_centre(above) - _centre(line)) > _CENTRED * size:
        return False
    goes_on = line.text[0].islower() or (last.islower() and len(last) <= _SHORT) or last.endswith((",", "-", "&"))
    return not goes_on and above.box.width + _first_word(line) + _SPACE * size < width


def leaves_item(paragraph: Sequence[Line], line: Line, following: Line | None, left: float, right: float) -> bool:
    """`line` stands in like the first of a paragraph, and not where the text of the item before it begins, if that had no room.

    The one that follows it goes back to the margin, as near as it is to the item, which no line of an item does; and it goes on
    there because its first word had no place above.
    """
    size, above = line.size, paragraph[-1]
    if following is None or following.whole or not STRAY * size < line.box.left - left < _INDENT * size:
        return False
    near = following.baseline - line.baseline < _APART * (line.baseline - above.baseline)
    full = right - line.box.right < _first_word(following) + 2.0 * size
    if not (near and full and following.box.left - left < STRAY * size) or line.text.endswith(TERMINAL):
        return False
    inset = inset_of(paragraph[0])
    if inset is None or marker_of(following.text) is not None or line.text[0].islower():
        return False
    return abs(line.box.left - inset) > _ALIGNED * size or right - above.box.right > _first_word(line) + 2.0 * size


def _leaves_block(paragraph: Sequence[Line], line: Line) -> bool:
    """The lines before, some at least, all stand in at one edge, as those of a quotation, and this one does not."""
    if len(paragraph) < 3 or paragraph[0].box.left - line.box.left < STRAY * line.size:
        return False
    lefts = [above.box.left for above in paragraph]
    return max(lefts) - min(lefts) < STRAY * line.size < min(lefts) - line.box.left - STRAY * line.size


def _other_print(above: Line, line: Line) -> bool:
    """Of another size: more than marks and code in a line make of it. Titles have one size, unless it was recognised."""
    size = max(above.size, line.size)
    titles = (above.bold or line.bold) and line.confidence is None
    return abs(above.size - line.size) > (_OTHER_PRINT * size if titles else max(0.12 * size, 0.8))


def _begins_item(marker: str, paragraph: Sequence[Line], ended: bool, room: bool) -> bool:
    """Letters may be an abbreviation at a line's end, as in "see p. 43", though there was room for them before it."""
    return ended or marker in BULLETS or marker_of(paragraph[0].text) is not None or (room and not marker[0].isalpha())


def _leaves_item(paragraph: Sequence[Line], line: Line, room: float) -> bool:
    """The item of a list is over: its last line had room for the next word, or this one stands out from text that hangs.

    How wide the lines may be the next one shows; where that is short the column does. What stands at the edge of its text is part
    of it, and what goes on with a small letter.
    """
    inset, size, word = inset_of(paragraph[0]), line.size, _first_word(line)
    if inset is None or is_rtl(line.text) or line.text[0].islower() or abs(line.box.left - inset) < _ALIGNED * size:
        return False
    if paragraph[-1].box.right + word + size < line.box.right:
        return True
    hangs = len(paragraph) > 1 and abs(paragraph[1].box.left - inset) < STRAY * size
    return line.box.left < inset - STRAY * size and (hangs or room > word + size)


def _leaves_slanted(paragraph: Sequence[Line], line: Line, room: float) -> bool:
    """One slanted line is a title over text that isn't, where the next word would have had its place beside it; no code."""
    (above, *more), code = paragraph, paragraph[0].mono or line.mono
    return not more and above.slanted and not (line.slanted or code) and room > _first_word(line) + 2.0 * line.size


def _leaves_name(paragraph: Sequence[Line], line: Line, room: float) -> bool:
    """Who speaks, in a screenplay: in capitals, far in from what is said, which would have had its place behind it."""
    (name, *more), size = paragraph, line.size
    far = name.box.left - line.box.left > _FAR_IN * size and room > _first_word(line) + 2.0 * size
    return not more and far and len(name.text) >= _NAME and name.text.isupper() and not line.text.isupper()


def _leaves_caption(paragraph: Sequence[Line], line: Line) -> bool:
    """The caption is over: the first word would have fitted on its last line, as this one, which is longer, shows."""
    above = paragraph[-1]
    longer = line.box.right - above.box.right > _first_word(line) + line.size
    begun = is_caption(paragraph[0].text) and len(paragraph[0].text) > _LABEL
    return longer and begun and not line.text[0].islower() and not is_rtl(line.text)


def _leaves_entry(paragraph: Sequence[Line], line: Line, ended: bool) -> bool:
    """The next entry of a bibliography: it stands where the first line does, below which the others hang, or has a label, too."""
    (first, *others), size = paragraph, line.size
    labelled = all(_LABEL_OF_ENTRY.match(one.text) for one in (first, line))
    if is_rtl(line.text) or abs(first.box.left - line.box.left) > (size if labelled else STRAY * size):
        return False
    if not others:
        return labelled and ended
    full = line.box.right - first.box.right < _first_word(others[0]) + _SPACE * size
    if not (labelled or (full and abs(_centre(first) - _centre(others[0])) > _CENTRED * size)):
        return False
    lefts = [other.box.left for other in others]  # looked at last: a paragraph may have thousands of lines
    return min(lefts) - first.box.left > _STANDS_IN * size and max(lefts) - min(lefts) < STRAY * size


def _leaves_section(paragraph: Sequence[Line], line: Line) -> bool:
    """The title of a section is over: its first subsection's begins. Their sizes tell it, unless they were recognised."""
    above, below = (_SECTION.match(one.text) for one in (paragraph[0], line))
    if above is None or below is None or line.confidence is None or len(paragraph) > _TITLE:
        return False
    return below["number"].startswith(f"{above['number']}.")


def _pushed_down(line: Line, above: Line) -> float:
    """How much room above a line the marks of notes in it take, where they stand out above its letters; points."""
    if "[" not in line.text or not any(NOTE_MARK.search(word.text) for word in line.words):
        return 0.0
    stands_out = (line.baseline - line.box.top) - (above.baseline - above.box.top)
    return min(max(stands_out, 0.0), _MOST_PUSHED * line.size)


def _are_entries(paragraph: Sequence[Line], line: Line, room: float) -> bool:
    """Both begin, at one edge, with what they are about, as those of an agenda; `room` is left behind the first."""
    if not (_runs_in(paragraph[0]) and _runs_in(line)) or abs(paragraph[0].box.left - line.box.left) > 0.3 * line.size:
        return False
    return len(paragraph) == 1 or room > _first_word(line)


def _runs_in(line: Line) -> bool:
    """It begins in bold and goes on in plain."""
    return bool(line.words) and line.words[0].bold and not line.words[-1].bold


def _first_word(line: Line) -> float:
    """Width of the first word: where it would have fitted above, the line above was ended on purpose."""
    word = line.words[0]
    return word.box.width if " " not in word.text else 5 * word.size


def _indents(paragraph: Sequence[Line], line: Line, left: float, across: float) -> bool:
    """True for a first line that stands in from the margin, after one that does not; list items hang the other way."""
    above, size = paragraph[-1], max(paragraph[-1].size, line.size)
    if line.box.left - left <= _STANDS_IN * size or above.box.left - left >= _STANDS_IN * size:
        return False
    if marker_of(paragraph[0].text) or _LABEL_OF_ENTRY.match(paragraph[0].text) or _is_centred(paragraph, line):
        return False
    centred = abs(_centre(above) - _centre(line)) < _CENTRED * size
    if centred and (is_caption(paragraph[0].text) or _is_rest_of_title(above, line, across)):
        return False  # the last line
    if line.confidence is not None and line.box.left - above.box.left < STRAY * size:
        return False  # margins of recognised lines are ragged
    return above.text.endswith(TERMINAL) or (len(paragraph) > 1 and not above.text.endswith(","))  # no text ends with a comma


def _is_centred(paragraph: Sequence[Line], line: Line) -> bool:
    """The third line of a title or quotation: all of other lengths and about one middle, and it goes on with a small letter."""
    if len(paragraph) != 2 or not line.text[0].islower():
        return False
    ragged = abs(paragraph[0].box.left - paragraph[1].box.left) > STRAY * line.size
    return ragged and all(abs(_centre(above) - _centre(line)) < _CENTRED * line.size for above in paragraph)


def _hangs(paragraph: Sequence[Line], line: Line, following: Line | None, room: float) -> bool:
    """The second line of an entry: the one above is full, and the next one hangs, too; or `line` is short, as no first one is."""
    if len(paragraph) > 1 or following is None or following.whole or room > _first_word(line) + _SPACE * line.size:
        return False
    if len(paragraph[0].text) < _FULL:
        return False
    if abs(following.box.left - line.box.left) < _ALIGNED * line.size:
        return True
    short = paragraph[0].box.right - line.box.right > _first_word(following) + 2.0 * line.size
    return short and abs(following.box.left - paragraph[0].box.left) < _ALIGNED * line.size


def _is_rest_of_title(above: Line, line: Line, across: float) -> bool:
    """In the same print, where the first word had no place on the line above, which ends no sentence.

    Not on recognised pages: on receipts and their like, all lines stand in the middle.
    """
    one_print = abs(above.size - line.size) < _OTHER_PRINT * line.size and above.mono == line.mono
    full = across - above.box.width < _first_word(line) + _SPACE * line.size
    return one_print and full and line.confidence is None and not above.text.endswith(TERMINAL)


def _centre(line: Line) -> float:
    return (line.box.left + line.box.right) / 2


def inset_of(line: Line) -> float | None:
    """Left edge of the first word behind the marker with which the line begins, if it does."""
    marker = marker_of(line.text)
    if marker is None:
        return None
    letters = itertools.accumulate(len(word.text) for word in line.words)
    behind = [word for word, end in zip(line.words, letters, strict=True) if end > len(marker)]
    return behind[0].box.left if behind and behind[0].text not in marker else line.box.left
