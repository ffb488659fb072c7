"""`kbray run` as a Ray job, with its arguments: `ray job submit --working-dir . -- python jobs/run.py …`."""

from kbray.cli import job

job("run")
