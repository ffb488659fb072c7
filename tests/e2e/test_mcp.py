"""`kbray mcp` as an agent meets it: by the SDK's own client, over standard input and output and over HTTP."""

import asyncio
import re
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextResourceContents

from tests.e2e.kbray_process import Kbray, wait_until
from tests.ports import free_port

Ask = Callable[..., Awaitable[Any]]


def stdio(kbray: Kbray) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=["-m", "kbray", "mcp"], env=kbray.environment)


def asking(client: Client) -> Ask:
    async def ask(tool: str, **arguments: object) -> Any:
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    return ask


def test_an_agent_searches_reads_and_looks_around(ran: Kbray) -> None:
    async def talk() -> None:
        async with Client(stdio(ran)) as client:
            tools = (await client.list_tools()).tools
            assert {tool.name for tool in tools} == {"search", "read", "outline", "list_files"}
            assert all(tool.description and tool.annotations and tool.annotations.read_only_hint for tool in tools)
            ask = asking(client)

            hits = (await ask("search", query="shelves counted by their shadows", k=3))["hits"]
            assert (hits[0]["name"], hits[0]["page"], len(hits)) == ("survey-of-shelves.pdf", 1, 3)

            page = await ask("read", file=hits[0]["file_id"], page=1)
            assert "counted by their shadows" in page["text"]
            assert await ask("read", file=str(hits[0]["file_id"]), page=1) == page, "agents write numbers either way"
            assert page["next_offset"] is None
            whole = ""
            offset: int | None = 0
            while offset is not None:
                piece = await ask("read", file="survey-of-shelves.pdf", offset=offset, limit=700)
                whole, offset = whole + piece["text"], piece["next_offset"]
            assert whole == ran.run("export", "survey-of-shelves.pdf").rstrip("\n") + "\n"

            outline = await ask("outline", file="field-guide.epub")
            assert len(outline["titles"]) >= 3
            chapter = next(title["chapter"] for title in outline["titles"])
            assert (await ask("read", file="field-guide.epub", chapter=chapter))["text"]

            first = await ask("list_files", limit=4)
            rest = await ask("list_files", after=first["next_after"])
            assert rest["next_after"] is None
            names = [file["name"] for file in (*first["files"], *rest["files"])]
            assert sorted(names) == sorted(row["name"] for row in ran.json("files")["files"])

            (resource,) = (await client.read_resource(f"kbray://documents/{hits[0]['file_id']}")).contents
            assert isinstance(resource, TextResourceContents)
            assert resource.text == whole

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("read", {"file": "no-such-file.pdf"}, "No file is known as 'no-such-file.pdf'"),
        ("read", {"file": "99999"}, "There is no file 99999"),
        ("outline", {"file": 99999}, "There is no file 99999"),
        ("read", {"file": "survey-of-shelves.pdf", "page": 77}, "has no text on page 77"),
        ("read", {"file": "torn.epub"}, "has no document.md"),
        ("search", {"query": "x", "k": 1000}, "less than or equal to 50"),
    ],
)
def test_what_goes_wrong_is_told_to_the_agent(ran: Kbray, tool: str, arguments: dict[str, object], told: str) -> None:
    async def talk() -> None:
        async with Client(stdio(ran)) as client:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            [content] = result.content
            assert content.type == "text"
            assert told in content.text
            assert "Traceback" not in content.text

    asyncio.run(talk())


def test_http_is_for_those_who_know_the_token(ran: Kbray) -> None:
    port = free_port()
    server = ran.start("mcp", "--http", port)
    assert server.stderr is not None
    told = server.stderr.readline()
    token = re.search(r"this token: (\S+)", told)
    assert token, told
    url = f"http://127.0.0.1:{port}/mcp"
    wait_until(lambda: answers(url) == 401)

    async def talk() -> None:
        headers = {"Authorization": f"Bearer {token[1]}"}
        async with httpx2.AsyncClient(headers=headers) as http, Client(streamable_http_client(url, http_client=http)) as client:
            assert (await asking(client)("search", query="lamp"))["hits"]

    try:
        asyncio.run(talk())
        second = ran.start("mcp", "--http", port)
        _, told = second.communicate(timeout=60)
        assert (second.returncode, "Traceback" in told) == (2, False)
        assert f"Port {port} of 127.0.0.1 can't be had" in told
    finally:
        server.terminate()
        server.communicate(timeout=120)
    assert server.returncode == 128 + signal.SIGTERM, "it ended itself, and so stopped the database if nobody else uses it"


def answers(url: str) -> int:
    """Its status without a token; 0: nobody is there."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0
