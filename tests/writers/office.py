"""Office packages made by hand, which a library for writing them would not write, and what is read of them."""

import base64
import zipfile
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.model import Element, Parsed, Window
from kbray.parse import parse
from kbray.parse.media import DOCX, ODF, ODG, PPTX, XLSX
from kbray.parse.sniff import sniff

_OFFICE = "http://schemas.openxmlformats.org"
_SPACES = {
    "w": f"{_OFFICE}/wordprocessingml/2006/main",
    "p": f"{_OFFICE}/presentationml/2006/main",
    "a": f"{_OFFICE}/drawingml/2006/main",
    "c": f"{_OFFICE}/drawingml/2006/chart",
    "dgm": f"{_OFFICE}/drawingml/2006/diagram",
    "m": f"{_OFFICE}/officeDocument/2006/math",
    "r": f"{_OFFICE}/officeDocument/2006/relationships",
    "wp": f"{_OFFICE}/drawingml/2006/wordprocessingDrawing",
    "pic": f"{_OFFICE}/drawingml/2006/picture",
    "xdr": f"{_OFFICE}/drawingml/2006/spreadsheetDrawing",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "mc": f"{_OFFICE}/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
}
NAMES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
SHEET = f'xmlns="{_OFFICE}/spreadsheetml/2006/main" {NAMES}'
_OPEN = {
    **{prefix: prefix for prefix in ("text", "table", "office", "style", "presentation", "meta", "chart", "form")},
    **{"draw": "drawing", "svg": "svg-compatible", "fo": "xsl-fo-compatible"},
}
OPEN = " ".join(f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in _OPEN.items())
OPEN += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_SETTINGS = Settings()


def relations(*targets: tuple[str, str, str]) -> str:
    """A part of relations: id, kind, target."""
    lines = (f'<Relationship Id="{one}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for one, kind, target in targets)
    return f"<Relationships>{''.join(lines)}</Relationships>"


def package(path: Path, main: str, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_rels/.rels", relations(("a", "officeDocument", main)))
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def word(folder: Path, body: str, members: Mapping[str, str] | None = None, kinds: Mapping[str, str] | None = None) -> Parsed:
    """A document with this body; `kinds` tells the parts it refers to: name in word/ → kind, its id is the name."""
    told = [(name, kind, name) for name, kind in (kinds or {}).items()]
    parts = {f"word/{name}": content for name, content in (members or {}).items()}
    document = f"<w:document {NAMES}><w:body>{body}</w:body></w:document>"
    files = {"word/document.xml": document, "word/_rels/document.xml.rels": relations(*told), **parts}
    return parse(package(folder / "x.docx", "word/document.xml", files), DOCX, Window(), _SETTINGS)


def presentation(
    folder: Path,
    slides: list[str],
    members: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    beside: Mapping[str, str] | None = None,
) -> Parsed:
    """Slides with these shapes; `kinds` as in `word`, in ppt/slides/ and for each of them; `beside` them by kind."""
    ids = "".join(f'<p:sldId r:id="s{number}"/>' for number, _ in enumerate(slides))
    files: dict[str, str] = {
        "ppt/presentation.xml": (
            f'<p:presentation {NAMES}><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx="1000" cy="1000"/></p:presentation>'
        ),
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"s{n}", "slide", f"slides/s{n}.xml") for n, _ in enumerate(slides)),
            *((kind, kind, f"{kind}.xml") for kind in beside or ()),
        ),
        **{f"ppt/{kind}.xml": content for kind, content in (beside or {}).items()},
    }
    for number, shapes in enumerate(slides):
        tree = f"<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>"
        files[f"ppt/slides/s{number}.xml"] = f"<p:sld {NAMES}>{tree}</p:sld>"
        told = [(name, kind, name) for name, kind in (kinds or {}).items()]
        files[f"ppt/slides/_rels/s{number}.xml.rels"] = relations(*told)
    files |= {f"ppt/slides/{name}": content for name, content in (members or {}).items()}
    return parse(package(folder / "x.pptx", "ppt/presentation.xml", files), PPTX, Window(), _SETTINGS)


