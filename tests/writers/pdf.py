"""A PDF writer for tests: pages of text, lines and pictures, with outline, rotation and deliberate damage."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FONTS = {
    **{"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Times-Roman", "F4": "Helvetica", "F5": "Untold", "F6": "Courier"},
    **{"F7": "ABCDEF+Wingdings-Regular", "F8": "SymbolMT"},
}
# Its letters a, b, c … mean alef, bet, gimel …; A, B and C Arabic alef, beh and lam; D is lam with alef, E nothing, F a vowel,
# ` an ogonek, [ all hyphens.
HEBREW = "F4"
# It does not tell how high and low its letters reach, and has none at the codes by which that could be found out.
UNTOLD = "F5"
_UNTOLD = (
    "<< /Type /FontDescriptor /FontName /Untold /Flags 32 /FontBBox [-200 -300 1000 900] /Ascent 0 /Descent 0 >>",
    "<< /BaseEncoding /WinAnsiEncoding /Differences [65 /x 103 /x] >>",
)
# Fonts whose glyphs are shown by their numbers, of two bytes each, and that tell no meaning for them.
NUMBERED, NUMBERED_CALIBRI, NUMBERED_ANEW = "F12", "F13", "F14"
NUMBERED_CAPITALS = "F15"  # meanings of small letters and spaces are told
_NUMBERED = {
    **{NUMBERED: "ABCDEF+ArialMT", NUMBERED_CALIBRI: "ABCDEF+Calibri", NUMBERED_ANEW: "ABCDEF+Garamond"},
    NUMBERED_CAPITALS: "ABCDEG+ArialMT",
}
# Bitmaps as TeX makes them: no name, and no character told; the c is named as dvips does.
BITMAPS = "F9"
PIXELS, PIXELS_OF_SIGNS = "F10", "F11"
"""Bitmaps of ten points by dvips at 300 dots to the inch, to be used in the size `PIXEL`, without white space."""
PIXEL = 0.24
_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange
4 beginbfrange <20> <39> <0020> <61> <7a> <05d0> <41> <42> <0627> <47> <5a> <4e00> endbfrange
6 beginbfchar <60> <02db> <43> <0644> <44> <06440627> <45> <0004> <46> <05b8> <5b> <002d00ad2010> endbfchar
endcmap end end"""
_SMALL_LETTERS = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def
1 begincodespacerange <0000> <ffff> endcodespacerange
2 beginbfrange <0044> <005d> <0061> <0003> <0003> <0020> endbfrange
endcmap end end"""
_NAMES = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange
2 beginbfchar <40> <0008> <63> <000d> endbfchar
endcmap end end"""
_MEANINGS, _FIRST_PAGE, _STRUCTURE, _BITMAPS, _PIXELS = 19, 20, 7000, 8000, 8500  # numbers of objects
_ANNOTATIONS, _ATTACHED, _XFA, _NUMBERED_FONTS, _SMALL = 100_000, 6100, 6500, 8800, 8850


@dataclass
class Page:
    """Drawing operators; `at` measures from the top left of the unrotated page, as kbray does."""

    width: float = 612
    height: float = 792
    rotate: int = 0
    operators: list[str] = field(default_factory=list)
    grey: tuple[int, int, bytes] | None = None  # a picture: width and height in pixels, and these
    grey_at: tuple[float, float, float, float] | None = None  # left, top, width, height; None: over the whole page
    resources: str = ""  # besides fonts and the picture
    answer: str = ""  # in a field of a form, 100 points from the top; the file doesn't say how it looks
    annotations: list[str] = field(default_factory=list)  # entries of their dictionaries
    inherits: bool = False  # its size, of the pages' tree

    def at(self, x: float, y: float, text: str, size: float = 10, font: str = "F1", matrix: str = "1 0 0 1") -> "Page":
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        self.operators.append(f"BT /{font} {size} Tf {matrix} {x} {self.height - y} Tm ({escaped}) Tj ET")
        return self

    def paragraph(self, x: float, y: float, lines: list[str], size: float = 10, leading: float = 12, font: str = "F1") -> "Page":
        for number, line in enumerate(lines):
            self.at(x, y + number * leading, line, size, font)
        return self

    def line(self, x0: float, y0: float, x1: float, y1: float) -> "Page":
        self.operators.append(f"{x0} {self.height - y0} m {x1} {self.height - y1} l S")
        return self

    def annotated(self, kind: str, left: float, top: float, right: float, bottom: float, more: str = "") -> "Page":
        """From the top left, as `at`."""
        sides = f"{left} {self.height - bottom} {right} {self.height - top}"
        self.annotations.append(f"/Type /Annot /Subtype /{kind} /Rect [{sides}] {more}")
        return self

    def content(self) -> bytes:
        left, top, width, height = self.grey_at or (0, 0, self.width, self.height)
        picture = f"q {width} 0 0 {height} {left} {self.height - top - height} cm /Im Do Q" if self.grey else ""
        return "\n".join([picture, *self.operators]).encode("latin-1")

    def tagged(self, number: int) -> "Page":
        """What was drawn last is piece `number` of marked content."""
        self.operators[-1] = f"/Span << /MCID {number} >> BDC {self.operators[-1]} EMC"
        return self


