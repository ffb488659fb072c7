"""Office files, mail and tables of values: kbray beside `kreuzberg` and `unstructured`, type by type.

What each finds is held against a reference that none of them makes: the text nodes of a package's own XML, by lxml, without what
is hidden or deleted (of workbooks the cells that hold text); the body of a message by the standard library; the cells of a CSV.
RTF, XLS and MSG have none: there what one finds is held against the others. Texts are words, ideographs one by one, without case.
kreuzberg is no part of kbray: `pip install kreuzberg`, or its folder in PYTHONPATH.
"""

import csv
import email
import email.policy
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from types import ModuleType
from typing import Any

import lxml.html
from lxml import etree
from rapidfuzz.distance import LCSseq

from benchmarks.timing import least
from benchmarks.unstructured_offline import partitioner
from kbray.config import Settings
from kbray.model import Parsed, Window
from kbray.parse import html, parse
from kbray.parse.encoding import decode
from kbray.parse.markup import trees
from kbray.parse.media import CSV, DOCX, EML, MSG, ODF, ODT, PPTX, RTF, TSV, XLS, XLSX
from kbray.parse.sniff import sniff

FILES = 100_000
_PAGES = 872  # of the document that is made for timing
_ROUNDS = 3  # the least of so many counts
_NAMES = {
    **{DOCX: "docx", PPTX: "pptx", XLSX: "xlsx", XLS: "xls", ODT: "odt", RTF: "rtf", EML: "email", MSG: "msg", CSV: "csv"},
    **{TSV: "tsv", ODF + "presentation": "odp", ODF + "spreadsheet": "ods"},
}
_THEIRS = {"xls": "xlsx"}
_UNKNOWN = frozenset(("odp", "ods"))  # to unstructured
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
_MARK = re.compile(r"\[\^[^\]]+\]")
_MARKUP = re.compile(r"!\[[^\]]*\]\([^)]*\)|<[^>]+>|\[\^[^\]]+\]|&\w+;")
_HIDDEN = frozenset(
    "del moveFrom instrText delText Fallback rPr pPr tracked-changes annotation desc title rPh script style head".split()
)
_TEXTS = frozenset("t p h span a".split())
_BLOCKS = frozenset("p h tab br cr line-break tc tr table-cell s".split())


@dataclass(slots=True)
class Reading:
    """What one engine made of a file."""

    text: str
    counts: Counter[str] = field(default_factory=Counter)
    shapes: Counter[tuple[int, int]] = field(default_factory=Counter)  # rows and columns of the tables


def run(folder: Path, files: int, documents: Path | None = None) -> dict[str, object]:
    """A row a type and engine; raises SystemExit: there are no such files below `documents`, or an engine is missing."""
    try:
        import kreuzberg
    except ImportError:
        raise SystemExit("This benchmark needs kreuzberg, which kbray doesn't: pip install kreuzberg") from None
    found = sorted(path for path in documents.rglob("*") if path.is_file())[:files] if documents else []
    paths = [(path, kind) for path in found if "bad" not in path.parts and (kind := sniff(path, path.name)) in _NAMES]
    if not paths:
        raise SystemExit("This benchmark needs real office files: --documents FOLDER")
    settings = Settings(home=folder)
    theirs = kreuzberg.ExtractionConfig(output_format="markdown", use_cache=False)
    rows: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    readings: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    unread: dict[str, list[str]] = defaultdict(list)
    worst: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for path, kind in paths:
        name = _NAMES[kind]
        engines = _engines(kind, settings, kreuzberg, theirs)
        told = {engine: least(read, path, _ROUNDS, engine) for engine, read in engines.items()}
        reference = _reference(path, kind)
        tables = _tables(path, kind)
        for engine, result in told.items():
            if result is None:
                unread[f"{name} {engine}"].append(path.name)
                continue
            reading, seconds = result
            words = _words(reading.text)
            row = {"cpu_ms": seconds * 1000, "words": len(words)}
            readings[name, engine][path.name] = Counter(words)
            if reference is not None:
                wanted = _words(reference)
                if wanted:
                    row |= _compared(wanted, words)
                    worst[f"{name} {engine}"].append((round(row["in_order"], 3), path.name))
            if tables is not None:
                row["tables_right"] = sum((tables & reading.shapes).values())
                row["tables"] = sum(tables.values())
            rows[name, engine].append(row | {f"n_{what}": float(count) for what, count in reading.counts.items()})
    large = folder / "large.docx"
    _write_large(large)
    timed = {
        "kbray": least(lambda path: _ours(parse(path, DOCX, Window(), settings)), large, 1, "kbray"),
        "kreuzberg": least(lambda path: _kreuzberg(kreuzberg.extract_file_sync(path, config=theirs)), large, 1, ""),
        "unstructured": least(lambda path: _unstructured(partitioner("docx")(filename=str(path), languages=[""])), large, 1, ""),
    }
    return {
        **{f"{name} {engine}": _summary(found) for (name, engine), found in rows.items()},
        **{f"{name} beside each other": _beside(readings, name) for name in sorted({name for name, _ in rows})},
        "unread": dict(unread),
        "worst": {what: sorted(files)[:3] for what, files in worst.items()},
        f"docx_of_{_PAGES}_pages_cpu_s": {engine: result and round(result[1], 2) for engine, result in timed.items()},
    }


