"""Documents of Hangul "for distribution", which anybody may read: their text is scrambled with a key that stands before it.

After Hancom's own description of the format (Hangul document file format, distribution documents, revision 1.2).
"""

from kbray.errors import CorruptDocument

_HEAD = 4  # bytes of the head of a record
_SEEDED = 256  # bytes of the only record that isn't scrambled as the rest is
_KEY = 16


def unscrambled(data: bytes) -> bytes:
    """What a stream of `ViewText` has, still compressed.

    Raises: CorruptDocument: it doesn't begin as such a stream does.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    seeded = data[_HEAD : _HEAD + _SEEDED]
    rest = data[_HEAD + _SEEDED :]
    if len(seeded) < _SEEDED:
        raise CorruptDocument("its text is cut short")
    seed = int.from_bytes(seeded[:4], "little")
    plain = bytes(byte ^ mask for byte, mask in zip(seeded, masks(seed), strict=False))
    start = 4 + (seed & 0xF)
    decryptor = Cipher(algorithms.AES(plain[start : start + _KEY]), modes.ECB()).decryptor()
    return decryptor.update(rest[: len(rest) // 16 * 16])


def masks(seed: int) -> bytes:
    """A mask for each of the bytes, in runs of 1 to 16, by the random numbers of Microsoft's C library."""
    found = bytearray()
    state = seed

    def random() -> int:
        nonlocal state
        state = (state * 214_013 + 2_531_011) & 0xFFFFFFFF
        return state >> 16 & 0x7FFF

    while len(found) < _SEEDED:
        mask = random() & 0xFF
        found += bytes([mask]) * ((random() & 0xF) + 1)
    return bytes(4) + bytes(found[4:_SEEDED])
