"""`kbray reset`: files start again from the beginning."""

from typing import Annotated

from kbray.cli.options import Json, OptionalFiles, flag
from kbray.cli.render import count, out, out_json
from kbray.cli.session import wired
from kbray.errors import ConfigError
from kbray.ops.find import find_all


def reset(
    files: OptionalFiles = None,
    stuck: Annotated[bool, flag("--stuck", help="Files left in `processing` by runs that are dead.")] = False,
    failed: Annotated[bool, flag("--failed", help="All failed files.")] = False,
    json: Json = False,
) -> None:
    """Let files begin anew.

    They are `synced` again, their attempts and failures forgotten; the next `kbray process` does them as if for the first
    time. Results that are there stay until new ones take their place. Name files, or give one of the options.
    """
    if (stuck, failed, bool(files)).count(True) != 1:
        raise ConfigError("Say what to reset: FILE…, --stuck or --failed, one of the three.")
    with wired() as wiring:
        catalogue = wiring.catalogue()
        catalogue.reap(wiring.settings.lease_s)
        if files:
            number = catalogue.reset(find_all(catalogue, files))
        else:
            number = catalogue.reset(stuck=True) if stuck else catalogue.reset(failed=True)
    if json:
        out_json({"reset": number})
    else:
        out(f"{count(number, 'file')} reset." + (" Run `kbray process` to do them again." if number else ""))
