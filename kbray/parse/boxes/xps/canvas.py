"""Pages drawn into a PDF, by pdfium. `learn` sees all pages first: a font of a PDF is written with the signs that it shows."""

import ctypes
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw

from kbray.errors import DocumentError
from kbray.parse.boxes.xps.fonts import Font, unmasked
from kbray.parse.boxes.xps.package import Package
from kbray.parse.boxes.xps.page import Matrix, Page, Picture, Run, Shape, Sign, moved, within

_POINTS = 0.75  # of a pixel
_EMPTY = 612, 792  # points
_MOST_SIGNS = 65_000  # of a font
_JPEG, _QUALITY = b"\xff\xd8\xff", 90
_BLANK = "\u200b"  # of signs that stand for no character of their own
_OF_THIS_TIME = re.compile(rb"/ID\[<[0-9A-F]{32}><[0-9A-F]{32}>\]|/CreationDate\(D:[^)]{1,40}\)")
_PER_BLOCK = 100  # lines of a table of characters

_TO_UNICODE = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Signs def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
{}
endcmap CMapName currentdict /CMap defineresource pop end end"""


@dataclass(slots=True)
class _Kept:
    """A font, the signs that are shown of it, each with the text it stands for, and what it is in the PDF."""

    font: Font
    signs: dict[tuple[int, str], int] = field(default_factory=dict)  # → its number in the PDF, from 1
    handle: Any = None


class Canvas:
    """`left`: what could not be drawn."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._document = pdfium.PdfDocument.new()
        self._fonts: dict[str, _Kept | None] = {}
        self._bytes: list[Any] = []  # pdfium reads fonts where they lie until the end
        self.left: dict[str, None] = {}

    def learn(self, page: Page | None) -> None:
        """Which signs of which fonts it shows."""
        for one in page.drawn if page is not None else ():
            if isinstance(one, Run) and (kept := self._font(one.font)) is not None:
                for sign in one.signs:
                    known = kept.signs
                    if len(known) < _MOST_SIGNS:
                        known.setdefault(_key(kept.font, sign), len(known) + 1)
                    elif _key(kept.font, sign) not in known:
                        self.left[f"{one.font} shows more than {_MOST_SIGNS:,} signs"] = None

    def draw(self, page: Page | None) -> None:
        """Add it; or an empty one in the place of one that can't be had."""
        if page is None:
            self._document.new_page(*_EMPTY).close()
            return
        width, height = page.width * _POINTS, page.height * _POINTS
        made = self._document.new_page(width, height)
        upright: Matrix = (_POINTS, 0, 0, -_POINTS, 0, height)
        for one in page.drawn:
            if isinstance(one, Run):
                self._write(made, one, upright)
            elif isinstance(one, Shape):
                _line(made, one, upright)
            else:
                self._show(made, one, upright)
        made.gen_content()
        made.close()

    def pdf(self) -> bytes:
        """The document, the same each time."""
        out = io.BytesIO()
        self._document.save(out)
        self._document.close()
        return _OF_THIS_TIME.sub(lambda found: b" " * len(found[0]), out.getvalue())

    def _font(self, name: str) -> _Kept | None:
        if name not in self._fonts:
            self._fonts[name] = None
            try:
                if (data := self._package.read(name)) is not None:
                    self._fonts[name] = _Kept(Font(unmasked(name, data)))
            except DocumentError as error:
                self.left[f"{name}: {error}"] = None
        return self._fonts[name]

    def _handle(self, name: str, kept: _Kept) -> Any:
        """The font in the PDF; nothing where pdfium can't read it."""
        if kept.handle is None:
            numbers = {number: sign for (sign, _), number in kept.signs.items()}
            places = b"\0\0" + b"".join(min(numbers[number], 0xFFFF).to_bytes(2, "big") for number in sorted(numbers))
            buffers = [(ctypes.c_uint8 * len(data)).from_buffer_copy(data) for data in (kept.font.data, places)]
            self._bytes += buffers
            kept.handle = raw.FPDFText_LoadCidType2Font(
                self._document, buffers[0], len(kept.font.data), _to_unicode(kept.signs), buffers[1], len(places)
            )
            if not kept.handle:
                self.left[f"{name} is a font that can't be read"] = None
        return kept.handle

    def _write(self, page: pdfium.PdfPage, run: Run, upright: Matrix) -> None:
        kept = self._font(run.font)
        handle = self._handle(run.font, kept) if kept is not None else None
        if kept is None or not handle:
            return
        signs, places = _laid_out(kept, run)
        codes = [kept.signs.get(_key(kept.font, sign), 0) for sign in signs]
        text = raw.FPDFPageObj_CreateTextObj(self._document, handle, run.size)
        raw.FPDFText_SetCharcodes(text, (ctypes.c_uint32 * len(codes))(*codes), len(codes))
        if len(codes) > 1:
            steps = [place - places[0] for place in places[1:]]
            raw.FPDFText_SetPositions(text, (ctypes.c_float * len(steps))(*steps), len(steps))
        begun: Matrix = (1, 0, 0, -1, run.x + places[0], run.y)
        raw.FPDFPageObj_SetMatrix(text, raw.FS_MATRIX(*within(within(begun, run.matrix), upright)))
        raw.FPDFPageObj_SetFillColor(text, *run.colour)
        raw.FPDFPage_InsertObject(page, text)

    def _show(self, page: pdfium.PdfPage, picture: Picture, upright: Matrix) -> None:
        """Pictures go into the PDF as JPEG, which others become: as they are they would take its memory."""
        try:
            data = self._package.read(picture.name)
            if data is None:
                return
            made = pdfium.PdfImage.new(self._document)
            made.load_jpeg(io.BytesIO(data if data.startswith(_JPEG) else _as_jpeg(data)), inline=True)
        except (DocumentError, OSError, ValueError, Image.DecompressionBombError, pdfium.PdfiumError):
            self.left[f"{picture.name} is a picture that can't be read"] = None
            return
        standing: Matrix = (1, 0, 0, -1, 0, 1)  # pdfium's begin at the foot
        made.set_matrix(pdfium.PdfMatrix(*within(within(standing, picture.matrix), upright)))
        page.insert_obj(made)


