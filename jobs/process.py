"""`kbray process` as a Ray job, with its arguments: `ray job submit --working-dir . -- python jobs/process.py …`."""

from kbray.cli import job

job("process")
