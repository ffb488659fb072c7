"""The knowledge base for AI agents, by the Model Context Protocol: search, read, list files, outline. It changes nothing.

Every answer is bounded, and says how to go on: an agent's memory is small. Tools run in threads of their own, so one that is slow
keeps nobody waiting.
"""

import hmac
import re
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import cleandoc
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.types import ASGIApp, Receive, Scope, Send

from kbray import __version__
from kbray.catalogue.query import parse
from kbray.errors import ConfigError, KbrayError, TransientError
from kbray.library import Library, LibraryDocument
from kbray.model import Chunk, Grade
from kbray.serve import reading, told
from kbray.serve.arguments import StrictTool

MOST_CHARACTERS = 20_000
"""In one answer of `read`."""
MOST_FILES = 200
_CALLED_SO = 10
"""Files that are told where a name fits several."""
_FETCHED = 2
"""Passages looked at for each that is told: some may say the same."""
_INSTRUCTIONS = """
This is a library of documents. Use search to find passages, then read with the name of a hit (12:3) for what stands around it,
or with a file and its pages, chapter or title. outline shows the titles of a document and what is needed to cite it, list_files
what there is. Passages are in the language of their document: ask in that language, too. Quote what you use with the document's
title and its page or chapter.
"""
File = Annotated[int | str, Field(description="A file_id, or a file's name or path.")]
Files = Annotated[
    int | str | None,
    Field(
        description="Only these files: a file_id or several (12,15), a kind (pdf), a name (*physics*) or a folder (reports/*)."
    ),
]
Author = Annotated[str | None, Field(description="Only by this author or sender; part of a name will do.")]
Since = Annotated[int | str | None, Field(description="Only of this day, month or year (2019-03) and later.")]
Until = Annotated[int | str | None, Field(description="… and earlier.")]


def server(library: Library) -> MCPServer[Any]:
    """A server over this library, which must stay open as long as it runs."""
    tools = [
        StrictTool.from_function(
            one,
            description=cleandoc(one.__doc__ or ""),
            annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
            structured_output=False,
        )
        for one in _tools(library)
    ]
    made: MCPServer[Any] = MCPServer(
        "kbray", title="kbray", instructions=_INSTRUCTIONS.strip(), version=__version__, log_level="WARNING", tools=[*tools]
    )

    @made.resource("kbray://documents/{file_id}", mime_type="text/markdown", title="A document as Markdown")
    def document(file_id: str) -> str:
        """The whole document."""
        with _told(ResourceError):
            return _document(library, file_id).markdown

    return made


