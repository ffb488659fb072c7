"""Markdown (CommonMark, tables, strikethrough, footnotes) → HTML → the walker of all markup; raw HTML goes the same way."""

import re
import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Element, Metadata, Parsed, Unit, Window
from kbray.parse.encoding import decode
from kbray.parse.markup import trees
from kbray.parse.markup.notes import NOTE
from kbray.parse.markup.typed import with_captions
from kbray.parse.markup.walker import walk
from kbray.parse.text import elements_of as text_elements

_DEEPEST = 100  # blocks within blocks: what lies deeper markdown-it leaves out without a word
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_YAML_LINE = re.compile(r"\s*(?:#.*|-(?:\s.*)?|[\w.\"'-][\w .\"'/-]*:(?:\s.*)?)?|\s+.*|\]|\}")
_QUOTED = re.compile(r"([\"'])(.*?)\1\s*(?:#.*)?\Z")
_NOTE = re.compile(r"\[\^([^\s\]]+)\]:")
_ATTRIBUTES = re.compile(r"\{:?\s*#([\w:.-]+)[^{}]*\}\s*\Z")
_MATH = re.compile(r"\$\$(?:[^$\\]|\\.){1,4000}\$\$|\$(?![\s$])(?:[^$\\]|\\.){1,1000}(?<=\S)\$(?!\d)", re.DOTALL)
_LONGEST_FENCE = 200  # characters
_DIVISION = re.compile(r":{3,}[ \t]*(?:\{[^{}]*\}|[\w-]+)?(?:\[(?P<named>[^\]]*)\]|[ \t]+(?P<title>[^:\s].*?))?[ \t]*:*[ \t]*")
_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]")
_TASK = re.compile(r"\[([ xX])\]\s+")
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The whole text, whatever the window. Headings get the anchors GitHub gives them.

    Raises: EmptyDocument: nothing to read and no image in it.
    """
    decoded = decode(path.read_bytes())
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    front, metadata, text = _front_matter(text)
    elements = [Element("code", front)] if front else []
    read = elements_of(text)
    warnings = list(decoded.warnings)
    if read is None:
        warnings.append(f"Quotes or lists are nested more than {_DEEPEST} deep; the file was read as plain text.")
    elements.extend(text_elements(text) if read is None else read)
    if not elements:
        raise EmptyDocument("There is no text in the file.")
    title = metadata.title or next((element.text for element in elements if element.kind == "heading"), None)
    return Parsed(
        "markdown",
        tuple(elements),
        (Unit("whole", sum(len(element.text) for element in elements)),),
        Metadata(title, metadata.authors, metadata.language, metadata.publisher, metadata.date, metadata.identifier),
        warnings=tuple(warnings),
    )


def elements_of(
    text: str, anchors: dict[str, int] | None = None, locate: Callable[[str], str | None] = lambda href: href or None
) -> list[Element] | None:
    """What a text says whose newlines are `\\n`; None: quotes or lists in it are nested too deeply to be read.

    `anchors` counts those given to headings, where several texts are one document; `locate` is that of the walker.
    """
    parser = _parser()
    tokens = parser.parse(text)
    if any(token.nesting == 1 and token.block and token.level >= _DEEPEST - 1 for token in tokens):
        return None
    _anchor_headings(tokens, {} if anchors is None else anchors)
    _draw_boxes(tokens)
    _name_alerts(tokens)
    root = trees.html(parser.renderer.render(tokens, parser.options, {}))
    return list(with_captions(walk(root, locate=locate).elements)) if root is not None else []


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "math", _math)
    parser.block.ruler.before("reference", "footnote", _footnote, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("reference", "division", _division, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    return parser


def _math(state: StateInline, silent: bool) -> bool:
    """`$…$` and `$$…$$` by pandoc's rules: in a formula no backslash is an escape, and no star or underscore emphasis."""
    found = _MATH.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("text_special", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _footnote(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """`[^label]: text`, with what is indented by four below it, as an `aside` that the walker takes for a note."""
    if state.is_code_block(first):
        return False
    start = state.bMarks[first] + state.tShift[first]
    found = _NOTE.match(state.src, start, state.eMarks[first])
    if found is None:
        return False
    if silent:
        return True
    token = state.push("footnote_open", "aside", 1)
    token.block = True
    token.attrs = {NOTE: found[1], "id": f"fn-{found[1]}"}
    kept = state.bMarks[first], state.tShift[first], state.sCount[first], state.blkIndent, state.parentType
    indent = state.sCount[first]
    text = (
        found.end()
        + len(state.src[found.end() : state.eMarks[first]])
        - len(state.src[found.end() : state.eMarks[first]].lstrip())
    )
    state.bMarks[first] = text
    state.tShift[first] = 0
    state.sCount[first] = indent + 4
    state.blkIndent += 4
    state.parentType = "footnote"
    state.md.block.tokenize(state, first, last)
    state.bMarks[first], state.tShift[first], state.sCount[first], state.blkIndent, state.parentType = kept
    state.push("footnote_close", "aside", -1).block = True
    return True


def _division(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """`::: note Title` and `:::`, around what pandoc, Docusaurus and others set apart: only a title in them is text."""
    start, end = state.bMarks[first] + state.tShift[first], state.eMarks[first]
    found = _DIVISION.fullmatch(state.src, start, end) if end - start <= _LONGEST_FENCE else None
    if found is None or state.is_code_block(first):
        return False
    if not silent:
        title = found["named"] or found["title"]
        if title:
            state.push("paragraph_open", "p", 1)
            inline = state.push("inline", "", 0)
            inline.content, inline.map, inline.children = title, [first, first + 1], []
            state.push("paragraph_close", "p", -1)
        state.line = first + 1
    return True


def _name_alerts(tokens: list[Token]) -> None:
    """`[!NOTE]` at the beginning of a quotation is the word Note on a line of its own, as GitHub shows it."""
    for quote, _, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        children = inline.children or []
        if quote.type == "blockquote_open" and children and (found := _ALERT.fullmatch(children[0].content)):
            children[0].content = found[1].capitalize()
            if len(children) > 1 and children[1].type == "softbreak":
                children[1].type = "hardbreak"


def _anchor_headings(tokens: list[Token], used: dict[str, int]) -> None:
    """Ids as GitHub makes them: lower case, punctuation gone, spaces as hyphens, repeated ones numbered."""
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        told = _attributed(inline.children[-1]) if inline.children else None
        if told:
            opening.attrSet("id", told)
            continue
        text = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
        slug = _NOT_IN_SLUG.sub("", text.strip().lower()).replace(" ", "-")
        again = used.get(slug, 0)
        used[slug] = again + 1
        opening.attrSet("id", f"{slug}-{again}" if again else slug)


def _attributed(last: Token) -> str | None:
    """The id that stands in braces behind a heading, as pandoc, Hugo, Docusaurus and others have it; it is no text."""
    found = _ATTRIBUTES.search(last.content) if last.type == "text" else None
    if found is None:
        return None
    last.content = last.content[: found.start()].rstrip()
    return found[1]


def _draw_boxes(tokens: list[Token]) -> None:
    """`[ ]` and `[x]` at the beginning of an item are boxes, as GitHub shows them."""
    for item, _, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.type == "list_item_open" and inline.children and (found := _TASK.match(inline.children[0].content)):
            first = inline.children[0]
            first.content = f"{'☐' if found[1] == ' ' else '☒'} {first.content[found.end() :]}"


def _front_matter(text: str) -> tuple[str, Metadata, str]:
    """YAML (`---`) or TOML (`+++`) before the text: its source, what it says, and the rest. It must look like what it claims."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return "", Metadata(), text
    fence, body = found[1], found[2]
    if fence == "+++":
        try:
            said = {key: value if isinstance(value, list) else [value] for key, value in tomllib.loads(body).items()}
        except tomllib.TOMLDecodeError:
            return "", Metadata(), text
    else:
        lines = body.split("\n")
        if not re.match(r"[\w\"'#-]", body) or not all(_YAML_LINE.fullmatch(line) for line in lines):
            return "", Metadata(), text
        said = dict(_yaml(lines))
    values = {key.lower(): tuple(str(value) for value in given if str(value)) for key, given in said.items()}

    def first(*names: str) -> str | None:
        return next((values[name][0] for name in names if values.get(name)), None)

    metadata = Metadata(
        title=first("title"),
        authors=values.get("authors") or values.get("author") or (),
        language=first("lang", "language"),
        publisher=first("publisher"),
        date=first("date", "published"),
        identifier=first("doi", "isbn", "identifier"),
    )
    return body.strip("\n"), metadata, text[found.end() :]


def _yaml(lines: list[str]) -> dict[str, list[str]]:
    """Top-level keys with plain values or lists of them; nested mappings keep their plain lines only."""
    said: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        if line[:1].strip() and not line.startswith(("-", "#", "]", "}")):
            key, _, value = line.partition(":")
            key, value = key.strip().strip("\"'"), value.strip()
            if value.startswith("[") and value.endswith("]"):
                said[key] = [_plain(piece) for piece in value[1:-1].split(",")]
            else:
                said[key] = [_plain(value)] if value not in ("", "|", ">", "|-", ">-") else []
        elif key and line.strip().startswith("- "):
            said[key].append(_plain(line.strip()[2:].removeprefix("name:")))
        elif key and line.strip() and not line.strip().startswith("#") and not said[key]:
            said[key].append(_plain(line))
    return said


def _plain(value: str) -> str:
    value = value.strip()
    quoted = _QUOTED.match(value)
    return quoted[2] if quoted else value.partition(" #")[0].rstrip()
