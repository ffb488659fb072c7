"""Text gathered between the borders of blocks → elements: what the walker of markup writes into."""

import re
from dataclasses import dataclass, field, replace

from kbray.model import Element, Kind

BREAK = "\x01"  # stands for a line break in gathered text: no source can hold it
_SOFT_HYPHEN = "\u00ad"  # shows only where a line is broken, and parts words for a search
_INVISIBLE = "\u200b\ufeff\u2060"
_LONG_ITEM = 2000  # characters of a list item after which its next paragraph is an element of its own
_PARAGRAPHS = re.compile(r"\n{2,}")


@dataclass(slots=True)
class Item:
    """A list item: its marker goes to the first text in it; text that can't be joined to that is marked by None."""

    marker: str | None
    written: str = ""  # the label that its text begins with
    last: Element | None = None  # what was made of it last


@dataclass(slots=True)
class Frame:
    """What text inside an open block is."""

    kind: Kind = "paragraph"
    level: int = 0
    item: Item | None = None
    language: str | None = None
    raw: bool = False  # white space counts

    def become(self, kind: Kind, level: int = 0, item: Item | None = None) -> None:
        self.kind, self.level, self.item = kind, level, item


@dataclass(slots=True)
class Sink:
    """The lines of a table cell or a note, whose blocks make no elements of their own; what can't be a line comes `late`."""

    cell: bool
    lines: list[str] = field(default_factory=list)
    late: list[Element] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Gatherer:
    """Collects text and images; `flush` at each border of a block turns them into elements by the frame in force."""

    def __init__(self, chapter: str | None, print_page: str | None = None) -> None:
        self.out: list[Element] = []
        self.ids: dict[str, int] = {}  # id → index of the first element at or after it
        self.frame = Frame()
        self.sinks: list[Sink] = []
        self.anchor: str | None = None  # the nearest id so far
        self.print_page = print_page
        self.next_page = print_page  # what comes after the text gathered so far
        self._formulas: list[str] = []  # of the text gathered so far
        self._chapter = chapter
        self._text: list[str] = []
        self._blank = 0  # how many pieces of text, from the first, are known to be white space
        self._images: list[Element] = []  # inside running text, put after it
        self.add = self._text.append

    @property
    def has_text(self) -> bool:
        """Something to read was gathered since the last flush."""
        while self._blank < len(self._text) and self._text[self._blank].isspace():
            self._blank += 1
        return self._blank < len(self._text)

    def see_id(self, name: str | None, *, block: bool) -> None:
        """An element of this id begins; inside running text it is no anchor of the block."""
        if name:
            self.ids.setdefault(name, len(self.out))
            if block or not self.has_text:
                self.anchor = name

    def turn_page(self, label: str) -> None:
        """A page of the printed edition begins; what is begun stands on the page before."""
        self.next_page = label
        if not self.sinks and not self.has_text:
            self.print_page = label

    def add_formula(self, text: str, source: str) -> None:
        self.add(text)
        self._formulas.append(source)

    def add_image(self, alt: str, target: str | None) -> None:
        image = self.element("image", folded(alt), target=target)
        if self.has_text:
            self._images.append(image)
        else:
            self.emit(image)

    def flush(self) -> None:
        """End the current run of text."""
        if self._text:
            raw = "".join(self._text).replace(_SOFT_HYPHEN, "")
            self._text.clear()
            self._blank = 0
            if raw and not raw.isspace():
                self._take(raw)
        if self._images:
            images, self._images = self._images, []
            for image in images:
                self.emit(image)
        if not self.sinks:
            self.print_page = self.next_page

    def emit(self, element: Element) -> None:
        (self.sinks[-1].late if self.sinks else self.out).append(element)

    def element(self, kind: Kind, text: str, *, level: int = 0, marker: str | None = None, target: str | None = None) -> Element:
        """An element at the present place."""
        return Element(
            kind,
            text,
            level=level,
            chapter=self._chapter,
            anchor=self.anchor,
            marker=marker,
            target=target,
            language=self.frame.language,
            print_page=self.print_page,
            formulas=self._taken_formulas() if self._formulas else (),
        )

    def _taken_formulas(self) -> tuple[str, ...]:
        taken = tuple(self._formulas)
        self._formulas.clear()
        return taken

    def _take(self, raw: str) -> None:
        frame = self.frame
        if self.sinks:
            lines = (raw.replace("\n", BREAK) if frame.raw else raw).split(BREAK)
            self.sinks[-1].lines.extend(line for line in map(folded, lines) if line)
            self.sinks[-1].formulas.extend(self._taken_formulas())
        elif frame.raw and frame.kind == "code":
            self._produce(raw.replace(BREAK, "\n").strip("\n").rstrip())
        elif BREAK not in raw:
            self._produce(folded(raw))
        else:
            self._take_lines([folded(line) for line in raw.split(BREAK)])

    def _take_lines(self, lines: list[str]) -> None:
        if self.frame.kind == "heading":
            self._produce(" ".join(filter(None, lines)))
        elif self.frame.kind == "paragraph":
            for text in _PARAGRAPHS.split("\n".join(lines).strip("\n")):
                self._produce(text)
        else:
            self._produce("\n".join(filter(None, lines)))

    def _produce(self, text: str) -> None:
        if not text.strip(_INVISIBLE):
            return
        item = self.frame.item
        if item is None:
            self.emit(self.element(self.frame.kind, text, level=self.frame.level))
            return
        before = self.out[-1] if self.out else None
        if before is not None and before is item.last and len(before.text) < _LONG_ITEM:
            formulas = before.formulas + self._taken_formulas()
            self.out[-1] = item.last = replace(before, text=f"{before.text}\n{text}", formulas=formulas)
            return
        if item.written:
            text, item.written = text.removeprefix(item.written).lstrip(), ""
            if not text:
                return
        item.last, item.marker = self.element("list_item", text, level=self.frame.level, marker=item.marker), None
        self.emit(item.last)


def folded(text: str) -> str:
    """White space of any kind and length becomes one space, none at the ends."""
    line = text.strip()
    if "\n" in line:
        line = " ".join(map(str.strip, line.split("\n")))
    if "  " in line or not line.isprintable():  # white space other than a blank isn't
        return " ".join(text.split())
    return line  # in half the time: most texts needn't be cut into words
