"""Benchmarks: `make bench NAME=memory`. Each prints a table and writes JSON under build/benchmarks/."""
