"""`kbray index` as a Ray job, with its arguments: `ray job submit --working-dir . -- python jobs/index.py …`."""

import sys

from kbray.cli import main

main(["index", *sys.argv[1:]])
