"""Which blocks of a page are headings: by their print, by how they are numbered, by what follows them."""

import re
import unicodedata
from collections.abc import Sequence, Set

from kbray.document.layout.captions import begins_as_caption
from kbray.document.layout.contents import entries_of, fills, is_page_number, is_running_title, leads_to_page
from kbray.document.layout.markers import BULLETS
from kbray.document.layout.paragraphs import Block

_LONGEST = 180
_LONGEST_PLAIN = 80  # of one that no larger or bolder print tells
_LISTED = 4  # titles with nothing between them head nothing
_MARGIN = 0.07  # of the page's height: print that is not larger than the text up there is a running title
_TITLE = 1.4  # of the size of the text: the print of a document's title, which may have a line more
_LARGER, _TOP = 1.04, 0.3  # of the size of the text, and of the height: the title of a slide, the largest print on it
_EVEN = 0.97  # of the size of the text: in its size
_SMALL = 0.8  # of it: the least that a heading has
_CLOSE = 1.0  # of the font size, between such a title and its text
_NUMBERED = re.compile(
    r"(?:(?:chapter|section|part|appendix|article|item|kapitel|chapitre)\s+)?(?:\d{1,2}(?:\.\d{1,2}){0,4}|[IVX]{1,5}|[A-H])[.):]?\s+\S",
    re.IGNORECASE,
)
_OUTLINED = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,4}\.?\s+[^\W\d_]")
_ITEM = re.compile(r"\d{1,2}\.\s+[^\W\d_]")
_CONTENTS = frozenset(
    "contents tableofcontents listoffigures listoftables inhalt inhaltsverzeichnis sommaire tabledesmatières índice "
    "índicegeneral contenido indice inhoud inhoudsopgave conteúdo содержание оглавление зміст съдържание "
    "spistreści 目录 目次".split()
)
_NAMED = _CONTENTS.union(
    (
        "abstract summary executivesummary introduction background conclusion conclusions references "
        "bibliography acknowledgements acknowledgments acknowledgement acknowledgment appendix glossary index preface foreword "
        "discussion results methods methodology zusammenfassung einleitung "
        "literatur literaturverzeichnis vorwort résumé remerciements resumen introducción referencias "
        "conclusiones введение"
    ).split()
)
_CLOSING = "\"'”’»)"  # a sentence may end before them
_STOP = "。"  # of Chinese and Japanese sentences
_PROMPT = re.compile(r"[\w@~:/.-]{0,20}\$\s|[>%]\s")  # of a shell: a line of it may be bold
_DEFINED = re.compile(r"\[[A-Z][a-z]+(?: [A-Za-z]+){0,3}\]$")  # at the end of a line, of what Texinfo defines: [Function]
_SHORT = 3  # letters, small ones: of a line with gaps to be filled in, "to" is left
_SIGNS = dict.fromkeys(code for code in range(128) if not chr(code).isalnum())


def headings_of(
    blocks: Sequence[Block], body: float, height: float, title: int | None = None, *, alone: bool = False
) -> set[int]:
    """Places of the headings among the blocks of a page of this height (points); `body` is the font size of the text.

    Args: title: the place of that of a slide. alone: the slide has no other.
    """
    if not body:
        return set()
    found: set[int] = set()
    contents = fills(blocks)
    entries = entries_of(blocks, {index for index, block in enumerate(blocks) if folded(block.text) in _CONTENTS})
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        large = is_large(block, body) or index == title
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if (
            block.table is not None
            or block.code
            or block.formula
            or block.note is not None
            or index in entries
            or leads_to_page(block)
            or begins_as_caption(block.text)
            or (not large and is_running_title(blocks, index, height))
            or not _may_be(block, body)
        ):
            continue
        leads = following is not None and _leads(block, following) and (index + 1 in found or not following.bold)
        if contents:
            heads = folded(block.text) in _NAMED
        elif large:
            heads = index == title or not (block.text.rstrip(_CLOSING).endswith(".") and len(block.text) > 60)
        elif block.bold:
            heads = _is_bold_heading(block, following if leads else None, body)
        else:
            heads = (
                leads
                and following is not None
                and (_is_slanted_heading(block, following, body) or _is_plain_heading(block, following, body, height))
            )
        if heads:
            found.add(index)
    if alone and title in found:  # the rest in large or bold print are labels of drawings, items, and words that matter
        return {title}
    return found - _listed(blocks, found)


def title_of(blocks: Sequence[Block], body: float, height: float) -> int | None:
    """Of a slide: the one in the largest print, near the top, if only by a little the largest."""
    text = [index for index, block in enumerate(blocks) if block.table is None and not block.code and not block.formula]
    largest = max((blocks[index].size for index in text), default=0.0)
    found = [index for index in text if blocks[index].size >= _EVEN * largest]
    if len(found) != 1 or largest < _LARGER * body or blocks[found[0]].box.top > _TOP * height:
        return None
    return found[0]


