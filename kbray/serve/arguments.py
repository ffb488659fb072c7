"""Tools that take what they know and nothing else, and say what is wrong in a sentence: an agent's slip must not be dropped."""

import re
from difflib import get_close_matches
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from pydantic import ValidationError

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # which neither the database nor the file system holds
_LONGEST = 20_000
"""Characters of an argument: no question, no list of files and no name has more."""
NO_MORE = {"additionalProperties": False}


class StrictTool(Tool):
    """The SDK's own ignores arguments that it doesn't know, and tells the others in pydantic's words."""

    def model_post_init(self, context: Any, /) -> None:
        self.parameters = {**_plain(self.parameters), **NO_MORE}

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Raises: ToolError: an argument is missing, unknown or not what it must be."""
        self._check(arguments)
        try:
            return await super().run(arguments, context, convert_result)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            raise (error.__cause__ if isinstance(error.__cause__, ToolError) else error) from None

    def _check(self, arguments: dict[str, Any]) -> None:
        known = list(self.parameters["properties"])
        for name in arguments:
            if name not in known:
                meant = get_close_matches(name, known, 1)
                guess = f" Did you mean {meant[0]}?" if meant else ""
                raise ToolError(f"{self.name} has no argument {name!r}.{guess} It takes: {', '.join(known)}.")
        for name, value in arguments.items():
            if isinstance(value, str) and len(value) > _LONGEST:  # patterns of a million would keep the database busy for minutes
                raise ToolError(f"{self.name} can't do that. {name}: it has {len(value):,} characters, {_LONGEST:,} at most.")
            if isinstance(value, str) and (wrong_one := _NO_TEXT.search(value)):
                raise ToolError(
                    f"{self.name} can't do that. {name}: character {wrong_one.start() + 1} is no text (NUL or a surrogate)."
                )
        try:
            self.fn_metadata.validate_arguments(arguments)
        except ValidationError as error:
            wrong = {str(one["loc"][0]): f"{one['loc'][0]}: {one['msg']}" for one in error.errors()}
            raise ToolError(f"{self.name} can't do that. {'; '.join(wrong.values())}.") from None


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """As short as it can be told: an agent reads all schemas before its first call. Without the titles, which say each name a
    second time, and without null, which is taken for an argument that is left out, but need not be offered.
    """
    properties = {name: _argument(told) for name, told in schema["properties"].items()}
    return {key: value for key, value in schema.items() if key != "title"} | {"properties": properties}


def _argument(told: dict[str, Any]) -> dict[str, Any]:
    left = {key: value for key, value in told.items() if key not in ("title", "anyOf") and (key, value) != ("default", None)}
    kinds = [kind for kind in told.get("anyOf", ()) if kind != {"type": "null"}]
    return left | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})
