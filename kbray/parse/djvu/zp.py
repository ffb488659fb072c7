"""The binary arithmetic decoder of DjVu (its "ZP coder"): bits, each with a probability that adapts to what came before.

By the DjVu 3 specification, appendix 3. The table of states, a constant of the format, was looked up in dv_zp.c of
ccxvii/djvudec (Copyright (c) 2011, 2019, Tor Andersson; ISC licence).
"""

from kbray.errors import CorruptDocument

_SPENT = 32
"""Bytes that may be taken behind the end of the data, which are taken to be 0xff there: an encoder leaves out its last ones."""

# States 3 to 82, in pairs for either bit being the likelier: how far a likely bit narrows the interval, and from which width
# on it makes its state surer.
_STEADY = """
6bbd:10a5 5d45:1f28 51b9:2bd3 4813:36e3 3fd5:408c 38b1:48fd 3275:505d 2cfd:56d0 2825:5c71 23ab:615b 1f87:65a5 1bbb:6962
1845:6ca2 1523:6f74 1253:71e6 0fcf:7404 0d95:75d6 0b9d:7768 09e3:78c2 0861:79ea 0711:7ae7 05f1:7bbe 04f9:7c75 0425:7d0f
0371:7d91 02d9:7dfe 0259:7e5a 01ed:7ea6 0193:7ee6 0149:7f1a 010b:7f45 00d5:7f6b 00a5:7f8d 007b:7faa 0057:7fc3 003b:7fd7
0023:7fe7 0013:7ff2 0007:7ffa 0001:7fff
"""
# The others, 83 to 250, by which a context finds its probability quickly: the narrowing, and the states behind either bit.
_EARLY = """
5695:9:85 24ee:86:226 8000:5:6 0d30:88:176 481a:89:143 0481:90:138 3579:91:141 017a:92:112 24ef:93:135 007b:94:104
1978:95:133 0028:96:100 10ca:97:129 000d:82:98 0b5d:99:127 0034:76:72 078a:101:125 00a0:70:102 050f:103:123 0117:66:60
0358:105:121 01ea:106:110 0234:107:119 0144:66:108 0173:109:117 0234:60:54 00f5:111:115 0353:56:48 00a1:69:113 05c5:114:134
011a:65:59 03cf:116:132 01aa:61:55 0285:118:130 0286:57:51 01ab:120:128 03d3:53:47 011a:122:126 05c5:49:41 00ba:124:62
08ad:43:37 007a:72:66 0ccc:39:31 01eb:60:54 1302:33:25 02e6:56:50 1b81:29:131 045e:52:46 24ef:23:17 0690:48:40
2865:23:15 09de:42:136 3987:137:7 0dc8:38:32 2c99:21:139 10ca:140:172 3b5f:15:9 0b5d:142:170 5695:9:85 078a:144:168
8000:141:248 050f:146:166 24ee:147:247 0358:148:164 0d30:149:197 0234:150:162 0481:151:95 0173:152:160 017a:153:173 00f5:154:158
007b:155:165 00a1:70:156 0028:157:161 011a:66:60 000d:81:159 01aa:62:56 0034:75:71 0286:58:52 00a0:69:163 03d3:54:48
0117:65:59 05c5:50:42 01ea:167:171 08ad:44:38 0144:65:169 0ccc:40:32 0234:59:53 1302:34:26 0353:55:47 1b81:30:174
05c5:175:193 24ef:24:18 03cf:177:191 2b74:178:222 0285:179:189 201d:180:218 01ab:181:187 1715:182:216 011a:183:185 0fb7:184:214
00ba:69:61 0a67:186:212 01eb:59:53 06e7:188:210 02e6:55:49 0496:190:208 045e:51:45 030d:192:206 0690:47:39 0206:194:204
09de:41:195 0155:196:202 0dc8:37:31 00e1:198:200 2b74:199:243 0094:72:64 201d:201:239 0188:62:56 1715:203:237 0252:58:52
0fb7:205:235 0383:54:48 0a67:207:233 0547:50:44 06e7:209:231 07e2:46:38 0496:211:229 0bc0:40:34 030d:213:227 1178:36:28
0206:215:225 19da:30:22 0155:217:223 24ef:26:16 00e1:219:221 320e:20:220 0094:71:63 432a:14:8 0188:61:55 447d:14:224
0252:57:51 5ece:8:2 0383:53:47 8000:228:87 0547:49:43 481a:230:246 07e2:45:37 3579:232:244 0bc0:39:33 24ef:234:238
1178:35:27 1978:138:236 19da:29:21 2865:24:16 24ef:25:15 3987:240:8 320e:19:241 2c99:22:242 432a:13:7 3b5f:16:10
447d:13:245 5695:10:2 5ece:7:1 8000:244:83 8000:249:250 5695:10:2 481a:89:143 481a:230:246
"""


