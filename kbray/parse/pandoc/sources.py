"""The languages that pandoc reads: their names, what its readers need done to a text, and the words a text says in them."""

import re
from collections import Counter
from collections.abc import Callable, Mapping

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
    XML_MARKUP,
)
from kbray.parse.pandoc import articles, latex

READERS: Mapping[str, str] = {
    LATEX: "latex",
    RST: "rst",
    ORG: "org",
    ASCIIDOC: "asciidoc",
    TYPST: "typst",
    MEDIAWIKI: "mediawiki",
    TEXTILE: "textile",
    MAN: "man",
    MDOC: "mdoc",
    DOCBOOK: "docbook",
    JATS: "jats",
    OPML: "opml",
    BIBTEX: "bibtex",
    RIS: "ris",
    ENDNOTE: "endnotexml",
}
"""Media type → pandoc's name of its reader."""
NAMES: Mapping[str, str] = {
    LATEX: "LaTeX",
    RST: "reStructuredText",
    ORG: "Org",
    ASCIIDOC: "AsciiDoc",
    TYPST: "Typst",
    MEDIAWIKI: "MediaWiki's markup",
    TEXTILE: "Textile",
    MAN: "a manual page",
    MDOC: "a manual page (mdoc)",
    DOCBOOK: "DocBook",
    JATS: "JATS",
    OPML: "OPML",
    BIBTEX: "BibTeX",
    RIS: "RIS",
    ENDNOTE: "EndNote's XML",
}
REFERENCES = frozenset({BIBTEX, RIS, ENDNOTE})

