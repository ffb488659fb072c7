"""`kbray mcp`: the knowledge base for AI agents."""

from typing import Annotated

import typer

from kbray.cli.render import say
from kbray.cli.session import settings


def mcp(
    http: Annotated[
        int | None,
        typer.Option(
            "--http", min=1, max=65535, metavar="PORT", help="Serve HTTP on 127.0.0.1 instead of standard input and output."
        ),
    ] = None,
) -> None:
    """Serve the knowledge base to AI agents by the Model Context Protocol.

    Tools: search, read, outline, list_files; documents are resources. Nothing can be changed through it. An agent starts it as
    `kbray mcp` and talks over standard input and output. Over HTTP it wants the token that is set (KBRAY_MCP_TOKEN), or the one
    it prints.
    """
    from kbray.library import Library
    from kbray.serve import mcp as serving
    from kbray.wiring import connect

    chosen = settings()
    with Library(connect(chosen, read_only=True, waiting=say)) as library:
        if http is None:
            library.load()
            serving.serve_stdio(library)
            return
        token = chosen.mcp_token.get_secret_value() if chosen.mcp_token else serving.new_token()
        told = "the token that is set" if chosen.mcp_token else f"this token: {token}"

        def ready() -> None:
            library.load()
            say(f"Serving at http://127.0.0.1:{http}/mcp, with {told}")

        serving.serve_http(library, http, token, ready)
