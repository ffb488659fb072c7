"""What systems and office programs leave in folders, and in archives of them."""

_JUNK = frozenset(
    {"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found"}
)


def hidden(name: str) -> bool:
    """Whether a file or folder of this name is left alone."""
    return name.startswith((".", "~$")) or name.lower() in _JUNK