def workbook(
    folder: Path,
    sheets: Mapping[str, str],
    styles: str = "",
    texts: str = "",
    members: Mapping[str, str] | None = None,
    beside: Mapping[str, str] | None = None,
) -> Parsed:
    """Sheets by name, their content as XML; a name that begins with a point is hidden. `beside` as in `presentation`."""
    named = [(name, name.lstrip("."), f"t{number}") for number, name in enumerate(sheets)]
    states = {True: "visible", False: "hidden"}
    listed = "".join(f'<sheet name="{shown}" r:id="{one}" state="{states[name == shown]}"/>' for name, shown, one in named)
    told = [(one, "worksheet", f"{one}.xml") for _, _, one in named]
    told += [(kind, kind, f"{kind}.xml") for kind in beside or ()]
    files: dict[str, str] = {
        "xl/workbook.xml": f"<workbook {SHEET}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(*told, ("st", "styles", "styles.xml"), ("ss", "sharedStrings", "texts.xml")),
        "xl/styles.xml": f"<styleSheet {SHEET}>{styles}</styleSheet>",
        "xl/texts.xml": f"<sst {SHEET}>{texts}</sst>",
    }
    for name, _, one in named:
        files[f"xl/{one}.xml"] = f"<worksheet {SHEET}>{sheets[name]}</worksheet>"
    files |= {f"xl/{name}": content for name, content in (members or {}).items()}
    files |= {f"xl/{kind}.xml": content for kind, content in (beside or {}).items()}
    return parse(package(folder / "x.xlsx", "xl/workbook.xml", files), XLSX, Window(), _SETTINGS)


def opendocument(
    folder: Path, kind: str, body: str, automatic: str = "", common: str = "", members: Mapping[str, str] | None = None
) -> Parsed:
    """Of the kind that its body is: text, presentation, spreadsheet, drawing; styles of its own and common ones."""
    styles = f"<office:automatic-styles>{automatic}</office:automatic-styles>"
    files = {
        "content.xml": f"<office:document-content {OPEN}>{styles}<office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>",
        "styles.xml": f"<office:document-styles {OPEN}>{common}</office:document-styles>",
        **(members or {}),
    }
    path = folder / "x.odf"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return parse(path, f"{ODF}{kind}" if kind != "drawing" else ODG, Window(), _SETTINGS)


def flat_package(path: Path, zipped: Path) -> Path:
    """The package at `zipped` as Office writes it into one file."""
    space = "http://schemas.microsoft.com/office/2006/xmlPackage"
    root = etree.Element(f"{{{space}}}package", nsmap={"pkg": space})
    with zipfile.ZipFile(zipped) as archive:
        for name in sorted(archive.namelist(), key=lambda name: not name.startswith("_rels")):
            part = etree.SubElement(root, f"{{{space}}}part", {f"{{{space}}}name": f"/{name}"})
            if name.endswith((".xml", ".rels")):
                etree.SubElement(part, f"{{{space}}}xmlData").append(etree.fromstring(archive.read(name)))
            else:
                etree.SubElement(part, f"{{{space}}}binaryData").text = base64.b64encode(archive.read(name)).decode()
    path.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
    return path


def flat_opendocument(folder: Path, kind: str, body: str, automatic: str = "", common: str = "") -> Parsed:
    """The same document in one file of XML; its kind is told by that."""
    path = folder / "x.xml"
    mimetype = f"{ODF}{kind}" if kind != "drawing" else ODG
    path.write_text(
        f'<?xml version="1.0"?><office:document {OPEN} office:mimetype="{mimetype}">{common}'
        f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    )
    return parse(path, sniff(path, path.name), Window(), _SETTINGS)


def told(parsed: Parsed) -> list[tuple[str, str]]:
    """Kind and text; of list items the marker before it, and a level that isn't the first behind."""
    return [(element.kind, _line(element)) for element in parsed.elements]


def _line(element: Element) -> str:
    if element.kind == "list_item":
        return f"{element.marker} {element.text}" + (f" @{element.level}" if element.level > 1 else "")
    return element.text


def without(path: Path, *members: str) -> Path:
    """A copy of the package beside it, from which these members are gone."""
    cut = path.with_stem(f"{path.stem}-cut")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(cut, "w") as archive:
        for name in whole.namelist():
            if name not in members:
                archive.writestr(name, whole.read(name))
    return cut
