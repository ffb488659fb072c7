"""Writes the pages that are made from the code: docs/configuration.md from Settings, docs/commands.md from the commands.

python docs/generate.py            write them
python docs/generate.py --check    exit 1 where a page is not what the code says
"""

import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from kbray.cli.app import app
from kbray.config import PREFIX, GiB, MiB, Settings

FOLDER = Path(__file__).parent
HOME = "the user's data folder (on Linux `~/.local/share/kbray`)"

CONFIGURATION = """\
# Configuration

Generated from `kbray.config.Settings` by `docs/generate.py`; `make check` compares it.

A setting comes from the first of these that names it:

1. a flag of the command (`--home`, `--database-url`, `--objects-url`, `--s3-endpoint-url`, `--address`, `--workers`),
2. the environment (`KBRAY_HOME=/data/kbray`); a variable that is empty counts as unset,
3. `kbray.toml` in the working folder, or else the one in `home` (`home = "/data/kbray"`),
4. the default.

Names that kbray doesn't know are errors, so a slip of the pen can't go unnoticed. `kbray doctor` shows what is in force and where
it comes from.

| Setting | Environment | Default | What it does |
|---|---|---|---|
"""

COMMANDS = """\
# Commands

Generated from the command line itself by `docs/generate.py`; `make check` compares it.

Data go to stdout, everything else to stderr. Exit codes: 0 all well; 1 some files failed; 2 usage or configuration;
3 infrastructure (database, object store, a defect); 130 stopped by Ctrl-C; 141 (SIGPIPE) when nobody reads stdout any more, as
after `| head`. With `--json`, stdout is one JSON document.
Where stdout is no terminal, tables are tab-separated lines without a heading.

"""


def configuration() -> str:
    """docs/configuration.md."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = HOME if name == "home" else _value(field.default, name)
        note = _values(field.annotation)
        rows.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {default} | {_cell((field.description or '') + note)} |\n")
    return CONFIGURATION + "".join(rows)


def _value(value: object, name: str) -> str:
    if value is None:
        return "–"
    if name.endswith("_bytes") and isinstance(value, int):
        unit, size = ("GiB", GiB) if value % GiB == 0 else ("MiB", MiB)
        return f"{value} ({value // size} {unit})"
    return f"{value}"


def _values(annotation: Any) -> str:
    if typing.get_origin(annotation) is not typing.Literal:
        return ""
    return " One of " + ", ".join(f"`{value}`" for value in typing.get_args(annotation)) + "."


def commands() -> str:
    """docs/commands.md."""
    group: Any = typer.main.get_command(app)
    return COMMANDS + "\n".join(_section(path, command) for path, command in _walk("kbray", group))


def _walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _walk(f"{path} {name}", below)


def _section(path: str, command: Any) -> str:
    """One command: how to call it, what it does, its arguments and options."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and "completion" not in p.name]
    usage = " ".join([path, *(_argument(p) for p in arguments), *(["[OPTIONS]"] if options else [])])
    if hasattr(command, "commands"):
        usage = f"{path} [OPTIONS] COMMAND …" if options else f"{path} COMMAND …"
    text = f"## `{path}`\n\n```\n{usage}\n```\n\n{(command.help or '').strip()}\n"
    if arguments or options:
        text += "\n| | |\n|---|---|\n"
    for parameter in arguments:
        text += f"| `{_cell(parameter.metavar or parameter.name.upper())}` | {_cell(parameter.help)} |\n"
    for parameter in options:
        text += f"| {_option(parameter)} | {_cell(parameter.help)}{_default(parameter)} |\n"
    return text


def _argument(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name.upper()) + ("…" if parameter.nargs != 1 else "")
    return name if parameter.required else f"[{name}]"


def _option(parameter: Any) -> str:
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return ", ".join(f"`{_cell(name + value)}`" for name in parameter.opts)


def _default(parameter: Any) -> str:
    choices = parameter.type_descriptor.choices
    note = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return note + (f" Default: `{parameter.default}`." if parameter.default not in (None, False) else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    pages = {"configuration.md": configuration(), "commands.md": commands()}
    stale = [name for name, text in pages.items() if not _is(FOLDER / name, text)]
    if "--check" not in sys.argv[1:]:
        for name in stale:
            (FOLDER / name).write_text(pages[name], encoding="utf-8")
        return 0
    for name in stale:
        sys.stderr.write(f"docs/{name} is not what the code says: run `make docs`.\n")
    return 1 if stale else 0


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
