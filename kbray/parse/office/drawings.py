"""What is drawn in DrawingML wherever it lies: charts as tables of their values, SmartArt as its texts."""

from collections.abc import Iterator

from lxml import etree

from kbray.document.tables import table_from_rows, table_text
from kbray.model import Element
from kbray.parse.office.number_format import shown
from kbray.parse.office.ooxml import DGM, A, C, Package, R, switched_on

_POINTS = 100_000  # of a chart, all told
_NAMED = ("cat", "xVal")
_VALUES = ("val", "yVal", "bubbleSize")


def chart(package: Package, part: str, node: etree._Element) -> Iterator[Element]:
    """The titles of a chart and its axes, a table of its categories and series, and texts drawn over it.

    `node` is the `c:chart` that refers to it.
    """
    target = package.target(part, node.get(R + "id"))
    root = package.tree(target)
    if root is None or target is None:
        return
    titles = [root.find(f"{C}chart/{C}title"), *(axis.find(C + "title") for axis in _axes(root))]
    for title in titles:
        if title is not None and (text := _text(title)):
            yield Element("caption", text)
    yield from _values(root)
    over = package.tree(package.related(target, "chartUserShapes"))
    yield from texts(over) if over is not None else ()


def _axes(root: etree._Element) -> Iterator[etree._Element]:
    """Those that are shown."""
    for axis in root.iterfind(f"{C}chart/{C}plotArea/*"):
        if axis.find(C + "axId") is not None and not switched_on(axis.find(C + "delete"), "val"):
            yield axis


def _values(root: etree._Element) -> Iterator[Element]:
    names: dict[int, str] = {}
    columns: list[tuple[str, dict[int, str]]] = []
    points = 0
    for series in root.iter(C + "ser"):
        label = series.find(C + "tx")
        head = "".join(value.text or "" for value in label.iter(C + "v")) if label is not None else ""
        for tag in _NAMED:
            for place, name in _points(series.find(C + tag)).items():
                names.setdefault(place, name)
        for tag in _VALUES:
            values = _points(series.find(C + tag))
            points += len(values)
            if values and points <= _POINTS:
                columns.append((" ".join(head.split()), values))
    places = sorted({*names, *(place for _, values in columns for place in values)})
    if not places:
        return
    rows = [["", *(head for head, _ in columns)]]
    rows += [[names.get(place, ""), *(values.get(place, "") for _, values in columns)] for place in places]
    table = table_from_rows(rows, header_rows=1)
    yield Element("table", table_text(table), table=table)


def diagram(package: Package, part: str, node: etree._Element) -> Iterator[Element]:
    """The texts of SmartArt, in the order of its data; `node` is the `dgm:relIds` that refers to them."""
    root = package.tree(package.target(part, node.get(R + "dm")))
    for point in root.iter(DGM + "pt") if root is not None else ():
        body = point.find(DGM + "t")
        for paragraph in body.iter(A + "p") if body is not None else ():
            if text := _text(paragraph):
                yield Element("list_item", text, 1, marker="-")


def texts(node: etree._Element) -> Iterator[Element]:
    """The paragraphs of shapes."""
    for paragraph in node.iter(A + "p"):
        if text := _text(paragraph):
            yield Element("paragraph", text)


def picture(package: Package, part: str, node: etree._Element) -> Iterator[Element]:
    """The picture that a shape is or is filled with, and its alternative text."""
    blip = next(node.iter(A + "blip"), None)
    target = package.target(part, blip.get(R + "embed")) if blip is not None else None
    if target is not None:
        yield Element("image", alternative(node), target=target)


def alternative(shape: etree._Element) -> str:
    """The alternative text of a shape: of its non-visual properties, whatever their namespace."""
    told = shape.find("*/{*}cNvPr")
    return " ".join((told.get("descr") or told.get("title") or "").split()) if told is not None else ""


def _text(node: etree._Element) -> str:
    """What it says, or what a formula of the sheet behind it last gave."""
    pieces: list[str] = []
    for piece in node.iter(A + "p", A + "t", A + "br", C + "v"):
        pieces.append((piece.text or "") if piece.tag in (A + "t", C + "v") else " ")
    return " ".join("".join(pieces).split())


def _points(node: etree._Element | None) -> dict[int, str]:
    """Index → value; of categories on several levels the names from the outermost in."""
    found: dict[int, str] = {}
    if node is None:
        return found
    levels = list(node.iter(C + "lvl"))
    numbers = next(node.iter(C + "numCache", C + "numLit"), None)
    form = None if numbers is None else numbers.findtext(C + "formatCode") or "General"
    for holder in reversed(levels) if levels else [node]:
        for point in holder.iter(C + "pt"):
            place, value = point.get("idx", ""), " ".join((point.findtext(C + "v") or "").split())
            if place.isdecimal() and len(place) < 8 and value:
                number = int(place)
                value = _shown(value, form) if form else value
                found[number] = f"{found[number]} {value}" if number in found else value
    return found


def _shown(value: str, form: str) -> str:
    """A number as the format of its axis shows it."""
    try:
        return shown(float(value), form)
    except (ValueError, OverflowError):
        return value
