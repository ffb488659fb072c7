"""kbray as a LangChain retriever; needs langchain-core (`pip install 'kbray[langchain]'`)."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from kbray.library import Library
from kbray.model import Hit, SearchMode
from kbray.ops.search import as_json


class KbrayRetriever(BaseRetriever):
    """The passages that answer a question: `KbrayRetriever(library=kbray.open(), k=8).invoke("…")`.

    `k`, `mode`, `only` and `language` are those of `Library.search`.
    Each document's metadata is what `kbray search --json` tells of a hit, its text apart.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    k: int = 10
    mode: SearchMode | None = None
    only: str | None = None
    language: str | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        hits = self.library.search(query, self.k, mode=self.mode, only=self.only, language=self.language)
        return [_document(hit) for hit in hits]


def _document(hit: Hit) -> Document:
    told: dict[str, Any] = as_json(hit)
    return Document(id=told["hit"], page_content=told.pop("text"), metadata=told)
