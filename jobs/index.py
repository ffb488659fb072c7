"""`kbray index` as a Ray job, with its arguments: `ray job submit --working-dir . -- python jobs/index.py …`."""

from kbray.cli import job

job("index")