def _summary(rows: Sequence[dict[str, float]]) -> dict[str, object]:
    told: dict[str, object] = {"files": len(rows), "cpu_ms": round(sum(row["cpu_ms"] for row in rows), 1)}
    for what in ("in_order", "there", "extra"):
        values = [row[what] for row in rows if what in row]
        if values:
            told[what] = round(mean(values), 3)
    if any("tables" in row for row in rows):
        told["tables"] = (
            f"{sum(row.get('tables_right', 0) for row in rows):.0f} of {sum(row.get('tables', 0) for row in rows):.0f}"
        )
    counts = sorted({what for row in rows for what in row if what.startswith("n_")})
    return told | {what[2:]: int(sum(row.get(what, 0) for row in rows)) for what in counts}


def _beside(readings: dict[tuple[str, str], dict[str, Counter[str]]], name: str) -> dict[str, float]:
    """Which share of the words of one engine another has, over the files that both read."""
    told: dict[str, float] = {}
    engines = [engine for kind, engine in readings if kind == name]
    for one in engines:
        for other in engines:
            both = readings[name, one].keys() & readings[name, other].keys()
            wanted = sum(sum(readings[name, one][file].values()) for file in both)
            if one != other and wanted:
                common = sum(sum((readings[name, one][file] & readings[name, other][file]).values()) for file in both)
                told[f"{one} in {other}"] = round(common / wanted, 3)
    return told


def _compared(wanted: Sequence[str], words: Sequence[str]) -> dict[str, float]:
    """The shares of the wanted words found in order and at all; the share of what was found that nobody wanted."""
    common = sum((Counter(wanted) & Counter(words)).values())
    return {
        "in_order": LCSseq.similarity(wanted, words) / len(wanted),
        "there": common / len(wanted),
        "extra": 1 - common / len(words) if words else 0.0,
    }


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


# ---------------------------------------------------------------- engines


def _engines(kind: str, settings: Settings, kreuzberg: ModuleType, theirs: object) -> dict[str, Callable[[Path], Reading]]:
    """Those that know the type. `theirs`: kreuzberg's settings."""
    name = _NAMES[kind]
    engines: dict[str, Callable[[Path], Reading]] = {
        "kbray": lambda path: _ours(parse(path, kind, Window(), settings)),
        "kreuzberg": lambda path: _kreuzberg(kreuzberg.extract_file_sync(path, mime_type=kind, config=theirs)),
    }
    if name not in _UNKNOWN:
        partition = partitioner(_THEIRS.get(name, name))
        engines["unstructured"] = lambda path: _unstructured(partition(filename=str(path), languages=[""]))
    return engines


def _ours(parsed: Parsed) -> Reading:
    """All elements but those of hidden sheets; an alternative text of a picture is no text of the document."""
    shown = [element for element in parsed.elements if element.main]
    text = "\n".join(_MARK.sub(" ", element.text) for element in shown if element.kind != "image")
    shapes = Counter((element.table.rows, element.table.columns) for element in shown if element.table is not None)
    return Reading(text, Counter(element.kind for element in shown), shapes)


