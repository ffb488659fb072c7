"""The order in which the topics were put into a help file, for those without contents: #TOPICS, its addresses, their strings."""

from collections.abc import Iterator

_TOPIC, _ADDRESS, _ADDRESS_AT, _STRING_AT = 16, 8, 8, 8  # bytes of a topic, where it tells its address; sizes in their tables


def topics_of(topics: bytes, addresses: bytes, strings: bytes) -> Iterator[bytes]:
    """Links to them, from the files #TOPICS, #URLTBL and #URLSTR; what is damaged in them is left out."""
    for at in range(0, len(topics) - _TOPIC + 1, _TOPIC):
        told = addresses[(address := _long(topics, at + _ADDRESS)) : address + _ADDRESS_AT + 4]
        place = _long(told, _ADDRESS_AT) + _STRING_AT
        link = strings[place : place + 1024].partition(b"\0")[0]
        if len(told) == _ADDRESS_AT + 4 and link:
            yield link


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
