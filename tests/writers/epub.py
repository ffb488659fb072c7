"""EPUBs for tests, made in memory: only what a test says differs from a sound small book."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
XHTML = "application/xhtml+xml"


def page(body: str, *, head: str = "<title>t</title>", attributes: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops" {attributes}><head>{head}</head><body>{body}</body></html>'
    )


def opf(
    items: Sequence[tuple[str, str, str]],
    spine: Sequence[str],
    *,
    metadata: str = "<dc:title>Book</dc:title>",
    manifest: str = "",
    spine_attributes: str = "",
) -> str:
    """`items` are (id, href, media type); `spine` are ids."""
    listed = "".join(f'<item id="{key}" href="{href}" media-type="{kind}"/>' for key, href, kind in items)
    order = "".join(f'<itemref idref="{key}"/>' for key in spine)
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="uid">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>'
        f"<manifest>{listed}{manifest}</manifest><spine {spine_attributes}>{order}</spine></package>"
    )


def write(path: Path, members: Mapping[str, str | bytes], *, mimetype: bool = True) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def book(path: Path, chapters: Mapping[str, str | bytes], **extra: str | bytes) -> Path:
    """A book of these chapters (href → document, or the body alone) in this order; `extra` members by name."""
    items = [(f"c{number}", href, XHTML) for number, href in enumerate(chapters)]
    members: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/content.opf": opf(items, [key for key, _, _ in items]),
    }
    for href, text in chapters.items():
        whole = isinstance(text, bytes) or text.lstrip().startswith(("<?xml", "<!", "<html", "<svg"))
        members[f"OEBPS/{href}"] = text if whole else page(str(text))
    return write(path, members | extra)