def _kreuzberg(result: Any) -> Reading:
    content = result.content
    lines = content.splitlines()
    counts = Counter(
        heading=sum(bool(re.match(r"#{1,6} ", line)) for line in lines),
        list_item=sum(bool(re.match(r"\s*([-*+•]|\d+[.)]) ", line)) for line in lines),
        table=len(result.tables),
        footnote=sum(bool(re.match(r"\[\^[^\]]+\]:", line)) for line in lines),
        image=content.count("!["),
    )
    shapes = Counter((len(table.cells), max(map(len, table.cells), default=0)) for table in result.tables)
    return Reading(_MARKUP.sub(" ", content), counts, shapes)


def _unstructured(elements: list[Any]) -> Reading:
    kinds = {"Title": "heading", "ListItem": "list_item", "Table": "table", "Footnote": "footnote", "Image": "image"}
    written = [trees.html(one.metadata.text_as_html) for one in elements if one.metadata.text_as_html]
    tables = [found.table for root in written if root is not None for found in html.read(root) if found.table]
    return Reading(
        "\n".join(one.text or "" for one in elements),
        Counter(kinds.get(type(one).__name__, "paragraph") for one in elements),
        Counter((table.rows, table.columns) for table in tables),
    )


# ---------------------------------------------------------------- references


