"""EPUB 2 and 3 → elements, natively: the spine's order, every chapter once, and a ledger line for each, read or lost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

from kbray.config import MiB, Settings
from kbray.errors import CorruptDocument, DocumentError, EmptyDocument, EncryptedDocument
from kbray.model import Element, Parsed, TocEntry, Unit, Window
from kbray.parse.archive import Archive
from kbray.parse.encoding import decode
from kbray.parse.epub import toc as epub_toc
from kbray.parse.epub.package import Package, SpineItem, encrypted_members, locate, read_package
from kbray.parse.failing import failure
from kbray.parse.markup import boilerplate, prints, styles, trees
from kbray.parse.markup.notes import Notes
from kbray.parse.markup.trees import local
from kbray.parse.markup.typed import with_typed
from kbray.parse.markup.walker import walk
from kbray.parse.pictured import with_pictures

_NO_PART_OF_A_LINK = dict.fromkeys(map(ord, "\t\r\n"))
_NAVIGATION = "Links around the text of the chapters, as pages of a web site have them, are left out."
_KEPT_BYTES = 16 * MiB  # markup whose trees are kept between the passes; of larger books each is parsed twice
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")

UNREAD_PICTURES = "The book is nothing but pictures; what is written in them was not read."


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole book, whatever the window, its pictures to be recognised if everything is. Otherwise as `read`."""
    with Archive(path, limits) as archive:
        package = read_package(archive)
        parsed = _Book(archive, package).parsed()
        if limits.ocr != "always":
            return parsed
        locked = encrypted_members(archive)

        def picture(target: str) -> bytes:
            return b"" if target in locked or target not in archive.names else archive.read(target)

        targets = [element.target for element in parsed.elements if element.kind == "image" and element.is_content]
        held = len(set(filter(None, targets))) + targets.count(None)  # those that lie elsewhere, or within the page, are not read
        return with_pictures(parsed, held, picture, limits)


def read(path: Path, limits: Settings) -> Parsed:
    """The whole book without what its pictures say. Chapters that can't be read are missing units with a failure each.

    Raises: CorruptDocument (no chapter can be read), EncryptedDocument, DocumentTooLarge, EmptyDocument.
    """
    with Archive(path, limits) as archive:
        return _Book(archive, read_package(archive)).parsed()


@dataclass(frozen=True, slots=True)
class _Picture:
    """A spine item that is an image, not markup."""

    name: str


