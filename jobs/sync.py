"""`kbray sync` as a Ray job, with its arguments: `ray job submit --working-dir . -- python jobs/sync.py …`."""

from kbray.cli import job

job("sync")