def _reference(path: Path, kind: str) -> str | None:
    """The text that is to be found; None: nobody tells it."""
    if kind in (CSV, TSV):
        text = decode(path.read_bytes()).text
        delimiter = "\t" if kind == TSV else max(",;|\t", key=text[:5000].count)
        return "\n".join("\n".join(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if kind == EML:
        return _mail(path)
    if kind not in (DOCX, PPTX, XLSX) and not kind.startswith(ODF):
        return None
    with zipfile.ZipFile(path) as package:
        if kind == XLSX:
            return "\n".join(_cells(package))
        return "\n".join(_told(etree.fromstring(package.read(part)), kind) for part in _parts(package, kind))


def _parts(package: zipfile.ZipFile, kind: str) -> list[str]:
    """The parts whose text a reader sees, in order."""
    names = package.namelist()
    if kind.startswith(ODF):
        return ["content.xml"]
    if kind == DOCX:
        return [name for name in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml") if name in names]
    slides = sorted((name for name in names if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)), key=_number)
    found = []
    for slide in slides:
        relations = f"ppt/slides/_rels/{slide.rpartition('/')[2]}.rels"
        notes = re.search(rb'Target="\.\./(notesSlides/[^"]+)"', package.read(relations)) if relations in names else None
        found += [slide] + ([f"ppt/{notes[1].decode()}"] if notes else [])
    return found


def _number(name: str) -> int:
    return int("".join(re.findall(r"\d", name)) or "0")


def _told(root: etree._Element, kind: str) -> str:
    """Text nodes in order; blocks and breaks part words."""
    pieces: list[str] = []
    for event, node in (events := etree.iterwalk(root, events=("start", "end"))):
        tag = etree.QName(node).localname if isinstance(node.tag, str) else ""
        if event == "start":
            if tag in _HIDDEN or not tag:
                events.skip_subtree()
                continue
            if node.text and (tag in _TEXTS or kind.startswith(ODF)):
                pieces.append(node.text)
            if tag in _BLOCKS:
                pieces.append(" ")
        else:
            if tag in _BLOCKS:
                pieces.append(" ")
            if node.tail and kind.startswith(ODF):
                pieces.append(node.tail)
    return "".join(pieces)


def _cells(package: zipfile.ZipFile) -> Iterator[str]:
    """The cells of visible sheets that hold text."""
    roots = {name: etree.fromstring(package.read(name)) for name in package.namelist() if re.match(r"xl/.*\.(xml|rels)$", name)}
    texts = [_string(node) for node in roots["xl/sharedStrings.xml"]] if "xl/sharedStrings.xml" in roots else []
    targets = {node.get("Id", ""): node.get("Target", "").removeprefix("/xl/") for node in roots["xl/_rels/workbook.xml.rels"]}
    for sheet in roots["xl/workbook.xml"].iter("{*}sheet"):
        identifier = next(str(value) for name, value in sheet.attrib.items() if str(name).endswith("}id"))
        if sheet.get("state", "visible") != "visible":
            continue
        for cell in roots[f"xl/{targets[identifier]}"].iter("{*}c"):
            if cell.get("t") == "s":
                yield texts[int(cell.findtext("{*}v") or 0)]
            elif cell.get("t") in ("inlineStr", "str"):
                yield _string(cell)


def _string(node: etree._Element) -> str:
    return "".join(one.text or "" for one in node.iter("{*}t", "{*}v") if next(one.iterancestors("{*}rPh"), None) is None)


def _mail(path: Path) -> str:
    """The body and the bodies of messages inside, as plain text where there is one."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    texts = []
    for one in (part for part in message.walk() if part is message or part.get_content_type() == "message/rfc822"):
        inner = one if one is message else next(iter(one.get_payload()), None)
        body = inner.get_body(("html", "plain")) if inner is not None and hasattr(inner, "get_body") else None
        if body is not None:
            content = str(body.get_content())
            texts.append(" ".join(_visible(content)) if body.get_content_subtype() == "html" else content)
    return "\n".join(texts)


def _visible(html: str) -> Iterator[str]:
    root = lxml.html.document_fromstring(html)
    for node in root.iter():
        hidden = not isinstance(node.tag, str) or node.tag in ("script", "style", "head", "title")
        yield "" if hidden else node.text or ""
        yield node.tail or ""


def _tables(path: Path, kind: str) -> Counter[tuple[int, int]] | None:
    """Rows and columns of the tables of a document or presentation, those of frames and of tables in tables left out."""
    if kind not in (DOCX, PPTX, ODT):
        return None
    with zipfile.ZipFile(path) as package:
        roots = [etree.fromstring(package.read(part)) for part in _parts(package, kind)]
    found: Counter[tuple[int, int]] = Counter()
    for root in roots:
        for table in root.iter("{*}tbl", "{*}table"):
            if next(table.iterancestors("{*}tbl", "{*}table", "{*}Fallback"), None) is not None:
                continue
            rows = [row for row in table.iter("{*}tr", "{*}table-row") if next(row.iterancestors("{*}tbl", "{*}table")) is table]
            columns = max((_wide(row) for row in rows), default=0)
            if len(rows) * columns > 1 and any((text or "").strip() for text in table.itertext()):
                found[len(rows), columns] += 1
    return found


def _wide(row: etree._Element) -> int:
    """Columns of a row, its spans counted."""
    width = 0
    for cell in row.iter("{*}tc", "{*}table-cell", "{*}covered-table-cell"):
        if next(cell.iterancestors("{*}tr", "{*}table-row")) is not row:
            continue
        span = cell.find("{*}tcPr/{*}gridSpan")
        width += int(next(str(value) for value in span.attrib.values())) if span is not None else 1
    return width


# ---------------------------------------------------------------- a large document


def _write_large(path: Path) -> None:
    """As many pages of paragraphs, headings, lists and tables; python-docx makes the package, its body is written here."""
    import docx

    document = docx.Document()
    document.save(str(path))
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    root = etree.fromstring(members["word/document.xml"])
    space = root.nsmap["w"]
    body = root[0]
    section = body[-1]
    sentence = "The tea was brewed in the old way, and nobody in the house said anything about it until the evening came. "
    for page in range(_PAGES):
        blocks = [_paragraph(space, f"Chapter {page}", "Heading1")] if page % 10 == 0 else []
        blocks += [_paragraph(space, sentence * 4) for _ in range(5)]
        blocks += [_paragraph(space, f"Kind {number} of leaves", "ListBullet") for number in range(3)]
        blocks += [_large_table(space)] if page % 5 == 0 else []
        for block in blocks:
            section.addprevious(block)
    members["word/document.xml"] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)


def _paragraph(space: str, text: str, style: str = "") -> etree._Element:
    paragraph = etree.Element(f"{{{space}}}p")
    if style:
        properties = etree.SubElement(paragraph, f"{{{space}}}pPr")
        etree.SubElement(properties, f"{{{space}}}pStyle", {f"{{{space}}}val": style})
    run_of_text = etree.SubElement(paragraph, f"{{{space}}}r")
    etree.SubElement(run_of_text, f"{{{space}}}t").text = text
    return paragraph


def _large_table(space: str) -> etree._Element:
    table = etree.Element(f"{{{space}}}tbl")
    for row in range(10):
        line = etree.SubElement(table, f"{{{space}}}tr")
        for column in range(5):
            etree.SubElement(line, f"{{{space}}}tc").append(_paragraph(space, f"value {row} {column}"))
    return table
