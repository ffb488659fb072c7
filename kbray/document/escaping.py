"""Backslashes for text that is to be read as Markdown: only where CommonMark or GFM would take a character for markup."""

import re
from collections.abc import Set
from string import punctuation

from kbray.model import NOTE_MARK

_SPECIAL = re.compile(r"[\\`*_~\]<&]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_OPENS_TAG = re.compile(r"<[A-Za-z/!?]")
_PAIRED = "`*_~"  # one alone is never markup
_OPENING = "0123456789#>-+*=|:_[~"  # what `_LINE_START` begins with
_LINE_START = re.compile(
    r"""[0-9]{1,9}(?=[.)](?:\s|$))   # ordered list
      | (?=\#{1,6}(?:\s|$)                       # heading
         | >                                     # quotation
         | [-+*](?:\s|$)                         # bullet
         | =+\s*$ | [-:|][-:|\s]*$               # underline of a heading, delimiter row of a table
         | (?:-\s*){3,}$ | (?:\*\s*){3,}$ | (?:_\s*){3,}$   # thematic break
         | \[[ xX]\](?:\s|$)                     # box of a task list
         | ~{3}                                  # fence of code
         )""",
    re.VERBOSE,
)


def escape_inline(text: str, notes: Set[str] = frozenset()) -> str:
    r"""`text` (one block, its lines divided by \n) so that Markdown shows it as it is, wherever it doesn't start a line.

    `[^label]` stays a note mark where `label` is in `notes`. NUL, which Markdown can't hold, becomes U+FFFD.
    """
    if "\0" in text:
        text = text.replace("\0", "�")
    if not _has_special(text):
        return text
    marks = [mark.span() for mark in NOTE_MARK.finditer(text) if mark[1] in notes] if notes else []
    lonely = {mark for mark in _PAIRED if text.count(mark) < 2 or (mark != "`" and not _may_pair(text, mark))}
    pieces: list[str] = []
    start = 0
    for mark_start, mark_end in [*marks, (len(text), len(text))]:
        for special in _SPECIAL.finditer(text, start, mark_start):
            pieces.append(text[start : special.start()])
            start = special.start()
            if special[0] not in lonely and _is_markup(text, start):
                pieces.append("\\")
        pieces.append(text[start:mark_end])
        start = mark_end
        if text[mark_end : mark_end + 1] in ("(", ":"):  # a link, or the note itself, would begin here
            pieces.append("\\")
    return "".join(pieces)


def _has_special(text: str) -> bool:
    """Whether `_SPECIAL` is in it: eight looks are faster than a pattern, and nearly all text has none of them."""
    return (
        ("\\" in text or "`" in text or "*" in text or "_" in text)
        or ("~" in text or "]" in text or "<" in text or "&" in text)
    )  # fmt: skip


def _may_pair(text: str, mark: str) -> bool:
    """Whether one run of the mark could open what a later one closes; the blanks of a form, `____`, can't."""
    opened = False
    for run in re.finditer(f"{re.escape(mark)}+", text):
        if opened and not _blank(text[run.start() - 1]):
            return True
        opened = opened or not _blank(text[run.end() : run.end() + 1])
    return False


def _is_markup(text: str, at: int) -> bool:
    """Whether the special character at `at` would be taken for markup."""
    mark, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    match mark:
        case "\\":
            return not after or after == "\n" or after in punctuation
        case "]":
            return after in ("(", "[", ":")
        case "<":
            return _OPENS_TAG.match(text, at) is not None
        case "&":
            return _ENTITY.match(text, at) is not None
        case "_" if before.isalnum() and after.isalnum():
            return False
        case _:
            return mark == "`" or not (_blank(before) and _blank(after))


def escape_line_start(line: str) -> str:
    """`line`, already escaped inline and without leading blanks, so that it opens no block of its own."""
    found = _LINE_START.match(line) if line[:1] in _OPENING else None
    if not found:
        return line
    return line[: found.end()] + "\\" + line[found.end() :]


def _blank(character: str) -> bool:
    """Not a line break: what is written for it begins or ends with a sign."""
    return not character or (character.isspace() and character != "\n")