_WORD = re.compile(r"[^\W\d_]{3,}")
_OPTIONS = re.compile(r"(^[ \t]*\.\. [\w:.-]+::[^\n]*\n)(?:[ \t]+:[\w-]+:[^\n]*\n)+", re.MULTILINE)
# What is no text for a reader: names of directives, options, targets, comments, attributes. None of them looks far ahead.
_MARKS: Mapping[str, re.Pattern[str]] = {
    RST: re.compile(
        r"^[ \t]*\.\. (?:_[^\n]*|(?:code|code-block|sourcecode|raw|image|figure|(?:literal)?include|highlight|math)::[^\n]*"
        r"|\[[^\]\n]*\]|\|[^|\n]*\|[ \t]*[\w-]+::[^\n]*|[\w:.-]+::"
        r"|(?![\w:.-]+::)[^\n]*\n(?:[ \t]+[^\n]*\n|[ \t]*\n(?=[ \t]))*)"
        r"|^[ \t]*:[\w -]+:(?=[^`\n]*$)|:[\w:+.-]{1,60}:(?=`)|<[^<>`\n]*>`",
        re.MULTILINE,
    ),
    ORG: re.compile(
        r"^[ \t]*#\+\w+:?[^\n]*$|^[ \t]*#[ \t][^\n]*$|^[ \t]*:[\w-]+:[^\n]*$|\[\[[^\[\]\n]*\](?=\[)"
        r"|^[ \t]*(?:SCHEDULED|DEADLINE|CLOSED|CLOCK):[^\n]*$|<\d{4}[^<>\n]*>|\[\d{4}[^\[\]\n]*\]",
        re.MULTILINE,
    ),
    ASCIIDOC: re.compile(
        r"^//[^\n]*$|^:[\w!-]+:[^\n]*$|^\[[^\]\n]*\]$|^\w+::[^\n]*$|\b\w{1,30}:[^\s\[\]:]*(?=\[)|<<[^<>\n]*>>|https?:\S*",
        re.MULTILINE,
    ),
    TYPST: re.compile(
        r"^[ \t]*#(?:import|include|set|show|let)\b[^\n]*$|#[\w.-]+|\b\w{1,30}:|<[\w:-]+>|@[\w:-]+|//[^\n]*$|\$[^$]*\$",
        re.MULTILINE,
    ),
    MEDIAWIKI: re.compile(
        r"<!--.{0,3000}?-->|<[^<>]*>|\[\[[^\[\]|\n]*\||https?:\S*|^\{\|[^\n]*$|^[|!][\w-]+=[^\n|]*", re.MULTILINE | re.DOTALL
    ),
    TEXTILE: re.compile(r"<[^<>]*>|^\w+\.+|\([^()\s]*\)|:\S+", re.MULTILINE),
    MAN: re.compile(
        r"^[.'][ \t]*(?:IX|ds|de|if|ie|el|nr|tr|TH|so)\b[^\n]*|^[.'](?:\\\"[^\n]*|[A-Za-z]+)"
        r"|\\f(?:\[\w*\]|\(?\w)|\\\(\w\w|\\\[[\w ]+\]|\\[*]\S|\\\"[^\n]*",
        re.MULTILINE,
    ),
    MDOC: re.compile(
        r"^\.(?:\\\"|Dd|Os|Dt|Bl|Bd)[^\n]*|^\.[A-Z][a-z]\b|\b[A-Z][a-z]\b|\\\S\S|\\\"[^\n]*",
        re.MULTILINE,
    ),
}
_MUTE = re.compile(  # directives that say nothing to readers; what is indented below them are options
    r"^([ \t]*)\.\. (?:rst-class|index|highlight|default-domain|default-role|currentmodule|meta|tabularcolumns|testsetup"
    r"|testcleanup)::[^\n]*\n"
    r"(?:\1[ \t]+\S[^\n]*\n)*",
    re.MULTILINE,
)
_CROSSREF = re.compile(r"@\w+\s*[{(]\s*([^\s,{}()]+)\s*,|\bcrossref\s*=\s*[{\"]\s*([^\s{},\"]+)\s*[}\"]\s*,?", re.IGNORECASE)
_DOMAIN = re.compile(
    r"^([ \t]*\.\. )([\w.-]+:[\w.:-]*\w|function|method|class|attribute|data|exception|module|option|envvar|program|cmdoption"
    r"|(?:auto|c)(?:function|method|class|attribute|data|exception|module|property|type|macro|member|var))::(?!:)([^\n]*)",
    re.MULTILINE,
)
_STYLE = re.compile(r"[a-z][a-z0-9 _-]*")
_VERSION = re.compile(r"^([ \t]*\.\. )(version(?:added|changed|removed)|deprecated)::[ \t]*([^\s]+)[ \t]*", re.MULTILINE)
_SAID = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "versionremoved": "Removed in version",
    "deprecated": "Deprecated since version",
}
_CONDITIONS = re.compile(r"^(?:ifdef|ifndef|ifeval|endif)::[^\s\[]*\[[^\]\n]*\][ \t]*$", re.MULTILINE)
_INCLUDES = re.compile(r"^include::([^\s\[]*)\[[^\]\n]*\][ \t]*$", re.MULTILINE)
_UNDERLINE = re.compile(r"={2,}|-{2,}|~{2,}|\^{2,}|\+{2,}")
_TITLE = re.compile(r"(?![\[.|*=/:-])\S.*\w|\w")
_DELIMITER = re.compile(r"-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,}")  # of listings, literal text, passed through, comments, code
_COMMENT_OF_ORG = re.compile(r"^(\*+ (?:[A-Z]+ )?)COMMENT ", re.MULTILINE)
_TAGS_OF_ORG = re.compile(r"(?<=:)(?:noexport|ignore):(?=[\w@:]{0,300}$)|[ \t]:noexport:[ \t]*$", re.MULTILINE)
_RESULTS_OF_ORG = re.compile(r"^[ \t]*#\+RESULTS(?:\[\w*\])?:[^\n]*\n", re.MULTILINE | re.IGNORECASE)
_IMPORTS = re.compile(r"^[ \t]*#(?:import|include)\b[^\n]*$", re.MULTILINE)
_FILES = re.compile(  # of directives that take what they show from there, at which pandoc ends
    r"(^[ \t]*\.\. (?:csv-table|raw)::[^\n]*\n(?:[ \t]+:[\w-]+:[^\n]*\n)*?)[ \t]+:(?:file|url):[ \t]*([^\n]*)\n",
    re.MULTILINE,
)
_INCLUDED: Mapping[str, re.Pattern[str]] = {  # names of files that belong in a text, as the last group
    ASCIIDOC: _INCLUDES,
    RST: _FILES,
    TYPST: re.compile(r"^[ \t]*#include[ \t]*\(?[ \t]*\"([^\"\n]*)\"", re.MULTILINE),
    **dict.fromkeys(
        sorted(XML_MARKUP),
        re.compile(r"<(?:\w+:)?include\b[^<>]{0,1000}?\bhref[ \t\n]*=[ \t\n]*[\"']([^\"'<>]*)", re.DOTALL),
    ),
}


def prepared(text: str, media_type: str) -> str:
    """The text as pandoc's reader of this kind needs it."""
    prepare = _PREPARED.get(media_type)
    return prepare(text) if prepare else text


