"""Texts in a markup language: by marks that are hard to mistake, or by the name where the text agrees."""

import re

from kbray.parse.media import (
    ASCIIDOC,
    BIBTEX,
    DOCBOOK,
    ENDNOTE,
    JATS,
    LATEX,
    MAN,
    MDOC,
    MEDIAWIKI,
    OPML,
    ORG,
    RIS,
    RST,
    TEXTILE,
    TYPST,
)

_BY_SUFFIX = {
    **dict.fromkeys((".rst", ".rest"), RST),
    ".org": ORG,
    **dict.fromkeys((".adoc", ".asciidoc", ".asc"), ASCIIDOC),
    ".typ": TYPST,
    **dict.fromkeys((".mediawiki", ".wiki"), MEDIAWIKI),
    ".textile": TEXTILE,
}
_TEX = frozenset((".tex", ".latex", ".ltx"))
_MANUAL = re.compile(r"\.(?:[1-9][a-z]{0,3}|man|mdoc)")
_CLASS = re.compile(r"\\document(?:class|style)\s*[\[{]")
_STRUCTURE = re.compile(
    r"\\(?:begin\s*\{|(?:part|chapter|(?:sub){0,2}section|(?:sub)?paragraph)\*?\s*[\[{]|item\b|cite\w*\{|emph\{|text\w\w\{)"
)
_PAGE = re.compile(r"^[.'][ \t]*TH[ \t]+\S", re.MULTILINE)
_PAGE_OF_BSD = re.compile(r"^\.[ \t]*Dd\b", re.MULTILINE)
_ENTRY = re.compile(r"^[ \t]*@[A-Za-z]+[ \t]*[{(]", re.MULTILINE)
_RECORD = re.compile(r"(?:\s*(?:Provider|Database|Content):[^\n]*\n)*\s*TY {1,2}- ?[A-Z]{3,6}\s*\n\S\S {2}- ")
_NAMESPACE_OF_DOCBOOK = re.compile(r"<[^>]*\bxmlns(?::\w+)?\s*=\s*[\"']http://docbook\.org/ns/docbook[\"']")
_DOCBOOK = frozenset(
    """
    set book article chapter part appendix preface section sect1 sect2 reference refentry glossary bibliography
    """.split()
)
_HEAD_OF_JATS = re.compile(r"<(?:front|front-stub|article-meta|book-meta|journal-meta)[\s>]")
_ENDNOTE = re.compile(r"<xml>\s*<records>\s*<record>")


def by_marks(text: str) -> str | None:
    """A kind that the beginning of a text shows, whatever its name is."""
    if _is_latex(text):
        return LATEX
    return RIS if _RECORD.match(text) else None


def _is_latex(text: str) -> bool:
    """A document's class is named, and before it stand comments, blank lines and commands only."""
    if "\\document" not in text:
        return False
    for line in text.splitlines():
        line = line.lstrip()
        if _CLASS.match(line):
            return True
        if line and line[0] not in "%\\":
            return False
    return False


def by_suffix(text: str, suffix: str) -> str | None:
    """A kind of text by its name, where the text doesn't speak against it."""
    if suffix in _TEX:  # plain TeX has none of these, and pandoc would leave most of it out
        return LATEX if _STRUCTURE.search(text) else None
    if suffix == ".bib":
        return BIBTEX if _ENTRY.search(text) else None
    if _MANUAL.fullmatch(suffix):
        return MAN if _PAGE.search(text) else MDOC if _PAGE_OF_BSD.search(text) else None
    return _BY_SUFFIX.get(suffix)


def xml_kind(root: str, head: str, doctype: str) -> str | None:
    """Args: root: the name of the first element, in small letters; head: the text from it on; doctype: the declaration before."""
    if root == "opml":
        return OPML
    if root in ("article", "book") and (
        "JATS" in doctype or "NLM//DTD" in doctype or "BITS" in doctype or _HEAD_OF_JATS.search(head)
    ):
        return JATS
    if root in _DOCBOOK and ("docbook" in doctype.lower() or _NAMESPACE_OF_DOCBOOK.match(head)):
        return DOCBOOK
    return ENDNOTE if root == "xml" and _ENDNOTE.match(head) else None
