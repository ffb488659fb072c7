"""OpenDocument files, zipped or flat: their parts as trees, styles, masters of pages, and what a file says of itself."""

import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.model import Element, Metadata
from kbray.parse import comments
from kbray.parse.archive import Archive
from kbray.parse.comments import Comment
from kbray.parse.looks import Print
from kbray.parse.markup.trees import content
from kbray.parse.media import FLAT
from kbray.parse.office.ooxml import from_base64, parsed

SPACE = "{urn:oasis:names:tc:opendocument:xmlns:"
TEXT, TABLE, DRAW, OFFICE, STYLE = (f"{SPACE}{name}:1.0}}" for name in ("text", "table", "drawing", "office", "style"))
SVG, SHOW, META, FORM = (f"{SPACE}{name}:1.0}}" for name in ("svg-compatible", "presentation", "meta", "form"))
_HREF = "{http://www.w3.org/1999/xlink}href"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_NAME = STYLE + "name"
_FO = f"{SPACE}xsl-fo-compatible:1.0}}"
_FAMILY = _FO + "font-family"
_ABOVE = re.compile(r"super|[1-9]")  # the line, by a share of the font size
_FONT_SIZE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?)(pt|%)")
_BOLD = frozenset(("bold", "600", "700", "800", "900"))
_DEEPEST = 20  # styles with parents
_PICTURE = re.compile(rb"(<[\w.-]+:binary-data(?:\s[^<>]*)?>)([^<]+)")  # within a flat document
_TARGET = "binary-data/"  # of a picture in one, and its number
_NUMBER = re.compile(r"[0-9]{1,9}")


