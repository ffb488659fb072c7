"""Export: one element a line as JSON, every line with the same keys in the same order."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from kbray.document.columns import without_surrogates
from kbray.document.tables import table_to_html
from kbray.model import Element


def lines(elements: Iterable[Element]) -> Iterator[str]:
    """Lines ending with a newline. Keys are `index` (from 0), the fields of `Element`, and `html` of a table."""
    for index, element in enumerate(elements):
        fields: dict[str, Any] = {"index": index, **asdict(element)}
        fields["html"] = table_to_html(element.table) if element.table else None
        yield without_surrogates(json.dumps(fields, ensure_ascii=False, separators=(",", ":"))) + "\n"
