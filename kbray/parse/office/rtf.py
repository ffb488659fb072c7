"""RTF → elements, as those of DOC and DOCX: headings by style and outline, labels of lists as they are written, merged cells.

What is hidden or deleted is left out; notes and comments come at the end, text boxes and pictures behind their paragraph.

Lists that are written as plain text become lists where that is sure.
"""

import re
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path

from kbray.config import Settings
from kbray.document.superscripts import raised
from kbray.model import Element, Kind, Metadata, Parsed, Unit
from kbray.parse import comments
from kbray.parse.comments import Comment
from kbray.parse.encoding import zeroed, zeros_in
from kbray.parse.faces import is_mono
from kbray.parse.looks import Look, Print, Shown, quietest, titles_of
from kbray.parse.markup.typed import with_typed
from kbray.parse.office import fields
from kbray.parse.office.inline import Line, joined
from kbray.parse.office.rows import ACROSS, BEGINS_DOWN, DOWN, Rows
from kbray.parse.office.rtf_file import CodePage, Font, Token, of_units, tokens
from kbray.parse.office.word_styles import Style
from kbray.parse.pictured import with_pictures

ENGINE = "rtf"
ERRORS: tuple[type[Exception], ...] = ()
_BASES = 20  # styles based on styles
_DEEPEST = 10  # tables within tables
_MOST_GROUPS = 10_000  # within each other
_NO_STYLE, _NO_FONT = 222, Font()
_SIZE = 24  # half points: of text that nobody gave one
_HANGING = re.compile(
    r"\s*(?:(?P<bullet>[•·▪‣◦●○■□*–-])|(?P<label>\(?(?:[0-9]{1,3}|[A-Za-z]|[ivxlc]{1,6}|[IVXLC]{1,6})[.)]))[^\S\t]*+\t\s*+(?=\S)"
)
_BULLETS = "o"  # of Word's second level, in Courier; letters that count have a sign behind them
_HEADING = re.compile(r"heading ([1-9])")
_TITLES = {"title": 1, "subtitle": 2}
_CHARACTERS = {
    **{"tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’"},
    **{"ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ", "~": "\u00a0", "_": "-"},
    **{
        "zwj": "\u200d",
        "zwnj": "\u200c",
    },
}
_LEFT_OUT = frozenset(
    """
    themedata colorschememapping latentstyles datastore
    generator nonshppict objdata objclass shprslt nonesttables pnseclvl template userprops bkmkstart bkmkend datafield
    operator company doccomm keywords subject manager category creatim revtim printim buptim ftnsep ftnsepc ftncn aftnsep aftnsepc
    aftncn tc xe rxe mmathPict blipuid htmltag falt panose fname fontemb fontfile private1 passwordhash xmlopen xmlattrname
    xmlattrvalue protusertbl wgrffmtfilter pgptbl
    mgrow msubHide msupHide mlimLoc mjc mpos mvertJc mctrlPr mtype mmcJc mcount mdegHide mshp mhideTop mhideBot mhideLeft
    mhideRight mstrikeH mstrikeV mstrikeBLTR mstrikeTLBR mshow mzeroWid mzeroAsc mzeroDesc mtransp mbaseJc mplcHide mcGp
    mcGpRule mcSp mrSp mrSpRule mmaxDist mobjDist mopEmu mnoBreak mdiff maln mdispDef
    """.split()
)
_TABLES = frozenset("colortbl listtable listoverridetable revtbl rsidtbl filetbl xmlnstbl".split())
_MATHEMATICS = frozenset(
    """
    mmath moMathPara moMath mr macc mbar mbox mborderBox md mdeg mden me meqArr mf mfName mfunc mgroupChr mlim mlimLow mlimUpp mm
    mmr mnary mnum mphant mrad msPre msSub msSubSup msSup msub msup
    """.split()
)
_OF_FORMS, _UNTOLD = frozenset(("fftype", "ffres", "ffdefres")), 25
_USUAL = ("paragraph", "list_item")
_ALWAYS = frozenset(("ud", "sn", "sv"))  # are read in groups whose other content is not