def words(text: str, media_type: str) -> Counter[str]:
    """The words of a text that its readers would see, about."""
    if media_type in XML_MARKUP:
        return articles.words(text)
    if media_type in REFERENCES:
        return Counter()  # of many fields only some are for reading
    if media_type == RST:
        text = _OPTIONS.sub(r"\1", _MUTE.sub("", text))
    marks = _MARKS.get(media_type)
    return Counter(_WORD.findall(marks.sub(" ", text) if marks else text))


def included(text: str, media_type: str) -> list[str]:
    """The files that a text wants in it, as far as pandoc is not asked for them; it tells of the others itself."""
    pattern = _INCLUDED.get(media_type)
    return [found[pattern.groups].rstrip() for found in pattern.finditer(text)] if pattern else []


def _rst(text: str) -> str:
    """Without directives that are no text, and files of others; what others say of versions as Sphinx says it."""

    def said(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}:: {_SAID[found[2]]} {found[3].rstrip(':')}: "

    text = _DOMAIN.sub(_described, _FILES.sub(r"\1", text))
    return _VERSION.sub(said, _MUTE.sub("\n", text))


def _described(found: re.Match[str]) -> str:
    """pandoc takes a directive with a colon in its name for a comment; what is described is code, whatever signs are in it."""
    name, what = found[2].replace(":", "-"), found[3].strip()
    if name == "class":
        if _STYLE.fullmatch(what):
            return found[0]  # of docutils: how what follows is to look
        name = "py-class"
    return f"{found[1]}{name}:: ``{what}``" if what and "`" not in what else f"{found[1]}{name}:: {what}"


def _asciidoc(text: str) -> str:
    """Titles as pandoc knows them; without conditions, under which all is read, and without includes and comments at the end,
    which it ends at.
    """
    lines = _INCLUDES.sub("", _CONDITIONS.sub("", text)).rstrip().split("\n")
    while lines and (not lines[-1].strip() or (lines[-1].startswith("//") and not lines[-1].startswith("////"))):
        lines.pop()  # comments at the end
    return _underlined("\n".join((*lines, "")))


def _underlined(text: str) -> str:
    """Titles of AsciiDoc that are underlined get their level in front; what stands between delimiters isn't looked at."""
    out: list[str] = []
    inside = ""
    for line in text.split("\n"):
        bare = line.rstrip()
        title = out[-1].rstrip() if out else ""
        if inside:
            inside = "" if bare == inside else inside
        elif (
            _UNDERLINE.fullmatch(bare)
            and _TITLE.match(title)
            and abs(len(bare) - len(title)) <= 2
            and (len(out) == 1 or not out[-2].strip() or out[-2].startswith(("[", "//")))
        ):
            out[-1] = f"{'=' * (1 + '=-~^+'.index(bare[0]))} {title}"
            continue
        elif _DELIMITER.fullmatch(bare):
            inside = bare
        out.append(line)
    return "\n".join(out)


def _org(text: str) -> str:
    """With what an export would leave out: parts that are comments or not for export, and results of code."""
    return _RESULTS_OF_ORG.sub("", _TAGS_OF_ORG.sub("", _COMMENT_OF_ORG.sub(r"\1", text)))


def _typst(text: str) -> str:
    """Without what other files would bring in, which pandoc ends at."""
    return _IMPORTS.sub("", text)


def _bibtex(text: str) -> str:
    """Without references to entries that lead back to themselves, which pandoc follows till its memory ends."""
    at = ""
    told: dict[str, tuple[str, int, int]] = {}  # entry → the one it refers to, and where
    for found in _CROSSREF.finditer(text):
        if found[1]:
            at = found[1].casefold()
        else:
            told[at] = (found[2].casefold(), *found.span())
    ringed: list[tuple[int, int]] = []
    seen: set[str] = set()
    for first in told:
        entry, path = first, dict[str, None]()
        while entry in told and entry not in seen:
            seen.add(entry)
            path[entry] = None
            entry = told[entry][0]
        if entry in path:  # the ring is closed by the last that was followed
            ringed.append(told[list(path)[-1]][1:])
    for start, end in sorted(ringed, reverse=True):
        text = text[:start] + text[end:]
    return text


_PREPARED: Mapping[str, Callable[[str], str]] = {
    LATEX: latex.prepared,
    BIBTEX: _bibtex,
    RST: _rst,
    ORG: _org,
    ASCIIDOC: _asciidoc,
    TYPST: _typst,
    DOCBOOK: articles.docbook,
    JATS: articles.jats,
    OPML: articles.plain,
    ENDNOTE: articles.plain,
}
