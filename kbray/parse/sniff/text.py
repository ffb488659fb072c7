"""Text or not, and which kind of text: by marks that are hard to mistake, then by the name."""

import csv
import re
from pathlib import PurePath

from kbray.parse import media
from kbray.parse.encoding import unmarked
from kbray.parse.media import EML, FB2, JSON, JSON_LINES, MBOX, MHTML, NOTEBOOK, ODF, SOURCE, TEXT
from kbray.parse.sniff import iwork, languages

_CONTROL = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x08\x1b\x1a") | {0x7F})
_CONTROL_SHARE = 0.05  # of the head; random bytes have a tenth, and old encodings none

_BY_SUFFIX = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".mdown": "text/markdown",
    ".mkd": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".htm": "text/html",
    ".html": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".xht": "application/xhtml+xml",
    ".qmd": "text/markdown",  # with programs between fences
    ".rmd": "text/markdown",
    ".json": JSON,
    ".geojson": JSON,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".eml": EML,
    ".emlx": EML,
    ".srt": media.SUBRIP,
    ".vtt": media.VTT,
    ".sbv": media.SBV,
    ".ass": media.SSA,
    ".ssa": media.SSA,
    **dict.fromkeys(
        """
        .py .pyi .pyx .c .h .cc .cpp .cxx .hh .hpp .hxx .ino .cu .java .kt .kts .scala .groovy .gradle .cs .fs .vb
        .swift .m .mm .go .rs .zig .nim .d .js .mjs .cjs .jsx .ts .tsx .vue .svelte .css .scss .sass .less .php .rb
        .pl .pm .lua .tcl .r .jl .sql .sh .bash .zsh .fish .ps1 .psm1 .bat .cmd .awk .sed .hs .ml .mli .ex .exs .erl
        .clj .cljs .lisp .el .scm .rkt .f .for .f90 .f95 .f03 .pas .pp .asm .s .v .sv .vhd .vhdl .cmake .mk .mak
        .proto .graphql .tf .hcl .nix .yaml .yml .toml .ini .cfg .conf .properties .env .json5 .jsonc .diff .patch
        .dart .cob .cbl .ada .adb .ads .prolog .bas .vbs .applescript
        """.split(),
        SOURCE,
    ),
}
_SOURCES = frozenset(
    "makefile gnumakefile dockerfile containerfile jenkinsfile vagrantfile rakefile gemfile cmakelists.txt".split()
)
_SHEBANG = re.compile(r"#!\s*/\S*/(?:env\s|\w)")
_NOTEBOOK = re.compile(r'\s*\{\s*"(?:cells|worksheets|metadata|nbformat|nbformat_minor)"\s*:')
_NOTEBOOK_KEY = re.compile(r'"(?:cells|worksheets|nbformat)"\s*:')
_NOTEBOOK_CELL = re.compile(r'"(?:cell_type|nbformat)"\s*:')
_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org')
_JSON_LINE = re.compile(r'\s*\{\s*"[^"]*"\s*:.*\}\s*')
_JSON_OBJECT = re.compile(r'\s*\{\s*"[^"]*"\s*:')
_FIRST_LINES = 4096  # characters
_SUBRIP = re.compile(r"\s*\d+\s*\n\s*\d{1,2}:\d\d:\d\d[,.]\d{1,3}\s*-->\s*\d{1,2}:\d\d:\d\d[,.]\d")
_KINDS_OF_XML = {
    "en-export": media.ENEX,
    "fictionbook": FB2,
    "svg": media.SVG,
    "rss": media.RSS,
    "feed": media.ATOM,
    "channel": media.RSS,
}
_RSS_1 = re.compile(r"http://(?:purl\.org/(?:net/)?rss|my\.netscape\.com/(?:publish/formats/)?rdf|channel\.netscape\.com/rdf)")

