"""`kbray cleanup` as a Ray job, with its arguments: `ray job submit --working-dir . -- python jobs/cleanup.py …`."""

from kbray.cli import job

job("cleanup")