def _key(font: Font, sign: Sign) -> tuple[int, str]:
    number = sign.number if sign.number is not None else font.sign(sign.text[:1]) if sign.text else 0
    return number, sign.text or _BLANK


def _as_jpeg(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        out = io.BytesIO()
        image.convert("L" if image.mode in ("1", "L") else "RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _laid_out(kept: _Kept, run: Run) -> tuple[Sequence[Sign], list[float]]:
    """The signs from left to right, and where each begins, in pixels from the origin of the run."""
    places, at = list[float](), 0.0
    for sign in run.signs:
        advance = sign.advance if sign.advance is not None else kept.font.advance(_key(kept.font, sign)[0])
        at += -advance * run.size if run.leftwards else 0.0
        places.append(at + sign.right * run.size * (-1 if run.leftwards else 1))
        at += 0.0 if run.leftwards else advance * run.size
    return (run.signs[::-1], places[::-1]) if run.leftwards else (run.signs, places)


def _to_unicode(signs: dict[tuple[int, str], int]) -> bytes:
    lines = [f"<{number:04X}> <{text.encode('utf-16-be', 'surrogatepass').hex()}>" for (_, text), number in signs.items()]
    blocks = (lines[at : at + _PER_BLOCK] for at in range(0, len(lines), _PER_BLOCK))
    return _TO_UNICODE.format("\n".join(f"{len(one)} beginbfchar {' '.join(one)} endbfchar" for one in blocks)).encode()


def _line(page: pdfium.PdfPage, shape: Shape, upright: Matrix) -> None:
    path = raw.FPDFPageObj_CreateNewPath(0, 0)
    draw = {"M": raw.FPDFPath_MoveTo, "L": raw.FPDFPath_LineTo, "C": raw.FPDFPath_BezierTo}
    for command, values in shape.steps:
        if command == "Z":
            raw.FPDFPath_Close(path)
            continue
        points = (moved(values[at], values[at + 1], upright) for at in range(0, len(values), 2))
        draw[command](path, *(value for point in points for value in point))
    raw.FPDFPath_SetDrawMode(
        path, raw.FPDF_FILLMODE_ALTERNATE if shape.fill else raw.FPDF_FILLMODE_NONE, shape.stroke is not None
    )
    if shape.fill:
        raw.FPDFPageObj_SetFillColor(path, *shape.fill)
    if shape.stroke:
        raw.FPDFPageObj_SetStrokeColor(path, *shape.stroke)
        raw.FPDFPageObj_SetStrokeWidth(path, shape.width * _POINTS)
    raw.FPDFPage_InsertObject(page, path)