@dataclass
class Tag:
    """An element of the structure of a file, for `write_pdf`."""

    kind: str
    children: list["Tag"] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)  # of marked content
    more: str = ""  # entries of its dictionary
    page: int = 0  # on which its pieces are, from 0
    further: list[int] = field(default_factory=list)  # pieces on the next page


def write_pdf(
    path: Path,
    pages: list[Page],
    *,
    outline: Sequence[tuple[str, int]] = (),  # (title, page from 1)
    cyclic_outline: bool = False,
    info: dict[str, str] | None = None,
    locked: bool = False,
    lost_pages: int = 0,
    structure: Sequence[Tag] = (),
    attached: Mapping[str, bytes] | None = None,
    xfa: Sequence[str] = (),
) -> Path:
    """A PDF file.

    `locked`: no password opens it; `lost_pages`: so many more in the page tree, whose objects are missing; `structure`: what
    its tags tell; `attached`: files by their names, in the order of these; `xfa`: pieces of the XML of a form that
    its pages don't show.
    """
    objects: dict[int, bytes] = {}
    fonts = {name: 3 + index for index, name in enumerate(FONTS)}
    objects[_MEANINGS] = f"<< /Length {len(_TO_UNICODE)} >>\nstream\n".encode() + _TO_UNICODE + b"\nendstream"
    for name, number in fonts.items():
        more = "/Encoding /WinAnsiEncoding" + (f" /ToUnicode {_MEANINGS} 0 R" if name == HEBREW else "")
        if name == UNTOLD:
            more = f"/FirstChar 32 /LastChar 126 /Widths [{'500 ' * 95}] /FontDescriptor {_UNTOLD[0]} /Encoding {_UNTOLD[1]}"
        objects[number] = f"<< /Type /Font /Subtype /Type1 /BaseFont /{FONTS[name]} {more} >>".encode()
    for number, (name, told) in enumerate(_NUMBERED.items(), _NUMBERED_FONTS):
        fonts[name] = number
        objects[number] = (
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{told} /Encoding /Identity-H /DescendantFonts [<< /Type /Font "
            f"/Subtype /CIDFontType2 /BaseFont /{told} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/DW 500 /FontDescriptor << /Type /FontDescriptor /FontName /{told} /Flags 4 /FontBBox [0 -200 1000 800] "
            f"/Ascent 800 /Descent -200 >> >>] {f'/ToUnicode {_SMALL} 0 R' if name == NUMBERED_CAPITALS else ''} >>"
        ).encode()
    objects[_SMALL] = _stream(_SMALL_LETTERS)
    fonts |= {BITMAPS: _BITMAPS, PIXELS: _PIXELS, PIXELS_OF_SIGNS: _PIXELS + 100}
    objects |= _bitmaps(_BITMAPS) | _pixels(_PIXELS) | _pixels(_PIXELS + 100)
    resources = "/Font << " + " ".join(f"/{name} {number} 0 R" for name, number in fonts.items()) + " >>"
    kids: list[int] = []
    fields: list[int] = []
    for page in pages:
        number = _FIRST_PAGE + 4 * len(kids)
        kids.append(number)
        stream = page.content()
        extra = ""
        annotations = [_ANNOTATIONS + 100 * len(kids) + index for index in range(len(page.annotations))]
        objects |= {place: f"<< {one} >>".encode() for place, one in zip(annotations, page.annotations, strict=True)}
        if page.grey:
            width, height, pixels = page.grey
            packed = zlib.compress(pixels)
            extra = f"/XObject << /Im {number + 2} 0 R >>"
            objects[number + 2] = (
                (
                    f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray "
                    f"/BitsPerComponent 8 /Filter /FlateDecode /Length {len(packed)} >>\nstream\n"
                ).encode()
                + packed
                + b"\nendstream"
            )
        if page.answer:
            fields.append(number + 3)
            annotations.append(number + 3)
            objects[number + 3] = (
                f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name{number}) /V ({page.answer}) /DA (/F1 10 Tf) "
                f"/Rect [72 {page.height - 120} 300 {page.height - 100}] >>"
            ).encode()
        size = "" if page.inherits else f"/MediaBox [0 0 {page.width} {page.height}]"
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R {size} /Rotate {page.rotate} "
            f"/Resources << {resources} {extra} {page.resources} >> /Contents {number + 1} 0 R "
            f"/StructParents {len(kids) - 1} /Annots [{' '.join(f'{place} 0 R' for place in annotations)}] >>"
        ).encode()
        objects[number + 1] = f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream"
    refs = " ".join(f"{kid} 0 R" for kid in (*kids, *range(9000, 9000 + lost_pages)))
    size = f"/MediaBox [0 0 {pages[0].width} {pages[0].height}]" if pages else ""
    objects[2] = f"<< /Type /Pages /Kids [{refs}] /Count {len(kids) + lost_pages} {size} >>".encode()
    catalog = "<< /Type /Catalog /Pages 2 0 R"
    if outline:
        first, last = 5000, 5000 + len(outline) - 1
        catalog += " /Outlines 4999 0 R"
        objects[4999] = f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(outline)} >>".encode()
        for index, (title, page_number) in enumerate(outline):
            number = first + index
            following = first if cyclic_outline and number == last else number + 1
            link = f"/Next {following} 0 R" if number < last or cyclic_outline else ""
            objects[number] = f"<< /Title ({title}) /Parent 4999 0 R {link} /Dest [{kids[page_number - 1]} 0 R /Fit] >>".encode()
    if fields:
        catalog += f" /AcroForm << /Fields [{' '.join(f'{number} 0 R' for number in fields)}] /DR << {resources} >> >>"
    if attached:
        catalog += f" /Names << /EmbeddedFiles << /Names [{_attach(objects, attached)}] >> >>"
    if xfa:
        names = " ".join(f"(piece{index}) {_XFA + index} 0 R" for index in range(len(xfa)))
        catalog += f" /NeedsRendering true /AcroForm << /Fields [] /XFA [{names}] >>"
        objects |= {_XFA + index: _stream(piece.encode()) for index, piece in enumerate(xfa)}
    if structure:
        catalog += f" /MarkInfo << /Marked true >> /StructTreeRoot {_STRUCTURE} 0 R"
        _add_structure(objects, structure, kids)
    objects[1] = (catalog + " >>").encode()
    trailer = "/Root 1 0 R"
    if info:
        objects[6000] = ("<< " + " ".join(f"/{key} ({value})" for key, value in info.items()) + " >>").encode()
        trailer += " /Info 6000 0 R"
    if locked:
        noise = "5a" * 32
        objects[6001] = f"<< /Filter /Standard /V 1 /R 2 /O <{noise}> /U <{noise}> /P -4 >>".encode()
        trailer += f" /Encrypt 6001 0 R /ID [<{noise}> <{noise}>]"
    path.write_bytes(_file(objects, trailer))
    return path


