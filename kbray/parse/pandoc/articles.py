"""DocBook, JATS and other XML before pandoc reads it: no entities to expand, and what its readers leave out as what they read."""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from kbray.parse.markup import trees
from kbray.parse.markup.trees import content, local

_WORD = re.compile(r"[^\W\d_]{3,}")


def plain(text: str) -> str:
    """Well-formed XML without DOCTYPE. Raises: CorruptDocument: it is no XML."""
    return _written(_root(text))


def words(text: str) -> Counter[str]:
    """Those of all its elements. Raises: CorruptDocument: it is no XML."""
    return Counter(word for piece in _root(text).itertext() for word in _WORD.findall(str(piece)))


def docbook(text: str) -> str:
    """Its notices and synopses as paragraphs. Raises: CorruptDocument: it is no XML."""
    root = _root(text)
    for node in list(root.iter("{*}cmdsynopsis", "{*}funcsynopsis", "{*}classsynopsis")):
        _become(node, "para", _spaced(node))
    for info in list(root.iter("{*}bookinfo", "{*}articleinfo", "{*}info")):
        _of_info(info)
    return _written(root)


def _of_info(info: etree._Element) -> None:
    """What it says of rights and revisions, as paragraphs behind it."""
    parent = info.getparent()
    if parent is None:
        return
    told = [_spaced(one) for one in info.iter("{*}copyright", "{*}revision", "{*}publisher", "{*}releaseinfo", "{*}edition")]
    told += [content(one) for notice in info.iter("{*}legalnotice") for one in notice]
    for text in reversed([one for one in told if one]):
        space = etree.QName(info).namespace
        paragraph = etree.Element(f"{{{space}}}para" if space else "para")
        paragraph.text = text
        parent.insert(parent.index(info) + 1, paragraph)


def _spaced(node: etree._Element) -> str:
    """Its text, with spaces between what its elements say."""
    return " ".join(" ".join(map(str, node.itertext())).split())


def jats(text: str) -> str:
    """Keywords, notes, labels and references as sections and paragraphs. Raises: CorruptDocument: it is no XML."""
    root = _root(text)
    for node in list(root.iter("{*}ref-list")):
        _references(node)
    for node in list(root.iter("{*}fn-group")):
        _notes(node)
    for label in list(root.iter("{*}label")):
        _label(label)
    for subtitle in list(root.iter("{*}subtitle")):
        _join_title(subtitle)
    front = next(root.iter("{*}front", "{*}book-meta", "{*}front-stub"), None)
    body = next(root.iter("{*}body", "{*}book-body"), None)
    if front is not None and body is not None:
        for number, paragraph in enumerate(_of_front(front)):
            body.insert(number, paragraph)
    if body is not None:
        for back in list(root.iter("{*}back", "{*}book-back")):
            body.extend(_sections(back))
    return _written(root)


def told(text: str) -> tuple[str, ...]:
    """What is to be told of how it was read as XML. Raises: CorruptDocument: it is no XML."""
    return _tree(text).warnings


def _root(text: str) -> etree._Element:
    return _tree(text).root


def _tree(text: str) -> trees.Tree:
    return trees.data(text.encode("utf-8", "replace"))


def _written(root: etree._Element) -> str:
    return str(etree.tostring(root, encoding="unicode"))


def _become(node: etree._Element, tag: str, text: str) -> None:
    """Another element with this text alone, in the same place and namespace."""
    tail = node.tail
    space = etree.QName(node).namespace
    node.clear()
    node.tag = f"{{{space}}}{tag}" if space else tag
    node.text, node.tail = text, tail


def _references(node: etree._Element) -> None:
    """Each reference is a paragraph of all that it says."""
    for reference in list(node.iter("{*}ref")):
        parts = (_cited(part) for part in reference if isinstance(part.tag, str) and local(part.tag) != "label")
        label = next((content(part) for part in reference.iter("{*}label")), "")
        _become(reference, "p", f"{_numbered(label)}{' '.join(filter(None, parts))}")
    node.tag = node.tag.replace("ref-list", "sec")


