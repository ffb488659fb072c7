"""`kbray run` as a Ray job, with its arguments: `ray job submit --working-dir . -- python jobs/run.py …`."""

import sys

from kbray.cli import main

main(["run", *sys.argv[1:]])
