"""`python -m kbray` is `kbray`."""

from kbray.cli import main

main()
