"""A PDF writer of one screen: pages of placed text in Helvetica, or one picture a page. The same pages give the same bytes."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageFont

WIDTH, HEIGHT = 595, 842  # A4 in points


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `x` and `y` (of the baseline) in points, y from the top."""

    x: float
    y: float
    text: str
    size: float = 11
    bold: bool = False


def text_pdf(pages: Sequence[Sequence[Line]], title: str, outline: Sequence[tuple[str, int]]) -> bytes:
    """Pages of text with a title, and an outline: the title on page 1, and below it (heading, page from 1)."""
    contents = [b"\n".join(_shown(line) for line in page) for page in pages]
    streams = [b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data) for data in contents]
    fonts = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> "
    fonts += "/F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >> >>"
    return _file(streams, fonts, (WIDTH, HEIGHT), title, outline)


def picture_pdf(picture: Image.Image, dpi: int, title: str) -> bytes:
    """One page that is a black and white picture, as a scanner makes it."""
    data = zlib.compress(picture.convert("1").tobytes(), 9)
    header = "<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 1 "
    header = (header + "/Filter /FlateDecode /Length %d >>\nstream\n") % (*picture.size, len(data))
    wide, high = (side * 72 / dpi for side in picture.size)
    shown = f"q {wide:.2f} 0 0 {high:.2f} 0 0 cm /Im1 Do Q".encode()
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown)
    extra = header.encode() + data + b"\nendstream"
    return _file([stream], "/XObject << /Im1 6 0 R >>", (wide, high), title, (), [extra])


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Lines of `text` no wider than `width` points; measured by Pillow's own font, which is a little wider than Helvetica."""
    font = ImageFont.load_default(size=size)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _shown(line: Line) -> bytes:
    text = line.text.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    font = 2 if line.bold else 1
    return b"BT /F%d %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET" % (font, line.size, line.x, HEIGHT - line.y, text)


def _file(
    streams: Sequence[bytes],
    resources: str,
    size: tuple[float, float],
    title: str,
    outline: Sequence[tuple[str, int]],
    extra: Sequence[bytes] = (),
) -> bytes:
    """Objects: 1 catalogue, 2 pages, 3 information, then page and content of each page, `extra`, and the outline."""
    pages = [4 + 2 * index for index in range(len(streams))]
    root = 4 + 2 * len(streams) + len(extra)
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R{f' /Outlines {root} 0 R' if outline else ''} >>".encode(),
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{page} 0 R' for page in pages)}] >>".encode(),
        f"<< /Title ({title}) /Author (Grayport Society) >>".encode(),
    ]
    for page, stream in zip(pages, streams, strict=True):
        box = f"/MediaBox [0 0 {size[0]:g} {size[1]:g}]"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} /Resources << {resources} >> /Contents {page + 1} 0 R >>".encode())
        objects.append(stream)
    objects += extra
    if outline:
        last = root + 1 + len(outline)
        objects.append(f"<< /Type /Outlines /First {root + 1} 0 R /Last {root + 1} 0 R /Count 1 >>".encode())
        below = f"/First {root + 2} 0 R /Last {last} 0 R /Count {len(outline)}"
        objects.append(f"<< /Title ({title}) /Parent {root} 0 R /Dest [{pages[0]} 0 R /Fit] {below} >>".encode())
    for at, (heading, page) in enumerate(outline, start=root + 2):
        around = (f" /Prev {at - 1} 0 R" if at > root + 2 else "") + (f" /Next {at + 1} 0 R" if at < last else "")
        objects.append(f"<< /Title ({heading}) /Parent {root + 1} 0 R /Dest [{pages[page - 1]} 0 R /Fit]{around} >>".encode())
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    trailer += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    return bytes(data) + trailer.encode()
