"""Tables that only frame text, as Korean documents have them around titles, and beside the numbers of these."""

import re
from collections.abc import Iterable

from kbray.parse.hangul.document import Drawn, Frame, Grid, Note, Paragraph, Picture, Remark, Run, Running

_NUMBER = re.compile(r"(?:(?:참고|붙임|별첨|별지|첨부)\s*[0-9-]*|[0-9]{1,2}|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]|[IVX]{1,4}|[가-하①-⑳])[.)]?")
_TITLE_AND_TEXT = 2
_LONGEST = 80  # characters of a title whose number stands in a cell of its own


def unframe(paragraphs: Iterable[Paragraph]) -> None:
    """Turn such tables into frames, in these paragraphs and in all that hangs on them."""
    for paragraph in paragraphs:
        for piece in paragraph.pieces:
            if isinstance(piece, Note | Remark | Running):
                unframe(piece.inside)
            elif isinstance(piece, Drawn):
                piece.parts = [_unframed(part) if isinstance(part, Grid) else part for part in piece.parts]
                for part in piece.parts:
                    if isinstance(part, Frame):
                        unframe(part.inside)
                    elif isinstance(part, Grid):
                        for cell in part.cells:
                            unframe(cell.inside)
                    elif not isinstance(part, Picture):
                        unframe(part)


def _unframed(grid: Grid) -> Grid | Frame:
    """A text beside pictures or nothing is framed, with its title above it, too, and so is a title with its number before it."""
    full = [cell for cell in grid.cells if any(map(_has_text, cell.inside))]
    below = len({cell.row for cell in full}) == len(full)
    if below and (len(full) <= _TITLE_AND_TEXT or len({cell.column for cell in grid.cells}) == 1):
        return Frame([paragraph for cell in grid.cells for paragraph in cell.inside])
    if len(full) != 2 or full[0].row != full[1].row or any(len(cell.inside) > 1 for cell in full):
        return grid
    (number,), (title,) = (cell.inside for cell in full)
    texts = ["".join(piece.text for piece in one.pieces if isinstance(piece, Run)).strip() for one in (number, title)]
    if not _NUMBER.fullmatch(texts[0]) or not 0 < len(texts[1]) <= _LONGEST:
        return grid
    titled = Paragraph([*number.pieces, Run(" "), *title.pieces], title.style, title.head)
    beside = (cell for cell in grid.cells if cell is not full[0] and cell is not full[1])
    return Frame([titled, *(paragraph for cell in beside for paragraph in cell.inside)])


def _has_text(paragraph: Paragraph) -> bool:
    """Whether more than pictures are in it."""
    return any(
        piece.text.strip() if isinstance(piece, Run) else not isinstance(piece, Drawn) or piece.is_block
        for piece in paragraph.pieces
    )
