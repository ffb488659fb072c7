"""Parsers in a process that can be killed: `parent` starts it, `child` runs in it."""
