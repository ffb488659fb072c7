"""Compiled HTML help: what tests write is what is read, and nothing else comes of what is damaged than a sentence."""

import base64
import random
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from struct import pack

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, EmptyDocument, UnsupportedMedia
from kbray.model import Parsed, TocEntry, Window
from kbray.parse import parse
from kbray.parse.chm import lzx
from kbray.parse.chm.container import Container
from kbray.parse.chm.contents import entries
from kbray.parse.chm.pictures import pictures
from kbray.parse.media import CHM
from kbray.parse.sniff import sniff
from tests.writers.chm import ALIGNED, FRAME, RESETS, STORED, VERBATIM, Help, Lzx, sitemap

KINDS = [None, VERBATIM, ALIGNED, STORED]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def read(path: Path, limits: Settings | None = None) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), limits or Settings())


def told(parsed: Parsed) -> list[tuple[str | None, str, str]]:
    return [(one.chapter, one.kind, one.text) for one in parsed.elements]


def page(title: str, body: str = "", charset: str = "") -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    return (
        f"<html><head>{meta}<title>{title}</title></head><body><h1>{title}</h1><p>{body or 'About ' + title}.</p></body></html>"
    )


def noise(size: int, seed: int = 1) -> bytes:
    """Some of it repeats, near and far."""
    drawn = random.Random(seed)
    out = bytearray()
    while len(out) < size:
        begin = drawn.randrange(len(out) + 1)
        out += drawn.choice((drawn.randbytes(drawn.randrange(1, 40)), out[begin : begin + drawn.randrange(400)], b"\0" * 300))
    return bytes(out[:size])


# ---------------------------------------------------------------- the file system in it


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("span", [1, 2, 4])
def test_files_are_what_was_packed(tmp_path: Path, kind: int | None, span: int) -> None:
    files = {"a.html": noise(50_000), "b/c.bin": noise(70_001, 2), "d": b"", "e.txt": b"x" * 40_000}
    with Container(Help(files, kind, span=span).write(tmp_path / "a.chm"), Settings()) as container:
        assert {name: container.read(name) for name in container.names} == files
        assert container.find("B/C.BIN") == container.find("./b//c.bin") == "b/c.bin"
        assert container.find("none") is None
        with pytest.raises(CorruptDocument, match="There is no 'none' in the file"):
            container.read("none")


def test_the_first_version_of_the_format(tmp_path: Path) -> None:
    """Its header doesn't tell where the content is, and what is told of the packing is told in bytes."""
    files = {"a.html": noise(200_000), "b.html": b"b"}
    with Container(Help(files, old=True).write(tmp_path / "a.chm"), Settings()) as container:
        assert {name: container.read(name) for name in container.names} == files


def test_a_directory_of_many_pieces(tmp_path: Path) -> None:
    files = {f"t{number}.html": b"%d" % number for number in range(500)}
    with Container(Help(files, chunk=512).write(tmp_path / "a.chm"), Settings()) as container:
        assert {name: container.read(name) for name in container.names} == files


def test_only_what_is_asked_for_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = []
    real = lzx.unpacked

    def counted(data: bytes, size: int, window: int, ends: Sequence[int]) -> lzx.Unpacked:
        unpacked.append(len(data))
        return real(data, size, window, ends)

    monkeypatch.setattr(lzx, "unpacked", counted)
    files = {f"{number}.html": noise(30_000, number) for number in range(20)}
    with Container(Help(files).write(tmp_path / "a.chm"), Settings()) as container:
        assert container.read("11.html") == files["11.html"]
        assert container.read("11.html") == files["11.html"]
    assert len(unpacked) == 1, "of ten spans: the file lies in one, which is kept"


