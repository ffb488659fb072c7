"""What documents can be exported as."""

from typing import Literal

Format = Literal["markdown", "jsonl", "unstructured"]
SUFFIXES: dict[Format, str] = {"markdown": ".md", "jsonl": ".jsonl", "unstructured": ".json"}
