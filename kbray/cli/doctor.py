"""`kbray doctor`: is everything there that kbray needs, and if not, what to do."""

import typer

from kbray.cli.options import Json
from kbray.cli.render import out, out_json, plain
from kbray.cli.session import given_flags, settings

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def doctor(json: Json = False) -> None:
    """Check that all kbray needs is there.

    Versions, database, object store and whose it is, GPU, models, office formats, free disk, each with what to do; then the
    settings in force. Exit code 2: the settings are wrong. 3: something kbray can't work without is missing.
    """
    from kbray.ops.doctor import examine, settings_in_force

    chosen = settings()
    checks = examine(chosen)
    in_force = settings_in_force(chosen, given_flags())
    if json:
        out_json({"checks": checks, "settings": in_force})
    else:
        for check in checks:
            out(f"{MARKS[check.state]}  {check.name:<12} {plain(check.detail)}")
            if check.remedy and check.state != "ok":
                out(f"      {'':<12} → {check.remedy}")
        out("\nSettings in force")
        for setting in in_force:
            out(f"  {setting.name:<20} {plain(setting.value):<44} {plain(setting.source)}")
    if any(check.state == "fail" for check in checks):
        raise typer.Exit(3)
