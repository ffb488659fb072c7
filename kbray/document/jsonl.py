"""Export: one element a line as JSON, every line with the same keys in the same order."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from operator import attrgetter
from typing import Any

from kbray.document.columns import without_surrogates
from kbray.document.tables import table_to_html
from kbray.model import Element

_NAMES = tuple(field.name for field in fields(Element))
_VALUES = attrgetter(*_NAMES)


def lines(elements: Iterable[Element]) -> Iterator[str]:
    """Lines ending with a newline. Keys are `index` (from 0), the fields of `Element`, and `html` of a table."""
    for index, element in enumerate(elements):
        told: dict[str, Any] = {"index": index, **dict(zip(_NAMES, _VALUES(element), strict=True))}
        told["html"] = table_to_html(element.table) if element.table else None
        yield without_surrogates(json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=asdict)) + "\n"
