"""Tables that a caption tells: white space need not say by itself that they are any."""

from collections.abc import Sequence

from kbray.document.layout.aligned import with_tables
from kbray.document.layout.captions import is_caption, is_of_table
from kbray.document.layout.lines import Line

_CLOSE = 2.5  # of the font size, between a table and its caption
_FAR = 4.5  # … between lines of a table
_LARGER = 1.15  # of it: larger print is a heading, no row
_MOST = 400  # lines of a table
_MOST_CAPTIONS = 40  # on a page


def with_captioned(lines: Sequence[Line]) -> list[Line]:
    """Lines of a page, in any order, with those that make tables right below or above their captions put together to them.

    The content stream writes a table after or before its caption, whatever stands beside both: the columns of the page need not
    be known, in which the cells of such a table could pass for text.
    """
    found = list(lines)
    captions = [line for line in lines if is_of_table(line.text)]
    if len({line.order for line in lines}) < len(lines) or len(captions) > _MOST_CAPTIONS:
        return found  # recognised: there is no stream
    for caption in captions:
        written = sorted((line for line in found if line.table is None), key=lambda line: line.order)
        place = written.index(caption)
        for below in (True, False):
            stretch = _stretch(caption, written[place + 1 :] if below else written[:place][::-1], below)
            table = next((line for line in with_tables(stretch, captioned=True) if _is_at(line, caption, below)), None)
            if table is not None:
                inside = {id(line) for line in stretch if table.box.holds(*line.box.middle)}
                found = [*(line for line in found if id(line) not in inside), table]
                break
    return found


def _stretch(caption: Line, lines: Sequence[Line], below: bool) -> list[Line]:
    """Those that follow on a caption, away from it, without much room between them."""
    found: list[Line] = []
    end = caption.box.bottom if below else caption.box.top
    for line in lines[:_MOST]:
        away = line.box.top - end if below else end - line.box.bottom
        beyond = line.baseline > caption.baseline if below else line.baseline < caption.baseline
        heads = bool(found) and line.size > _LARGER * found[0].size
        if not beyond or heads or is_caption(line.text) or away > _FAR * line.size:
            break
        end = max(end, line.box.bottom) if below else min(end, line.box.top)
        found.append(line)
    return found


def _is_at(line: Line, caption: Line, below: bool) -> bool:
    if line.table is None or line.box.right < caption.box.left or line.box.left > caption.box.right:
        return False
    room = line.box.top - caption.box.bottom if below else caption.box.top - line.box.bottom
    return room <= _CLOSE * caption.size
