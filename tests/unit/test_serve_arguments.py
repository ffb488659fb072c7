"""Tools take what they know, and say in a sentence what is wrong."""

import asyncio
from typing import Annotated

import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from kbray.serve.arguments import StrictTool


def look(what: Annotated[str, Field(description="It.")], many: Annotated[int, Field(ge=1, le=9)] = 3) -> str:
    """Look."""
    if what == "nothing":
        raise ToolError("There is nothing.")
    if what == "crash":
        raise ValueError("secret")
    return f"{many} of {what}"


def called(**arguments: object) -> tuple[bool, str]:
    async def talk() -> tuple[bool, str]:
        async with Client(MCPServer("test", tools=[StrictTool.from_function(look, structured_output=False)])) as client:
            answer = await client.call_tool("look", arguments)
            [content] = answer.content
            assert content.type == "text"
            return answer.is_error, content.text

    return asyncio.run(talk())


def test_what_is_right_is_done() -> None:
    assert called(what="owls", many="4") == (False, "4 of owls")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"what": "owls", "mnay": 2}, "look has no argument 'mnay'. Did you mean many? It takes: what, many."),
        ({"what": "owls", "x": 2}, "look has no argument 'x'. It takes: what, many."),
        ({}, "look can't do that. what: Field required."),
        ({"what": "a\0b"}, "look can't do that. what: character 2 is no text (NUL or a surrogate)."),
        ({"what": "o" * 20_001}, "look can't do that. what: it has 20,001 characters, 20,000 at most."),
        ({"what": "owls", "many": 10}, "look can't do that. many: Input should be less than or equal to 9."),
        ({"what": "nothing"}, "There is nothing."),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(arguments: dict[str, object], told: str) -> None:
    assert called(**arguments) == (True, told)


def test_a_crash_tells_nothing_of_itself() -> None:
    assert called(what="crash") == (True, "Error executing tool look")


def test_the_schema_says_that_there_is_no_more_and_nothing_twice() -> None:
    schema = StrictTool.from_function(look, structured_output=False).parameters
    assert schema["additionalProperties"] is False
    assert "title" not in schema
    assert schema["properties"]["many"] == {"default": 3, "maximum": 9, "minimum": 1, "type": "integer"}
