"""What an EPUB says of itself: container → package (OPF) → metadata, reading order and where its table of contents is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree

from kbray.errors import CorruptDocument, EncryptedDocument
from kbray.model import Metadata
from kbray.parse.archive import Archive, resolve
from kbray.parse.markup import trees
from kbray.parse.markup.trees import content, local

_CONTAINER = "META-INF/container.xml"
_OPF = "application/oebps-package+xml"
_NCX = "application/x-dtbncx+xml"
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_OPF_NAMESPACE = "{http://www.idpf.org/2007/opf}"
_SCHEMES = (
    ("META-INF/rights.xml", "Adobe ADEPT"),
    ("META-INF/license.lcpl", "Readium LCP"),
    ("META-INF/sinf.xml", "Apple FairPlay"),
)
_LONGEST = 300  # characters of names that are quoted
_MARKUP = (".xhtml", ".html", ".htm", ".xht")
_READABLE = ("application/xhtml+xml", "text/html", "image/svg+xml", "application/x-dtbook+xml", "text/x-oeb1-document")


@dataclass(frozen=True, slots=True)
class SpineItem:
    """One item of the reading order: `name` is its path in the container, or what the book calls it if it isn't there."""

    name: str
    problem: str | None = None  # why there is nothing to read


@dataclass(frozen=True, slots=True)
class Package:
    spine: tuple[SpineItem, ...]
    metadata: Metadata
    nav: str | None = None  # EPUB 3 navigation document
    ncx: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _ManifestItem:
    href: str
    media_type: str
    properties: tuple[str, ...]
    fallback: str | None


def read_package(archive: Archive) -> Package:
    """The default rendition's package; a broken or missing one is made up from the chapters that are there, with a warning.

    Raises: CorruptDocument (nothing that could be a chapter), EncryptedDocument, DocumentTooLarge.
    """
    warnings = [f"Two members are named {name!r}; the last one is read." for name in archive.duplicates]
    opf = _find_opf(archive, warnings)
    if opf is not None:
        try:
            return _read_opf(archive, opf, warnings)
        except CorruptDocument as error:
            warnings.append(f"The package document {opf!r} can't be read ({error}).")
    names = sorted((name for name in archive.names if name.lower().endswith(_MARKUP)), key=_natural)
    if not names:
        raise CorruptDocument("The book has neither a readable package document nor chapters; fetch the file again.")
    warnings.append("Without a package document the order of the chapters is that of their names, and the metadata is unknown.")
    return Package(tuple(map(SpineItem, names)), Metadata(), warnings=tuple(warnings))


def encrypted_members(archive: Archive) -> dict[str, str]:
    """Path in the container → what locks it, for all that META-INF/encryption.xml names; obfuscated fonts are left out."""
    name = archive.find("META-INF/encryption.xml")
    if name is None:
        return {}
    try:
        root = trees.xml(archive.read(name), name)
    except CorruptDocument:
        return {}
    scheme = next((label for member, label in _SCHEMES if archive.find(member)), "DRM")
    found: dict[str, str] = {}
    for data in root.iter("{*}EncryptedData"):
        method = data.find("{*}EncryptionMethod")
        if method is not None and method.get("Algorithm") in _FONT_OBFUSCATION:
            continue
        for reference in data.iter("{*}CipherReference"):
            path = resolve("", unquote(reference.get("URI") or ""))
            found[archive.find(path) or path] = scheme
    return found


def locate(archive: Archive, base: str, href: str) -> str | None:
    """The member that `href` in member `base` means (fragment cut off), or None: it leads out of the book or nowhere."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path:
        return None
    return archive.find(resolve(base, unquote(parts.path))) or archive.find(resolve(base, parts.path))


def _find_opf(archive: Archive, warnings: list[str]) -> str | None:
    container = archive.find(_CONTAINER)
    if container is not None:
        try:
            root = trees.xml(archive.read(container), container)
        except CorruptDocument as error:
            warnings.append(f"{_CONTAINER} can't be read ({error}).")
        else:
            files = [node.get("full-path") or "" for node in root.iter("{*}rootfile") if node.get("media-type", _OPF) == _OPF]
            there = [member for path in files if (member := archive.find(unquote(path)) or archive.find(path))]
            if len(there) > 1:
                warnings.append(f"The book has {len(there)} renditions; the first one is read.")
            if there:
                return there[0]
    found = sorted((name for name in archive.names if name.lower().endswith(".opf")), key=lambda name: (name.count("/"), name))
    if found:
        warnings.append(f"{_CONTAINER} names no package document; {found[0]!r} is taken.")
    else:
        warnings.append("The book has no package document.")
    return found[0] if found else None


def _read_opf(archive: Archive, opf: str, warnings: list[str]) -> Package:
    if opf in encrypted_members(archive):
        raise EncryptedDocument("The book is protected by DRM: even its package document is encrypted.")
    root = trees.xml(archive.read(opf), opf)
    manifest = {
        node.get("id") or "": _ManifestItem(
            node.get("href") or "",
            (node.get("media-type") or "").lower(),
            tuple((node.get("properties") or "").split()),
            node.get("fallback"),
        )
        for node in root.iter("{*}item")
    }
    spine_node = next(root.iter("{*}spine"), None)
    told = list(warnings)
    spine = _spine(archive, opf, manifest, root, told)
    if not spine:
        readable = (item for item in manifest.values() if item.media_type in _READABLE and "nav" not in item.properties)
        spine = tuple(SpineItem(name) for item in readable if (name := locate(archive, opf, item.href)))
        told.append("The spine is empty; the documents of the manifest are read in its order.")
    if not spine:
        raise CorruptDocument("its spine and manifest are empty")
    nav = next((item.href for item in manifest.values() if "nav" in item.properties), None)
    told += _lost(archive, opf, manifest)
    ncx_id = spine_node.get("toc") if spine_node is not None else None
    ncx = next((item.href for key, item in manifest.items() if key == ncx_id or item.media_type == _NCX), None)
    return Package(
        spine,
        _metadata(root),
        nav=locate(archive, opf, nav) if nav else None,
        ncx=locate(archive, opf, ncx) if ncx else None,
        warnings=tuple(told),
    )


def _lost(archive: Archive, opf: str, manifest: dict[str, _ManifestItem]) -> Iterator[str]:
    """What to tell of pictures that the manifest names and that aren't there."""
    pictures = [item.href for item in manifest.values() if item.media_type.startswith("image/") and "://" not in item.href]
    lost = [href for href in dict.fromkeys(pictures) if href and locate(archive, opf, href) is None]
    if lost:
        named = ", ".join(lost)[:_LONGEST]
        yield f"Pictures that the book names are not in it ({len(lost)}): {named}; it may be damaged or cut short."