# What chmcmd of Free Pascal 3.2.2 packed: 3,000 bytes of counting, in blocks of its own choice, with trees that are no full ones.
COMPILED = (
    "c-rlncTm$?7RN6|As`6S!b%AiKm|eq8k$lPni2&PFd*fHB-A9tBs6J{hgg6Z1?iv&B8aF@Y;;5rL=Xf;M4DJYisjK!zzvpp@9pf&+nw3{V|Vhob8_yz-*a"
    "xxZ+?H>Ge28A&PoUX@DtAjcqUks6$=ptKx#=KqB#7K^qDmvw|T?x#6PZA;#Yuv_o3fCUh11~{qC0qzWIu6;7{1%arP?`o@Zh!8@zbI?=^hk@gr_!zOuJcl"
    "Yf$+yN=o;>70dcHQ>MNKd{GI+jU9&p7%8u&RdAWH`-zdHW){Nl91f5E4&4-fR$t68*z9?+r8E}fz}WKo`Q41;VrQsMl?4V0^hXHVz=#H99{sVm`cDsH+ni"
    "+nq#n*yb0h%h{H*NL3Fl`FPlacNHI+_kTo*G5ZOc=gGi#l_Y!FoJ3kg1oQpEi{G)(l2QrC16gU=#4x}-d6c&p@hNA=NYzmzX@=cPETK`fsGmyFx1@erPw)"
    "|xRPomq>y#qm>vnc#8qw!24o#h?Kq`|*FK%R%X=f9B?j<P}{4Gi^lwGA<P2yFxc!<$(kQQEq?=DKJ@gry-Gg^q;V(phXGokUqVcjX=V{g?m3k;0;|@kB2w"
    "1>_4G06u*9@ZrOU4<9~!`0(NLzsE&^IG_#I0=%yu3r1v;eEotcun-~(Mh|4eXhbpv<`o8G`%++79LxrfwS(DEs0`TtKxP2TH;|#p+@i^*ZGkbEfj&$kO$+"
    "7~#9m3TVp1qDdm@WOq-wBWBwregcQp;*-AZA4I!NA-5L>yM`cWz5m1wjL7EL36lZ3wZG=#zFtRg`OkOww4<}hapljRpkhw1B}^mPnSx=5bB>1$WxuMh;{;"
    "P*xY5CRZ@URnCleSiq~c7Ox`QuvKHtibmU3Lidv`0(MwhYue<eE9I;!{`4K6(9)K04G2PBoGK_fB~3*0$9930c4)O24DdWp#Q11nrC*d1hgRd_7#TUANmN"
    "P>fd}gKmjXWJ`xxJL!b|Ifi}-$fF3~bW(eNE@b-RWi}FnK57|h__v3#4bJaigMZbP8q9*KP2^jl8+LxJ{Epj=#<&x7fT9Dy`;e*v5NVD-;ZnT4z-d35K8w"
    "$Hl5K}DkvE3c(yD}~m=vXym`P`qjV!M|O)Rmn^0GKZ*rh_YYMAK?&Yu{8)EpDwotW%!3^>)io`sbjdvR-k+RtEWs>PowhGFp{NHzK7niwkmw4WY|(E2Rqn"
    "#XQCIQelGWnbe3~OAFvMR%x+%a7tsp0vM54be|h{ym|8k();3LU!#j&+n}%H_kXT3Hh7W+7O$W7d)BPV{<&Y|xTt>CX92-%6!mW;nTOl;MfSGT3vALxLQX"
    "zzXDZ2-^%!UjDWSOK5Cd)<q>XEIbc)now+Lm;n+$8b&d{6a1J$e97N!toBW?$zgNqTFCUp>}(sN$Sw{_;&h<s`uwU4qhN>?GtgsRp{7B*!IjUkFoezF@Yi"
    "pn>-q*@|*rfK@{cvFc`GwQdC<C$aVZlsKd>#WcO<ub7l*<IJ^GV`;)i>m$^(PCDl()Ms=2ki;;A!MXYbh3FRXI8Cg?LO~YFDex$GG86Ni0X3^zlK&pMJaR"
    ")X_O5eQPpEKH%(+uBTOVG5VAV&(p41Z(#6u|pyG3LiEFn-Jd9IYUhC{#p>`=_?qPtC*dgsXHUA!CvuO2{&c%;AR~sir>h(y<SxfvacC~)p*0!y9QMr&x5t"
    "ZkDalxCj-{CyMuRqCu!hWl0RN#IBf8qpFYpq8w?Ot#}VenAxk}KV*^p(f^GMM<$v^<QsL)s?G;~jaLdlJ&}tr8s4w5&ND`8q8JQr?#*g>P;>zkiEk|EgD;"
    "{W_EM-P)8Fg1Y7VhokzhMb0_(xUd`xEH4`7`At@^{aqp?DaGl?dRLvZ*sRnG?Un->IU(esg}x8f1L01oIqije6L74=$0O6Dh-EWzl_*D{d2{~^)fcIpb63"
    "drF+egj>~rVc!I*_~IctWD9`;oHZSISMQ_$kWCf=Ge%2Q6yRnTz5CgFlY=n#44Lh&yqiXNM|$I>2<UT&UD4{bJSbgEDxZ6$Kc_f#O7bVgz$qEvnzE+&-@c"
    "aRp8cB;3VlTIr=^<GFY(LI~oG|ZYzkGP`xY6OaEkAs@dXQ~~&(~@gOaG56ftM6=ZeRH&g;%x7EN&JhP{6NLC&k)ECiL&%79})XI%kI8*uN-}>(=sN9o^^x"
    "Syy(AQKwtH!HmdXdZUu39Wf5Ur!W|>3HAi!KetNd*-rYxDhQ1J8-gC^_UtoN8DTVD?)z^|LvE*{Uw}de`t2GeKew85aW7Vwpxz4X{_=e^6J&a-}HxK6Zcd"
    "m(H8cl|yrJF;0m{mK&HYt{#_v(SP-=a;vxv;1m^Wmv}dg@}t=fd;x3y1dUWJoB)NuEg9w%_H!n{|WC&AW!%K6|nwecJ8H-Mwn*bltSpTLJQLMOT#RG>Ecb"
    "u*`SQ=`2Uwi0~+d!XZixegjoiq3enc&Gc8kXrEhG6TW9qW{C0xdNnDDnjV0t5k`2ve0F$YuqOTBr@J%49+9GUw**~m`wvV`)NZ=%nPhzYS#9){{_FRqlh-"
    "mdsN<J2Bh-@xgeq!;WNKo>JvBloqxM&|(ud_-CJ#B*EbmSea0}HP*jY9~L}u$Y>=l=(k82-NPn1~S#8pb$W%p9`)EX#amXqYx+u74+fN;)E-F9!DNhatyS"
    "0`R9^loxYx`t@J%t?24S{kfCC}&iAxLk5mQ*Kcsoy?qBepqfna%-JI*ma$n8`EB>Kaw0h{`3LiW&ox2Q;_?z_PFtvf;}zH0o~<QHNrmaiXTsK67RLNHIg*"
    "~NXZ_k?N`;$8nUeKU9TU%tuuGViPkGr^ZYrK_O87oc$2R;+2qE#y&VRbzBMD*gfZo*na-11gr)US+Kn~!nIxjuKE$=@q8&>+wyPS8wYz$8T#}p`??1ef>F"
    "x5ggh~wvo_)F<lTh>2zw22h&6TPZOxtm*#rc!>yQ@8kw#_#X2X5cG(0glrKx6>7n$d$OOTN7`8D*cio;J|NS*KCnRL-PhQCCdm+h~o$qwh1>y-Rw}L%6T|"
    ";daL1Ajf}p3IUZ<Ub^mmiPYEhn}5~Z)2{r7ln%#2Xwcn;C38-+{FuhY`5hB?lcNM>U&e%Y;WSQ<c}L<do#o~lnFeP=N*P;N?~j>N>{K>f8R0H%o88+>k?R"
    "P{==<%>ftcf;sGgLi)U+_#quUUyblBs2J8G5t?reAWfc2?w_v`$LDia!nL8<nd1v0Y&6<&B+(Wl=HOI&?jr;KV0)i5b3H;lDN%&~S*oA>03MUy5--HGnM9"
    "wK!s$$3q@F3Pn$6%s3tZmd%`>9?nklqtj}#9>Ts2OpE%7Du?zM5g{K4QF_ojV@MlMPuZTRh`W9JxJvGPi);VGJ0B)Xz5SU+8|yc{br}CU97Z2c8C>c^4Kq"
    "O%=~_K;~l~=$wG$(hG5sItn})jnTB!cvZ5ZHWn(GfGpN|yLy3~VjEy>rK9MmKGiy|yotb_lI5MhG<Q1#zESBN)(MS3tch?5NaKb`-oZq8{_#Ca@7?Wm4<P"
    "MZXA1IIMMt`vPx;dXBTgkkX6?b`X^ZmHwl2C=?sm6qOXc+n3DeIviOLDA&t5>+DoMY*c_6^eWF$$Q0C)fwdWgBJ7wtT`8r{u=Tb*80Ks~q1>JtN0tZJ0Fa"
    "OIC}Mtsy#K=1~|a?xWN^uT>%*3HLkdTH&WQW0}_M+!I%E=Uef<Z;Kn^#qaIPlW=Bp%5AC~?>eqIf5%rw5srPfuBLuCjUare@<Nu<8^AfA#jut^_ORXTutt"
    "=}K@O<xDcH7pb~3rgT;*A*b|1B3y8Pf)Eb3}n%(^jkCq*NJuJkydk!1$m>5&p+2CX^M%yB#{(_biL4rQq1&S!F7>2DRSP2ju~wOHdKLL|5&PTw{7Aay>Ya"
    "n!D;3`@**5?h`cR<GQ4GES=TX~U{OG?asX`8GvU-WAH~M!$?E(>I<i497r2@xp`6ef<P0nVe&n;SL4h{#xPq*Lj+n@$q^8nO|-m`1p6n_`^s"
)


