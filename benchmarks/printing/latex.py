"""Documents in the language of LaTeX."""

import re
from itertools import groupby

from benchmarks.printing.documents import Document, Look, Piece

_SPECIAL = re.compile(r"([\\{}$&#_%^~])")
_SIZES = {9: 10, 10: 10, 10.5: 10, 11: 11, 12: 12}  # that its classes have
_LISTS = {"bullet": "itemize", "number": "enumerate"}
_BULLETS = {"disc": r"\textbullet", "square": r"$\blacksquare$", "circle": r"$\circ$"}
_HEADINGS = {1: r"\section*", 2: r"\subsection*"}


def latex(made: Document) -> str:
    look = made.look
    title, *rest = made.pieces
    spacing = "" if look.indented else r"\setlength{\parindent}{0pt}\setlength{\parskip}{1em}"
    ends = r"\sloppy" if look.justified else r"\raggedright" + (r"\parindent=1.5em" if look.indented else "")
    found = [
        rf"\documentclass[{_SIZES[look.size]}pt,a4paper{',twocolumn' if look.columns > 1 else ''}]{{article}}",
        rf"\usepackage[margin={look.margin}mm,headheight=14pt]{{geometry}}",
        r"\usepackage{amssymb,booktabs,longtable,fancyhdr,lmodern}",
        "" if look.serif else r"\renewcommand{\familydefault}{\sfdefault}",
        rf"\linespread{{{look.leading / 1.2:.2f}}}{spacing}",
        "" if look.hyphens else r"\hyphenpenalty=10000 \exhyphenpenalty=10000",
        r"\pagestyle{fancy}\fancyhf{}\renewcommand{\headrulewidth}{0pt}",
        rf"\fancyhead[R]{{{_plain(look.title)}}}" + (r"\fancyfoot[C]{\thepage}" if look.pages else ""),
        rf"\renewcommand{{\labelitemi}}{{{_BULLETS[look.bullet]}}}\renewcommand{{\labelitemii}}{{--}}",
        rf"\title{{{_plain(title.text)}}}\author{{}}\date{{}}",
        rf"\begin{{document}}{ends}\maketitle\thispagestyle{{fancy}}",
    ]
    for kind, group in groupby(rest, lambda piece: piece.kind):
        pieces = list(group)
        found += [_list(pieces)] if kind in _LISTS else [_one(piece, look) for piece in pieces]
    return "\n\n".join([*found, r"\end{document}"])


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _list(items: list[Piece]) -> str:
    """One that may hold others."""
    lines, depth = [], 0
    for item in items:
        for _ in range(depth, item.level):
            lines.append(rf"\begin{{{_LISTS[item.kind]}}}")
        for _ in range(item.level, depth):
            lines.append(rf"\end{{{_LISTS[item.kind]}}}")
        depth = item.level
        lines.append(rf"\item {_plain(item.text)}")
    return "\n".join([*lines, *[rf"\end{{{_LISTS[items[0].kind]}}}"] * depth])


def _one(piece: Piece, look: Look) -> str:
    if piece.kind == "table":
        return _table(piece, look)
    if piece.kind == "code":
        return f"\\begin{{verbatim}}\n{piece.text}\n\\end{{verbatim}}"
    text = _plain(piece.text)
    forms = {
        "heading": f"{_HEADINGS[piece.level]}{{{text}}}",
        "caption": rf"\medskip{{\centering\small {text}\par}}\medskip",
        "quote": rf"\begin{{quote}}{text}\end{{quote}}",
        "box": rf"\noindent\fbox{{\parbox{{0.95\linewidth}}{{\textbf{{{piece.head}}}\\ {text}}}}}",
    }
    return forms.get(piece.kind, text) + (rf"\footnote{{{_plain(piece.note)}}}" if piece.note else "")


def _table(piece: Piece, look: Look) -> str:
    grid, width = look.rules == "grid", len(piece.rows[0])
    wide = len(piece.rows[1][-1]) > 40  # text in the last column
    columns = ["r" if column in piece.figures else "l" for column in range(width)]
    if wide:
        columns[-1] = rf"p{{{0.94 - 0.17 * (width - 1):.2f}\linewidth}}"
    over, under, below = {"grid": (r"\hline", r"\hline", r"\hline"), "bare": ("", "", "")}.get(
        look.rules, (r"\toprule", r"\midrule", r"\bottomrule")
    )
    head, *rows = [
        " & ".join(rf"\textbf{{{_plain(cell)}}}" if row is piece.rows[0] else _plain(cell) for cell in row) for row in piece.rows
    ]
    body = (r" \\ \hline " if grid else r" \\ ").join(rows)
    layout = f"|{'|'.join(columns)}|" if grid else "".join(columns)
    inside = rf"{{{layout}}}{over} {head} \\ {under} {body} \\ {below}"
    if not wide:
        return rf"{{\noindent\footnotesize\begin{{tabular}}{inside}\end{{tabular}}\par}}"
    if look.columns > 1:  # what is so high has no place in a column
        return rf"\begin{{table*}}[t]\centering\footnotesize\begin{{tabular}}{inside}\end{{tabular}}\end{{table*}}"
    return rf"{{\footnotesize\begin{{longtable}}[l]{inside}\end{{longtable}}}}"
