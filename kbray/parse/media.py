"""Which kinds of files there are: what reads each one, and what to do with those that nothing reads."""

from collections.abc import Mapping
from types import MappingProxyType

EMPTY = "application/x-empty"
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
DOCX = OOXML + "wordprocessingml.document"
PPTX = OOXML + "presentationml.presentation"
XLSX = OOXML + "spreadsheetml.sheet"
ODT = ODF + "text"
ODP = ODF + "presentation"
ODS = ODF + "spreadsheet"
ODG = ODF + "graphics"
FODT, FODP, FODS, FODG = (f"{kind}-flat-xml" for kind in (ODT, ODP, ODS, ODG))  # in one file of XML instead of a package
EPUB = "application/epub+zip"
EPUB_PICTURES = "application/x-epub-pictures"  # an EPUB that is nothing but pictures of pages
FB2 = "application/x-fictionbook+xml"
FB2_ZIPPED = "application/x-zip-compressed-fb2"
MOBI = "application/x-mobipocket-ebook"
DJVU = "image/vnd.djvu"
PDF = "application/pdf"
RTF = "application/rtf"
EML = "message/rfc822"
MSG = "application/vnd.ms-outlook"
XLS = "application/vnd.ms-excel"
DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
CSV = "text/csv"
TSV = "text/tab-separated-values"
LATEX = "text/x-tex"
RST = "text/x-rst"
ORG = "text/x-org"
ASCIIDOC = "text/asciidoc"
TYPST = "text/vnd.typst"
MEDIAWIKI = "text/x-mediawiki"
TEXTILE = "text/x-textile"
MAN = "text/troff"
MDOC = "text/x-mdoc"
DOCBOOK = "application/docbook+xml"
JATS = "application/jats+xml"  # and BITS, which is JATS for books
OPML = "text/x-opml"
BIBTEX = "text/x-bibtex"
RIS = "application/x-research-info-systems"
ENDNOTE = "application/x-endnote+xml"
OLE_ENCRYPTED = "application/x-ole-encrypted"  # an Office file with a password; which kind, only the password tells

XML_MARKUP = frozenset({DOCBOOK, JATS, OPML, ENDNOTE})
MARKUP = XML_MARKUP | {LATEX, RST, ORG, ASCIIDOC, TYPST, MEDIAWIKI, TEXTILE, MAN, MDOC, BIBTEX, RIS}
"""Kinds that pandoc reads for us."""
FLAT = frozenset({FODT, FODP, FODS, FODG})
MESSAGES = frozenset({EML, MSG})
PACKAGES = frozenset({DOCX, PPTX, XLSX, ODT, ODP, ODS, ODG})
COMPOUND = frozenset({DOC, PPT, XLS})
PICTURED = PACKAGES | {FODT, FODP, FODG, DOC, PPT, RTF, EML}
"""Kinds in which pictures stand beside text that are recognised."""
HOLDERS = MESSAGES | PACKAGES | COMPOUND | {PDF}
"""Kinds of which a file may hold others: attachments, objects."""

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        EPUB: "epub",
        EPUB_PICTURES: "pictures",
        FB2: "fb2",
        FB2_ZIPPED: "fb2",
        MOBI: "mobi",
        DJVU: "djvu",
        "text/html": "html",
        "application/xhtml+xml": "html",
        "text/markdown": "markdown",
        TEXT: "text",
        "application/json": "text",
        **dict.fromkeys(sorted(MARKUP), "pandoc"),
        PDF: "pdf",
        "image/png": "images",
        "image/jpeg": "images",
        "image/tiff": "images",
        "image/gif": "images",
        "image/bmp": "images",
        "image/webp": "images",
        "image/jp2": "images",
        "image/avif": "images",
        "image/x-portable-anymap": "images",
        "image/vnd.zbrush.pcx": "images",
        DOCX: "office",
        DOC: "office",
        PPTX: "office",
        XLSX: "office",
        XLS: "office",
        PPT: "office",
        ODT: "office",
        ODP: "office",
        ODS: "office",
        ODG: "office",
        **dict.fromkeys(FLAT, "office"),
        RTF: "office",
        EML: "office",
        MSG: "office",
        CSV: "office",
        TSV: "office",
    }
)
"""Media type → the module of kbray.parse that reads it."""

_SAVE_AS = "open it in an office program and save it as"
ADVICE: Mapping[str, str] = MappingProxyType(
    {
        OOXML + "spreadsheetml.sheet.binary": f"a binary Excel workbook (XLSB): {_SAVE_AS} XLSX",
        "application/x-ole-storage": f"a Microsoft Office file of a rare kind: {_SAVE_AS} DOCX, XLSX or PDF",
        "application/zip": "a ZIP archive: unpack it and sync the folder",
        "application/gzip": "a compressed file (gzip): unpack it and sync what comes out",
        "application/x-bzip2": "a compressed file (bzip2): unpack it and sync what comes out",
        "application/x-xz": "a compressed file (xz): unpack it and sync what comes out",
        "application/zstd": "a compressed file (zstd): unpack it and sync what comes out",
        "application/x-7z-compressed": "a 7-Zip archive: unpack it and sync the folder",
        "application/vnd.rar": "a RAR archive: unpack it and sync the folder",
        "application/x-tar": "a TAR archive: unpack it and sync the folder",
        "application/x-topaz-ebook": "a Kindle book of a kind (Topaz) that nothing else reads: get it as AZW3 or EPUB",
        "application/x-kfx-ebook": "a Kindle book under DRM (KFX): get it as EPUB without DRM",
        "application/xml": "an XML file of no kind kbray knows: convert it to HTML or text",
        "application/mbox": "a mailbox of many messages: export the messages as EML files",
        "application/postscript": "a PostScript file: convert it to PDF, with ps2pdf for one",
        "image/svg+xml": "a drawing (SVG): convert it to PDF",
        "image/heic": "a HEIC picture: convert it to JPEG or PNG, with heif-convert for one",
        "image/x-dcx": "a fax of many pages (DCX): convert it to TIFF or PDF",
        "image/jxl": "a JPEG XL picture: convert it to JPEG or PNG, with djxl for one",
        "image/jxr": "a JPEG XR picture: convert it to JPEG or PNG",
        "image/x-jbig2": "a JBIG2 picture: convert it to TIFF or PNG, with jbig2dec for one",
        "image/x-canon-cr3": "a raw photograph (CR3): develop it to JPEG",
        "image/vnd.adobe.photoshop": "a Photoshop picture (PSD): save it as PNG or PDF",
        "image/emf": "a drawing (EMF): convert it to PDF, with LibreOffice for one",
        "image/wmf": "a drawing (WMF): convert it to PDF, with LibreOffice for one",
        "application/vnd.sqlite3": "a SQLite database: export what you need as CSV or text",
        "audio/mpeg": "a sound file: kbray reads text and pictures of text only",
        "video/mp4": "a video: kbray reads text and pictures of text only",
        UNKNOWN: "neither text nor any kind of file kbray knows",
    }
)
"""Media type → what it is and what its owner can do, for kinds that nothing reads."""
