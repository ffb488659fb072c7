"""The knowledge base for AI agents, by the Model Context Protocol: search, read, list files, outline. It changes nothing.

Every answer is bounded, and says how to go on: an agent's memory is small. Tools run in threads of their own, so one that is slow
keeps nobody waiting.
"""

import hmac
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.types import ASGIApp, Receive, Scope, Send

from kbray import __version__
from kbray.document.tables import rows_on, table_text
from kbray.errors import ConfigError, KbrayError, TransientError
from kbray.library import Library, LibraryDocument
from kbray.model import Element, Grade, Hit

MOST_CHARACTERS = 20_000
"""In one answer of `read`."""
MOST_TITLES = 500
MOST_FILES = 200
_INSTRUCTIONS = """
This is a library of documents. Use `search` to find passages (words rank; "a phrase" comes first; -not; begin*), then `read` with
the file and page or chapter of a hit for what stands around it. `outline` shows the titles of a document, `list_files` what there
is; gone says that a file was deleted or replaced since. Quote what you use with the document's title and its page or chapter.
"""
File = Annotated[int | str, Field(description="The file_id of a hit, or a file's name or path.")]
_READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


def server(library: Library) -> MCPServer[Any]:
    """A server over this library, which must stay open as long as it runs."""
    made: MCPServer[Any] = MCPServer(
        "kbray", title="kbray", instructions=_INSTRUCTIONS.strip(), version=__version__, log_level="WARNING"
    )

    @made.tool(annotations=_READ_ONLY)
    def search(
        query: Annotated[str, Field(description='Words, "a phrase", -what must not be there, begin*.')],
        k: Annotated[int, Field(ge=1, le=50, description="How many passages.")] = 8,
        type: Annotated[str | None, Field(description="Only this kind of file (pdf, epub) or name (*physics*).")] = None,
        language: Annotated[str | None, Field(description="Only passages in this language: en, pt-BR.")] = None,
    ) -> dict[str, Any]:
        """Find the passages that answer best, best first, with their document, titles, and page or chapter."""
        with _told():
            return {"hits": [_hit(hit) for hit in library.search(query, k, only=type, language=language)]}

    @made.tool(annotations=_READ_ONLY)
    def read(
        file: File,
        page: Annotated[int | None, Field(ge=1, description="Only this page.")] = None,
        chapter: Annotated[str | None, Field(description="Only this chapter, as hits and outlines call it.")] = None,
        offset: Annotated[int, Field(ge=0, description="Characters to skip: next_offset of the answer before.")] = 0,
        limit: Annotated[int, Field(ge=100, le=MOST_CHARACTERS, description="Characters at most.")] = 6000,
    ) -> dict[str, Any]:
        """The text of a document, or of one page or chapter of it, piece by piece: next_offset is null at the end."""
        with _told():
            document = _document(library, file)
            text = _text(document, page, chapter)
            end = min(offset + limit, len(text))
            return {
                "file_id": document.row.id,
                "title": document.row.title,
                "page": page,
                "chapter": chapter,
                "text": text[offset:end],
                "characters": len(text),
                "next_offset": end if end < len(text) else None,
            }

    @made.tool(annotations=_READ_ONLY)
    def outline(
        file: File,
    ) -> dict[str, Any]:
        """The titles of a document with their level, page or chapter, in order."""
        with _told():
            document = _document(library, file)
            titles = [
                {"level": one.level, "title": " ".join(one.text.split()), "page": one.page, "chapter": one.chapter}
                for one in document.elements
                if one.kind == "heading" and one.main
            ]
            return {
                "file_id": document.row.id,
                "title": document.row.title,
                "pages": document.row.pages,
                "titles": titles[:MOST_TITLES],
                "more": max(0, len(titles) - MOST_TITLES),
            }

    @made.tool(annotations=_READ_ONLY)
    def list_files(
        only: Annotated[str | None, Field(description="Only this kind (pdf, epub) or name (*physics*).")] = None,
        status: Annotated[
            Literal["synced", "processing", "processed", "indexing", "indexed", "failed"] | None, Field(description="Only these.")
        ] = None,
        quality: Annotated[Grade | None, Field(description="Only documents whose text can be trusted so far.")] = None,
        after: Annotated[int, Field(ge=0, description="Go on after this file_id: next_after of the answer before.")] = 0,
        limit: Annotated[int, Field(ge=1, le=MOST_FILES)] = 50,
    ) -> dict[str, Any]:
        """What there is, by file_id: name, title, kind, pages, status, quality of the text; next_after is null at the end."""
        with _told():
            rows = library.rows(status=status, only=only, quality=quality, after=after, limit=limit + 1)
            return {
                "files": [
                    {
                        "file_id": row.id,
                        "name": row.name,
                        "title": row.title,
                        "media_type": row.media_type,
                        "pages": row.pages,
                        "language": row.language,
                        "status": row.status,
                        "gone": row.gone,
                        "quality": row.quality,
                        "doubts": [reason.message for reason in row.reasons],
                        "error": row.error.message if row.error else None,
                    }
                    for row in rows[:limit]
                ],
                "next_after": rows[limit - 1].id if len(rows) > limit else None,
            }

    @made.resource("kbray://documents/{file_id}", mime_type="text/markdown", title="A document as Markdown")
    def document(file_id: str) -> str:
        """The whole document."""
        with _told(ResourceError):
            return _document(library, file_id).markdown

    return made