def _spine(
    archive: Archive, opf: str, manifest: dict[str, _ManifestItem], root: etree._Element, warnings: list[str]
) -> tuple[SpineItem, ...]:
    items: dict[str, SpineItem] = {}
    for reference in root.iter("{*}itemref"):
        idref = reference.get("idref") or ""
        entry = manifest.get(idref)
        if entry is None:
            items.setdefault(idref, SpineItem(idref, f"The spine names {idref!r}, which the manifest doesn't have."))
            continue
        chosen = next(_readable(entry, manifest), entry)
        name = locate(archive, opf, chosen.href)
        if name is None:
            path = resolve(opf, unquote(chosen.href))
            items.setdefault(path, SpineItem(path, f"The book names the chapter {path!r}, which isn't in the archive."))
        elif name in items:
            warnings.append(f"The spine names {name!r} twice; it is read once.")
        else:
            items[name] = SpineItem(name)
    return tuple(items.values())


def _readable(entry: _ManifestItem, manifest: dict[str, _ManifestItem]) -> Iterator[_ManifestItem]:
    """The item or those it falls back to, as far as their media type promises text."""
    seen: set[str] = set()
    current: _ManifestItem | None = entry
    while current is not None:
        if current.media_type in _READABLE:
            yield current
        if not current.fallback or current.fallback in seen:
            return
        seen.add(current.fallback)
        current = manifest.get(current.fallback)


def _metadata(root: etree._Element) -> Metadata:
    meta = next(root.iter("{*}metadata"), None)
    if meta is None:
        return Metadata()
    refined: dict[tuple[str, str], str] = {}
    for node in meta.iter("{*}meta"):
        refined[(node.get("refines") or "").lstrip("#"), node.get("property") or ""] = content(node)
    fields: dict[str, list[etree._Element]] = {}
    for node in meta.iter(etree.Element):
        if content(node):
            fields.setdefault(local(node.tag), []).append(node)

    def first(name: str, wanted: str = "", kind: str = "") -> str | None:
        nodes = fields.get(name, [])
        chosen = next((n for n in nodes if wanted and refined.get((n.get("id") or "", kind)) == wanted), None)
        return content(chosen if chosen is not None else nodes[0]) if nodes else None

    unique = root.get("unique-identifier")
    identifiers = fields.get("identifier", [])
    identifier = next((content(node) for node in identifiers if node.get("id") == unique), None)
    return Metadata(
        title=first("title", "main", "title-type"),
        authors=_authors(fields.get("creator", []), refined),
        language=first("language"),
        publisher=first("publisher"),
        date=_date(fields.get("date", [])),
        identifier=identifier or (content(identifiers[0]) if identifiers else None),
    )


def _authors(creators: list[etree._Element], refined: dict[tuple[str, str], str]) -> tuple[str, ...]:
    """Creators whose role is author or unsaid; all of them if that leaves none."""
    roles = [node.get(f"{_OPF_NAMESPACE}role") or refined.get((node.get("id") or "", "role")) or "aut" for node in creators]
    authors = [content(node) for node, role in zip(creators, roles, strict=True) if role == "aut"]
    return tuple(dict.fromkeys(authors or map(content, creators)))


def _date(dates: list[etree._Element]) -> str | None:
    published = (node for node in dates if node.get(f"{_OPF_NAMESPACE}event") == "publication")
    chosen = next(published, dates[0] if dates else None)
    return content(chosen) if chosen is not None else None


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(piece), "") if piece.isdecimal() and len(piece) < 18 else (-1, piece) for piece in re.split(r"(\d+)", name)]
