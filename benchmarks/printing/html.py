"""Documents as HTML."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from benchmarks.printing.documents import Document, Kind, Piece

_TAGS = {
    "caption": ("<p class=caption>", "</p>"),
    "code": ("<pre>", "</pre>"),
    "quote": ("<blockquote>", "</blockquote>"),
    "paragraph": ("<p>", "</p>"),
}
_RULES = {
    "grid": "td, th {border: 0.6pt solid #333}",
    "lines": "table {border-top: 1pt solid; border-bottom: 1pt solid} th {border-bottom: 0.6pt solid}",
    "stripes": "th {background: #27476e; color: white} tr:nth-child(odd) td {background: #e8eef4}",
    "bare": "",
}


def html(made: Document, *, notes: bool) -> str:
    """Args: notes: the program that prints it knows footnotes; else the page has none."""
    title, *rest = made.pieces
    body = "".join(_run(kind, list(pieces), notes) for kind, pieces in groupby(rest, lambda piece: piece.kind))
    head = f"<meta charset=utf-8><title>{escape(title.text)}</title><style>{_style(made)}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body><h1>{escape(title.text)}</h1><main>{body}</main></body></html>"


def _style(made: Document) -> str:
    look = made.look
    margins = f'@top-right {{content: "{look.title}"; font-size: 8pt}}' if look.title else ""
    margins += "@bottom-center {content: counter(page)}" if look.pages else ""
    return f"""@page {{size: A4; margin: {look.margin}mm; {margins}}}
        body {{font: {look.size}pt/{look.leading} '{look.family}'; text-align: {"justify" if look.justified else "left"};
            hyphens: {"auto" if look.hyphens else "manual"}}}
        main {{columns: {look.columns}; column-gap: 7mm}} h1, h2, h3 {{text-align: left; line-height: 1.2; break-after: avoid}}
        p {{margin: {"0; text-indent: 1.4em" if look.indented else "0 0 0.8em"}}} ul {{list-style-type: {look.bullet}}}
        table {{border-collapse: collapse; margin: 0.8em auto; font-size: 0.9em; line-height: 1.25; text-align: left;
            break-inside: avoid; hyphens: none}} td, th {{padding: 0.25em 0.6em}} {_RULES[look.rules]}
        .figure {{text-align: right}} .caption {{font-size: 0.9em; text-align: center; text-indent: 0}}
        .note {{float: footnote}} .box {{border: 0.8pt solid #666; padding: 0.6em; margin: 0.8em 0}}
        pre {{font: 0.85em/1.3 '{look.mono}'; background: #f3f3f3; padding: 0.6em; text-align: left; hyphens: none}}
        blockquote {{margin: 0.8em 2.2em; font-style: italic}}"""


def _run(kind: Kind, pieces: Sequence[Piece], notes: bool) -> str:
    if kind in ("bullet", "number"):
        return _list("ul" if kind == "bullet" else "ol", pieces)
    return "".join(_one(piece, notes) for piece in pieces)


def _list(tag: str, items: Sequence[Piece]) -> str:
    found = ""
    for number, item in enumerate(items):
        if item.level == items[0].level:
            below = list(_below(items, number))
            found += f"<li>{escape(item.text)}{_list(tag, below) if below else ''}</li>"
    return f"<{tag}>{found}</{tag}>"


def _below(items: Sequence[Piece], number: int) -> Iterator[Piece]:
    """The items under this one."""
    for item in items[number + 1 :]:
        if item.level <= items[number].level:
            return
        yield item


def _one(piece: Piece, notes: bool) -> str:
    text = escape(piece.text)
    if piece.kind == "table":
        return _table(piece)
    if piece.kind == "heading":
        return f"<h{piece.level + 1}>{text}</h{piece.level + 1}>"
    if piece.kind == "box":
        return f"<div class=box><b>{piece.head}</b><br>{text}</div>"
    before, behind = _TAGS[piece.kind]
    note = f'<span class="note">{escape(piece.note)}</span>' if piece.note and notes else ""
    return before + text + note + behind


def _table(piece: Piece) -> str:
    rows = []
    for number, row in enumerate(piece.rows):
        tag = "td" if number else "th"
        classes = (" class=figure" if column in piece.figures else "" for column in range(len(row)))
        rows.append("".join(f"<{tag}{style}>{escape(cell)}</{tag}>" for style, cell in zip(classes, row, strict=True)))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