def _table() -> tuple[list[int], list[int], list[int], list[int]]:
    """Of each state: the narrowing, the width from which a likely bit changes it, what it becomes by that, and by the other."""
    rows = [(0x8000, 0, 84, 145), (0x8000, 0, 3, 4), (0x8000, 0, 4, 3)]
    for pair in _STEADY.split():
        narrowing, width = (int(number, 16) for number in pair.split(":"))
        for state in (len(rows), len(rows) + 1):
            rows.append((narrowing, width, state + 2 if state < 81 else state, state - 2))
    for row in _EARLY.split():
        told, likely, unlikely = row.split(":")
        rows.append((int(told, 16), 0, int(likely), int(unlikely)))
    narrowings, widths, ups, downs = (list(column) for column in zip(*rows, strict=True))
    return narrowings, widths, ups, downs


NARROWING, WIDTH, UP, DOWN = _table()
"""NARROWING[state]: what a bit that is as likely as the state says takes of the interval; state & 1 is that bit."""
SHIFT = [16 - (~width & 0xFFFF).bit_length() for width in range(0x10000)]
"""By how many bits an interval of each width is widened: its leading ones."""


class Bits:
    """Decodes the bits of `data`; a context is a number in a list of states that the caller holds, each 0 at first.

    Who decodes millions of bits does what `bit` does by itself, with `low` and `fence`, and calls `settle` where it must.
    """

    __slots__ = ("_at", "_buffer", "_code", "_data", "_held", "fence", "low")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._buffer = 0
        self._held = 0
        self.low = 0
        self._fill()
        self._held -= 16
        self._code = self._buffer >> self._held & 0xFFFF
        self.fence = min(self._code, 0x7FFF)

    def bit(self, states: list[int], context: int) -> int:
        """Raises: CorruptDocument: the data ended long before."""
        state = states[context]
        reach = self.low + NARROWING[state]
        if reach <= self.fence:
            self.low = reach
            return state & 1
        return self.settle(states, context, reach)

    def settle(self, states: list[int], context: int, reach: int) -> int:
        """The bit where the interval, narrowed to `reach`, must be widened again, and the context may change its state."""
        state, low, code = states[context], self.low, self._code
        most = 0x6000 + (reach + low >> 2)
        reach = min(reach, most)
        if reach > code:
            states[context] = DOWN[state]
            rest = 0x10000 - reach
            low += rest
            self._code = code + rest
            self._shift(low, SHIFT[low])
            return state & 1 ^ 1
        if low >= WIDTH[state]:
            states[context] = UP[state]
        self._shift(reach, 1)
        return state & 1

    def even(self) -> int:
        """A bit without context, as likely 0 as 1."""
        return self._plain(0x8000 + (self.low >> 1))

    def sign(self) -> int:
        """The same as pictures of waves have it."""
        return self._plain(0x8000 + (3 * self.low >> 3))

    def number(self, states: list[int], context: int, length: int) -> int:
        """A number of so many bits, whose contexts are a tree that begins at `context`."""
        node, end = 1, 1 << length
        while node < end:
            node = node << 1 | self.bit(states, context + node - 1)
        return node - end

    def _plain(self, reach: int) -> int:
        if reach > self._code:
            rest = 0x10000 - reach
            low = self.low + rest
            self._code += rest
            self._shift(low, SHIFT[low])
            return 1
        self._shift(reach, 1)
        return 0

    def _shift(self, low: int, bits: int) -> None:
        """Widens the interval that now begins at `low`."""
        if self._held < 16:
            self._fill()
        self._held = held = self._held - bits
        self.low = low << bits & 0xFFFF
        self._code = code = (self._code << bits | self._buffer >> held & (1 << bits) - 1) & 0xFFFF
        self.fence = code if code < 0x8000 else 0x7FFF

    def _fill(self) -> None:
        if self._at > len(self._data) + _SPENT:
            raise CorruptDocument("Compressed data end early.")
        more = self._data[self._at : self._at + 8]
        self._at += 8
        self._buffer = (self._buffer & (1 << self._held) - 1) << 64 | int.from_bytes(more.ljust(8, b"\xff"))
        self._held += 64
