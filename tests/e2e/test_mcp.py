"""`kbray mcp` as an agent meets it: by the SDK's own client, over standard input and output and over HTTP."""

import asyncio
import re
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextResourceContents

from tests.e2e.kbray_process import Kbray, wait_until
from tests.ports import free_port

Ask = Callable[..., Awaitable[str]]


def stdio(kbray: Kbray) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=["-m", "kbray", "mcp"], env=kbray.environment)


def asking(client: Client) -> Ask:
    async def ask(tool: str, **arguments: object) -> str:
        result = await client.call_tool(tool, arguments)
        [content] = result.content
        assert content.type == "text"
        assert not result.is_error, content.text
        return content.text

    return ask


def test_an_agent_searches_reads_and_looks_around(ran: Kbray) -> None:
    async def talk() -> None:
        async with Client(stdio(ran)) as client:
            tools = (await client.list_tools()).tools
            assert {tool.name for tool in tools} == {"search", "read", "outline", "list_files"}
            assert all(tool.description and tool.annotations and tool.annotations.read_only_hint for tool in tools)
            ask = asking(client)

            hits = await ask("search", query="shelves counted by their shadows", k=3)
            named = re.match(r"\[(\d+):\d+\] survey-of-shelves\.pdf, page 1", hits)
            assert named, hits
            assert len(re.findall(r"^\[\d+:\d+\]", hits, re.MULTILINE)) == 3
            assert "survey-of-shelves.pdf" not in await ask("search", query="shelves", files="epub")
            assert (await ask("search", query="shelves zyzzyva")).startswith("Nowhere in the library: zyzzyva.\n")
            about = await ask("search", query="shelves", per_file=1, k=20)
            files = re.findall(r"^\[(\d+):", about, re.MULTILINE)
            assert len(files) == len(set(files)) > 1

            page = await ask("read", file=int(named[1]), page=1)
            assert page.splitlines()[0].endswith(", page 1")
            assert "counted by their shadows" in page
            assert await ask("read", file=named[1], page="1") == page, "agents write numbers either way"
            assert "counted by their shadows" in await ask("read", file=named[0].partition("]")[0][1:], limit=1000)
            whole = ""
            offset: int | None = 0
            while offset is not None:
                piece = await ask("read", file="survey-of-shelves.pdf", offset=offset, limit=700)
                going_on = re.search(r"go on with offset=(\d+)", piece)
                offset = int(going_on[1]) if going_on else None
                whole += piece.partition("\n\n")[2].rpartition("\n\n(Characters ")[0]
            told = ran.run("export", "survey-of-shelves.pdf")
            assert "".join(whole.split()) == "".join(told.split())

            outline = await ask("outline", file="field-guide.epub")
            titles = outline.partition("\n\n")[2].splitlines()
            assert len(titles) >= 3
            chapter = re.search(r", chapter (\S+?)(,|$)", outline, re.MULTILINE)
            assert chapter, outline
            assert len(await ask("read", file="field-guide.epub", chapter=chapter[1])) > 100
            title = titles[-1].partition(", ")[0].strip()
            assert f"# {title}" in await ask("read", file="field-guide.epub", chapter=title)

            rows = ran.json("files")["files"]
            first = await ask("list_files", limit=4)
            assert first.splitlines()[0] == f"{len(rows)} files"
            after = re.search(r"after=(\d+)", first)
            assert after
            rest = await ask("list_files", after=int(after[1]))
            assert "after=" not in rest
            listed = re.findall(r"^\[\d+\] (\S+)", first + rest, re.MULTILINE)
            assert sorted(listed) == sorted(row["name"] for row in rows)
            assert "survey-of-shelves.pdf" in await ask("list_files", named="SURVEY")

            (resource,) = (await client.read_resource(f"kbray://documents/{named[1]}")).contents
            assert isinstance(resource, TextResourceContents)
            assert resource.text.rstrip() == told.rstrip()

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("read", {"file": "no-such-file.pdf"}, "No file is known as 'no-such-file.pdf'"),
        ("read", {"file": "99999"}, "There is no file 99999"),
        ("outline", {"file": 99999}, "There is no file 99999"),
        ("read", {"file": "survey-of-shelves.pdf", "page": 77}, "77 are none of them"),
        ("read", {"file": "99999:3"}, "There is no passage 99999:3: no file has the id 99999"),
        ("search", {"query": "x", "files": "nowhere/*"}, "No file fits 'nowhere/*'"),
        ("search", {"query": "x", "files": "99999, 99998"}, "There is no file 99999, 99998;"),
        ("read", {"file": "survey-of-shelves.pdf", "offset": 10**9}, "offset=1000000000 is behind its end."),
        ("search", {"query": "x", "langauge": "de"}, "Did you mean language?"),
        ("read", {"file": "torn.epub"}, "torn.epub has no elements.parquet: "),
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
            assert (await asking(client)("search", query="lamp")).startswith("[")

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
