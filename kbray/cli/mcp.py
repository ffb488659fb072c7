"""`kbray mcp`: the knowledge base for AI agents."""

from typing import Annotated

import typer

from kbray.cli.render import say
from kbray.cli.session import wired


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

    with wired() as wiring:
        library = Library(wiring)
        if http is None:
            serving.serve_stdio(library)
            return
        given = wiring.settings.mcp_token
        token = given.get_secret_value() if given else serving.new_token()
        told = "the token that is set" if given else f"this token: {token}"
        serving.serve_http(library, http, token, lambda: say(f"Serving at http://127.0.0.1:{http}/mcp, with {told}"))