def _sections(back: etree._Element) -> list[etree._Element]:
    """What stands behind the body, as sections like those of the body: pandoc puts them a level lower."""
    found = [child for part in back for child in (part if local(part.tag) == "app-group" else (part,))]
    for part in found:
        if local(part.tag) in ("ack", "app", "glossary", "notes", "bio"):
            part.tag = part.tag.replace(local(part.tag), "sec")
    return found


def _join_title(subtitle: etree._Element) -> None:
    """Behind the title, with a colon: pandoc would let it begin with that."""
    title = subtitle.getprevious()
    parent = subtitle.getparent()
    if parent is None or title is None or "title" not in title.tag:
        return
    said = content(subtitle)
    if len(title):
        title[-1].tail = f"{title[-1].tail or ''}: {said}"
    else:
        title.text = f"{title.text or ''}: {said}"
    parent.remove(subtitle)


def _numbered(label: str) -> str:
    return f"[{label.strip('[]. ')}] " if label.strip("[]. ") else ""


def _cited(citation: etree._Element) -> str:
    """A citation that is written out as it stands; of one that is but fields, these."""
    if local(citation.tag) in ("mixed-citation", "citation", "nlm-citation") and (citation.text or "").strip():
        return content(citation)
    if any((part.tail or "").strip(" \n\t.,;:()") for part in citation) or "mixed" in citation.tag:
        return content(citation)
    fields = (
        _names(part) if local(part.tag) == "person-group" else content(part) for part in citation if isinstance(part.tag, str)
    )
    return ". ".join(filter(None, fields)) or content(citation)


def _names(group: etree._Element) -> str:
    """People, each with the family name first."""
    return ", ".join(" ".join(content(part) for part in one if isinstance(part.tag, str)) or content(one) for one in group)


def _notes(node: etree._Element) -> None:
    """Notes at the end that nothing refers to are paragraphs, not dropped."""
    for note in list(node.iter("{*}fn")):
        _become(note, "p", content(note))
    node.tag = node.tag.replace("fn-group", "sec")


def _label(label: etree._Element) -> None:
    """ "Figure 1" stands before its caption, the number of a section before its title."""
    parent = label.getparent()
    said = content(label)
    if parent is None or not said:
        return
    home = next(parent.iterchildren("{*}caption"), None) if local(parent.tag) not in ("sec", "app") else parent
    if local(parent.tag) in ("fig", "table-wrap", "boxed-text", "supplementary-material") and home is None:
        home = etree.SubElement(parent, parent.tag.replace(local(parent.tag), "caption"))
        etree.SubElement(home, parent.tag.replace(local(parent.tag), "p"))
    if home is None or local(parent.tag) in ("fn", "aff", "ref"):
        return
    first = next(home.iterchildren("{*}title", "{*}p"), None)
    if first is not None and not content(first).startswith(said):
        first.text = f"{said.rstrip('.')}{'.' if local(parent.tag) not in ('sec', 'app') else ''} {first.text or ''}"


def _of_front(front: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs of what the head of an article says besides title, authors, date and abstract."""
    said = {
        "Journal": [content(one) for one in front.iter("{*}journal-title")],
        "Keywords": [", ".join(content(word) for word in one.iter("{*}kwd")) for one in front.iter("{*}kwd-group")],
        "Identifier": [f"{one.get('pub-id-type') or ''} {content(one)}".strip() for one in front.iter("{*}article-id")],
        "Notes": [content(one) for one in front.iter("{*}author-notes", "{*}permissions", "{*}funding-group")],
    }
    for name, texts in said.items():
        for text in filter(None, texts):
            paragraph = etree.Element("p")
            paragraph.text = f"{name}: {text}"
            yield paragraph
