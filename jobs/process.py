"""`kbray process` as a Ray job, with its arguments: `ray job submit --working-dir . -- python jobs/process.py …`."""

import sys

from kbray.cli import main

main(["process", *sys.argv[1:]])
