"""LaTeX before pandoc reads it: what it would drop without a word is told in ways that it knows; and what came through of it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n?[ \t]*")
_VERBATIM = re.compile(
    r"\\begin\{(verbatim\*?|Verbatim|lstlisting|minted|comment|filecontents\*?)\}.*?(?:\\end\{\1\}|\Z)|\\verb\*?([^\sA-Za-z*])[^\n]*?\2",
    re.DOTALL,
)
AND = r"\and"
_BODY = "\\begin{document}"
_END = "\\end{document}"
# Of pandoc it is known what it makes of these: nothing. LaTeX prints the titles, too.
_PRELUDE: tuple[tuple[str, str], ...] = (  # name, how it is defined
    ("today", r"\newcommand{\today}{}"),
    ("thebibliography", r"\newenvironment{thebibliography}[1]{\section*{References}}{}"),
    ("bibitem", r"\newcommand{\bibitem}[2][]{\par {[}#2{]} }"),
    ("newblock", r"\newcommand{\newblock}{}"),
    *((name, rf"\newenvironment{{{name}}}[1]{{}}{{}}") for name in ("multicols", "adjustbox", "spacing")),
    *((name, rf"\newenvironment{{{name}}}{{\par Keywords: }}{{\par }}") for name in ("keywords", "keyword")),
    ("LaTeXe", r"\newcommand{\LaTeXe}{LaTeX2e}"),
    *(
        (name, rf"\newcommand{{\{name}}}{{{name}}}")
        for name in ("BibTeX", "XeTeX", "XeLaTeX", "LuaTeX", "LuaLaTeX", "pdfTeX", "pdfLaTeX")
    ),
    ("sep", r"\newcommand{\sep}{; }"),
    *(
        (name, rf"\newcommand{{\{name}}}[1]{{\par {before} #1 {behind} }}")
        for names, before, behind in (  # of algorithms
            ("If IF", "if", "then"),
            ("ElsIf ELSIF", "else if", "then"),
            ("For FOR", "for", "do"),
            ("ForAll FORALL", "for all", "do"),
            ("While WHILE", "while", "do"),
            ("Until UNTIL", "until", ""),
            ("Comment COMMENT", "▷", ""),
        )
        for name in names.split()
    ),
    *(
        (name, rf"\newcommand{{\{name}}}{{\par {said} }}")
        for names, said in (
            ("State STATE Statex", ""),
            ("Require REQUIRE", "Require: "),
            ("Ensure ENSURE", "Ensure: "),
            ("Else ELSE", "else"),
            ("Return RETURN", "return"),
            ("EndIf ENDIF EndFor ENDFOR EndWhile ENDWHILE EndFunction EndProcedure", "end"),
        )
        for name in names.split()
    ),
)
_TOLD_BEFORE = r"affil|affiliation|institute|institution|address|email|ead|keywords|keyword|icmltitle|subjclass|dedication"
_OWN = re.compile(r"\\(?:newcommand|newenvironment|DeclareRobustCommand)\*?\s*\{?\\?([A-Za-z]+)")
_USED = re.compile(r"\\(begin\{[A-Za-z]+\}|[A-Za-z]+)")
_FRONT = re.compile(
    rf"\\(?P<known>{_TOLD_BEFORE})\b\s*(?=[\[{{])|^\\(?!(?:sub)?title|author|date|abstract|thanks)[a-z]+\s*(?=\{{)", re.MULTILINE
)
_PROSE = 12  # words of an argument of other commands of a preamble, with hardly a command in it
_SKIPPED = re.compile(r"\[INFO\] Skipped '\\([A-Za-z]+)\*?(.*)' at .*?line (\d+) column \d+\Z", re.DOTALL)
_WITHOUT_WORDS = frozenset(  # their arguments are names, lengths, numbers, keys
    """
    begin end setlength addtolength setcounter addtocounter hypersetup usetikzlibrary pgfplotsset lstset geometry pagestyle
    thispagestyle bibliographystyle bibliography addbibresource graphicspath hyphenation vskip hskip vspace hspace fontsize
    selectfont color
    definecolor rule newtheorem theoremstyle numberwithin usepackage RequirePackage documentclass input include tikzset
    setstretch captionsetup DeclareMathOperator allowdisplaybreaks special markboth markright pdfinfo pagenumbering linespread
    """.split()
)
_NO_WORDS = re.compile("label|index|ref\\Z", re.IGNORECASE)  # in names of commands whose arguments are keys
_KEY = re.compile(r"\s*[\w-]+\s*=(?!=)")
_CAPTIONED = frozenset(("subfloat", "subfigure", "subcaptionbox"))
_LIST = re.compile(r"\\(begin|end)\{(itemize|enumerate|description|list|[\w*]+)\}|\\item\s*\[")
_LONGEST_LABEL = 300
_LABELLED = frozenset(("itemize", "enumerate"))
_COMMAND = re.compile(r"\\(?:[A-Za-z@]+\*?|.)")
_ARGUMENT_ONLY = re.compile(
    r"\\(?:begin|end|label|ref|eqref|pageref|autoref|cref|Cref|cite[a-zA-Z]*\*?|nocite|input|include|includegraphics|bibliography"
    r"|bibliographystyle|vspace\*?|hspace\*?|setlength|setcounter|addtocounter|newcommand|renewcommand|usepackage|index|hypersetup"
    r"|url|href|color|textcolor|pagestyle|thispagestyle|bibitem|def|let|newtheorem|rule|special|graphicspath|hyphenation|fontsize"
    r")\s*(?:\[[^\[\]]*\]\s*)*(?:\{[^{}]*\})*"
)
_MATH = re.compile(
    r"\$\$.{0,3000}?\$\$|\$[^$]*?\$|\\\[.{0,3000}?\\\]|\\\(.{0,3000}?\\\)"
    r"|\\begin\{((?:equation|align|gather|multline|eqnarray|displaymath|math|tikzpicture|picture|flalign|alignat|array|pspicture)\*?)\}"
    r".{0,3000}?\\end\{\1\}",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]{3,}")


def prepared(text: str) -> str:
    """The text as pandoc is given it first. Its lines keep their numbers."""
    start = text.find(_BODY)
    front = "".join(_front(text[:start])) if start >= 0 else ""
    if start >= 0:
        start += len(_BODY)
        text = text[:start] + front + text[start:]
    own = set(_OWN.findall(text))
    used = set(_USED.findall(text)) - own  # of what is an environment here, a class may have made a command
    return "".join(defined for name, defined in _PRELUDE if _sign(name, defined) in used and name not in own) + _labels_kept(text)


def _sign(name: str, defined: str) -> str:
    return f"begin{{{name}}}" if defined.startswith(r"\newenvironment") else name


def with_and(text: str) -> str:
    """The prepared text, where the sign between authors stands outside of them."""
    return rf"\newcommand{{{AND}}}{{, }}{text}"


def transparent(text: str, messages: Iterable[str]) -> str | None:
    """The prepared text again, where commands that pandoc skipped say what stands in their braces; None: it skipped no words."""
    body = text[: max(0, text.find(_BODY))].count("\n") + 1
    found: dict[str, tuple[bool, int]] = {}
    for message in messages:
        skipped = _SKIPPED.match(message)
        if skipped is None or skipped[1] in _WITHOUT_WORDS or int(skipped[3]) < body or not _WORD.search(skipped[2]):
            continue
        if f"\\begin{{{skipped[1]}}}" in text:  # to define the command would spoil the environment
            continue
        groups = _groups(skipped[2])
        if 0 < len(groups) <= 8 and not any(map(_KEY.match, groups)) and not _NO_WORDS.search(skipped[1]):
            found.setdefault(skipped[1], (skipped[2].lstrip().startswith("["), len(groups)))
    return "".join(_defined(name, *form) for name, form in sorted(found.items())) + text if found else None


def _defined(name: str, optional: bool, count: int) -> str:
    """A command that says its arguments; of options only those that are captions."""
    said = [f"#{number + 1}" for number in range(count + optional)]
    shown = said if not optional or name in _CAPTIONED else said[1:]
    return rf"\newcommand{{\{name}}}[{len(said)}]{'[]' if optional else ''}{{{' '.join(shown)} }}"


def words(text: str) -> Counter[str]:
    """The words of a source that a reader would see, about: no commands, formulas, names of things, preamble."""
    start, end = text.find(_BODY), text.rfind(_END)
    text = text[start + len(_BODY) if start >= 0 else 0 : end if end >= 0 else len(text)]
    text = _COMMENT.sub(r"\1", _VERBATIM.sub(" ", text))
    text = _MATH.sub(" ", text)
    return Counter(_WORD.findall(_COMMAND.sub(" ", _ARGUMENT_ONLY.sub(" ", text))))


def _front(preamble: str) -> Iterator[str]:
    """Commands of a preamble that say words of the title page: what is in their braces, as paragraphs."""
    plain = _COMMENT.sub(r"\1", preamble)
    for found in _FRONT.finditer(plain):
        for group in _groups(plain[found.end() : found.end() + 4000])[:1]:
            if "#" not in group and (found["known"] or _is_prose(group)):
                yield rf"\par {' '.join(group.split())} \par "


def _is_prose(group: str) -> bool:
    words = len(_WORD.findall(group))
    return words >= _PROSE and group.count("\\") * 4 <= words and not set("=@").intersection(group)


def _groups(text: str) -> list[str]:
    """What stands in the braces at the beginning of a text, one pair after the other; options in brackets are passed."""
    groups: list[str] = []
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] == "*":
            at += 1
        elif text[at] == "[":
            at = text.find("]", at) + 1 or len(text)
        elif text[at] == "{":
            end = _closing(text, at)
            groups.append(text[at + 1 : end])
            at = end + 1
        else:
            break
    return groups


def _closing(text: str, at: int) -> int:
    """Where the brace at this place is closed; the end of the text if nowhere."""
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    return len(text)


def _labels_kept(text: str) -> str:
    """Labels of items that pandoc would drop, since its lists have none, are words of the items."""
    out: list[str] = []
    opened: list[str] = []
    done = 0
    for found in _LIST.finditer(text):
        if found[1] == "begin":
            opened.append(found[2])
        elif found[1] == "end":
            if opened:
                opened.pop()
        elif opened and opened[-1] in _LABELLED:
            end = text.find("]", found.end(), found.end() + _LONGEST_LABEL)
            label = text[found.end() : end]
            if end >= 0 and label.count("{") == label.count("}") and "\n\n" not in label:
                out += (text[done : found.start()], r"\item {", label, "} ")
                done = end + 1
    out.append(text[done:])
    return "".join(out)
