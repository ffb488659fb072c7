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
XLSB = OOXML + "spreadsheetml.sheet.binary"
ODT = ODF + "text"
ODP = ODF + "presentation"
ODS = ODF + "spreadsheet"
ODG = ODF + "graphics"
FODT, FODP, FODS, FODG = (f"{kind}-flat-xml" for kind in (ODT, ODP, ODS, ODG))  # in one file of XML instead of a package
FLAT_DOCX, FLAT_PPTX = (f"{kind}-flat-xml" for kind in (DOCX, PPTX))
WORD_2003, EXCEL_2003 = "application/vnd.ms-wordml", "application/vnd.ms-spreadsheetml"  # the XML that they wrote then
EPUB = "application/epub+zip"
EPUB_PICTURES = "application/x-epub-pictures"  # an EPUB that is nothing but pictures of pages
FB2 = "application/x-fictionbook+xml"
FB2_ZIPPED = "application/x-zip-compressed-fb2"
MOBI = "application/x-mobipocket-ebook"
DJVU = "image/vnd.djvu"
CHM = "application/vnd.ms-htmlhelp"
PDF = "application/pdf"
RTF = "application/rtf"
EML = "message/rfc822"
MHTML = "multipart/related"  # a web page with what belongs to it; RFC 2557 names no other kind
MSG = "application/vnd.ms-outlook"
XLS = "application/vnd.ms-excel"
DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
PAGES = "application/vnd.apple.pages"
KEYNOTE = "application/vnd.apple.keynote"
NUMBERS = "application/vnd.apple.numbers"
HWP = "application/x-hwp"  # of Hangul 2002 and later
HWPX = "application/hwp+zip"
HWP_OLD = "application/x-hwp-3"  # of Hangul 97 and before
CSV = "text/csv"
TSV = "text/tab-separated-values"
COMIC = "application/vnd.comicbook+zip"
COMIC_RAR = "application/vnd.comicbook-rar"
COMIC_7Z = "application/x-cb7"
COMIC_PAGES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".jp2")
"""How the names of pictures in it end."""
ZIP = "application/zip"
TAR = "application/x-tar"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
ZSTD = "application/zstd"
SEVEN_ZIP = "application/x-7z-compressed"
RAR = "application/vnd.rar"
MBOX = "application/mbox"
PST = "application/vnd.ms-outlook-pst"
TNEF = "application/vnd.ms-tnef"
WARC = "application/warc"
ENEX = "application/x-enex"  # notes of Evernote
POSTSCRIPT = "application/postscript"
XPS = "application/oxps"  # OpenXPS, too
SOURCE = "text/x-source"  # of a program; settings and the like
JSON = "application/json"
JSON_LINES = "application/x-ndjson"
NOTEBOOK = "application/x-ipynb+json"
RSS = "application/rss+xml"
ATOM = "application/atom+xml"
JSON_FEED = "application/feed+json"
XML = "application/xml"
SVG = "image/svg+xml"
SUBRIP = "application/x-subrip"
VTT = "text/vtt"
SSA = "text/x-ssa"
SBV = "text/x-subviewer"
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
DATA = "application/x-data"  # of HDF5, Parquet, NetCDF, SPSS, Stata, SAS or R
OLE_ENCRYPTED = "application/x-ole-encrypted"  # an Office file with a password; which kind, only the password tells

XML_MARKUP = frozenset({DOCBOOK, JATS, OPML, ENDNOTE})
MARKUP = XML_MARKUP | {LATEX, RST, ORG, ASCIIDOC, TYPST, MEDIAWIKI, TEXTILE, MAN, MDOC, BIBTEX, RIS}
"""Kinds that pandoc reads for us."""
FLAT = frozenset({FODT, FODP, FODS, FODG})
MESSAGES = frozenset({EML, MSG})
PACKAGES = frozenset({DOCX, PPTX, XLSX, XLSB, ODT, ODP, ODS, ODG})
COMPOUND = frozenset({DOC, PPT, XLS})
IWORK = frozenset({PAGES, KEYNOTE, NUMBERS})
HANGUL = frozenset({HWP, HWPX})
PICTURED = PACKAGES | IWORK | HANGUL | {FODT, FODP, FODG, FLAT_DOCX, FLAT_PPTX, WORD_2003, DOC, PPT, RTF, EML, NOTEBOOK}
"""Kinds in which pictures stand beside text that are recognised."""
COMICS = frozenset({COMIC, COMIC_RAR, COMIC_7Z})
BOXES = frozenset({ZIP, SEVEN_ZIP, RAR, TAR, GZIP, BZIP2, XZ, ZSTD, MBOX, PST, TNEF, WARC, ENEX, POSTSCRIPT, XPS})
"""Kinds that are nothing but what is in them, or what they are converted to."""
HOLDERS = MESSAGES | PACKAGES | COMPOUND | BOXES | {PDF}
"""Kinds of which a file may hold others: attachments, objects."""

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        EPUB: "epub",
        EPUB_PICTURES: "pictures",
        **dict.fromkeys(sorted(COMICS), "comics"),
        FB2: "fb2",
        FB2_ZIPPED: "fb2",
        MOBI: "mobi",
        DJVU: "djvu",
        CHM: "chm",
        "text/html": "html",
        "application/xhtml+xml": "html",
        MHTML: "mhtml",
        "text/markdown": "markdown",
        TEXT: "text",
        SOURCE: "code",
        JSON: "records",
        JSON_LINES: "records",
        NOTEBOOK: "notebook",
        **dict.fromkeys((RSS, ATOM, JSON_FEED), "feed"),
        XML: "xml",
        SVG: "xml",
        **dict.fromkeys((SUBRIP, VTT, SSA, SBV), "subtitles"),
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
        "image/heic": "images",
        "image/x-portable-anymap": "images",
        "image/vnd.zbrush.pcx": "images",
        DOCX: "office",
        DOC: "office",
        PPTX: "office",
        XLSX: "office",
        XLSB: "office",
        XLS: "office",
        PPT: "office",
        ODT: "office",
        ODP: "office",
        ODS: "office",
        ODG: "office",
        **dict.fromkeys(FLAT, "office"),
        **dict.fromkeys((FLAT_DOCX, FLAT_PPTX, WORD_2003, EXCEL_2003), "office"),
        RTF: "office",
        **dict.fromkeys(sorted(IWORK), "iwork"),
        **dict.fromkeys(sorted(HANGUL), "hangul"),
        EML: "office",
        MSG: "office",
        CSV: "office",
        TSV: "office",
        **dict.fromkeys(BOXES, "boxes"),
    }
)
"""Media type → the module of kbray.parse that reads it."""

