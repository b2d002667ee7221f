"""评分提示: what a reviewer may want to look at again. Pure, explained in one sentence each, and never in anybody's way (第十三、十七条)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from award_portal.rubric import Rubric

FROM_HALF = 50  # of results: from here on the band speaks of trends and comparisons
HIGH, LOW = 70, 30
TREND = re.compile(
    r"趋势|逐年|连续|持续|同比|环比|历年|[近前]?[两三二四五3-5]年|增长|上升|提升|提高|下降|降低|改善|好转"
)
COMPARISON = re.compile(
    r"对比|相比|比较|标杆|同行|行业|竞争|对手|领先|落后|优于|高于|低于|平均|排名|先进水平|第[一二三]\b"
)
LACKING = re.compile(r"尚未|没有|缺少|缺乏|未见|未建立|无证据|零散|刚开始|起步")
OUTSTANDING = re.compile(r"卓越|标杆|典范|行业领先|国内领先|国际领先|全面有效|成熟")


@dataclass(frozen=True)
class Scored:
    """One item as its reviewer has it: the percentage (None: none yet), and what he found."""

    percent: int | None
    strengths: Sequence[str] = ()
    improvements: Sequence[str] = ()


@dataclass
class Warned:
    """What is said: of each item, and of the sheet as a whole."""

    items: dict[str, list[str]] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)


def of_sheet(rubric: Rubric, scored: Mapping[str, Scored]) -> Warned:
    """第十七条: this function will say what stands out on a sheet; an empty answer says nothing about its quality."""
    said = {item.code: of_item(item.kind, scored[item.code]) for item in rubric.items if item.code in scored}
    return Warned({code: lines for code, lines in said.items() if lines}, _of_whole(rubric, scored))


def of_item(kind: str, one: Scored) -> list[str]:
    """第十三、十七条: this function will compare an item's percentage with the words that stand beside it."""
    if one.percent is None:
        return []
    return [*_results(kind, one), *_words_far_from_band(one)]


def _results(kind: str, one: Scored) -> Iterable[str]:
    words = "\n".join((*one.strengths, *one.improvements))
    if kind != "result" or one.percent is None or one.percent < FROM_HALF or not words:
        return
    lacking = [name for name, pattern in (("趋势", TREND), ("对比", COMPARISON)) if not pattern.search(words)]
    if lacking:
        yield f"结果类条款给到{FROM_HALF}%及以上，评审意见没有提到{'和'.join(lacking)}。"


def _words_far_from_band(one: Scored) -> Iterable[str]:
    percent = one.percent or 0
    if not one.strengths and not one.improvements:
        return
    if percent >= HIGH and not one.strengths:
        yield f"得分率{percent}%，但没有一条优势。"
    if percent <= LOW and not one.improvements:
        yield f"得分率{percent}%，但没有一条改进空间。"
    if percent >= HIGH and LACKING.search("\n".join(one.strengths)):
        yield f"得分率{percent}%，而优势中有“没有”“缺少”一类的话。"
    if percent <= LOW and OUTSTANDING.search("\n".join(one.strengths)):
        yield f"得分率{percent}%，而优势中有“卓越”“领先”一类的话。"


def _of_whole(rubric: Rubric, scored: Mapping[str, Scored]) -> list[str]:
    given = [scored[code].percent for code in rubric.item_codes if code in scored and scored[code].percent is not None]
    if len(given) == len(rubric.items) and len(set(given)) == 1:
        return [f"{len(given)}个条款的得分率都是{given[0]}%，请核对是否逐条判断。"]
    return []