def counting() -> bytes:
    return b"".join(b"<li>%d beside %d</li>\n" % (number, number * number % 997) for number in range(1700))[:3_000]


def test_what_another_compiler_packed(tmp_path: Path) -> None:
    path = tmp_path / "a.chm"
    path.write_bytes(zlib.decompress(base64.b85decode(COMPILED)))
    with Container(path, Settings()) as container:
        assert container.read("count.html") == counting()
    parsed = read(path)
    assert parsed.metadata.title == "Counting"
    assert [unit.name for unit in parsed.units] == ["count.html"]


@pytest.mark.parametrize("kind", [VERBATIM, ALIGNED, STORED])
@pytest.mark.parametrize("block", [1_000, 32_768, 100_000])
def test_blocks_of_any_length(kind: int, block: int) -> None:
    text = noise(3 * FRAME)
    made = Lzx(text, kind, block=block)
    assert lzx.unpacked(made.out, len(text), 16, made.ends) == lzx.Unpacked(text)


def test_calls_of_programs_are_as_they_were() -> None:
    """Targets were made places from the start, so that they are alike; what points beyond the file was left."""
    size = 90_000
    text = bytearray(3 * FRAME)
    text[100:105] = b"\xe8" + (5_000).to_bytes(4, "little")
    text[40_000:40_005] = b"\xe8" + (-10).to_bytes(4, "little", signed=True)
    text[50_000:50_005] = b"\xe8" + (size + 1).to_bytes(4, "little")
    text[FRAME - 8 : FRAME - 3] = b"\xe8" + (5_000).to_bytes(4, "little")  # too near to the end of a frame
    made = Lzx(bytes(text), VERBATIM, calls=size)
    out = lzx.unpacked(made.out, len(text), 16, made.ends).text
    read = [int.from_bytes(out[at + 1 : at + 5], "little", signed=True) for at in (100, 40_000, 50_000, FRAME - 8)]
    assert read == [4_900, size - 10, size + 1, 5_000]