class _Book:
    def __init__(self, archive: Archive, package: Package) -> None:
        self._archive = archive
        self._package = package
        self._locked = encrypted_members(archive)
        self._trees: dict[str, etree._Element] = {}
        self._room = _KEPT_BYTES
        self._print_pages: Mapping[str, Mapping[str, str]] = {}
        self._print_page: str | None = None  # on which the chapter begins
        self._meant: dict[tuple[str, str], str | None] = {}  # chapter and link in it → member
        self._sheets: dict[str, str] = {}
        self._hiding, self._printing = cache(styles.rules), cache(prints.rules)  # of a style sheet
        self._style: tuple[tuple[str, ...], prints.Style] | None = None  # of the chapter before, by its style sheets
        self._titles: dict[str, dict[int, int]] = {}  # told by their looks alone, of each chapter
        self._warnings = dict.fromkeys(package.warnings)

    def parsed(self) -> Parsed:
        notes, looks = Notes(self._place), prints.Prints()
        lost: dict[str, DocumentError] = {}
        for item in self._package.spine:
            try:
                content = self._load(item)
            except (CorruptDocument, EncryptedDocument) as error:
                lost[item.name] = error
                continue
            if not isinstance(content, _Picture):
                notes.survey(item.name, content)
                if not prints.has_titles(content):
                    looks.survey(item.name, content, self._printed(item.name, content))
        if len(lost) == len(self._package.spine):
            raise self._nothing_left(lost)
        notes.settle()
        self._titles = looks.titles()
        toc, self._print_pages = self._read_navigation()
        headings = epub_toc.Headings(toc)
        elements: list[Element] = []
        units: list[Unit] = []
        for item in self._package.spine:
            if item.name in lost:
                units.append(Unit(item.name, produced=False))
                continue
            made = self._read(item, notes, headings)
            units.append(Unit(item.name, characters=sum(len(element.text) for element in made)))
            elements.extend(made)
        if not elements and not lost:
            raise EmptyDocument("The book has chapters, but there is nothing in them.")
        if elements and all(element.kind == "image" for element in elements):
            self._warnings[UNREAD_PICTURES] = None
        return Parsed(
            "epub",
            tuple(elements),
            tuple(units),
            self._package.metadata,
            toc,
            failures=tuple(failure(error, chapter=name) for name, error in lost.items()),
            warnings=tuple(self._warnings),
        )

    def _read(self, item: SpineItem, notes: Notes, headings: epub_toc.Headings) -> tuple[Element, ...]:
        content = self._load(item)
        if isinstance(content, _Picture):
            page = self._print_page = self._print_pages.get(item.name, {}).get("", self._print_page)
            return (Element("image", chapter=item.name, target=content.name, print_page=page),)
        if titles := self._titles.get(item.name):
            prints.mark(content, self._printed(item.name, content), titles)
        notes.annotate(item.name, content)
        pages = self._print_pages.get(item.name, {})
        walked = walk(
            content,
            chapter=item.name,
            locate=lambda href: locate(self._archive, item.name, href),
            mark_texts=notes.texts,
            print_page=pages.get("", self._print_page),
            print_pages=pages,
        )
        self._print_page = walked.print_page
        self._trees.pop(item.name, None)
        return tuple(with_typed(headings.give(item.name, walked.elements, walked.ids)))

    def _load(self, item: SpineItem) -> etree._Element | _Picture:
        """Raises: CorruptDocument, EncryptedDocument: this item is lost; DocumentTooLarge: the book is refused."""
        if item.name in self._trees:
            return self._trees[item.name]
        if item.problem is not None:
            raise CorruptDocument(item.problem, chapter=item.name)
        if item.name in self._locked:
            scheme = self._locked[item.name]
            raise EncryptedDocument(f"The chapter {item.name!r} is encrypted ({scheme}).", chapter=item.name)
        data = self._archive.read(item.name)
        if data.startswith(PICTURES):
            return _Picture(item.name)
        tree = trees.xhtml(data, item.name)
        for warning in tree.warnings:
            self._warnings[f"{item.name}: {warning}"] = None
        if tree.repaired:
            self._warnings[f"{item.name}: not well-formed; it was read as a browser reads HTML."] = None
        styles.hide(tree.root, (rule for css in self._css(item.name, tree.root) for rule in self._hiding(css)))
        if boilerplate.hide_navigation(tree.root):
            self._warnings[_NAVIGATION] = None
        if len(data) <= self._room:
            self._room -= len(data)
            self._trees[item.name] = tree.root
        return tree.root

    def _printed(self, chapter: str, root: etree._Element) -> prints.Style:
        sheets = tuple(self._css(chapter, root))
        if self._style is None or self._style[0] != sheets:
            self._style = sheets, prints.Style(rule for css in sheets for rule in self._printing(css))
        return self._style[1]

    def _css(self, chapter: str, root: etree._Element) -> Iterator[str]:
        """The style sheets that the chapter links and holds, as they follow each other."""
        for node in root.iter("{*}link", "link", "{*}style", "style"):
            if node.get("media") not in (None, "", "all", "screen"):
                continue
            if local(node.tag) == "style":
                yield node.text or ""
            elif (node.get("rel") or "").lower().split() == ["stylesheet"]:
                member = locate(self._archive, chapter, node.get("href") or "")
                if member:
                    yield self._sheet(member)

    def _sheet(self, member: str) -> str:
        if member not in self._sheets:
            try:
                self._sheets[member] = decode(self._archive.read(member)).text
            except (CorruptDocument, EncryptedDocument):
                self._sheets[member] = ""
        return self._sheets[member]

    def _read_navigation(self) -> tuple[tuple[TocEntry, ...], Mapping[str, Mapping[str, str]]]:
        """The table of contents and the pages of the printed edition: the navigation document's, else the NCX's."""
        toc: tuple[TocEntry, ...] = ()
        pages: Mapping[str, Mapping[str, str]] = {}
        for member, tree, entries_of, pages_of in (
            (self._package.nav, self._nav_tree, epub_toc.from_nav, epub_toc.pages_of_nav),
            (self._package.ncx, self._ncx_tree, epub_toc.from_ncx, epub_toc.pages_of_ncx),
        ):
            if member is None or (toc and pages):
                continue
            try:
                root = tree(member)
            except (CorruptDocument, EncryptedDocument) as error:
                self._warnings[f"The table of contents {member!r} can't be read ({error})."] = None
                continue
            place = partial(self._place, member)
            toc, pages = toc or entries_of(root, place), pages or pages_of(root, place)
        return toc, pages

    def _nav_tree(self, member: str) -> etree._Element:
        kept = self._trees.get(member)
        return kept if kept is not None else trees.xhtml(self._archive.read(member), member).root

    def _ncx_tree(self, member: str) -> etree._Element:
        return trees.xml(self._archive.read(member), member)

    def _place(self, chapter: str, href: str) -> tuple[str, str] | None:
        """The chapter and id that a link means; None if it leads out of the book."""
        path, _, fragment = href.strip().partition("#")
        if (chapter, path) not in self._meant:
            self._meant[chapter, path] = self._member(chapter, path)
        name = self._meant[chapter, path]
        return None if name is None else (name, unquote(fragment.translate(_NO_PART_OF_A_LINK)))

    def _member(self, chapter: str, path: str) -> str | None:
        """What `path`, a link without its fragment, means in a chapter."""
        try:
            parts = urlsplit(path)
        except ValueError:
            return None
        return locate(self._archive, chapter, path) if parts.path or parts.scheme or parts.netloc else chapter

    def _nothing_left(self, lost: dict[str, DocumentError]) -> DocumentError:
        first = next(iter(lost.values()))
        if all(isinstance(error, EncryptedDocument) for error in lost.values()):
            scheme = next(iter(self._locked.values()), "password")
            return EncryptedDocument(f"All {len(lost)} chapters of the book are encrypted ({scheme}).")
        return CorruptDocument(f"None of the book's {len(lost)} chapters can be read; the first: {first}")