class _Zipped:
    """The parts of a package."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def tree(self, name: str) -> etree._Element | None:
        member = self._archive.find(name)
        return None if member is None else parsed(self._archive.read(member))

    def has(self, name: str) -> bool:
        return self._archive.find(name) is not None


class Flat:
    """A document of one file, which is each of the parts that it would have in a package."""

    def __init__(self, path: Path, limits: Settings) -> None:
        self._path = path
        self._pictures: list[tuple[int, int]] = []  # where in the file each is
        data = _PICTURE.sub(self._numbered, path.read_bytes())
        if len(data) > limits.max_member_bytes:
            most = f"{limits.max_member_bytes / MiB:.0f} MiB of max_member_bytes"
            raise DocumentTooLarge(f"The XML has {len(data) / MiB:.0f} MiB, more than the {most}.")
        self._root = parsed(data)

    def _numbered(self, picture: re.Match[bytes]) -> bytes:
        self._pictures.append(picture.span(2))
        return b"%b%d" % (picture[1], len(self._pictures))

    def picture(self, target: str) -> bytes:
        """That of an element; nothing where its code is broken."""
        number = int(target.removeprefix(_TARGET))
        start, end = self._pictures[number - 1] if 0 < number <= len(self._pictures) else (0, 0)
        with self._path.open("rb") as file:
            file.seek(start)
            return from_base64(file.read(end - start).decode("latin-1"))

    def tree(self, name: str) -> etree._Element | None:
        return self._root if name in ("content.xml", "styles.xml", "meta.xml") else None

    def has(self, name: str) -> bool:
        return False


@contextmanager
def opened(path: Path, media_type: str, limits: Settings) -> Iterator[_Zipped | Flat]:
    """Its parts. Raises: CorruptDocument, DocumentTooLarge, lxml.etree.XMLSyntaxError: of a flat one."""
    if media_type in FLAT:
        yield Flat(path, limits)
        return
    with Archive(path, limits) as archive:
        yield _Zipped(archive)


class Package:
    """What all stories of a document share: styles, forms, comments."""

    def __init__(self, parts: _Zipped | Flat) -> None:
        self._parts = parts
        self._comments: list[Comment] = []
        self._told = 0  # of them
        self.document = parts.tree("content.xml")
        self.common = parts.tree("styles.xml")
        roots = [root for root in dict.fromkeys((self.common, self.document)) if root is not None]
        groups = [group for root in roots for group in root.iterchildren(OFFICE + "styles", OFFICE + "automatic-styles")]
        found = [node for group in groups for node in group.iter(STYLE + "style", TEXT + "list-style")]
        self.styles = {node.get(_NAME, ""): node for node in found}
        forms = [node for root in roots for form in root.iter(OFFICE + "forms") for node in form.iter(etree.Element)]
        self.controls = {node.get(FORM + "id") or node.get(_ID): node for node in forms}
        self.ends = {node.get(OFFICE + "name") for root in roots for node in root.iter(OFFICE + "annotation-end")}
        self.begun: dict[str | None, etree._Element] = {}  # comments to what isn't at its end yet
        self._hidden: dict[str | None, bool] = {}  # styles by name
        self._faces: dict[str | None, str | None] = {}
        self._raised: dict[str | None, bool] = {}
        self._prints: dict[str | None, Print] = {}
        usual = (
            node for root in roots for node in root.iter(STYLE + "default-style") if node.get(STYLE + "family") == "paragraph"
        )
        self.usual = _print(itertools.islice(usual, 1))  # of text whose styles tell nothing

    def mark(self, annotation: etree._Element) -> str:
        """What refers to a comment in the text; `remarks` will tell it."""
        self._comments.append(comment_of(annotation))
        return comments.mark(len(self._comments))

    def remarks(self) -> Iterator[Element]:
        """The comments that were marked since the last call."""
        for name in list(self.begun):
            self.mark(self.begun.pop(name))  # its end is hidden
        first, self._told = self._told, len(self._comments)
        for number in range(first, self._told):
            yield comments.note(self._comments[number], number + 1)

    def holds(self, picture: etree._Element) -> tuple[bool, str | None]:
        """Whether a picture is in the document, and what its element calls it: the part that it is, its number in a flat one."""
        target = posixpath.normpath(picture.get(_HREF, "")).lstrip("/")
        if self._parts.has(target):
            return True, target
        data = picture.find(OFFICE + "binary-data")
        number = (data.text or "") if data is not None else ""
        return data is not None, f"{_TARGET}{number}" if _NUMBER.fullmatch(number) else None

    def embedded(self, node: etree._Element) -> etree._Element | None:
        """The root of the formula or chart that an object is."""
        href = node.get(_HREF)
        if href is None:
            return next(node.iterchildren(etree.Element), None)
        return self._parts.tree(posixpath.join(posixpath.normpath(href), "content.xml"))

    def master(self, name: str | None) -> Iterator[etree._Element]:
        """What stands on all slides of this kind."""
        for page in self.common.iter(STYLE + "master-page") if self.common is not None else ():
            if page.get(_NAME) == name:
                yield from page.iterchildren(DRAW + "frame")

    def footer(self, page: etree._Element) -> str:
        """What a slide shows at its foot of what the presentation declares once for all."""
        style = self.styles.get(page.get(DRAW + "style-name", ""))
        told = style.find(STYLE + "drawing-page-properties") if style is not None else None
        if told is None or told.get(SHOW + "display-footer") != "true":
            return ""
        name, declared = page.get(SHOW + "use-footer-name"), self.body().iterchildren(SHOW + "footer-decl")
        return next((content(one) for one in declared if one.get(SHOW + "name") == name), "")

    def body(self) -> etree._Element:
        """What is below `office:body`. Raises: CorruptDocument: there is none."""
        body = self.document.find(OFFICE + "body") if self.document is not None else None
        if body is None or not len(body):
            raise CorruptDocument("The document has no body.")
        return body[0]

    def style(self, name: str | None) -> str:
        """The name of the common style that an automatic one takes after."""
        for _ in range(_DEEPEST):
            node = self.styles.get(name or "")
            group = node.getparent() if node is not None else None
            if node is None or group is None or group.tag != OFFICE + "automatic-styles":
                break
            name = node.get(STYLE + "parent-style-name")
        return name or ""

    def like(self, name: str | None) -> Iterator[str]:
        """The names of a style and of those it takes after."""
        for _ in range(_DEEPEST):
            if not name:
                return
            yield name
            node = self.styles.get(name)
            name = node.get(STYLE + "parent-style-name") if node is not None else None

    def hides(self, name: str | None) -> bool:
        """Whether text of this style is not shown."""
        if name not in self._hidden:
            displays = (one.get(TEXT + "display") for one in self._texts(name))
            self._hidden[name] = next(filter(None, displays), "") == "none"
        return self._hidden[name]

    def face(self, name: str | None) -> str | None:
        """The face that a style names."""
        if name not in self._faces:
            named = (one.get(STYLE + "font-name") or one.get(_FAMILY) for one in self._texts(name))
            self._faces[name] = next(filter(None, named), None)
        return self._faces[name]

    def raises(self, name: str | None) -> bool:
        """Whether text of this style stands above the line."""
        if name not in self._raised:
            places = filter(None, (one.get(STYLE + "text-position") for one in self._texts(name)))
            self._raised[name] = _ABOVE.match(next(places, "")) is not None
        return self._raised[name]

    def _texts(self, name: str | None) -> Iterator[etree._Element]:
        """What a style and those that it is like tell of their text."""
        told = (self.styles[one].find(STYLE + "text-properties") for one in self.like(name) if one in self.styles)
        return (one for one in told if one is not None)

    def print(self, name: str | None) -> Print:
        """How a style says that its text looks."""
        if name not in self._prints:
            self._prints[name] = _print(self.styles[one] for one in self.like(name) if one in self.styles)
        return self._prints[name]


def _print(styles: Iterable[etree._Element]) -> Print:
    """As the first of the styles says that says something; a size may be a share of the next one's."""
    size, bold, share = None, None, 1.0
    for style in styles:
        told = style.find(STYLE + "text-properties")
        weight = told.get(_FO + "font-weight") if told is not None else None
        found = _FONT_SIZE.fullmatch(told.get(_FO + "font-size", "")) if told is not None else None
        if bold is None and weight is not None:
            bold = weight in _BOLD
        if size is None and found is not None:
            if found[2] == "pt":
                size = share * float(found[1])
            else:
                share *= float(found[1]) / 100
    return Print(size, bold)


def metadata_of(parts: _Zipped | Flat) -> Metadata:
    """What a file says of itself."""
    root = parts.tree("meta.xml")
    told = root.find(OFFICE + "meta") if root is not None else None

    def said(tag: str) -> str | None:
        return (" ".join((told.findtext(tag) or "").split()) or None) if told is not None else None

    author = said(META + "initial-creator") or said(_DC + "creator")
    return Metadata(
        title=said(_DC + "title"),
        authors=(author,) if author else (),
        language=said(_DC + "language"),
        date=said(_DC + "date") or said(META + "creation-date"),
    )


def comment_of(node: etree._Element) -> Comment:
    """What an annotation says, by whom and when."""
    text = "\n".join(filter(None, map(content, node.iter(TEXT + "p"))))
    return Comment(text, node.findtext(_DC + "creator"), node.findtext(_DC + "date"))


def integer(told: str | None, default: int) -> int:
    """A number told by an attribute; `default` where there is none, or no sane one."""
    digits = told or ""
    return int(digits) if digits.isdecimal() and len(digits) < 10 else default