def read(path: Path, media_type: str, limits: Settings) -> Parsed:
    """Whatever of the file is there: one that is cut off gives what stands before. Raises: RecursionError."""
    data = path.read_bytes()
    reader = _read(data)
    elements = tuple(reader.elements())
    warnings = [f"Tracked deletions are left out ({reader.deletions})."] if reader.deletions else []
    if reader.damaged:
        warnings.append("The groups of the file don't end where they should: it is cut off or damaged, and text may be missing.")
    if b"\\bin" not in data:  # which pictures may be, zeros and all
        warnings += zeroed(zeros_in(data.decode("latin-1")))
    if reader.page.unknown:
        warnings.append(f"The code page {reader.page.unknown} is unknown; the text was read as Western European.")
    characters = sum(len(element.text) for element in elements)
    parsed = Parsed(ENGINE, elements, (Unit("whole", characters),), reader.metadata, warnings=tuple(warnings))
    return with_pictures(parsed, len(reader.pictures), lambda target: _unhexed(reader.pictures[target]), limits)


def elements_of(data: bytes) -> tuple[Element, ...]:
    """Of the text of a message. Raises: RecursionError."""
    return tuple(_read(data).elements())


def _read(data: bytes) -> "_Reader":
    reader = _Reader(data)
    reader.run()
    if reader.sizes[True] > reader.sizes[False]:  # most is in a face of one width, which then tells nothing
        reader = _Reader(data, typescript=True)
        reader.run()
    return reader


@dataclass(slots=True)
class _Definition:
    """Of a row."""

    edges: list[int] = field(default_factory=lambda: [0])
    flags: list[int] = field(default_factory=list)
    next: int = 0  # flags of the next cell
    header: bool = False


@dataclass(slots=True)
class _Story:
    """A text with paragraphs of its own: the document, a header, a note, a text box."""

    out: list[Element] = field(default_factory=list)
    line: Line = field(default_factory=Line)
    label: str = ""  # as written before the paragraph
    mono: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})  # characters of it by face
    tables: list[Rows] = field(default_factory=list)  # those that are open, each in a cell of the one before
    row_begun: bool = False
    indents: list[int] = field(default_factory=list)  # of items by hand, outermost first
    prints: set[Print] = field(default_factory=set)  # of the text of the paragraph


@dataclass(slots=True)
class _Group:
    """What holds to the end of a group. `sink` takes its text instead of the story; None: nothing does."""

    story: _Story
    left_out: bool = False
    sink: list[str] | None = None
    table: str = ""  # "fonts", "styles": a table of these is read; another: it is left out
    font: int | None = None
    hidden: bool = False
    deleted: bool = False
    bold: bool = False
    raised: bool = False
    size: int = _SIZE
    stand_ins: int = 1  # characters that old readers show for one of Unicode
    style: int = 0
    outline: int | None = None
    level: int = 0
    in_table: bool = False
    depth: int = 1  # of tables
    framed: bool = False  # it stands somewhere on the page by itself
    left: int = 0  # twentieths of a point
    first: int = 0
    closing: Callable[[], None] | None = None  # not inherited

    def reset(self) -> None:
        self.style, self.outline, self.level, self.in_table, self.depth, self.left, self.first = 0, None, 0, False, 1, 0, 0
        self.framed = False


@dataclass(frozen=True, slots=True)
class _Styled:
    """An entry of the style sheet."""

    name: str
    base: int
    outline: int | None
    hidden: bool