def _attach(objects: dict[int, bytes], attached: Mapping[str, bytes]) -> str:
    """Their names and numbers, in the order of a names' tree."""
    pairs = []
    for index, (name, data) in enumerate(sorted(attached.items())):
        number = _ATTACHED + 2 * index
        objects[number] = f"<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {number + 1} 0 R >> >>".encode()
        objects[number + 1] = _stream(data)
        pairs.append(f"({name}) {number} 0 R")
    return " ".join(pairs)


def _stream(data: bytes) -> bytes:
    return f"<< /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _add_structure(objects: dict[int, bytes], structure: Sequence[Tag], pages: Sequence[int]) -> None:
    owners: list[dict[int, int]] = [{} for _ in pages]
    added: dict[int, int] = {}  # one may be a child of several

    def add(tag: Tag, parent: int) -> int:
        if id(tag) in added:
            return added[id(tag)]
        number = added[id(tag)] = _STRUCTURE + 1 + len(objects)
        objects[number] = b""
        kids = [*(f"{add(child, number)} 0 R" for child in tag.children), *map(str, tag.pieces)]
        owners[tag.page].update(dict.fromkeys(tag.pieces, number))
        if tag.further:
            kids += [f"<< /Type /MCR /Pg {pages[tag.page + 1]} 0 R /MCID {piece} >>" for piece in tag.further]
            owners[tag.page + 1].update(dict.fromkeys(tag.further, number))
        entries = f"/S /{tag.kind} /P {parent} 0 R /Pg {pages[tag.page]} 0 R /K [{' '.join(kids)}] {tag.more}"
        objects[number] = f"<< /Type /StructElem {entries} >>".encode()
        return number

    def parents(of_page: dict[int, int]) -> str:
        return " ".join(f"{of_page[piece]} 0 R" if piece in of_page else "null" for piece in range(max(of_page, default=0) + 1))

    kids = " ".join(f"{add(tag, _STRUCTURE)} 0 R" for tag in structure)
    numbers = " ".join(f"{place} [{parents(of_page)}]" for place, of_page in enumerate(owners))
    objects[_STRUCTURE] = f"<< /Type /StructTreeRoot /K [{kids}] /ParentTree << /Nums [{numbers}] >> >>".encode()


