"""kbray as a LlamaIndex reader; needs llama-index-core (`pip install 'kbray[llamaindex]'`)."""

from collections.abc import Iterator
from typing import Any

from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document

from kbray.library import Library
from kbray.model import FINISHED

TOLD = ("name", "uri", "media_type", "title", "language", "pages", "complete", "authors", "date")


class KbrayReader(BaseReader):
    """Each file as a document, its text as Markdown: `KbrayReader(kbray.open()).load_data(only="epub")`.

    For passages with their places, as kbray cuts and finds them, use `Library.search` or `LibraryDocument.passages`.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    def lazy_load_data(self, *, only: str | None = None, **_: Any) -> Iterator[Document]:
        """One after the other, by id; what could not be read is left out. Args: only: as in `Library.files`."""
        for file in self._library.files(only=only).select(["id", "sha256", "status", *TOLD]).to_pylist():
            if file["status"] in FINISHED:
                text = self._library.document(file["id"]).markdown
                yield Document(id_=file["sha256"], text=text, metadata={name: file[name] for name in TOLD})
