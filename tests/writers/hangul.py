"""Documents of Hangul, written in both of its formats from what their readers make of them."""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kbray.parse.hangul.distributed import masks
from kbray.parse.hangul.document import (
    Document,
    Drawn,
    Formula,
    Grid,
    Head,
    Label,
    Note,
    Paragraph,
    Picture,
    Piece,
    Remark,
    Run,
    Running,
    TableCell,
)
from kbray.parse.hangul.labels import SHAPES
from tests.writers.ole import write_ole

COMPRESSED, PASSWORD, DISTRIBUTED = 1, 1 << 1, 1 << 2
_KINDS = {"outline": 1, "number": 2, "bullet": 3}
_NAMES = {number: name for name, number in SHAPES.items()}
_OUTLINE = 1  # the numbering of titles


def record(tag: int, level: int, data: bytes = b"") -> bytes:
    size = min(len(data), 0xFFF)
    long = struct.pack("<I", len(data)) if size == 0xFFF else b""
    return struct.pack("<I", tag | level << 10 | size << 20) + long + data


def told(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<H", len(data) // 2) + data


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def scrambled(data: bytes, seed: int) -> bytes:
    """The stream of a text that is for distribution only."""
    key = bytes(range(100, 116))
    plain = bytearray(256)
    start = 4 + (seed & 0xF)
    plain[start : start + 16] = key
    head = bytes(byte ^ mask for byte, mask in zip(plain, masks(seed), strict=True))
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return record(0x1C, 0)[:4] + struct.pack("<I", seed) + head[4:] + encryptor.update(data + bytes(-len(data) % 16))


# ---------------------------------------------------------------- HWP


class _Hwp:
    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        self.looks: list[Run] = []
        self.heads: list[Head | None] = []
        self.styles: list[str] = []
        self.pictures = list(pictures)

    def paragraph(self, paragraph: Paragraph, level: int, first: bytes = b"") -> bytes:
        """first: a control that the paragraph begins with."""
        units, controls, looks = b"", [first] if first else [], []
        if first:
            units += self._mark(2, first)
        for piece in paragraph.pieces:
            if isinstance(piece, Run):
                if not piece.text:
                    continue
                looks.append((len(units) // 2, _index(self.looks, Run("", piece.print, piece.face, piece.raised))))
                units += b"".join(self._unit(character) for character in piece.text)
            else:
                code, control = self.control(piece, level + 1)
                units += self._mark(code, control)
                controls.append(control)
        units += "\r".encode("utf-16-le")
        head = struct.pack(
            "<IIHBBHHHI",
            *(
                len(units) // 2,
                0,
                _index(self.heads, paragraph.head),
                _index(self.styles, paragraph.style),
                0,
                len(looks),
                0,
                0,
                0,
            ),
        )
        shapes = b"".join(struct.pack("<II", *look) for look in looks or [(0, 0)])
        return b"".join([record(0x42, level, head), record(0x43, level + 1, units), record(0x44, level + 1, shapes), *controls])

    @staticmethod
    def _mark(code: int, control: bytes) -> bytes:
        return struct.pack("<H", code) + control[4:8] + bytes(8) + struct.pack("<H", code)

    @staticmethod
    def _unit(character: str) -> bytes:
        if character == "\t":
            return struct.pack("<H", 9) + bytes(12) + struct.pack("<H", 9)
        return character.encode("utf-16-le")

    def listed(self, paragraphs: Iterable[Paragraph], level: int, more: bytes = b"", flags: int = 0) -> bytes:
        inside = list(paragraphs)
        head = record(0x48, level, struct.pack("<HHI", len(inside), 0, flags) + more)
        return head + b"".join(self.paragraph(one, level) for one in inside)

    def control(self, piece: Piece, level: int) -> tuple[int, bytes]:
        """The code that stands for it in the text, and its records."""
        if isinstance(piece, Note):
            return 17, record(0x47, level, b"  nf" + bytes(8)) + self.listed(piece.inside, level + 1)
        if isinstance(piece, Running):
            name = b"daeh" if piece.kind == "header" else b"toof"
            return 16, record(0x47, level, name + bytes(8)) + self.listed(piece.inside, level + 1)
        if isinstance(piece, Remark):
            return 15, record(0x47, level, b"tmct") + self.listed(piece.inside, level + 1)
        if isinstance(piece, Formula):
            return 11, record(0x47, level, b"deqe" + bytes(40)) + record(0x58, level + 1, bytes(4) + told(piece.script))
        assert isinstance(piece, Drawn)
        side = struct.pack("<I", 2 if piece.caption_first else 3)
        caption = self.listed(piece.caption, level + 1, side) if piece.caption else b""
        if any(isinstance(part, Grid) for part in piece.parts):
            (grid,) = piece.parts
            assert isinstance(grid, Grid)
            head = b" lbt" + struct.pack("<I", piece.inline) + bytes(36) + told("")
            table = record(0x4D, level + 1, bytes(18))
            return 11, record(0x47, level, head) + caption + table + b"".join(self._cell(cell, level + 1) for cell in grid.cells)
        alt = next((part.alt for part in piece.parts if isinstance(part, Picture)), "")
        head = b" osg" + struct.pack("<I", piece.inline) + bytes(36) + told(alt)
        shapes = b"".join(self._shape(part, level + 1) for part in piece.parts)
        return 11, record(0x47, level, head) + caption + shapes

    def _cell(self, cell: TableCell, level: int) -> bytes:
        place = struct.pack("<HHHH", cell.column, cell.row, cell.column_span, cell.row_span)
        return self.listed(cell.inside, level, place + bytes(18), cell.header << 18)

    def _shape(self, part: object, level: int) -> bytes:
        if isinstance(part, Picture):
            number = self.pictures.index(part.target) + 1 if part.target else 0
            return record(0x4C, level, bytes(8)) + record(0x55, level + 1, bytes(71) + struct.pack("<H", number) + bytes(10))
        assert isinstance(part, list)
        return record(0x4C, level, bytes(8)) + self.listed(part, level + 1) + record(0x4F, level + 1, bytes(33))

    def told_styles(self, labels: Mapping[int, tuple[Label, ...]]) -> bytes:
        faces = list(dict.fromkeys(look.face for look in self.looks)) or [""]
        found = [record(0x11, 0, struct.pack("<8I", len(self.pictures), 1, len(faces), 0, 0, 0, 0, 0))]
        for number, name in enumerate(self.pictures, start=1):
            found.append(record(0x12, 1, struct.pack("<HH", 1, number) + told(name.rpartition(".")[2])))
        found += [record(0x13, 1, b"\0" + told(face)) for face in ("바탕", *faces)]
        for look in self.looks:
            flags = (look.print.bold is True) << 1 | look.raised << 15
            size = round((look.print.size or 0) * 100)
            numbers = struct.pack("<7H", 0, faces.index(look.face), 0, 0, 0, 0, 0) + bytes(28) + struct.pack("<iI", size, flags)
            found.append(record(0x15, 1, numbers + bytes(20)))
        for _, levels in sorted(labels.items()):
            padded = [*levels, *[Label("", 0)] * (7 - len(levels))]
            forms = b"".join(struct.pack("<I", label.shape << 5) + bytes(8) + told(label.form) for label in padded)
            found.append(record(0x17, 1, forms + bytes(2) + b"".join(struct.pack("<I", label.start) for label in padded)))
        for head in self.heads:
            flags = (_KINDS[head.kind] << 23 | head.level << 25) if head is not None else 0
            found.append(record(0x19, 1, struct.pack("<I", flags) + bytes(26) + struct.pack("<H", head.numbering if head else 0)))
        found += [record(0x1A, 1, told("이름") + told(name) + bytes(8)) for name in self.styles]
        return b"".join(found)


def _index(known: list[object] | list[Run] | list[Head | None] | list[str], one: object) -> int:
    if one not in known:
        known.append(one)  # type: ignore[arg-type]  # of one kind each
    return known.index(one)  # type: ignore[arg-type]


def write_hwp(path: Path, document: Document, pictures: Mapping[str, bytes] | None = None, flags: int = COMPRESSED) -> Path:
    """pictures: by their targets, `BinData/BIN0001.png` and so on."""
    pictures = pictures or {}
    writer = _Hwp(pictures)
    section = record(0x47, 1, b"dces" + bytes(14) + struct.pack("<H", _OUTLINE) + bytes(10))
    paragraphs = document.paragraphs or [Paragraph()]
    text = b"".join(writer.paragraph(one, 0, b"" if place else section) for place, one in enumerate(paragraphs))
    pack = deflated if flags & COMPRESSED else bytes
    streams = {
        "FileHeader": b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010001, flags) + bytes(216),
        "DocInfo": pack(writer.told_styles(document.labels)),
        "BodyText/Section0": pack(text if not flags & DISTRIBUTED else b""),
        "\x05HwpSummaryInformation": _summary(document),
        **{target: pack(data) for target, data in pictures.items()},
    }
    if flags & DISTRIBUTED:
        streams["ViewText/Section0"] = scrambled(pack(text), 0x12345)
    write_ole(path, streams)
    return path


def _summary(document: Document) -> bytes:
    """Title and author, as property sets have them."""
    values = [(2, document.metadata.title or ""), (4, ";".join(document.metadata.authors))]
    data, places = b"", []
    for number, value in values:
        places.append((number, 8 + 8 * len(values) + len(data)))
        text = (value + "\0").encode("utf-16-le")
        data += struct.pack("<II", 31, len(text) // 2) + text + bytes(-len(text) % 4)
    table = struct.pack("<II", 8 + 8 * len(values) + len(data), len(values))
    table += b"".join(struct.pack("<II", *place) for place in places)
    return struct.pack("<HHI", 0xFFFE, 0, 0) + bytes(16) + struct.pack("<I", 1) + bytes(16) + struct.pack("<I", 48) + table + data


# ---------------------------------------------------------------- HWPX

_SPACES = " ".join(
    f'xmlns:{name}="http://www.hancom.co.kr/hwpml/2011/{of}"'
    for name, of in (("hp", "paragraph"), ("hs", "section"), ("hh", "head"), ("hc", "core"))
)


class _Hwpx:
    def __init__(self) -> None:
        self.looks: list[Run] = []
        self.heads: list[Head | None] = []
        self.styles: list[str] = []

    def paragraph(self, paragraph: Paragraph, first: str = "") -> str:
        runs = f"<hp:run>{first}</hp:run>" if first else ""
        for piece in paragraph.pieces:
            if isinstance(piece, Run):
                look = _index(self.looks, Run("", piece.print, piece.face, piece.raised))
                runs += f'<hp:run charPrIDRef="{look}"><hp:t>{_text(piece.text)}</hp:t></hp:run>'
            else:
                runs += f"<hp:run>{self.piece(piece)}</hp:run>"
        shape, style = _index(self.heads, paragraph.head), _index(self.styles, paragraph.style)
        return f'<hp:p paraPrIDRef="{shape}" styleIDRef="{style}">{runs}</hp:p>'

    def listed(self, paragraphs: Iterable[Paragraph]) -> str:
        return f"<hp:subList>{''.join(map(self.paragraph, paragraphs))}</hp:subList>"

    def piece(self, piece: Piece) -> str:
        if isinstance(piece, Note):
            return f"<hp:ctrl><hp:footNote>{self.listed(piece.inside)}</hp:footNote></hp:ctrl>"
        if isinstance(piece, Running):
            return f"<hp:ctrl><hp:{piece.kind}>{self.listed(piece.inside)}</hp:{piece.kind}></hp:ctrl>"
        if isinstance(piece, Remark):
            return f"<hp:ctrl><hp:hiddenComment>{self.listed(piece.inside)}</hp:hiddenComment></hp:ctrl>"
        if isinstance(piece, Formula):
            return f"<hp:equation><hp:sz/><hp:script>{escape(piece.script)}</hp:script></hp:equation>"
        assert isinstance(piece, Drawn)
        side = "TOP" if piece.caption_first else "BOTTOM"
        caption = f'<hp:caption side="{side}">{self.listed(piece.caption)}</hp:caption>' if piece.caption else ""
        own = f'<hp:sz/><hp:pos treatAsChar="{int(piece.inline)}"/>{caption}'
        if len(piece.parts) == 1:
            return self._part(piece.parts[0], own)
        return f"<hp:container>{own}{''.join(self._part(part, '<hp:sz/>') for part in piece.parts)}</hp:container>"

    def _part(self, part: object, own: str) -> str:
        if isinstance(part, Picture):
            name = part.target.rpartition("/")[2].partition(".")[0]
            told = f"<hp:shapeComment>{escape(part.alt)}</hp:shapeComment>"
            return f'<hp:pic>{own}<hc:img binaryItemIDRef="{name}"/>{told}</hp:pic>'
        if isinstance(part, Grid):
            rows = "".join(f"<hp:tr>{self._cell(cell)}</hp:tr>" for cell in part.cells)
            return f"<hp:tbl>{own}{rows}</hp:tbl>"
        assert isinstance(part, list)
        return f"<hp:rect>{own}<hp:drawText>{self.listed(part)}</hp:drawText></hp:rect>"

    def _cell(self, cell: TableCell) -> str:
        return (
            f'<hp:tc header="{int(cell.header)}">{self.listed(cell.inside)}'
            f'<hp:cellAddr colAddr="{cell.column}" rowAddr="{cell.row}"/>'
            f'<hp:cellSpan colSpan="{cell.column_span}" rowSpan="{cell.row_span}"/></hp:tc>'
        )

    def head(self, labels: Mapping[int, tuple[Label, ...]]) -> str:
        faces = list(dict.fromkeys(look.face for look in self.looks)) or [""]
        fonts = "".join(f"<hh:font id={quoteattr(str(n))} face={quoteattr(face)}/>" for n, face in enumerate(faces))
        parts = [
            '<hh:fontface lang="HANGUL"><hh:font id="0" face="바탕"/></hh:fontface>'
            f'<hh:fontface lang="LATIN">{fonts}</hh:fontface>'
        ]
        for number, look in enumerate(self.looks):
            signs = ("<hh:bold/>" if look.print.bold else "") + ("<hh:supscript/>" if look.raised else "")
            size = round((look.print.size or 0) * 100)
            font = f'<hh:fontRef hangul="0" latin="{faces.index(look.face)}"/>'
            parts.append(f'<hh:charPr id="{number}" height="{size}">{font}{signs}</hh:charPr>')
        for number, head in enumerate(self.heads):
            told = f'type="{head.kind.upper()}" idRef="{head.numbering}" level="{head.level}"' if head else 'type="NONE"'
            parts.append(f'<hh:paraPr id="{number}"><hh:heading {told}/></hh:paraPr>')
        parts += [f'<hh:style id="{n}" type="PARA" name="이름" engName={quoteattr(name)}/>' for n, name in enumerate(self.styles)]
        for number, levels in labels.items():
            forms = "".join(
                f'<hh:paraHead start="{label.start}" level="{n}" numFormat="{_NAMES[label.shape]}">'
                f"{escape(label.form)}</hh:paraHead>"
                for n, label in enumerate(levels, start=1)
            )
            parts.append(f'<hh:numbering id="{number}">{forms}</hh:numbering>')
        return f"<hh:head {_SPACES}>{''.join(parts)}</hh:head>"


def _text(text: str) -> str:
    return escape(text).replace("\n", "<hp:lineBreak/>").replace("\t", "<hp:tab/>")


def section(*paragraphs: str) -> str:
    return f"<hs:sec {_SPACES}>{''.join(paragraphs)}</hs:sec>"


def write_hwpx(path: Path, document: Document, pictures: Mapping[str, bytes] | None = None) -> Path:
    writer = _Hwpx()
    told_section = f'<hp:secPr outlineShapeIDRef="{_OUTLINE}"/>'
    text = section(*(writer.paragraph(one, "" if place else told_section) for place, one in enumerate(document.paragraphs)))
    items = "".join(
        f'<opf:item id="{name.rpartition("/")[2].partition(".")[0]}" href="{name}"/>'
        for name in ("Contents/section0.xml", *(pictures or {}))
    )
    creators = "".join(f'<opf:meta name="creator" content="text">{escape(who)}</opf:meta>' for who in document.metadata.authors)
    package = (
        f'<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:metadata><opf:title>{escape(document.metadata.title or "")}'
        f"</opf:title>{creators}</opf:metadata><opf:manifest>{items}</opf:manifest>"
        '<opf:spine><opf:itemref idref="section0"/></opf:spine></opf:package>'
    )
    members = {
        "Contents/content.hpf": package,
        "Contents/header.xml": writer.head(document.labels),
        "Contents/section0.xml": text,
    }
    path.write_bytes(packed({**members, **(pictures or {})}))
    return path


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A package of these members."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/hwp+zip")
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()
