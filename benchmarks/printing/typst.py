"""Documents in the language of Typst."""

import re
from itertools import groupby

from benchmarks.printing.documents import Document, Look, Piece

_SPECIAL = re.compile(r"([\\#*_`$<>@\[\]~\"/\-=+'])")
_BULLETS = {"disc": "•", "square": "▪", "circle": "◦"}


def typst(made: Document) -> str:
    look = made.look
    title, *rest = made.pieces
    spacing = f"first-line-indent: 1.4em, spacing: {look.leading - 0.7:.2f}em" if look.indented else "spacing: 1.2em"
    numbering = '"1"' if look.pages else "none"
    head = f'#align(center, text(1.8em, weight: "bold")[{_plain(title.text)}])'
    found = [
        f'#set page(paper: "a4", margin: {look.margin}mm, columns: {look.columns}, numbering: {numbering})',
        f"#set page(header: [#h(1fr) {_plain(look.title)}])",
        f'#set text(font: "{look.family}", size: {look.size}pt, hyphenate: {str(look.hyphens).lower()}, lang: "en")',
        f"#set par(justify: {str(look.justified).lower()}, leading: {look.leading - 0.7:.2f}em, {spacing})",
        f'#show raw: set text(font: "{look.mono}")',
        f"#set list(marker: [{_BULLETS[look.bullet]}])",
        f'#place(top + center, scope: "parent", float: true)[{head}]' if look.columns > 1 else head,
    ]
    for kind, pieces in groupby(rest, lambda piece: piece.kind):
        written = [_one(piece, look) for piece in pieces]
        found.append(("\n" if kind in ("bullet", "number") else "\n\n").join(written))
    return "\n\n".join(found)


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _one(piece: Piece, look: Look) -> str:
    if piece.kind == "table":
        return _table(piece, look)
    if piece.kind == "code":
        return f"```\n{piece.text}\n```"
    text = _plain(piece.text)
    forms = {
        "heading": f"{'=' * piece.level} {text}",
        "bullet": f"{'  ' * (piece.level - 1)}- {text}",
        "number": f"+ {text}",
        "caption": f"#align(center, text(0.9em)[{text}])",
        "quote": f"#quote(block: true)[{text}]",
        "box": f"#block(stroke: 0.6pt, inset: 8pt, width: 100%)[*{piece.head}* #linebreak() {text}]",
    }
    return forms.get(piece.kind, text) + (f"#footnote[{_plain(piece.note)}]" if piece.note else "")


def _table(piece: Piece, look: Look) -> str:
    strokes = {
        "grid": "",
        "lines": f"stroke: (x, y) => (top: if y <= 1 {{0.8pt}}, bottom: if y == {len(piece.rows) - 1} {{0.8pt}}),",
        "stripes": 'stroke: none, fill: (x, y) => if y == 0 {rgb("#9bc")} else if calc.even(y) {rgb("#e8eef4")},',
        "bare": "stroke: none,",
    }
    columns = len(piece.rows[0])
    align = ", ".join("right" if column in piece.figures else "left" for column in range(columns))
    widths = ", ".join(["auto"] * (columns - 1) + ["1fr" if len(piece.rows[1][-1]) > 40 else "auto"])
    head = ", ".join(f"[*{_plain(cell)}*]" for cell in piece.rows[0])
    cells = ", ".join(f"[{_plain(cell)}]" for row in piece.rows[1:] for cell in row)
    table = f"table(columns: ({widths},), align: ({align},), {strokes[look.rules]} table.header({head}), {cells})"
    return f"#align(center, {table})"