def _bitmaps(number: int) -> dict[int, bytes]:
    """A font of Type 3 with this number; the i is half as wide as the other letters."""
    codes = range(11, 256)
    names = ["CR" if code == ord("c") else f"a{code}" for code in codes]
    widths = [250 if code == ord("i") else 500 for code in codes]
    drawn = {width: f"{width} 0 0 0 {width - 100} 700 d1 0 0 {width - 100} 700 re f" for width in set(widths)}
    places = {width: number + 1 + index for index, width in enumerate(drawn)}
    letters = " ".join(f"/{name} {places[width]} 0 R" for name, width in zip(names, widths, strict=True))
    font = (
        f"<< /Type /Font /Subtype /Type3 /FontMatrix [0.001 0 0 0.001 0 0] /FontBBox [0 -200 1000 800] "
        f"/CharProcs << {letters} >> /Encoding << /Type /Encoding /Differences [11 {' '.join(f'/{name}' for name in names)}] >> "
        f"/FirstChar 11 /LastChar 255 /Widths [{' '.join(map(str, widths))}] /Resources << >> >>"
    )
    streams = {places[width]: f"<< /Length {len(text)} >>\nstream\n{text}\nendstream".encode() for width, text in drawn.items()}
    return {number: font.encode(), **streams}


def printed(text: str) -> int:
    """How wide a word is in `PIXELS`, in pixels."""
    return sum(_pixels_of(ord(letter))[0] for letter in text)


def _pixels_of(code: int) -> tuple[int, int, int]:
    """Width, and how far the ink reaches above and below the baseline, in pixels: 42 are ten points."""
    letter = chr(code)
    width = 12 if letter in "fijlrt.,;:'" else 32 if letter in "mwMW" else 21
    above = 18 if letter in "acegmnopqrsuvwxyz" else 5 if letter in ".," else 29
    return width, above, 8 if letter in "gjpqy,;" else 0


def _pixels(number: int) -> dict[int, bytes]:
    """That font of Type 3, with this number: names of glyphs, boxes and sizes are as dvips has them."""
    codes = range(11, 256)
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = [digits[(code + 360) // 36] + digits[(code + 360) % 36] for code in codes]
    glyphs = [_pixels_of(code) for code in codes]
    drawn = {
        glyph: f"{glyph[0]} 0 1 {-glyph[2]} {glyph[0] - 1} {glyph[1]} d1 1 {-glyph[2]} {glyph[0] - 2} {glyph[1] + glyph[2]} re f"
        for glyph in set(glyphs)
    }
    places = {glyph: number + 1 + index for index, glyph in enumerate(drawn)}
    letters = " ".join(f"/{name} {places[glyph]} 0 R" for name, glyph in zip(names, glyphs, strict=True))
    differences = " ".join(f"/{name}" for name in names)
    names_told = f"/Encoding << /Type /Encoding /Differences [11 {differences}] >> /ToUnicode {number + 90} 0 R"
    font = (
        "<< /Type /Font /Subtype /Type3 /FontMatrix [1 0 0 1 0 0] /FontBBox [0 -8 32 29] /Resources << >> "
        f"/CharProcs << {letters} >> {names_told} /FirstChar 11 /LastChar 255 "
        f"/Widths [{' '.join(str(width) for width, _, _ in glyphs)}] >>"
    )
    streams = {places[glyph]: f"<< /Length {len(text)} >>\nstream\n{text}\nendstream".encode() for glyph, text in drawn.items()}
    streams[number + 90] = f"<< /Length {len(_NAMES)} >>\nstream\n".encode() + _NAMES + b"\nendstream"
    return {number: font.encode(), **streams}


def _file(objects: dict[int, bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places: dict[int, int] = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in sorted(places.items()):
        out += f"{number} 1\n{place:010} 00000 n \n".encode()
    out += f"trailer\n<< /Size {max(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