class _Reader:
    def __init__(self, data: bytes, *, typescript: bool = False) -> None:
        self._data = data
        self._typescript = typescript
        self.page = CodePage.of(data)
        self.deletions = 0
        self.damaged = False  # groups don't end where they should
        self.pictures: dict[str, bytearray] = {}  # in hexadecimal digits, by the targets of their elements
        self._drawn = 0  # how deep the group of a picture is, whose digits come
        self.metadata = Metadata()
        self.sizes = {False: 0, True: 0}  # characters of the document by whether their face has one width
        self._story = _Story()
        self._groups = [_Group(self._story)]
        self._fonts: dict[int, Font] = {}
        self._default_font: int | None = None
        self._styles: dict[int, _Styled] = {}
        self._known: dict[int, Style] = {}
        self._entry = self._base = self._characters = 0  # of a table that is read: number, base, character set
        self._bytes = bytearray()  # of text that is not decoded yet
        self._units: list[int] = []
        self._skip = 0  # so many stand-ins are still to come
        self._row = _Definition()
        self._running: dict[Kind, list[str]] = {"header": [], "footer": []}
        self._notes: list[Element] = []
        self._remarks: list[Element] = []
        self._author = self._alternative = ""
        self._day: str | None = None  # of the comment that is read
        self._form: dict[str, int] = {}
        self._named = ""  # the property of a shape whose value comes
        self._looks: dict[int, Look] = {}  # of the paragraphs of the document, by their places in it
        self._parts = False  # a style names titles of parts of it
        self._first_page = False  # it has a header and footer of its own

    def elements(self) -> Iterator[Element]:
        yield from (Element("header", text) for text in self._running["header"])
        yield from with_typed(joined(self._titled()))
        yield from (Element("footer", text) for text in self._running["footer"])
        yield from self._notes
        yield from self._remarks

    def _titled(self) -> list[Element]:
        """The document; paragraphs that their looks alone make titles are, where no style names any but its own."""
        found = list(self._story.out)
        if self._parts:
            return found
        usual = {place: look for place, look in self._looks.items() if found[place : place + 1] and found[place].kind in _USUAL}
        blocks = [Shown(one.text, usual.get(place), one.kind == "list_item") for place, one in enumerate(found)]
        for place, level in titles_of(blocks, above=int(any(one.kind == "heading" for one in found))).items():
            one = found[place]
            text = f"{one.marker} {one.text}" if one.marker not in (None, "-") else one.text
            found[place] = Element("heading", text, level, formulas=one.formulas)
        return found

    # ------------------------------------------------------------ the walk

    def run(self) -> None:
        starred = False
        for token in tokens(self._data):
            word = token.word
            if not word:
                self._take(token.text)
                continue
            if word == "bin":
                self._draw(token.text.hex().encode())
                continue
            if word == "u":
                self._settle_bytes()
                self._units.append(token.number or 0)
                self._skip = self._groups[-1].stand_ins
                continue
            if self._skip and word not in ("{", "}"):
                self._skip -= 1
                continue
            self._skip = 0
            self._settle()
            if word == "*":
                starred = True
                continue
            if word == "{":
                if len(self._groups) > _MOST_GROUPS:
                    raise RecursionError
                group = copy(self._groups[-1])
                group.closing = None
                self._groups.append(group)
            elif word == "}":
                self._close()
            elif word == "par" and self._groups[-1].table:
                self._leave_tables()
            elif not self._groups[-1].left_out or word in _ALWAYS:
                self._obey(word, token, starred)
            starred = False
        self._settle()
        self.damaged = self.damaged or len(self._groups) > 1
        while len(self._groups) > 1:
            self._close()
        self._end_story(self._story)

    def _close(self) -> None:
        if len(self._groups) > 1:
            group = self._groups.pop()
            if group.closing is not None:
                group.closing()

    def _leave_tables(self) -> None:
        """No table has paragraphs: a brace is missing that would end it, and the document has begun."""
        self.damaged = True
        for group in self._groups:
            if group.table:
                group.table, group.sink, group.left_out = "", None, False

    def _obey(self, word: str, token: Token, starred: bool) -> None:
        group = self._groups[-1]
        character = _CHARACTERS.get(word)
        reader = _WORDS.get(word)
        if character is not None:
            self._add(character)
        elif reader is not None:
            reader(self, group, token.number)
        elif word in _OF_FORMS:
            self._form[word] = token.number or 0
        elif word in _TABLES:
            group.table, group.left_out = word, True
        elif word in _LEFT_OUT or (starred and word not in _MATHEMATICS):
            group.left_out = True

    # ------------------------------------------------------------ text

    def _take(self, data: bytes) -> None:
        if self._groups[-1].left_out:
            self._draw(data)
            return
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if data:
            self._settle_units()
            self._bytes += data

    def _draw(self, digits: bytes) -> None:
        """Of a picture, if one comes."""
        if self._drawn == len(self._groups):
            self.pictures[_target(len(self.pictures))] += digits

    def _settle(self) -> None:
        self._settle_bytes()
        self._settle_units()

    def _settle_bytes(self) -> None:
        if self._bytes:
            data = bytes(self._bytes)
            self._bytes.clear()
            self._add(self.page.decoded(data, self._font()))

    def _settle_units(self) -> None:
        if self._units:
            units, self._units = self._units, []
            self._add(of_units(units, self._font()))

    def _font(self) -> Font:
        number = self._groups[-1].font
        number = self._default_font if number is None else number
        return _NO_FONT if number is None else self._fonts.get(number, _NO_FONT)

    def _add(self, text: str) -> None:
        group = self._groups[-1]
        if group.left_out:
            return
        if group.table and group.sink is not None:
            self._enter(group.table, group.sink, group, text)
        elif group.sink is not None:
            group.sink.append(text or "•")  # a symbol that nobody knows
        elif group.deleted:
            self.deletions += 1
        elif not (group.hidden or self._styled(group.style).hidden):
            story = group.story
            story.line.pieces.append(raised(text) if group.raised else text)
            length = len(text) if text.strip() else 0
            story.mono[is_mono(self._font().name)] += length
            if length:
                story.prints.add(Print(group.size / 2, group.bold))

    # ------------------------------------------------------------ fonts and styles

    def _enter(self, table: str, sink: list[str], group: _Group, text: str) -> None:
        sink.append(text)
        if ";" not in text:
            return
        name = "".join(sink).partition(";")[0].strip()
        sink.clear()
        if table == "fonts":
            self._fonts[self._entry] = Font(name, self._characters)
            self._characters = 0
        elif self._entry >= 0:
            self._styles[self._entry] = _Styled(name.lower(), self._base, group.outline, group.hidden)

    def _styled(self, number: int) -> Style:
        if number not in self._known:
            chain: list[_Styled] = []
            at = number
            while at in self._styles and len(chain) < _BASES:
                chain.append(self._styles[at])
                at = chain[-1].base
            own = chain[0] if chain else _Styled("", _NO_STYLE, None, False)
            heading = next(filter(None, map(_heading, chain)), 0)
            caption = any(one.name == "caption" for one in chain)
            self._known[number] = Style.named(own.name, min(heading, 6), None, own.hidden, False, caption)
        return self._known[number]

    def _open_fonts(self, group: _Group, number: int | None) -> None:
        group.table, group.sink = "fonts", []

    def _open_styles(self, group: _Group, number: int | None) -> None:
        group.table, group.sink = "styles", []

    def _set_font(self, group: _Group, number: int | None) -> None:
        if group.table == "fonts":
            self._entry = number or 0
        else:
            group.font = number

    def _set_character_set(self, group: _Group, number: int | None) -> None:
        self._characters = number or 0

    def _set_default_font(self, group: _Group, number: int | None) -> None:
        self._default_font = number

    def _set_style(self, group: _Group, number: int | None) -> None:
        if group.table == "styles":
            self._entry, self._base = number or 0, _NO_STYLE
        else:
            group.style = number or 0

    def _set_other_style(self, group: _Group, number: int | None) -> None:
        """Of characters, sections, tables: those of paragraphs are all we ask for."""
        if group.table == "styles":
            self._entry = -1

    def _set_base(self, group: _Group, number: int | None) -> None:
        self._base = _NO_STYLE if number is None else number

    # ------------------------------------------------------------ properties

    def _plain(self, group: _Group, number: int | None) -> None:
        group.font, group.hidden, group.deleted, group.bold, group.raised, group.size = None, False, False, False, False, _SIZE

    def _set_bold(self, group: _Group, number: int | None) -> None:
        group.bold = number != 0

    def _raise(self, group: _Group, number: int | None) -> None:
        group.raised = number != 0

    def _lower(self, group: _Group, number: int | None) -> None:
        group.raised = False

    def _set_size(self, group: _Group, number: int | None) -> None:
        group.size = _SIZE if number is None else number

    def _hide(self, group: _Group, number: int | None) -> None:
        group.hidden = number != 0

    def _delete(self, group: _Group, number: int | None) -> None:
        group.deleted = number != 0

    def _set_stand_ins(self, group: _Group, number: int | None) -> None:
        group.stand_ins = max(0, number if number is not None else 1)

    def _reset_paragraph(self, group: _Group, number: int | None) -> None:
        if group.table:
            return
        group.reset()

    def _set_outline(self, group: _Group, number: int | None) -> None:
        group.outline = number

    def _set_level(self, group: _Group, number: int | None) -> None:
        group.level = max(0, min(number or 0, 8))

    def _frame(self, group: _Group, number: int | None) -> None:
        group.framed = True

    def _set_left(self, group: _Group, number: int | None) -> None:
        group.left = number or 0

    def _set_first(self, group: _Group, number: int | None) -> None:
        group.first = number or 0

    def _set_in_table(self, group: _Group, number: int | None) -> None:
        group.in_table = True

    def _set_depth(self, group: _Group, number: int | None) -> None:
        group.depth = max(1, min(number if number is not None else 1, _DEEPEST))
        group.in_table = group.in_table or bool(number)

    # ------------------------------------------------------------ stories

    def _open_story(self, group: _Group, closing: Callable[[_Story], None]) -> _Story:
        story = _Story()
        group.story, group.sink, group.table = story, None, ""
        group.reset()

        def close() -> None:
            self._end_story(story)
            closing(story)

        group.closing = close
        return story

    def _end_story(self, story: _Story) -> None:
        self._end_paragraph(_Group(story))
        self._end_tables(story, 0)

    def _open_header(self, group: _Group, number: int | None) -> None:
        self._open_running(group, "header")

    def _open_footer(self, group: _Group, number: int | None) -> None:
        self._open_running(group, "footer")

    def _open_first_header(self, group: _Group, number: int | None) -> None:
        self._open_running(group, "header")
        group.left_out = not self._first_page

    def _open_first_footer(self, group: _Group, number: int | None) -> None:
        self._open_running(group, "footer")
        group.left_out = not self._first_page

    def _set_first_page(self, group: _Group, number: int | None) -> None:
        self._first_page = True

    def _open_running(self, group: _Group, kind: Kind) -> None:
        def closing(story: _Story) -> None:
            shown = self._running[kind]
            shown.extend(element.text for element in story.out if element.text and element.text not in shown)

        self._open_story(group, closing)

    def _open_note(self, group: _Group, number: int | None) -> None:
        if group.hidden or group.deleted:
            group.left_out = True
            return
        place = len(self._notes)
        label = str(place + 1)
        self._notes.append(Element("footnote", "", marker=label))
        group.story.line.pieces.append(f"[^{label}]")

        def closing(story: _Story) -> None:
            self._notes[place] = replace(self._notes[place], text=_text(story))

        self._open_story(group, closing)

    def _open_comment(self, group: _Group, number: int | None) -> None:
        place = len(self._remarks) + 1
        author, self._author = self._author, ""
        group.story.line.pieces.append(comments.mark(place))
        self._remarks.append(Element("footnote", ""))

        def closing(story: _Story) -> None:
            self._remarks[place - 1] = comments.note(Comment(_text(story), author, self._day), place)
            self._day = None

        self._open_story(group, closing)

    def _open_box(self, group: _Group, number: int | None) -> None:
        outer = group.story
        self._open_story(group, lambda story: outer.line.hanging.extend(story.out))

    def _open_picture(self, group: _Group, number: int | None) -> None:
        line, group.left_out = group.story.line, True
        shown = not (group.hidden or group.deleted)
        target = _target(len(self.pictures) + 1)
        if shown:
            self.pictures[target] = bytearray()
            self._drawn = len(self._groups)

        def closing() -> None:
            if shown:
                line.hanging.append(Element("image", " ".join(self._alternative.split()), target=target))
            self._alternative = ""
            self._drawn = 0

        group.closing = closing

    def _open_sink(self, group: _Group, closing: Callable[[str], None]) -> None:
        sink: list[str] = []
        group.sink = sink
        group.left_out = False
        group.closing = lambda: closing("".join(sink))

    def _open_instruction(self, group: _Group, number: int | None) -> None:
        story, shown = group.story, not (group.hidden or group.deleted)
        if group.sink is None:
            self._open_sink(group, lambda text: story.line.pieces.append(fields.told(text) if shown else ""))

    def _open_form(self, group: _Group, number: int | None) -> None:
        """Of a field in a form; its result stands in the text unless it is a box to be ticked."""
        story, group.sink, self._form = group.story, [], {}

        def closing() -> None:
            if self._form.get("fftype") == 1:
                told = self._form.get("ffres", _UNTOLD)
                ticked = self._form.get("ffdefres", 0) if told == _UNTOLD else told
                story.line.pieces.append(fields.BOXES[bool(ticked)])

        group.closing = closing

    def _open_label(self, group: _Group, number: int | None) -> None:
        story = group.story

        def closing(text: str) -> None:
            story.label = text

        self._open_sink(group, closing)

    def _open_author(self, group: _Group, number: int | None) -> None:
        def closing(text: str) -> None:
            self._author = text

        self._open_sink(group, closing)

    def _open_day(self, group: _Group, number: int | None) -> None:
        def closing(text: str) -> None:
            """A number of Word's: minute, hour, day, month, year since 1900, weekday, from its lowest bit."""
            told = int(text) if text.strip().removeprefix("-").isdecimal() and len(text) < 12 else 0
            self._day = f"{1900 + (told >> 20 & 511)}-{told >> 16 & 15:02}-{told >> 11 & 31:02}" if told else None

        self._open_sink(group, closing)

    def _open_name(self, group: _Group, number: int | None) -> None:
        def closing(text: str) -> None:
            self._named = text.strip()

        self._open_sink(group, closing)

    def _open_value(self, group: _Group, number: int | None) -> None:
        def closing(text: str) -> None:
            if self._named == "wzDescription":
                self._alternative = text

        self._open_sink(group, closing)

    def _open_title(self, group: _Group, number: int | None) -> None:
        def closing(text: str) -> None:
            self.metadata = replace(self.metadata, title=" ".join(text.split()) or None)

        self._open_sink(group, closing)

    def _open_writer(self, group: _Group, number: int | None) -> None:
        def closing(text: str) -> None:
            name = " ".join(text.split())
            self.metadata = replace(self.metadata, authors=(name,) if name else ())

        self._open_sink(group, closing)

    def _open_info(self, group: _Group, number: int | None) -> None:
        group.sink = []

    def _pass(self, group: _Group, number: int | None) -> None:
        """What is in it is read, though readers that don't know it shouldn't."""

    def _open_unicode(self, group: _Group, number: int | None) -> None:
        """The same as what is left out before it."""
        group.left_out = False

    def _leave_out(self, group: _Group, number: int | None) -> None:
        group.left_out = True

    # ------------------------------------------------------------ paragraphs

    def _paragraph(self, group: _Group, number: int | None) -> None:
        if group.sink is None:
            self._end_paragraph(group)

    def _end_paragraph(self, group: _Group) -> None:
        """Its elements go into the cell that is open, or end the tables and go behind them."""
        story = group.story
        line, label, mono = story.line, story.label, story.mono
        look = quietest(story.prints)
        story.line, story.label, story.mono, story.prints = Line(), "", {False: 0, True: 0}, set()
        if story is self._story:
            for kind, size in mono.items():
                self.sizes[kind] += size
        if group.in_table or story.row_begun:
            self._end_tables(story, group.depth)
            while len(story.tables) < group.depth:
                story.tables.append(Rows())
            out = story.tables[-1].inside
        else:
            self._end_tables(story, 0)
            out = story.out
            if story is self._story and look is not None and not group.framed:
                self._looks[len(out)] = look
        out += self._made(group, line, label, mono[True] > 0 and not mono[False] and not self._typescript)

    def _made(self, group: _Group, line: Line, label: str, mono: bool) -> Iterator[Element]:
        style = self._styled(group.style)
        code = style.is_code or mono
        raw = "".join(line.pieces)
        by_hand = _HANGING.match(raw) if not label and group.first < 0 and group.left > 0 else None
        text = line.text(raw=code)
        label = _label(label)
        while group.story.indents and group.story.indents[-1] > group.left:
            group.story.indents.pop()
        heading = style.heading if group.outline is None else group.outline + 1 if group.outline < 9 else 0
        if not text:
            if not (line.hanging or group.story.tables):
                yield Element("code", "")  # a blank line, if it stands in a listing
        elif heading:
            self._parts = self._parts or (group.story is self._story and not style.is_title)
            numbered = f"{label} {text}" if label and label != "-" else text
            yield Element("heading", " ".join(numbered.split("\n")), min(heading, 6))
        elif label:
            yield Element("list_item", text, max(group.level + 1, style.depth), marker=label)
        elif style.entry:
            yield Element("list_item", text, style.entry, marker="-")
        elif by_hand:
            line.pieces = [raw[by_hand.end() :]]
            yield Element("list_item", line.text(raw=False), _depth(group), marker=by_hand["label"] or "-")
        elif style.is_caption:
            yield Element("caption", text)
        else:
            yield Element("code" if code else "paragraph", text)
        yield from line.hanging

    # ------------------------------------------------------------ tables

    def _define_row(self, group: _Group, number: int | None) -> None:
        if not group.table:  # in a style
            self._row = _Definition()
            group.story.row_begun = True

    def _set_row_left(self, group: _Group, number: int | None) -> None:
        self._row.edges[0] = number or 0

    def _set_row_header(self, group: _Group, number: int | None) -> None:
        self._row.header = True

    def _end_cell_definition(self, group: _Group, number: int | None) -> None:
        self._row.edges.append(max(number or 0, self._row.edges[-1]))
        self._row.flags.append(self._row.next)
        self._row.next = 0

    def _merge_across(self, group: _Group, number: int | None) -> None:
        self._row.next |= ACROSS

    def _begin_down(self, group: _Group, number: int | None) -> None:
        self._row.next |= BEGINS_DOWN

    def _merge_down(self, group: _Group, number: int | None) -> None:
        self._row.next |= DOWN

    def _cell(self, group: _Group, number: int | None) -> None:
        self._end_cell(group, 1)

    def _nested_cell(self, group: _Group, number: int | None) -> None:
        self._end_cell(group, max(2, group.depth))

    def _end_cell(self, group: _Group, depth: int) -> None:
        inside = replace(group, in_table=True, depth=max(depth, group.depth), closing=None)
        self._end_paragraph(inside)
        self._end_tables(group.story, depth)
        group.story.tables[-1].end_cell()

    def _end_row(self, group: _Group, number: int | None) -> None:
        story = group.story
        story.row_begun = False
        self._end_tables(story, 1)
        if story.tables:
            story.tables[-1].end_row(self._row.edges, self._row.flags, header=self._row.header)

    def _end_nested_row(self, group: _Group, number: int | None) -> None:
        story = group.story
        if len(story.tables) > 1:
            story.tables[-1].end_row(self._row.edges, self._row.flags, header=self._row.header)
        story.row_begun = False

    def _open_nested_row(self, group: _Group, number: int | None) -> None:
        """Its definition stands within that of the row around it."""
        outer = self._row

        def closing() -> None:
            self._row = outer

        group.closing = closing

    def _end_tables(self, story: _Story, depth: int) -> None:
        """Those deeper than this are whole."""
        while len(story.tables) > depth:
            whole = list(story.tables.pop().elements())
            (story.tables[-1].inside if story.tables else story.out).extend(whole)