def serve_stdio(library: Library) -> None:
    """Until the client closes our standard input. Nothing else may be written to standard output."""
    server(library).run("stdio")


def serve_http(library: Library, port: int, token: str, ready: Callable[[], None]) -> None:
    """At http://127.0.0.1:PORT/mcp, for those that know the token, until interrupted or terminated.

    SIGTERM ends the process as `sys.exit` does, so that what it uses is closed; only in the main thread.

    Raises: ConfigError: somebody else has the port.
    """
    import uvicorn

    app = Guarded(server(library).streamable_http_app(), token)
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            place.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(
                f"Port {port} of 127.0.0.1 can't be had ({error.strerror}): name another one with --http."
            ) from None
        # When uvicorn has ended for a signal, it raises that again for the handler there was before.
        signal.signal(signal.SIGTERM, _exit)
        ready()
        uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on")).run(sockets=[place])


def _exit(number: int, frame: object) -> None:
    sys.exit(128 + number)


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Guarded:
    """An application that answers only requests with `Authorization: Bearer TOKEN`."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] == "http" and not hmac.compare_digest(shown, self._wanted):
            headers = [(b"content-type", b"text/plain"), (b"www-authenticate", b"Bearer")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b"Send the token: Authorization: Bearer TOKEN\n"})
        elif scope["type"] in ("http", "lifespan"):  # nothing here speaks by web sockets
            await self._app(scope, receive, send)


@contextmanager
def _told(kind: type[Exception] = ToolError) -> Iterator[None]:
    """What kbray has a sentence for reaches the agent as that sentence."""
    try:
        yield
    except KbrayError as error:
        # Other hints name commands, which agents can't run.
        raise kind(f"{error.message} {error.hint}" if isinstance(error, TransientError) else error.message) from None
    except KeyError as error:
        raise kind(f"There is no file {error}; list_files tells what there is.") from None


def _document(library: Library, file: int | str) -> LibraryDocument:
    name = str(file)
    return library.document(int(name) if name.isdecimal() and len(name) < 19 else name)  # no id is longer


def _hit(hit: Hit) -> dict[str, Any]:
    chunk = hit.chunk
    return {
        "file_id": hit.file_id,
        "hit": f"{hit.file_id}:{hit.ordinal}",
        "score": round(hit.score, 3),
        "name": hit.name,
        "title": hit.title,
        "gone": hit.gone,
        "heading_path": list(chunk.heading_path),
        "page": chunk.page,
        "chapter": chunk.chapter,
        "print_page": chunk.print_page,
        "text": chunk.text,
    }


def _text(document: LibraryDocument, page: int | None, chapter: str | None) -> str:
    """Raises: ToolError: there is no such page or chapter in it."""
    if page is None and chapter is None:
        return document.markdown
    chosen = [one for one in document.elements if (page is None or page in one.pages) and chapter in (None, one.chapter)]
    if not chosen:
        place = f"page {page}" if page is not None else f"chapter {chapter!r}"
        raise ToolError(f"{document.row.name} has no text on {place}; outline tells what it has.")
    return "\n\n".join(text for one in chosen if (text := _told_as_text(one, page)))


def _told_as_text(element: Element, page: int | None) -> str:
    if element.kind == "heading":
        return f"{'#' * max(element.level, 1)} {element.text}"
    if element.marker and element.kind in ("list_item", "footnote"):
        return f"{element.marker} {element.text}"
    if element.table is not None and page is not None and len(element.pages) > 1:
        return table_text(rows_on(element.table, page))
    return element.text
