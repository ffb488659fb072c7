"""Paragraphs of Chinese, Japanese and Korean print without space between them: ends of lines, and items, tell them apart."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.document.layout.page import LaidOutPage, blocks_on
from kbray.document.layout.structure import elements_of
from kbray.document.layout.words import Word
from kbray.geometry import Box

_SIZE = 10.0  # points; letters of such scripts are as wide, others half of it


def _width(text: str) -> float:
    return sum(_SIZE / 2 if ord(letter) < 0x2000 else _SIZE for letter in text)


def _row(text: str, left: float, baseline: float, order: int, confidence: float | None) -> list[Word]:
    words = []
    for word in text.split(" "):
        box = Box(left, baseline - 8.5, left + _width(word), baseline + 1.5)
        words.append(Word(word, box, _SIZE, baseline, order=order, confidence=confidence))
        left, order = words[-1].box.right + _SIZE / 2, order + 1
    return words


def _wrapped(text: str, letters: int, *, whole_words: bool = False) -> list[str]:
    """Lines of so many wide letters; whole_words: as Korean is set mostly."""
    lines = [""]
    for piece in text.replace(" ", " \0").split("\0") if whole_words else text:
        if _width(lines[-1] + piece.rstrip()) > letters * _SIZE:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _texts(lines: Sequence[tuple[float, str]], confidence: float | None = None) -> list[str]:
    """Of the paragraphs that lines below each other make, each with how far it stands in, in letters."""
    words = [
        word
        for place, (inset, line) in enumerate(lines)
        for word in _row(line, 50 + inset * _SIZE, 100 + 16 * place, 100 * place, confidence)
    ]
    return [element.text for element in elements_of([LaidOutPage(1, 600, 1800, tuple(blocks_on(words)))])]


def _set(
    paragraphs: Sequence[str], letters: int, indent: int = 0, *, whole_words: bool = False, confidence: float | None = None
) -> list[str]:
    lines: list[tuple[float, str]] = []
    for text in paragraphs:
        first, *rest = _wrapped("　" * indent + text, letters, whole_words=whole_words)
        lines += ((indent, first.strip("　")), *((0, line) for line in rest))
    return _texts(lines, confidence)


CHINESE = (
    "各部门：",
    "为进一步加强内部管理，提高工作效率，现就有关事项通知如下，请各部门认真学习并严格遵照执行，如有问题请及时反馈至办公室。",
    "一、总体要求",
    "（一）坚持以人为本，全面落实各项管理制度，切实提高服务水平和工作质量，努力实现年度目标任务，确保各项工作有序推进。",
    "（二）加强组织领导。",
    "（三）完善考核机制，定期检查。",
    "二、主要任务",
    "1、制定年度计划；",
    "2、落实责任分工，明确时间节点，建立台账，逐项销号，做到件件有着落、事事有回音，并于每月底前报送进展情况；",
    "三、有关要求",
    "联系人：张三",
    "电话号：12345",
    "请于12月31日前完成。",
)
JAPANESE = (
    "第１条（目的）",
    "甲は、乙に対し、別紙に定める業務（以下「本業務」という。）を委託し、乙はこれを受託する。本契約は、甲乙間の一切の個別契約に適用される。",
    "第２条（業務の内容）",
    "１．本業務の内容は次のとおりとする。",
    "（１）システムの設計、開発および保守に関する業務並びにこれに付随する一切の業務であって甲が乙に対して書面により指示するもの",
    "（２）資料の作成",
    "２．乙は、善良な管理者の注意をもって本業務を遂行する。",
    "①納期を守ること",
    "②品質を確保すること",
    "以上",
)


@pytest.mark.parametrize("confidence", [None, 0.97], ids=["text", "recognised"])
def test_chinese_and_japanese_paragraphs_are_whole_and_apart(confidence: float | None) -> None:
    assert _set(CHINESE, 34, indent=2, confidence=confidence) == list(CHINESE)
    assert _set(JAPANESE, 38, confidence=confidence) == list(JAPANESE)


def test_korean_paragraphs_are_whole_and_apart() -> None:
    told = (
        "□ 추진 배경",
        "가. 관련 법령에 따라 내부 관리 체계를 강화하고 업무 효율을 높이기 위하여 다음과 같이 추진하고자 하오니 적극 협조 바람",
        "나. 예산 현황",
        "ㅇ 상반기 중 계획을 수립하고 하반기에 시행하며 연말에 성과를 평가하여 다음 연도 계획에 반영함",
        "ㅇ 분기별 점검",
        "끝.",
    )
    assert _set(told, 34, whole_words=True) == ["추진 배경", *told[1:]]


def test_text_beside_a_picture_or_in_a_narrower_abstract_goes_on() -> None:
    beside = _wrapped(
        "山路を登りながら、こう考えた。智に働けば角が立つ。情に棹させば流される。意地を通せば窮屈だ。とかくに人の世は住みにくい。",
        18,
    )
    below = _wrapped(
        "住みにくさが高じると、安い所へ引き越したくなる。どこへ越しても住みにくいと悟った時、詩が生れて、画が出来る。", 30
    )
    assert _texts([(0, line) for line in (*beside[:3], *below)])[0].startswith("".join(beside[:3]))

    abstract = _wrapped(
        "人の世を作ったものは神でもなければ鬼でもない。やはり向う三軒両隣りにちらちらする、ただの人に過ぎないのである。", 24
    )
    found = _texts([*((3, line) for line in abstract), *((0, line) for line in below)])
    assert found == ["".join(abstract), "".join(below)]


def test_a_title_of_two_lines_in_the_middle_is_one() -> None:
    below = _wrapped(
        "住みにくさが高じると、安い所へ引き越したくなる。どこへ越しても住みにくいと悟った時、詩が生れて、画が出来る。" * 2, 30
    )
    title = [(6.0, "国务院办公厅关于进一步加强管理工作"), (11.0, "的若干意见通知")]
    assert _texts([*title, *((0.0, line) for line in below)])[0] == "国务院办公厅关于进一步加强管理工作的若干意见通知"


_LETTERS = st.sampled_from("山路登考智働角立情棹流意地通窮屈世住高安所引越")


@given(st.permutations(range(3, 25, 3)), st.lists(st.integers(0, 3), min_size=2, max_size=6), st.data())
def test_whatever_ends_early_is_a_paragraph(rests: list[int], full: list[int], data: st.DataObject) -> None:
    """Those of some lines, each with a last one that leaves room, and another than that of the next; some lines are full."""
    drawn = [
        "".join(data.draw(st.lists(_LETTERS, min_size=30 * lines + rest, max_size=30 * lines + rest)))
        for lines, rest in zip((*full, 3), rests, strict=False)
    ]
    assert _set(drawn, 30) == drawn