def _heading(style: _Styled) -> int:
    told = _HEADING.fullmatch(style.name)
    by_outline = style.outline + 1 if style.outline is not None and 0 <= style.outline < 9 else 0
    return _TITLES.get(style.name) or by_outline or (int(told[1]) if told else 0)


def _target(number: int) -> str:
    return f"pict/{number}"


def _unhexed(digits: bytearray) -> bytes:
    """What they spell; nothing where they are no digits."""
    try:
        return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    except ValueError:
        return b""


def _text(story: _Story) -> str:
    return "\n".join(element.text for element in story.out if element.text and element.kind != "image")


def _label(written: str) -> str:
    label = written.strip()
    return label if any(map(str.isalnum, label)) and label not in _BULLETS else "-" if label else ""


def _depth(group: _Group) -> int:
    """The level of an item by hand: how many of those around it stand farther to the left."""
    indents = group.story.indents
    if not indents or indents[-1] < group.left:
        indents.append(group.left)
    return len(indents)


_WORDS: dict[str, Callable[[_Reader, _Group, int | None], None]] = {
    "fonttbl": _Reader._open_fonts,
    "stylesheet": _Reader._open_styles,
    "deff": _Reader._set_default_font,
    "f": _Reader._set_font,
    "fcharset": _Reader._set_character_set,
    "s": _Reader._set_style,
    **dict.fromkeys(("cs", "ds", "ts", "tsrowd"), _Reader._set_other_style),
    "sbasedon": _Reader._set_base,
    "plain": _Reader._plain,
    "b": _Reader._set_bold,
    **dict.fromkeys(("super", "up"), _Reader._raise),
    **dict.fromkeys(("sub", "dn", "nosupersub"), _Reader._lower),
    "fs": _Reader._set_size,
    "v": _Reader._hide,
    "deleted": _Reader._delete,
    "uc": _Reader._set_stand_ins,
    "pard": _Reader._reset_paragraph,
    "outlinelevel": _Reader._set_outline,
    "ilvl": _Reader._set_level,
    "li": _Reader._set_left,
    "fi": _Reader._set_first,
    **dict.fromkeys(("posx", "posy", "absw"), _Reader._frame),
    "intbl": _Reader._set_in_table,
    "itap": _Reader._set_depth,
    **dict.fromkeys(("par", "sect", "\n", "\r"), _Reader._paragraph),
    "trowd": _Reader._define_row,
    "trleft": _Reader._set_row_left,
    "trhdr": _Reader._set_row_header,
    "cellx": _Reader._end_cell_definition,
    "clmrg": _Reader._merge_across,
    "clvmgf": _Reader._begin_down,
    "clvmrg": _Reader._merge_down,
    "cell": _Reader._cell,
    "nestcell": _Reader._nested_cell,
    "row": _Reader._end_row,
    "nestrow": _Reader._end_nested_row,
    "footnote": _Reader._open_note,
    "annotation": _Reader._open_comment,
    "atnauthor": _Reader._open_author,
    "atndate": _Reader._open_day,
    **dict.fromkeys(("shptxt", "dptxbxtext"), _Reader._open_box),
    "pict": _Reader._open_picture,
    "fldinst": _Reader._open_instruction,
    "formfield": _Reader._open_form,
    **dict.fromkeys(("listtext", "pntext"), _Reader._open_label),
    "sn": _Reader._open_name,
    "sv": _Reader._open_value,
    "info": _Reader._open_info,
    "title": _Reader._open_title,
    "author": _Reader._open_writer,
    "upr": _Reader._leave_out,
    "ud": _Reader._open_unicode,
    "nesttableprops": _Reader._open_nested_row,
    **dict.fromkeys(("header", "headerl", "headerr"), _Reader._open_header),
    **dict.fromkeys(("footer", "footerl", "footerr"), _Reader._open_footer),
    "headerf": _Reader._open_first_header,
    "footerf": _Reader._open_first_footer,
    "titlepg": _Reader._set_first_page,
    **dict.fromkeys(("shpinst", "shppict", "picprop", "do"), _Reader._pass),
}
