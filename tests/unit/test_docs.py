"""The generated pages say what the code says, and every command and setting is in them."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from kbray.cli.app import app
from kbray.config import Settings

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_current(generate: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 0, capsys.readouterr().err


def test_a_stale_page_is_named(
    generate: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    assert generate.main() == 0
    (tmp_path / "commands.md").write_text("old")
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 1
    assert capsys.readouterr().err == "docs/commands.md is not what the code says: run `make docs`.\n"


def test_every_command_and_setting_stands_there() -> None:
    commands = (DOCS / "commands.md").read_text()
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]  # a group has them
        assert f"## `kbray {name}`" in commands
        assert command.help
        for parameter in command.params:
            assert parameter.help, f"{name} {parameter.name} has no help"
    configuration = (DOCS / "configuration.md").read_text()
    for name in Settings.model_fields:
        assert f"| `{name}` | `KBRAY_{name.upper()}` |" in configuration


def _flags(command: Any) -> set[str]:
    """Of the command, and of those below it."""
    own = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return own.union(*map(_flags, getattr(command, "commands", {}).values()))


@pytest.mark.parametrize("page", [*sorted(DOCS.glob("*.md")), *DOCS.parent.glob("*.md")], ids=lambda page: page.name)
def test_there_is_every_command_and_flag_that_is_written_down(page: Path) -> None:
    group: Any = typer.main.get_command(app)
    everywhere = {name for parameter in group.params for name in parameter.opts} | {"--help"}
    for name, rest in re.findall(r"\bkbray ([a-z]+)\b([^`\n\"|;&]*)", page.read_text()):
        if name in group.commands:
            assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", rest)) <= _flags(group.commands[name]) | everywhere, f"{name}{rest}"
    for name in re.findall(r"`kbray ([a-z]+)", page.read_text()):
        assert name in group.commands
