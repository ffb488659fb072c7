"""Names of files and folders that are left alone, in a folder as in an archive."""

# Left alone although they are not hidden: what systems and office programs leave in folders.
_JUNK = frozenset(
    {"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found"}
)
INSPECTED = ".inspect.html"
"""How the pages of `kbray inspect` are called: one that was written into the pile is no document of it."""


def hidden(name: str) -> bool:
    """Whether a file or folder of this name is left alone."""
    return name.startswith((".", "~$")) or name.endswith(INSPECTED) or name.lower() in _JUNK