def _tools(library: Library) -> tuple[Callable[..., str], ...]:
    def search(
        query: Annotated[
            str,
            Field(description='Words, of which rare ones count most; "a phrase" comes first; -what must not be there; begin*.'),
        ],
        k: Annotated[int, Field(ge=1, le=50, description="How many passages.")] = 8,
        files: Files = None,
        language: Annotated[str | None, Field(description="Only passages in this language: en, pt-BR.")] = None,
        author: Author = None,
        since: Since = None,
        until: Until = None,
        newest: Annotated[bool, Field(description="The same passages, those of the newest documents first.")] = False,
        per_file: Annotated[
            int | None, Field(ge=1, description="At most so many passages of each file; 1 tells which documents are about it.")
        ] = None,
    ) -> str:
        """Find the passages that answer best, by their words and their meaning, best first.

        Each begins with [file_id:passage], file, page or chapter, author and date where known, titles. The first three are whole,
        then come excerpts.
        """
        with _told():
            chosen = {**_chosen(library, files), "author": author, "since": since, "until": until}
            found = library.search(query, _FETCHED * k, language=language, per_file=per_file, **chosen)
            whole = 0 if per_file == 1 else told.WHOLE  # documents are asked for, not what they say
            best = told.distinct(found, k)
            if newest:
                best.sort(key=lambda one: one[0].date or "", reverse=True)
            lines = [told.passages(best, whole) if best else _nothing(library, query, language)]
            if unknown := library.unknown(query):
                lines.insert(0, f"Nowhere in the library: {', '.join(unknown)}.")
            if undated := library.undated(**chosen):
                lines.append(f"({undated})")
            return "\n\n".join(lines)

    def read(
        file: Annotated[
            int | str, Field(description="A file_id, a file's name or path, or a passage (12:3): what is around it.")
        ],
        page: Annotated[int | str | None, Field(description="Only this page, or these: 7, 7-9.")] = None,
        chapter: Annotated[
            str | None, Field(description="Only this chapter, as hits call it, or what is below this title, as outline tells it.")
        ] = None,
        offset: Annotated[int | None, Field(ge=0, description="Where to go on, as the answer before told.")] = None,
        limit: Annotated[int, Field(ge=100, le=MOST_CHARACTERS, description="Characters at most.")] = 6000,
    ) -> str:
        """The text of a document, of pages, a chapter or section of it, or around a passage, as Markdown, piece by piece."""
        with _told():
            document, passage = _meant(library, file)
            if page is not None and chapter is not None:
                raise ToolError("read takes a page or a chapter, not both.")
            begin, place = 0, ""
            if page is not None:
                text, place = reading.of_pages(document, str(page)), f", page {page}"
            elif chapter is not None:
                text, place = reading.of_part(document, chapter), f", {chapter}"
            else:
                text, begin = reading.whole(document, passage)
            if offset is not None and offset > len(text):
                raise ToolError(f"It has {len(text)} characters: offset={offset} is behind its end.")
            piece = reading.piece(text, begin if offset is None else offset, limit)
            lines = [told.document(document.row) + place, piece.text.strip("\n")]
            if piece.start > 0 or piece.end < piece.characters:
                more = f"; go on with offset={piece.end}" if piece.end < piece.characters else ""
                lines.append(f"(Characters {piece.start} to {piece.end} of {piece.characters}{more}.)")
            return "\n\n".join(lines)

    def outline(
        file: File,
        depth: Annotated[int | None, Field(ge=1, le=6, description="Levels of titles; without, as many as fit.")] = None,
    ) -> str:
        """A document's authors, date and place, and its titles in order, with their pages or chapters, as read takes them."""
        with _told():
            document, _ = _meant(library, file)
            return f"{told.document(document.row, document.manifest)}\n\n{told.outline(document.elements, depth)}"

    def list_files(
        files: Files = None,
        named: Annotated[str | None, Field(description="Words that are in their titles, names or folders.")] = None,
        status: Annotated[
            Literal["synced", "processing", "processed", "indexing", "indexed", "failed"] | None, Field(description="Only these.")
        ] = None,
        quality: Annotated[Grade | None, Field(description="Only documents whose text can be trusted so far.")] = None,
        author: Author = None,
        since: Since = None,
        until: Until = None,
        newest: Annotated[bool, Field(description="By their dates, the newest first.")] = False,
        after: Annotated[int, Field(ge=0, description="Go on after this file_id.")] = 0,
        limit: Annotated[int, Field(ge=1, le=MOST_FILES)] = 50,
    ) -> str:
        """What there is: [file_id], name, title, author, date, kind, pages, and what is wrong. What it is about, search tells."""
        with _told():
            of = {**_chosen(library, files), "author": author, "since": since, "until": until}
            chosen = {"status": status, "quality": quality, "named": named, **of}
            rows = library.rows(after=after, limit=limit + 1, newest=newest, **chosen)
            number = library.count(**chosen)
            lines = [f"{number} file{'' if number == 1 else 's'}", told.listed(rows[:limit])]
            if len(rows) > limit:
                lines.append(f"(There are more: after={rows[limit - 1].id}.)")
            if undated := library.undated(**of):
                lines.append(f"({undated})")
            return "\n".join(lines)

    return search, read, outline, list_files


def serve_stdio(library: Library) -> None:
    """Until the client closes our standard input. Nothing else may be written to standard output."""
    server(library).run("stdio")


def serve_http(library: Library, port: int, token: str, ready: Callable[[], None]) -> None:
    """At http://127.0.0.1:PORT/mcp, for those that know the token, until interrupted or terminated.

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
        ready()
        uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on")).run(sockets=[place])


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


def _nothing(library: Library, words: str, language: str | None) -> str:
    """Why nothing is found, where that is no news about the documents."""
    if not parse(words).meaning:
        return "There is no word to look for; name one besides what must not be there."
    return library.unspoken(language) or "Nothing is found."


def _chosen(library: Library, files: int | str | None) -> dict[str, Any]:
    """The files meant, as the library takes them. Raises: ToolError: there are none."""
    if files is None:
        return {}
    name = str(files).strip()
    if re.fullmatch(r"\d{1,18}(\s*,\s*\d{1,18})*", name):
        chosen: dict[str, Any] = {"file_ids": [int(one) for one in name.split(",")]}
        if not library.count(**chosen):
            raise ToolError(f"There is no file {name}; list_files tells what there is.")
        return chosen
    if not library.rows(only=name, limit=1):
        raise ToolError(
            f"No file fits {name!r}. It may be a file_id (12), a kind (pdf), a name (*physics*) or a folder (reports/*); "
            "list_files finds words of titles, too, with named."
        )
    return {"only": name}


def _meant(library: Library, file: int | str) -> tuple[LibraryDocument, Chunk | None]:
    """The document, and the passage of it, if one is named. Raises: ToolError: none is called so, or several are."""
    name = str(file).strip(" []")
    if re.fullmatch(r"\d+:\d+", name) and (hit := library.passage(name)):
        return library.document(hit.file_id), hit.chunk
    return _document(library, name), None


def _document(library: Library, name: str) -> LibraryDocument:
    if name.isdecimal() and len(name) < 19:  # no id is longer
        _chosen(library, name)
        return library.document(int(name))
    rows = library.called(name, _CALLED_SO + 1) if name else []
    if len(rows) == 1:
        return library.document(rows[0].id)
    if not rows:
        raise ToolError(f"No file is known as {name!r}; list_files finds words of titles and names, with named.")
    more = "\n…" if len(rows) > _CALLED_SO else ""
    raise ToolError(f"{name!r} may be one of these:\n" + "\n".join(map(told.document, rows[:_CALLED_SO])) + more)
