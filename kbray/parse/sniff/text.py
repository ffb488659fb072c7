"""Text or not, and which kind of text: by marks that are hard to mistake, then by the name."""

import codecs
import csv
import re
from pathlib import PurePath

from kbray.parse.media import EML, FB2, ODF, TEXT
from kbray.parse.sniff import languages

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
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
    ".json": "application/json",
    ".eml": EML,
}

_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)[^\[>]*(?:\[.*?\]\s*)?>\s*", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<([A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)[\s/>]")
_FLAT = re.compile(rf"""document\b[^>]*:mimetype\s*=\s*["']{re.escape(ODF)}(\w+)""")  # OpenDocument in one file of XML
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
_MBOX = re.compile(r"^From \S+.*\d{4}\s*$", re.MULTILINE)


def decode_head(head: bytes) -> str | None:
    """The beginning of a text, good enough to look for ASCII marks; None when it isn't text."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    for encoding, blank in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(head) >= 8 and blank.count(0) > 0.6 * len(blank) and head.count(0) < 0.55 * len(head):
            return head.decode(encoding, "replace")
    controls = len(head) - len(head.translate(None, _CONTROL))
    return head.decode("latin-1") if controls <= max(4, _CONTROL_SHARE * len(head)) else None


def text_kind(text: str, name: str) -> str:
    """The media type of a text from its beginning and its name."""
    suffix = PurePath(name.strip()).suffix.lower()
    by_name = _BY_SUFFIX.get(suffix)
    if by_name is None:
        by_name = languages.by_marks(text) or languages.by_suffix(text, suffix)
    return _markup(text, by_name) or _mail(text, by_name) or by_name or _bare(text, suffix)


def _markup(text: str, by_name: str | None) -> str | None:
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
    if by_name is not None:  # its owner calls it HTML, and browsers would read it so
        return by_name
    return _xml(root) if declared_xml or doctype or _closes(text, root) else None


def _xml(root: str) -> str:
    return {"fictionbook": FB2, "svg": "image/svg+xml"}.get(root, "application/xml")


def _closes(text: str, root: str) -> bool:
    """Without an XML declaration, "<name>" may begin any text; XML goes on with tags."""
    return "xmlns" in text[:2000] or text.count("</") >= 3 or f"</{root}" in text.lower()


def _mail(text: str, by_name: str | None) -> str | None:
    """A message by its header; a mailbox when a second message follows."""
    lines = text.lstrip("\r\n").splitlines()
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
    return "application/mbox" if mailbox and len(_MBOX.findall(text)) > 1 else EML


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
