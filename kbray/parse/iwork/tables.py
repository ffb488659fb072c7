"""TST.TableModelArchive → a table as it is shown: values by their formats, merged cells, header rows, comments.

Rows and columns that hold nothing are left out, as in other spreadsheets: new tables come with many of them.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from kbray.document.tables import table_text
from kbray.errors import DocumentTooLarge
from kbray.model import Element
from kbray.parse.iwork import cells, formats
from kbray.parse.iwork.cells import StoredCell
from kbray.parse.iwork.grid import MOST_CELLS, table_of
from kbray.parse.iwork.objects import Objects
from kbray.parse.iwork.story import STORAGES, Stories
from kbray.parse.iwork.wire import Message
from kbray.parse.office.number_format import general
from kbray.parse.office.spreadsheet import Range

_MODEL, _TILE, _LIST, _SEGMENT, _PAYLOAD, _MERGED = 6001, 6002, frozenset((6005, 6201)), 6011, 6218, 6144
_STRINGS, _FORMULA_ERRORS, _OLD_FORMATS, _MERGE_MAP, _RICH, _COMMENTS, _FORMATS = 4, 12, 11, 13, 17, 19, 22
_TILE_ROWS = 256
_AREA = 67  # node of a formula: a range, as merges are stored since 2018
_MOST_CHARACTERS = 200_000_000
_MOST_ROWS, _MOST_COLUMNS = 10_000_000, 100_000


@dataclass(slots=True)
class _Lists:
    """What the cells of a table refer to by keys."""

    texts: dict[int, str] = field(default_factory=dict)
    rich: dict[int, int] = field(default_factory=dict)  # storages
    read: dict[int, str] = field(default_factory=dict)  # what was in these: cells may share one
    forms: dict[int, Message] = field(default_factory=dict)
    old_forms: dict[int, Message] = field(default_factory=dict)
    comments: dict[int, int] = field(default_factory=dict)


class Tables:
    """The tables of a document; their cells are counted together."""

    def __init__(self, stories: Stories) -> None:
        self._stories = stories
        self._objects: Objects = stories.objects
        self._seen: set[int] = set()
        self._cells = 0
        self._characters = 0

    def elements(self, number: int, *, named: bool = False) -> Iterator[Element]:
        """A table. named: its name stands above it, where the table shows it.

        Raises: DocumentTooLarge: all tables have more than 2,000,000 cells.
        """
        if self._objects.kind(number) != _MODEL or number in self._seen:
            return
        self._seen.add(number)
        model = self._objects.message(number)
        rows = self._rows(model)
        if not rows:
            return
        if named and model.number(22) and (name := " ".join(model.text(8).split())):
            yield Element("caption", name)
        table = table_of(rows, self._merged(model), min(model.number(9), 100))
        yield Element("table", table_text(table), table=table)

    def _rows(self, model: Message) -> dict[int, dict[int, str]]:
        """The texts of its cells by row and column, in order, those left out that hold nothing."""
        store = model.message(4)
        lists = self._lists(store)
        tiles = store.message(3)
        height = tiles.number(2) or _TILE_ROWS
        found: dict[int, dict[int, str]] = {}
        for entry in tiles.messages(1):
            tile = entry.reference(2)
            if self._objects.kind(tile) != _TILE:
                continue
            for row in self._objects.message(tile).messages(5):
                place = entry.number(1) * height + row.number(1)
                if texts := self._texts(row, lists):
                    found.setdefault(min(place, _MOST_ROWS), {}).update(texts)
        return {place: found[place] for place in sorted(found)}

    def _texts(self, row: Message, lists: _Lists) -> dict[int, str]:
        new = bool(row.data(7)) and bool(row.data(6))
        data, places = (row.data(6), row.data(7)) if new else (row.data(3), row.data(4))
        offsets = array("H", places[: len(places) // 2 * 2])
        if array("H", [1]).tobytes() != b"\1\0":
            offsets.byteswap()
        wide = 4 if new and row.number(8) else 1
        found: dict[int, str] = {}
        for column, offset in enumerate(offsets[:_MOST_COLUMNS]):
            cell = cells.stored(data, offset * wide) if offset != 0xFFFF else None
            if cell is not None and (text := self._shown(cell, lists, lists.forms if new else lists.old_forms)):
                self._cells += 1
                self._characters += len(text)
                if self._cells > MOST_CELLS or self._characters > _MOST_CHARACTERS:
                    raise DocumentTooLarge(
                        f"The document has more than {MOST_CELLS:,} cells or {_MOST_CHARACTERS:,} characters in tables: split it."
                    )
                found[column] = text
        return found

    def _shown(self, cell: StoredCell, lists: _Lists, forms: dict[int, Message]) -> str:
        form = forms.get(cell.form, Message(b""))
        match cell.kind:
            case cells.NUMBER | cells.MONEY:
                text = formats.number(cell.number, form) if cell.form in forms else general(cell.number)
            case cells.TEXT | cells.RICH:
                text = self._rich(cell.rich, lists)
                text = text or "\n".join(
                    filter(None, (" ".join(line.split()) for line in lists.texts.get(cell.text, "").splitlines()))
                )
            case cells.DATE:
                text = formats.date(cell.number, form)
            case cells.BOOLEAN:
                text = "TRUE" if cell.number > 0 else "FALSE"
            case cells.DURATION:
                text = formats.duration(cell.number, form)
            case cells.ERROR:
                text = "#ERROR!"
            case _:
                text = ""
        return text + (self._stories.remark(lists.comments[cell.comment]) if cell.comment in lists.comments else "")

    def _rich(self, key: int, lists: _Lists) -> str:
        if key not in lists.read:
            lists.read[key] = self._stories.lines(lists.rich[key]) if key in lists.rich else ""
        return lists.read[key]

    def _lists(self, store: Message) -> _Lists:
        found = _Lists()
        for entry in self._entries(store.reference(_STRINGS)):
            found.texts[entry.number(1)] = entry.text(3)
        for entry in self._entries(store.reference(_RICH)):
            payload = entry.reference(9)
            storage = self._objects.message(payload).reference(1) if self._objects.kind(payload) == _PAYLOAD else payload
            if self._objects.kind(storage) in STORAGES:
                found.rich[entry.number(1)] = storage
        for entry in self._entries(store.reference(_FORMATS)):
            found.forms[entry.number(1)] = entry.message(6)
        for entry in self._entries(store.reference(_OLD_FORMATS)):
            found.old_forms[entry.number(1)] = entry.message(6)
        for entry in self._entries(store.reference(_COMMENTS)):
            found.comments[entry.number(1)] = entry.reference(10)
        return found

    def _entries(self, number: int) -> Iterator[Message]:
        """Of a TST.TableDataList, and of the parts that a large one is cut into."""
        if self._objects.kind(number) not in _LIST:
            return
        told = self._objects.message(number)
        yield from told.messages(3)
        for segment in told.references(4):
            if self._objects.kind(segment) == _SEGMENT:
                yield from self._objects.message(segment).messages(3)

    def _merged(self, model: Message) -> list[Range]:
        """As formulas for ranges, or, until 2018, as a list of them."""
        found: list[Range] = []
        for pair in model.message(47).message(2).messages(3):
            for node in pair.message(2).message(1).messages(1):
                if node.number(1) == _AREA:
                    tract = node.message(40)
                    columns, rows = next(tract.messages(3), None), next(tract.messages(4), None)
                    if columns is not None and rows is not None:
                        (left, right), (top, bottom) = _ends(columns), _ends(rows)
                        found.append(Range(top, left, bottom, right))
        regions = model.message(4).reference(_MERGE_MAP)
        if not found and self._objects.kind(regions) == _MERGED:
            for area in self._objects.message(regions).messages(1):
                place, size = (int.from_bytes(area.message(part).data(1), "little") for part in (1, 2))
                top, left, height, width = place & 0xFFFF, place >> 16, size & 0xFFFF, size >> 16
                found.append(Range(top, left, top + height - 1, left + width - 1))
        return found


def _ends(tract: Message) -> tuple[int, int]:
    return tract.number(1), tract.number(2, tract.number(1))
