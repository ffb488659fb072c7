"""Documents of iWork of 2003 to 2012, kept as XML → elements, in the order and with the places of later ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from kbray.errors import CorruptDocument
from kbray.model import Element, Metadata, Unit
from kbray.parse.iwork.numbers import told as told_sheets
from kbray.parse.iwork.old.drawn import Drawn
from kbray.parse.iwork.old.story import Stories
from kbray.parse.iwork.old.tree import Node, Tree, attribute, child, children, name, number
from kbray.parse.iwork.read import Read

_HEIGHT = 768.0  # points, of slides that tell none
_SHEET_HEIGHT, _PAGE_HEIGHT = 600.0, 792.0


def read(data: bytes, holds: Callable[[str], bool]) -> Read:
    """data: the XML, perhaps compressed by gzip. holds: whether there is a member of this name in the package.

    Raises: CorruptDocument, DocumentTooLarge.
    """
    tree = Tree(data)
    root, kind = tree.root, name(tree.root)
    if kind == "presentation" and child(root, "slide-list") is not None:
        found = _keynote(tree, holds)
    elif kind == "document" and child(root, "workspace-array") is not None:
        found = _numbers(tree, holds)
    elif kind == "document" and child(root, "text-storage") is not None:
        found = _pages(tree, holds)
    else:
        raise CorruptDocument("its XML has no text, sheets or slides in it")
    broken = f"The XML of the document is damaged: what stands behind line {tree.broken_at} may be missing."
    warnings = (*found.warnings, broken) if tree.broken_at else found.warnings
    return replace(found, metadata=_metadata(root), warnings=warnings)


def _metadata(root: Node) -> Metadata:
    told = child(root, "metadata")
    title = [attribute(one, "string") or "" for one in _strings(told, "title")]
    authors = [attribute(one, "string") or "" for one in _strings(told, "authors")]
    return Metadata(" ".join("".join(title[:1]).split()) or None, tuple(filter(None, (" ".join(one.split()) for one in authors))))


def _strings(told: Node | None, field: str) -> Iterator[Node]:
    holder = child(told, field)
    return iter(()) if holder is None else holder.iter("{*}string")


def _pages(tree: Tree, holds: Callable[[str], bool]) -> Read:
    stories = Stories(tree, titled=True)
    drawn = Drawn(stories, holds)
    root = tree.root
    headers = list(stories.running(list(_below(root, "headers")), "header"))
    footers = list(stories.running(list(_below(root, "footers")), "footer"))
    elements = [*stories.elements(child(root, "text-storage"))]
    lying = child(root, "drawables")
    groups = sorted(children(lying, "page-group"), key=lambda one: number(one, "page")) if lying is not None else []
    for group in groups:
        elements += drawn.in_order(children(group), _PAGE_HEIGHT)
    elements = [*headers, *elements, *footers, *stories.notes()]
    return Read("iwork", tuple(elements), (Unit("whole", sum(len(one.text) for one in elements)),))


def _below(root: Node, kind: str) -> Iterator[Node]:
    holder = child(root, kind)
    return iter(()) if holder is None else children(holder)


def _numbers(tree: Tree, holds: Callable[[str], bool]) -> Read:
    stories = Stories(tree)
    drawn = Drawn(stories, holds)
    sheets: list[tuple[str, bool, list[Element]]] = []
    for sheet in _below(tree.root, "workspace-array"):
        headers, footers = (
            [one] if (one := child(sheet, f"{kind}-storage")) is not None else [] for kind in ("header", "footer")
        )
        found = [
            *stories.running(headers, "header"),
            *drawn.in_order(_on_layers(child(sheet, "page-info")), _SHEET_HEIGHT),
            *stories.running(footers, "footer"),
            *stories.notes(),
        ]
        sheets.append((" ".join((attribute(sheet, "workspace-name") or "").split()), False, found))
    return told_sheets(sheets, "iwork", ())


def _on_layers(page: Node | None) -> Iterator[Node]:
    layers = child(page, "layers")
    for layer in children(layers, "layer") if layers is not None else ():
        yield from _below(layer, "drawables")


def _keynote(tree: Tree, holds: Callable[[str], bool]) -> Read:
    stories = Stories(tree, level=0)
    drawn = Drawn(stories, holds)
    size = child(tree.root, "size")
    height = (number(size, "h") if size is not None else 0.0) or _HEIGHT
    slides: list[tuple[Element, ...]] = []
    skipped: list[str] = []
    for page, slide in enumerate(_below(tree.root, "slide-list"), start=1):
        found = [*_slide(slide, stories, drawn, height), *stories.notes()]
        slides.append(tuple(replace(element, page=page, chapter=f"slide {page}") for element in found))
        if attribute(slide, "hidden") == "true":
            skipped.append(str(page))
    told = f"Slides that are skipped in the show are among the text ({len(skipped)}): {', '.join(skipped[:20])}."
    units = tuple(Unit(f"slide {page}", sum(len(one.text) for one in slide)) for page, slide in enumerate(slides, start=1))
    return Read("iwork", tuple(one for slide in slides for one in slide), units, (told,) if skipped else ())


def _slide(slide: Node, stories: Stories, drawn: Drawn, height: float) -> Iterator[Element]:
    if child(slide, "bullets") is not None:
        yield from _outlined(slide)
    yield from drawn.in_order((*_on_layers(child(slide, "page")), *_below(slide, "sticky-notes")), height)
    notes = child(slide, "notes")
    if notes is not None and len(notes):
        yield from stories.elements(notes)
    elif notes is not None and (text := " ".join((notes.text or "").split())):
        yield Element("paragraph", text)


def _outlined(slide: Node) -> Iterator[Element]:
    """Keynote 1: title and body as levels of an outline, text boxes beside it."""
    for bullet in _below(slide, "bullets"):
        content, level = child(bullet, "content"), int(min(number(bullet, "level"), 9))
        if text := " ".join("".join(map(str, content.itertext())).split()) if content is not None else "":
            yield Element("list_item", text, level, marker="-") if level else Element("heading", text, 1)
    for box in _below(slide, "drawables"):
        content = child(box, "content")
        if text := " ".join("".join(map(str, content.itertext())).split()) if content is not None else "":
            yield Element("paragraph", text)