_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)[^\[>]*(?:\[.*?\]\s*)?>\s*", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<([A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)[\s/>]")
_FLAT = re.compile(rf"""document\b[^>]*:mimetype\s*=\s*["']{re.escape(ODF)}(\w+)""")  # OpenDocument in one file of XML
_OFFICE = (  # documents of Microsoft's in one file of XML: root, what stands in the file, and the media type
    ("worddocument", ("office/word/2003/wordml",), media.WORD_2003),
    ("workbook", ("urn:schemas-microsoft-com:office:spreadsheet",), media.EXCEL_2003),
    ("package", ("2006/xmlPackage", 'name="/word/'), media.FLAT_DOCX),
    ("package", ("2006/xmlPackage", 'name="/ppt/'), media.FLAT_PPTX),
)
_HTML_ONLY = frozenset({"html", "head", "body", "frameset"})
_HTML_START = _HTML_ONLY | {
    *("title", "meta", "link", "script", "style", "base", "div", "p", "span", "table", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("ul", "ol", "dl", "br", "hr", "center", "font", "form", "section", "article", "header", "footer", "nav", "main"),
    *("a", "img", "b", "i", "pre", "blockquote"),
}

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(?:[ \t]|$)")
_MAIL_SURE = frozenset({"from", "received", "return-path", "message-id", "delivered-to", "dkim-signature"})
_MAIL_FIELDS = _MAIL_SURE | {
    *("to", "cc", "bcc", "subject", "date", "mime-version", "content-type", "reply-to", "sender"),
    *("in-reply-to", "references", "x-mailer", "x-priority"),
}
_SIZE = re.compile(r"[0-9]{1,10} *")
_MBOX = re.compile(r"^From \S.{0,200}?\d\d?:\d\d.{0,40}?\d{4}", re.MULTILINE)
_RELATED = re.compile(r"^Content-Type:\s*multipart/related\b", re.IGNORECASE | re.MULTILINE)
_SAVED = re.compile(r"^(?:Snapshot-Content-Location:|From: ['\"<]*Saved by )", re.IGNORECASE | re.MULTILINE)
_MUCH = 60_000  # characters: other messages may follow the first one, where nobody has looked yet


def decode_head(head: bytes) -> str | None:
    """The beginning of a text, good enough to look for ASCII marks; None when it isn't text."""
    head, marked = unmarked(head)
    if marked is not None:
        return head.decode(marked, "replace")
    for encoding, blank in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(head) >= 8 and blank.count(0) > 0.6 * len(blank) and head.count(0) < 0.55 * len(head):
            return head.decode(encoding, "replace")
    controls = len(head) - len(head.translate(None, _CONTROL))
    return head.decode("latin-1") if controls <= max(4, _CONTROL_SHARE * len(head)) else None


def text_kind(text: str, name: str) -> str:
    """The media type of a text from its beginning and its name."""
    suffix = PurePath(name.strip()).suffix.lower()
    by_name = _BY_SUFFIX.get(suffix)
    by_name = by_name or (SOURCE if PurePath(name.strip()).name.lower() in _SOURCES else None)
    if by_name is None:
        by_name = languages.by_marks(text) or languages.by_suffix(text, suffix)
    told = _saved_page(text, suffix) or _markup(text, by_name, suffix) or _notation(text, suffix)
    if told or by_name == SOURCE:
        return told or SOURCE
    return _mail(text, by_name) or by_name or _bare(text, suffix)


def _notation(text: str, suffix: str) -> str | None:
    """JSON, subtitles and scripts by their first lines."""
    start = text[:_FIRST_LINES].lstrip()
    if start.startswith("{"):
        return _json(text, suffix)
    if start.startswith("WEBVTT") and not start[6:7].strip():
        return media.VTT
    if start.startswith("[Script Info]"):
        return media.SSA
    if _SUBRIP.match(start.replace("\r\n", "\n")):
        return media.SUBRIP
    return SOURCE if _SHEBANG.match(start) and suffix in ("", ".in", ".cgi") else None


def _json(text: str, suffix: str) -> str | None:
    """Notebooks, feeds, records line by line; other objects only where no suffix says anything."""
    if (suffix == ".ipynb" and _NOTEBOOK_KEY.search(text)) or (_NOTEBOOK.match(text) and _NOTEBOOK_CELL.search(text)):
        return NOTEBOOK
    if _FEED.search(text[:_FIRST_LINES]):
        return media.JSON_FEED
    lines = text.lstrip().split("\n", 2)
    if suffix in ("", ".json", ".txt", ".log") and len(lines) > 1 and all(map(_JSON_LINE.fullmatch, lines[:2])):
        return JSON_LINES
    return JSON if suffix in ("", ".ipynb") and _JSON_OBJECT.match(text) else None


def _markup(text: str, by_name: str | None, suffix: str) -> str | None:
    """HTML and XML by their first tag. Tags at the head of a Markdown file are Markdown's, unless they claim a whole page."""
    at = _PROLOGUE.match(text)
    start = text[at.end() if at else 0 :]
    doctype = _DOCTYPE.match(start)
    if doctype is not None:
        start = _PROLOGUE.sub("", start[doctype.end() :], count=1)
    tag = _TAG.match(start)
    root = (doctype[1] if doctype else tag[2] if tag else "").lower()
    declared_xml = text.lstrip().startswith("<?xml")
    if root in _HTML_ONLY:
        return "application/xhtml+xml" if declared_xml else "text/html"
    if not root or by_name == "text/markdown":
        return None
    known = languages.xml_kind(root, start, doctype[0] if doctype else "")
    if known is None and tag is not None and (flat := _FLAT.match(start, tag.start(2))):
        known = f"{ODF}{flat[1]}-flat-xml"
    if known is not None:
        return known
    if root in _HTML_START and not declared_xml:
        return by_name or "text/html"
    if by_name is not None and not (by_name == SOURCE and declared_xml):  # its owner calls it HTML, and browsers would read it so
        return by_name
    return _xml(root, text, suffix) if declared_xml or doctype or _closes(text, root) else None


def _xml(root: str, text: str, suffix: str) -> str:
    if root in ("presentation", "document") and (made := iwork.kind_of_xml(text[:_FIRST_LINES], suffix)):
        return made
    if root == "rdf" and _RSS_1.search(text):
        return media.RSS
    if made := next((kind for name, marks, kind in _OFFICE if name == root and all(mark in text for mark in marks)), None):
        return made
    return _KINDS_OF_XML.get(root, media.XML)


def _closes(text: str, root: str) -> bool:
    """Without an XML declaration, "<name>" may begin any text; XML goes on with tags."""
    return "xmlns" in text[:2000] or text.count("</") >= 3 or f"</{root}" in text.lower()


def _saved_page(text: str, suffix: str) -> str | None:
    """A web page with all that belongs to it: by its name, or by what browsers write into its header, so that no mail is one."""
    head = re.split(r"\r?\n\r?\n", text.lstrip("\r\n"), maxsplit=1)[0]
    if not _FIELD.match(head) or not _RELATED.search(head):
        return None
    return MHTML if suffix in (".mht", ".mhtml") or _SAVED.search(head) else None


def _mail(text: str, by_name: str | None) -> str | None:
    """A message by its header, which Apple's Mail begins with its size; a mailbox when a second one follows, or may follow."""
    lines = text.lstrip("\r\n").splitlines()
    if lines and _SIZE.fullmatch(lines[0]):
        del lines[0]
    mailbox = bool(lines) and lines[0].startswith(("From ", ">From "))
    fields: list[str] = []
    for line in lines[1:] if mailbox else lines:
        if not line.strip():
            break
        if line[0] in " \t" and fields:
            continue
        field = _FIELD.match(line)
        if field is None:
            return None
        fields.append(field[1].lower())
    known = _MAIL_FIELDS.intersection(fields)
    if not known or (by_name != EML and (len(known) < 2 or not _MAIL_SURE.intersection(known))):
        return None
    begun = _MBOX.match(lines[0]) is not None if mailbox else False
    return MBOX if begun and (len(text) >= _MUCH or len(_MBOX.findall(text)) > 1) else EML


def _bare(text: str, suffix: str) -> str:
    """A text without marks: tables of values when nothing says otherwise, else plain."""
    if suffix in ("", ".data", ".dat"):
        rows = text.splitlines()[:-1][:50]
        for delimiter, media_type in (("\t", "text/tab-separated-values"), (",", "text/csv"), (";", "text/csv")):
            if len(rows) >= 5 and _columns(rows, delimiter) >= 3:
                return media_type
    return TEXT


def _columns(rows: list[str], delimiter: str) -> int:
    """How many columns all rows have; 0 when they differ."""
    try:
        widths = {len(row) for row in csv.reader(rows, delimiter=delimiter)}
    except csv.Error:
        return 0
    return widths.pop() if len(widths) == 1 else 0