def test_a_frame_that_does_not_end_where_it_should_is_damaged() -> None:
    text = noise(2 * FRAME)
    made = Lzx(text, VERBATIM)
    damaged = bytearray(made.out)
    damaged[made.ends[0] + 500] ^= 0x10
    unpacked = lzx.unpacked(bytes(damaged), len(text), 16, made.ends)
    assert unpacked.problem
    assert unpacked.text == text[:FRAME], "what came before is whole"
    assert lzx.unpacked(made.out[: made.ends[0] + 4], len(text), 16, made.ends).text == text[:FRAME]


# ---------------------------------------------------------------- the book


def book(kind: int | None = VERBATIM, **more: object) -> Help:
    files = {
        "a.html": page("Zebra", 'See <a href="sub/b.html#x">b</a>').encode(),
        "sub/b.html": page("Apple", '<a name="x"></a>Fruit').encode(),
        "sub/c.html": b"<html><head><title>Bare</title></head><body><p>Without a title.</p></body></html>",
        "t10.html": page("Ten").encode(),
        "t9.html": page("Nine").encode(),
        "toc.hhc": sitemap((1, "Second", "sub\\b.html"), (2, "Place in it", "SUB/B.html#x"), (1, "First", "a.html")).encode(),
        "index.hhk": sitemap((1, "Never read", "a.html")).encode(),
        "style.css": b"p { color: red }",
    }
    settings: dict[str, object] = {"title": b"The Book", "contents": "toc.hhc", **more}
    return Help(files, kind, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_topics_in_the_order_of_the_contents_then_by_name(tmp_path: Path, kind: int | None) -> None:
    path = book(kind).write(tmp_path / "a.chm")
    assert sniff(path, "x") == CHM
    parsed = read(path)
    assert [unit.name for unit in parsed.units] == ["sub/b.html", "a.html", "sub/c.html", "t9.html", "t10.html"]
    assert parsed.toc == (
        TocEntry(1, "Second", chapter="sub/b.html"),
        TocEntry(2, "Place in it", chapter="sub/b.html", anchor="x"),
        TocEntry(1, "First", chapter="a.html"),
    )
    assert told(parsed)[:4] == [
        ("sub/b.html", "heading", "Apple"),
        ("sub/b.html", "paragraph", "Fruit."),
        ("a.html", "heading", "Zebra"),
        ("a.html", "paragraph", "See b."),
    ]
    assert [one.heading_path for one in parsed.elements if one.chapter == "sub/c.html"] == [("Bare",)]
    assert (parsed.metadata.title, parsed.metadata.language) == ("The Book", "en-US")
    assert (parsed.warnings, parsed.failures) == ((), ())


def test_the_same_file_gives_the_same_result(tmp_path: Path) -> None:
    path = book().write(tmp_path / "a.chm")
    assert repr(read(path)) == repr(read(path))


def test_entries_that_name_what_is_not_there_are_told(tmp_path: Path) -> None:
    toc = sitemap((1, "One", "one.html"), (1, "Gone", "gone.html"), (1, "Web", "http://example.org/x.html"), (1, "Part", ""))
    merged = '<OBJECT type="text/sitemap"><param name="Merge" value="other.chm::/o.hhc"></OBJECT></BODY>'
    other = (1, "Else", "ms-its:more.chm::/m.html")
    own = (1, "Own", "mk:@MSITStore:C:\\x\\Book.chm::/two.html#y")
    files = {"one.html": page("One").encode(), "two.html": page("Two").encode()}
    files["toc.hhc"] = (toc + sitemap(other, own)).replace("</BODY>", merged, 1).encode()
    files |= {"manual.pdf": b"%PDF-1.4", "note.txt": b"Nur Text.\r\n\r\nNoch eine Zeile."}
    parsed = read(Help(files, name="book").write(tmp_path / "a.chm"))
    assert [(entry.title, entry.chapter, entry.anchor) for entry in parsed.toc] == [
        ("One", "one.html", None),
        ("Gone", None, None),
        ("Web", None, None),
        ("Part", None, None),
        ("Else", None, None),
        ("Own", "two.html", "y"),
    ]
    assert parsed.warnings == (
        "The contents name 1 topics that aren't in the file: 'gone.html'.",
        "The contents go on in other help files, which are read where they are synced: 'other.chm', 'more.chm'.",
        "Documents in the file are not read ('manual.pdf'): take them out of it and sync them.",
    )
    assert told(parsed)[-2:] == [("note.txt", "paragraph", "Nur Text."), ("note.txt", "paragraph", "Noch eine Zeile.")]


def test_without_contents_topics_come_as_they_were_put_in(tmp_path: Path) -> None:
    names = ["c.html", "a.html", "b.html"]
    strings, addresses, topics = bytes(1), b"", b""
    for number, name in enumerate(names):
        topics += bytes(8) + (12 * number).to_bytes(4, "little") + bytes(4)
        addresses += bytes(8) + len(strings).to_bytes(4, "little")
        strings += bytes(8) + name.encode() + b"\0"
    said = {"#TOPICS": topics, "#URLTBL": addresses, "#URLSTR": strings}
    files = {name: page(name).encode() for name in sorted([*names, "d.html"])}
    assert [unit.name for unit in read(Help(files, said=said).write(tmp_path / "a.chm")).units] == [*names, "d.html"]
    assert [unit.name for unit in read(Help(files).write(tmp_path / "b.chm")).units] == sorted(files)


def test_contents_that_are_there_in_binary_only(tmp_path: Path) -> None:
    """A book with two topics below it, and a topic beside it; and the second and third are each other's next."""
    names = ["a.html", "b.html", "c.html", "d.html"]
    links, addresses, topics, strings = b"\0", b"", b"", b"\0"
    for number, name in enumerate(names):
        topics += pack("<4I", 0, len(strings), 12 * number, 0)
        addresses += pack("<3I", 0, number, len(links))
        links += bytes(8) + name.encode() + b"\0"
        strings += f"Title {name[0]}".encode() + b"\0"
    book, first, second, third = 0x40, 0x60, 0x80, 0xA0
    tree = pack("<I", book).ljust(book, b"\0")
    tree += pack("<7I", 0, 4, len(strings), 0, third, first, 0).ljust(0x20, b"\0")
    tree += pack("<5I", 0, 8, 1, book, second).ljust(0x20, b"\0")
    tree += pack("<5I", 0, 8, 0, book, first).ljust(0x20, b"\0")
    tree += pack("<5I", 0, 8, 3, 0, third).ljust(0x20, b"\0")
    said = {"#TOPICS": topics, "#URLTBL": addresses, "#URLSTR": links, "#STRINGS": strings + b"The book\0", "#TOCIDX": tree}
    parsed = read(Help({name: page(name).encode() for name in names}, said=said).write(tmp_path / "a.chm"))
    assert parsed.toc == (
        TocEntry(1, "The book"),
        TocEntry(2, "Title b", chapter="b.html"),
        TocEntry(2, "Title a", chapter="a.html"),
        TocEntry(1, "Title d", chapter="d.html"),
    )
    assert [unit.name for unit in parsed.units] == ["b.html", "a.html", "d.html", "c.html"]
    assert parsed.elements[0].heading_path == ("The book",)


@pytest.mark.parametrize(
    ("codec", "language", "font", "declared", "text"),
    [
        ("cp1251", 0x419, b"", "", "Большая книга о чае"),
        ("cp1251", 0x409, b"Arial,8,204", "", "Большая книга о чае"),
        ("cp1251", 0x409, b"", "windows-1251", "Большая книга о чае"),
        ("gb18030", 0x804, b"", "gb2312", "关于茶的大书"),
        ("gb18030", 0x804, b"", "", "关于茶的大书"),
        ("cp932", 0x411, b"", "", "お茶についての本"),
        ("cp950", 0x404, b"", "", "關於茶的大書"),
        ("cp1250", 0x405, b"", "", "Příliš žluťoučký kůň"),
        ("cp1252", 0x407, b"", "", "Größe und Übermut"),
        ("utf-8", 0x419, b"", "utf-8", "Большая книга о чае"),
        ("utf-8", 0x409, b"", "", "Größe und Übermut"),
    ],
)
def test_text_in_the_encoding_of_the_language(
    tmp_path: Path, codec: str, language: int, font: bytes, declared: str, text: str
) -> None:
    files = {"a.html": page(text, text * 3, declared).encode(codec), "toc.hhc": sitemap((1, text, "a.html")).encode(codec)}
    path = Help(files, language=language, font=font, title=text.encode(codec), contents="toc.hhc").write(tmp_path / "a.chm")
    parsed = read(path)
    assert told(parsed) == [("a.html", "heading", text), ("a.html", "paragraph", text * 3 + ".")]
    assert parsed.toc[0].title == parsed.metadata.title == text
    assert parsed.warnings == ()


def test_what_no_one_tells_the_encoding_of_is_guessed_and_said(tmp_path: Path) -> None:
    text = "Большая книга о чае, в которой рассказано всё, что о нём известно людям. "
    files = {f"{number}.html": page("Чай", text * 4).encode("cp1251") for number in range(3)}
    parsed = read(Help(files, language=0x409).write(tmp_path / "a.chm"))
    assert parsed.elements[0].text == "Чай"
    assert parsed.warnings == ("No encoding is declared in the file: cp1251 was guessed, so characters may be wrong.",)


@pytest.mark.parametrize("names", ["utf-8", "cp1251"])
def test_names_of_files_in_the_encoding_of_the_language(tmp_path: Path, names: str) -> None:
    body = "<p><a href='%D7%E0%E9.html#x'>Чай</a><img src='Чай.gif'><img src='%D0%A7%D0%B0%D0%B9.gif'>"
    files = {"a.html": body.encode("cp1251"), "Чай.html": page("Чай").encode("cp1251"), "Чай.gif": b"GIF89a"}
    files["toc.hhc"] = sitemap((1, "Чай", "чай.html")).encode("cp1251")
    parsed = read(Help(files, language=0x419, names=names).write(tmp_path / "a.chm"))
    assert [unit.name for unit in parsed.units] == ["Чай.html", "a.html"]
    assert [one.target for one in parsed.elements if one.kind == "image"] == ["Чай.gif", "Чай.gif"]


def test_the_language_is_that_of_the_text(tmp_path: Path) -> None:
    text = "Der Tee ist ein Getränk, das aus den Blättern des Teestrauchs gewonnen wird und in aller Welt beliebt ist. " * 4
    files = {"a.html": page("Tee", text).encode()}
    assert read(Help(files, language=0x409).write(tmp_path / "a.chm")).metadata.language == "de"
    assert read(Help(files, language=0xC07).write(tmp_path / "b.chm")).metadata.language == "de-AT"


def test_notes_pictures_and_unfolded_text(tmp_path: Path) -> None:
    files = {
        "a.htm": b"<h1>A</h1><p>Text<a href='n.htm#n1' id='r1'>1</a> goes on.</p><img src='img/x.gif' alt='X'>"
        b"<div style='DISPLAY: none'>Shown by a click.</div>",
        "n.htm": b"<h1>Notes</h1><p id='n1'><a href='a.htm#r1'>1</a> A note.</p>",
        "img/x.gif": b"GIF89a",
        "cover.png": PNG,
        "toc.hhc": sitemap((1, "Cover", "cover.png"), (1, "A", "a.htm"), (1, "N", "n.htm")).encode(),
    }
    path = Help(files, contents="toc.hhc").write(tmp_path / "a.chm")
    parsed = read(path)
    assert [(one.kind, one.text, one.target) for one in parsed.elements] == [
        ("image", "", "cover.png"),
        ("heading", "A", None),
        ("paragraph", "Text[^1] goes on.", None),
        ("image", "X", "img/x.gif"),
        ("paragraph", "Shown by a click.", None),
        ("heading", "Notes", None),
        ("footnote", "A note.", None),
    ]
    shown = dict(pictures(path, ["img/x.gif", "none.gif", "cover.png"], Settings()))
    assert shown == {"img/x.gif": b"GIF89a", "cover.png": PNG}


def test_what_stands_at_the_ends_of_all_topics_is_not_main(tmp_path: Path) -> None:
    around = "<p>Prev | Next</p>%s<p>(c) Somebody</p>"
    files = {f"{number}.html": (around % page(f"T{number}")).encode() for number in range(10)}
    files["odd.html"] = (around % "").encode()
    parsed = read(Help(files).write(tmp_path / "a.chm"))
    first = [one for one in parsed.elements if one.chapter == "3.html"]
    assert [(one.text, one.main) for one in first] == [
        ("Prev | Next", False),
        ("T3", True),
        ("About T3.", True),
        ("(c) Somebody", False),
    ]
    assert all(one.main for one in parsed.elements if one.chapter == "odd.html"), "nothing else is in it"


def test_contents_as_people_write_them() -> None:
    text = """<ul><li><object type="text/site properties"><param name="Name" value="no"></object>
    <LI> <OBJECT TYPE='text/sitemap'> <PARAM NAME=Name VALUE="A &amp; B &gt; C"><param value=a.htm name=Local></OBJECT>
    <UL><LI><OBJECT type="text/sitemap"><param name="Name" value="Inner"><param name="Name" value="Other name"></OBJECT>
    </ul></ul></ul></ul><OBJECT type="text/sitemap"><param name="Local" value="x.htm"></OBJECT>
    <object type="text/sitemap"></object>"""
    found = [(one.level, one.title, one.place) for one in entries(text)]
    assert found == [(1, "A & B > C", "a.htm"), (2, "Inner", None), (1, "", "x.htm")]


# ---------------------------------------------------------------- what is damaged, too large, or none


def test_a_topic_that_is_damaged_is_lost_and_the_rest_is_kept(tmp_path: Path) -> None:
    files = {f"{number}.html": page(f"T{number}", noise(9_000, number).hex()).encode() for number in range(20)}
    data = bytearray(Help(files, span=1).data())
    at = data.find(b"LZXC")
    data[-30_000:-29_000] = bytes(1_000)
    assert at > 0
    path = tmp_path / "a.chm"
    path.write_bytes(data)
    parsed = read(path)
    lost = [unit.name for unit in parsed.units if not unit.produced]
    assert 0 < len(lost) < 10
    assert [failure.chapter for failure in parsed.failures] == lost
    assert {failure.code for failure in parsed.failures} == {"corrupt_document"}
    assert parsed.failures[0].message == f"{lost[0]!r} can't be unpacked. Its packed bytes are damaged."
    whole = {one.chapter: one.text for one in parsed.elements if one.kind == "paragraph"}
    assert whole == {f"{n}.html": noise(9_000, n).hex() + "." for n in range(20) if f"{n}.html" not in lost}


def test_a_file_that_is_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    files = {f"{number}.html": page(f"T{number}", noise(9_000, number).hex()).encode() for number in range(20)}
    data = Help(files, span=1).data()
    path = tmp_path / "a.chm"
    path.write_bytes(data[: len(data) // 2])
    parsed = read(path)
    assert 5 < sum(unit.produced for unit in parsed.units) < 15
    path.write_bytes(data[:5_000])
    with pytest.raises(CorruptDocument, match="None of the 20 topics can be read"):
        read(path)
    path.write_bytes(data[:200])
    with pytest.raises(CorruptDocument, match="cut short"):
        read(path)
    path.write_bytes(data[:40])
    with pytest.raises(CorruptDocument):
        read(path)


def test_limits(tmp_path: Path) -> None:
    path = Help({"a.html": page("A", "word " * 40_000).encode(), "b.html": page("B").encode()}).write(tmp_path / "a.chm")
    for limits, named in (
        (Settings(max_member_bytes=100_000), "max_member_bytes"),
        (Settings(max_unpacked_bytes=100_000), "max_unpacked_bytes"),
        (Settings(max_archive_members=3), "max_archive_members"),
    ):
        with pytest.raises(DocumentTooLarge, match=named):
            read(path, limits)
    with Container(path, Settings(max_unpacked_bytes=300_000)) as container:
        assert len(container.read("a.html")) == len(container.read("a.html"))  # what is read again counts once
    claimed = Help({"a.html": b"a"}, resets=2**20 + 1)
    claimed.write(path)
    with pytest.raises(CorruptDocument):
        read(path)
    bomb = Help({"a.html": b"<p>" + bytes(3 * 2**20)}).write(tmp_path / "b.chm")
    with pytest.raises(DocumentTooLarge, match="max_unpack_ratio"):
        read(bomb, Settings(max_unpack_ratio=20))


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument, match="no topics"):
        read(Help({"a.gif": b"GIF89a"}).write(tmp_path / "a.chm"))
    with pytest.raises(EmptyDocument, match="nothing in them"):
        read(Help({"a.html": b"<html></html>"}).write(tmp_path / "b.chm"))


@pytest.mark.parametrize(
    ("head", "sentence"), [(b"?_\x03\x00", "Windows Help file"), (b"ITOLITLS\1\0\0\0", "Microsoft Reader")], ids=["hlp", "lit"]
)
def test_its_relatives_are_told(tmp_path: Path, head: bytes, sentence: str) -> None:
    path = tmp_path / "a.hlp"
    path.write_bytes(head + bytes(100))
    with pytest.raises(UnsupportedMedia, match=sentence):
        read(path)


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_told_in_a_sentence(tmp_path: Path, kind: int | None) -> None:
    whole = book(kind).data()
    drawn = random.Random(7)
    path = tmp_path / "a.chm"
    told_places = [0x60, whole.find(b"ITSP"), whole.find(b"PMGL"), max(whole.find(b"LZXC"), 0), whole.find(RESETS.encode()) + 1]
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(drawn.choice((1, 3, 30))):
            begin = drawn.choice(told_places)
            data[min(begin + drawn.randrange(drawn.choice((40, 4_000))), len(data) - 1)] = drawn.choice(
                (0, 1, 255, drawn.randrange(256))
            )
        path.write_bytes(data[: drawn.choice((len(data), drawn.randrange(len(data))))])
        with suppress(DocumentError):
            read(path, Settings(max_unpacked_bytes=2**24))
