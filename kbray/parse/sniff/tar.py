"""TAR archives by the checksum of their first header: those of before POSIX have no other mark."""

BLOCK_BYTES = 512
_SUM = slice(148, 156)


def is_tar(head: bytes) -> bool:
    """Whether a file that begins so is one (POSIX.1-1988, 10.1.1: the checksum is in octal digits)."""
    block = head[:BLOCK_BYTES]
    digits = block[_SUM].strip(b" \0")
    if len(block) < BLOCK_BYTES or not block[0] or not digits or digits.strip(b"01234567"):
        return False
    return int(digits, 8) == sum(block) - sum(block[_SUM]) + 8 * 0x20
