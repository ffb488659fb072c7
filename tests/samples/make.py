"""Make the sample documents anew: python -m tests.samples.make. The same program writes the same bytes."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import docx
from PIL import Image, ImageDraw, ImageFont

from tests.samples import texts
from tests.writers.small_pdf import Line, picture_pdf, text_pdf, wrapped

_STAMP = (2024, 1, 1, 0, 0, 0)
_XHTML = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="en" lang="en">
<head><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""


def main() -> None:
    folder = Path(__file__).parents[2] / "samples"
    for name, data in documents().items():
        (folder / name).write_bytes(data)


def documents() -> dict[str, bytes]:
    """File name → content."""
    book = epub()
    return {
        "field-guide.epub": book,
        "torn.epub": book[: len(book) * 2 // 3],  # as a broken download leaves it
        "how-a-file-travels.html": texts.HTML.encode(),
        "keeping-a-ledger.md": texts.MARKDOWN.encode(),
        "letter-from-grayport.txt": texts.LETTER.encode(),
        "brief-aus-wuerzburg.txt": texts.BRIEF.encode("latin-1"),
        "survey-of-shelves.pdf": report(),
        "notice-scanned.pdf": scan(),
        "shelf-committee.docx": minutes(),
    }


def epub() -> bytes:
    """EPUB 3 with an NCX for old readers; nothing in it is compressed, so that it is the same on every machine."""
    names = list(texts.CHAPTERS)
    items = "".join(f'<item id="c{i}" href="{name}" media-type="application/xhtml+xml"/>\n' for i, name in enumerate(names))
    spine = "".join(f'<itemref idref="c{i}"/>' for i in range(len(names)))
    package = f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:kbray:sample:field-guide</dc:identifier>
<dc:title>{texts.TITLE}</dc:title><dc:creator>{texts.AUTHOR}</dc:creator>
<dc:language>en</dc:language><dc:publisher>Grayport Society</dc:publisher><dc:date>2024-01-01</dc:date>
<meta property="dcterms:modified">2024-01-01T00:00:00Z</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="shelf" href="images/shelf.png" media-type="image/png"/>
{items}</manifest>
<spine toc="ncx">{spine}</spine>
</package>
"""
    container = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""
    files = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": container.encode(),
        "book/package.opf": package.encode(),
        "book/nav.xhtml": _XHTML.format(title="Contents", body=f'<nav epub:type="toc">{_nav()}</nav>').encode(),
        "book/toc.ncx": _ncx().encode(),
        "book/images/shelf.png": shelf(),
    }
    for name, (title, body) in texts.CHAPTERS.items():
        files[f"book/{name}"] = _XHTML.format(title=title, body=body).encode()
    return _zip(files, zipfile.ZIP_STORED)


def _outermost() -> list[str]:
    inside = {name for names in texts.INSIDE.values() for name in names}
    return [name for name in texts.CHAPTERS if name not in inside]


def _nav() -> str:
    def entry(name: str) -> str:
        below = "".join(map(entry, texts.INSIDE.get(name, ())))
        return f'<li><a href="{name}">{texts.CHAPTERS[name][0]}</a>{f"<ol>{below}</ol>" if below else ""}</li>'

    return f"<ol>{''.join(map(entry, _outermost()))}</ol>"


def _ncx() -> str:
    order = {name: place for place, name in enumerate(texts.CHAPTERS, start=1)}

    def point(name: str) -> str:
        label = f"<navLabel><text>{texts.CHAPTERS[name][0]}</text></navLabel>"
        below = "".join(map(point, texts.INSIDE.get(name, ())))
        return f'<navPoint id="p{order[name]}" playOrder="{order[name]}">{label}<content src="{name}"/>{below}</navPoint>\n'

    return f"""<?xml version="1.0" encoding="utf-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">
<head><meta name="dtb:uid" content="urn:kbray:sample:field-guide"/></head>
<docTitle><text>{texts.TITLE}</text></docTitle>
<navMap>
{"".join(map(point, _outermost()))}</navMap>
</ncx>
"""


def shelf() -> bytes:
    """The picture of Figure 1: PNG, 200 × 100 pixels."""
    picture = Image.new("1", (200, 100), 1)
    draw = ImageDraw.Draw(picture)
    draw.line((10, 90, 190, 90), fill=0, width=3)
    for left, lean in ((30, 0), (60, 0), (90, 18), (130, 0), (155, 0)):
        draw.polygon([(left, 88), (left + 16, 88), (left + 16 + lean, 30), (left + lean, 30)], outline=0)
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=0)
    return data.getvalue()


def report() -> bytes:
    """Two pages of two columns with a running header and page numbers; a paragraph goes on from one page to the next."""
    pages, outline = [], []
    for number, columns in enumerate(texts.REPORT, start=1):
        lines = [Line(60, 40, texts.REPORT_HEADER, 8), Line(292, 810, str(number), 9)]
        if number == 1:
            lines.append(Line(60, 96, texts.REPORT_TITLE, 22, bold=True))
        for left, (heading, paragraphs) in zip((60, 315), columns, strict=True):
            y = 130.0 if number == 1 else 80.0
            if number == 2 and left == 60:
                y = _set(lines, texts.REPORT_REST, left, y)
            lines.append(Line(left, y, heading, 14, bold=True))
            outline.append((heading, number))
            y += 22
            for paragraph in paragraphs:
                y = _set(lines, paragraph, left, y)
        pages.append(lines)
    return text_pdf(pages, texts.REPORT_TITLE, outline)


def _set(lines: list[Line], paragraph: str, left: float, y: float) -> float:
    """Set a paragraph in a column of 220 points; returns where the next one begins."""
    for line in wrapped(paragraph, 220, 11):
        lines.append(Line(left, y, line))
        y += 14
    return y + 8


def scan() -> bytes:
    """A page without a text layer: 1240 × 900 pixels at 150 dpi."""
    picture = Image.new("L", (1240, 900), 255)
    draw = ImageDraw.Draw(picture)
    draw.text((120, 120), texts.NOTICE_TITLE, fill=0, font=ImageFont.load_default(size=44))
    for place, line in enumerate(texts.NOTICE):
        draw.text((120, 240 + 64 * place), line, fill=0, font=ImageFont.load_default(size=32))
    return picture_pdf(picture, 150, "Notice")


def minutes() -> bytes:
    """DOCX with headings, a list and a table."""
    document = docx.Document()
    document.core_properties.title = texts.MEETING_TITLE
    document.core_properties.author = texts.AUTHOR
    for stamp in ("created", "modified"):
        setattr(document.core_properties, stamp, datetime(*_STAMP))
    document.add_heading(texts.MEETING_TITLE, 1)
    document.add_heading("Present", 2)
    for name in texts.MEETING_PRESENT:
        document.add_paragraph(name, style="List Bullet")
    document.add_heading("Decisions", 2)
    decisions = texts.MEETING_DECISIONS
    table = document.add_table(rows=len(decisions), cols=len(decisions[0]))
    for row, cells in zip(table.rows, decisions, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph(texts.MEETING_CLOSING)
    data = io.BytesIO()
    document.save(data)
    with zipfile.ZipFile(data) as made:
        return _zip({name: made.read(name) for name in made.namelist()}, zipfile.ZIP_DEFLATED)


def _zip(files: dict[str, bytes], method: int) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = method
            archive.writestr(info, content)
    return data.getvalue()


if __name__ == "__main__":
    main()