def _listed(blocks: Sequence[Block], found: Set[int]) -> set[int]:
    """Those that stand below each other in one print, with nothing between: a list in large print, as on slides."""
    listed: set[int] = set()
    run: list[int] = []
    for index, block in enumerate(blocks):
        last = blocks[run[-1]] if run else None
        if last is None or not (_alike(last, block) and index in found):
            run = []
        if index in found:
            run.append(index)
        if len(run) >= _LISTED:
            listed.update(run)
    return listed


def _alike(one: Block, other: Block) -> bool:
    return abs(one.size - other.size) < 0.5 and one.bold == other.bold and abs(one.box.left - other.box.left) < 2


def folded(title: str) -> str:
    """A title as compared: letters and digits only, without case."""
    if title.isascii():  # as below, in a fraction of the time
        return title.lower().translate(_SIGNS)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", title).casefold()))


def _may_be(block: Block, body: float) -> bool:
    text = block.text
    if is_page_number(text):
        return text.isdecimal() and len(text) <= 3 and block.size >= 1.5 * body  # the number of a chapter, above its title
    if len(text) > _LONGEST or block.lines > (4 if block.size >= _TITLE * body else 3) or block.pieces > 2:
        return False
    if _STOP in text or _PROMPT.match(text) or _DEFINED.search(text):
        return False
    letters = sum(map(str.isalpha, text))
    if letters < 2 or letters < 0.4 * len(text) or (letters <= _SHORT and text.islower()):
        return False
    return text[0] not in BULLETS and not text.endswith((",", ";", "-", "，", "；", "、"))


def is_numbered(text: str) -> bool:
    """It begins with a number, as titles of sections do."""
    return _NUMBERED.match(text) is not None


def is_large(block: Block, body: float) -> bool:
    """Its print is larger than the text, whose font size is `body`."""
    return block.size >= 1.18 * body or (block.bold and block.size >= 1.06 * body)


def _is_bold_heading(block: Block, following: Block | None, body: float) -> bool:
    """Bold in the size of the text: short, and over text that isn't; numbered or by name, in smaller print, too."""
    text = block.text
    numbered = _NUMBERED.match(text) is not None
    if len(text) > 100 or block.lines > 2 or (text.endswith(".") and not numbered):
        return False
    if folded(text) in _NAMED:
        return block.size >= _SMALL * body
    if block.size < _EVEN * body:
        return block.size >= _SMALL * body and numbered and following is not None and following.lines > 1
    return numbered or following is not None


def _is_plain_heading(block: Block, following: Block, body: float, height: float) -> bool:
    """Above a paragraph, in about the print of the text: a numbered title, one in capitals, or one a little larger."""
    text = block.text
    if (
        len(text) > _LONGEST_PLAIN
        or block.lines > 2
        or following.lines < 2
        or block.size < 0.9 * body
        or text.endswith((".", ":"))
    ):
        return False
    if _OUTLINED.match(text) or folded(text) in _NAMED or (_ITEM.match(text) and _is_centred(block)):
        return True
    if block.box.bottom <= _MARGIN * height:
        return False
    capitals = text.isupper() and sum(map(str.isalpha, text)) >= 4
    return capitals or (block.lines == 1 and block.size >= 1.05 * max(body, following.size))


def _is_slanted_heading(block: Block, following: Block, body: float) -> bool:
    """Numbered, in slanted print close above print that isn't, as the lower ones of journals of IEEE and Elsevier.

    A running title in such print stands farther from the text.
    """
    text = block.text
    number = _NUMBERED.match(text)
    if number is None or not text[number.end() - 1].isalpha() or text.endswith((".", ":")) or len(text) > _LONGEST_PLAIN:
        return False
    close = following.box.top - block.box.bottom < _CLOSE * block.size
    return block.slanted and not following.slanted and close and block.lines <= 2 and block.size >= _EVEN * body


def _is_centred(block: Block) -> bool:
    """One line in the middle of its column, far from both edges: items of lists don't stand there."""
    left, right = block.box.left - block.left, block.right - block.box.right
    return block.lines == 1 and min(left, right) > 3 * block.size and abs(left - right) < block.size


def _leads(block: Block, following: Block) -> bool:
    """What follows stands below it, or beside it on the same line."""
    below = following.box.top >= block.box.bottom - 0.6 * block.size
    return below or (following.box.left >= block.box.right and abs(following.box.top - block.box.top) < block.size)