_SAVE_AS = "open it in an office program and save it as"
ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "application/x-ole-storage": f"a Microsoft Office file of a rare kind: {_SAVE_AS} DOCX, XLSX or PDF",
        **dict.fromkeys(
            ("application/java-archive", "application/vnd.android.package-archive", "application/x-wheel+zip"),
            "a program or a part of one (JAR, APK or wheel): kbray reads documents only",
        ),
        "application/x-xpinstall": "an extension of a browser (XPI): kbray reads documents only",
        "application/x-iwa": "a part of a document of Pages, Numbers or Keynote that is kept as a folder:"
        " open that there and save it as a single file, or zip the folder",
        "application/vnd.google-earth.kmz": "places on a map (KMZ): kbray reads documents only",
        "application/vnd.sketch": "a drawing (Sketch): export it as PDF",
        "application/x-opc": f"an Open Packaging file of a kind kbray doesn't know: {_SAVE_AS} DOCX, XLSX or PDF",
        "application/x-topaz-ebook": "a Kindle book of a kind (Topaz) that nothing else reads: get it as AZW3 or EPUB",
        "application/x-kfx-ebook": "a Kindle book under DRM (KFX): get it as EPUB without DRM",
        "application/winhlp": "a Windows Help file of before HTML (HLP): convert it to RTF, with helpdeco for one",
        "application/x-ms-reader": "a Microsoft Reader book or Help 2 file (LIT, HXS): convert it to EPUB, with Calibre for one",
        "application/x-dvi": "a file by TeX for printers (DVI): convert it to PDF, with dvipdfmx for one",
        "application/vnd.wordperfect": f"a document of WordPerfect: {_SAVE_AS} ODT, DOCX or PDF, LibreOffice for one",
        "application/vnd.visio": "a drawing of Visio: save it as PDF, in LibreOffice for one",
        "application/x-mspublisher": "a document of Publisher: save it as PDF, in LibreOffice for one",
        "application/vnd.sun.xml": f"a document of StarOffice or OpenOffice.org 1: {_SAVE_AS} ODT or ODS, LibreOffice for one",
        HWP_OLD: "a document of Hangul 97 or before (HWP 3): save it in a later one, or as PDF",
        "image/x-dcx": "a fax of many pages (DCX): convert it to TIFF or PDF",
        "image/jxl": "a JPEG XL picture: convert it to JPEG or PNG, with djxl for one",
        "image/jxr": "a JPEG XR picture: convert it to JPEG or PNG",
        "image/x-jbig2": "a JBIG2 picture: convert it to TIFF or PNG, with jbig2dec for one",
        "image/x-canon-cr3": "a raw photograph (CR3): develop it to JPEG",
        "image/vnd.adobe.photoshop": "a Photoshop picture (PSD): save it as PNG or PDF",
        "image/emf": "a drawing (EMF): convert it to PDF, with LibreOffice for one",
        "image/wmf": "a drawing (WMF): convert it to PDF, with LibreOffice for one",
        "application/onenote": "a section of OneNote: export it there as PDF or DOCX",
        "application/x-msaccess": "a database of Access: export what you need as XLSX, CSV or PDF",
        "application/x-outlook-express": "a mailbox of Outlook Express (DBX): convert it to mbox, with readdbx for one",
        "application/x-zim": "a library of web pages (ZIM): unpack it, with zimdump for one",
        "application/x-mswrite": f"a document of Windows Write: {_SAVE_AS} DOCX or PDF, LibreOffice for one",
        "image/vnd.dwg": "a drawing of AutoCAD (DWG): plot it as PDF",
        DATA: "a file of data (of HDF5, Parquet, NetCDF, SPSS, Stata, SAS or R): export what you need as CSV or text",
        "application/vnd.sqlite3": "a SQLite database: export what you need as CSV or text",
        "audio/mpeg": "a sound file: kbray reads text and pictures of text only",
        "video/mp4": "a video: kbray reads text and pictures of text only",
        UNKNOWN: "neither text nor any kind of file kbray knows",
    }
)
"""Media type → what it is and what its owner can do, for kinds that nothing reads."""
