"""The XML of iWork of 2003 to 2012: one tree, whose parts refer to each other by ids.

Names are told without their namespaces, which say nothing more. Apple described those of Keynote 1 and 2 (Technical Notes TN2067,
TN2073); the rest is as libetonyek (MPL 2.0) has it.
"""

import zlib
from collections.abc import Iterator

from lxml import etree

from kbray.errors import CorruptDocument, DocumentTooLarge

Node = etree._Element
_MOST = 256 * 1024 * 1024  # bytes
_GZIP = b"\x1f\x8b"
_ABOVE = 10
_NAMED = ("{*}paragraphstyle", "{*}liststyle")


class Tree:
    """The document, and its parts by their ids. `broken_at`: the line behind which parts may be missing; 0: there is none.

    Raises on opening: CorruptDocument: it is no XML at all. DocumentTooLarge: it has more than 256 MiB.
    """

    def __init__(self, data: bytes) -> None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
        try:
            root = etree.fromstring(_plain(data), parser)
        except etree.XMLSyntaxError as error:
            raise CorruptDocument(f"its XML can't be read: {' '.join(str(error).split())[:200]}") from None
        if root is None:
            raise CorruptDocument("its XML can't be read")
        fatal = next((one for one in parser.error_log if one.level == etree.ErrorLevels.FATAL), None)
        self.broken_at = fatal.line if fatal is not None else 0
        self.root: Node = root
        self._ids: dict[str, Node] = {}
        self._sheets: dict[Node | None, dict[str, Node]] = {}  # styles by name: masters have sheets of their own
        for node in root.iter(etree.Element):
            if (told := attribute(node, "ID")) is not None:
                self._ids.setdefault(told, node)
        for node in root.iter(*_NAMED):
            if (told := attribute(node, "ident")) is not None:
                for sheet in (next(node.iterancestors("{*}stylesheet"), None), None):
                    self._sheets.setdefault(sheet, {}).setdefault(told, node)

    def meant(self, node: Node) -> Node:
        """What a node stands for that refers to another one; itself otherwise."""
        target = attribute(node, "IDREF")
        return self._ids.get(target, node) if target is not None else node

    def style(self, told: str | None, beside: Node | None = None) -> Node | None:
        """A style by its id, or by its name: that of the sheet of the style `beside`, or of those that the sheet takes after."""
        if told is None or told in self._ids:
            return self._ids.get(told or "")
        sheet = next(beside.iterancestors("{*}stylesheet"), None) if beside is not None else None
        for _ in range(_ABOVE):
            if (found := self._sheets.get(sheet, {}).get(told)) is not None and found is not beside:
                return found
            above = child(sheet, "parent-ref")
            if above is None:
                break
            sheet = self.meant(above)
        return self._sheets.get(None, {}).get(told)


def _plain(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        reader = zlib.decompressobj(31)
        found = reader.decompress(data, _MOST)
    except zlib.error as error:
        raise CorruptDocument(f"it can't be unpacked: {error}") from None
    if reader.unconsumed_tail:
        raise DocumentTooLarge(f"The document unpacks to more than {_MOST // 2**20} MiB.")
    return found


def name(node: Node) -> str:
    return str(node.tag).rpartition("}")[2]


def attribute(node: Node, local: str) -> str | None:
    """By its name without a namespace."""
    return next((str(told) for key, told in node.attrib.items() if str(key).rpartition("}")[2] == local), None)


def number(node: Node, local: str) -> float:
    """An attribute; 0: it is none, or no number of a sensible size."""
    try:
        value = float(attribute(node, local) or 0)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e15 else 0.0


def child(node: Node | None, *path: str) -> Node | None:
    """Down the first children of these names."""
    for step in path:
        node = next(children(node, step), None) if node is not None else None
    return node


def children(node: Node, *names: str) -> Iterator[Node]:
    """Those of these names, or all."""
    return (one for one in node.iterchildren(etree.Element) if not names or name(one) in names)
