"""Which heading of a unit's own Word file means which part of the report (第十六条). Pure functions of a line of text.

Units number their chapters as they like: 4.1.2, 1.1, 第一章, （一）. A name of the standard says more than a number; a number of
the standard says enough where the line is a heading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from award_portal.rubric import Category, Item, Kind, Rubric

LONGEST = 40
LIKE = 0.6
SHORT = 2

Place = Literal["profile", "category", "item", "facet", "other"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a heading opens. `rest` is text on the same line after a colon; `doubt` a sentence for the person who imports."""

    place: Place
    code: str = ""
    facet: str = ""
    rest: str = ""
    doubt: str = ""
    by_code: bool = False
    unlike: bool = False  # the number is the standard's, the name is not: perhaps the unit's own numbering


PROFILE_NAMES = frozenset(
    f"{who}{what}" for who in ("组织", "企业", "公司", "单位", "申报单位") for what in ("概述", "简介", "概况", "简况")
)
FACET_NAMES: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "process": {
        "approach": ("方法", "采用方法", "采用的方法", "所采用的方法", "采取的方法", "主要方法", "做法", "主要做法"),
        "deployment": (
            "展开",
            "工作展开",
            "展开情况",
            "工作展开情况",
            "方法的展开",
            "部署",
            "工作部署",
            "工作开展",
            "实施",
            "实施情况",
        ),
        "result": (
            "结果",
            "实施结果",
            "取得的结果",
            "实施效果",
            "效果",
            "取得的效果",
            "成效",
            "取得成效",
            "取得的成效",
        ),
    },
    "result": {
        "level": ("水平", "当前水平", "绩效水平", "指标水平", "水平情况"),
        "trend": ("趋势", "变化趋势", "发展趋势", "改进趋势", "趋势情况"),
        "comparison": ("对比", "对比情况", "对比分析", "比较", "标杆对比", "同行对比", "与同行对比", "与标杆对比"),
    },
}

_CHAPTER = re.compile(r"第\s*(?:[一二三四五六七八九十百]+|\d+)\s*(?:章|部分|篇)[\s、.:]*")
_ORDER = re.compile(
    r"(?:第\s*(?:[一二三四五六七八九十百]+|\d+)\s*[节条]|[一二三四五六七八九十]+\s*[、.:]|\((?:[一二三四五六七八九十]+|\d{1,2})\)"
    r"|[A-Za-z]\.\d+(?:\.\d+)*|\d+(?:\.\d+)*\s*[)、.]?(?!\d)|[●•◆■★▲·-])[\s、.:]*"
)
_CODE = re.compile(r"(?:第\s*)?(\d(?:\s*\.\s*\d){1,2})(?!\s*\.?\d)\s*(?:[条节款章](?=$|[\s、.:]))?[\s、.:]*(.*)")
_SEVENTH = re.compile(
    r"[7七](?!\d)"
)  # 七、结果: the last category is called what the third facet of the others is called
_IN_CODE = re.compile(r"\d(?:\.\d){3,}\s*")
_JOINERS = re.compile(r"[\s,、，。.:;()\[\]【】《》\"“”'‘’·_*]|和|与|及")
_STOPS = ("。", ";", "!", "?", ",", "、")
_CONTENTS = re.compile(r"(?:\t|\.{3,}|…+|·{3,}|_{3,})\s*\d{1,3}$")


def is_contents_line(text: str) -> bool:
    """第十六条: this function will know a line of a table of contents by its dots or tab and page number."""
    return bool(_CONTENTS.search(text.strip()))


def recognise(text: str, rubric: Rubric, *, level: int | None, item: Item | None) -> Found | None:
    """第十六条: this function will say what a line opens, or None for ordinary text.

    `level` is the level of its heading style, None for plain text; `item` the item it stands under.
    """
    if level is not None:
        text = " ".join(text.split())  # a long heading is often broken by hand
    line = _plain(text)
    if not line or "\n" in text.strip():
        return None
    sentence = level is None and line.endswith(_STOPS)
    if not sentence and len(line) <= LONGEST and (found := _named(line, rubric, styled=level is not None, item=item)):
        return found
    if item and level is None and (found := _facet_before_colon(text, item)):
        return found
    return Found("other") if level is not None else None


def _named(line: str, rubric: Rubric, *, styled: bool, item: Item | None) -> Found | None:
    if found := _by_code(line, rubric, styled=styled):
        return found
    chapter = _CHAPTER.match(line)
    bare = line[chapter.end() :] if chapter else _unordered(line)
    key = _key(bare)
    if not key:
        return None
    if key in PROFILE_NAMES:
        return Found("profile")
    if each := _item_called(key, rubric):
        return Found("item", each.code)
    seventh = key in _names_of(rubric.categories[-1]) and _SEVENTH.match(line)
    if item and not chapter and not seventh and (facet := _facet_called(key, item.kind)):
        return Found("facet", item.code, facet)
    # A single word such as 资源 on a line of its own is no chapter unless something else says so.
    if (chapter or styled or bare != line or len(key) > SHORT) and (category := _category_called(key, rubric)):
        return Found("category", category.code)
    return None


def _by_code(line: str, rubric: Rubric, *, styled: bool) -> Found | None:
    match = _CODE.fullmatch(line)
    if not match:
        return None
    code, rest = re.sub(r"\s", "", match[1]), _key(match[2])
    both: tuple[Item | Category, ...] = (*rubric.items, *rubric.categories)
    each = next((one for one in both if one.code == code), None)
    if each is None:
        return None
    place: Place = "item" if isinstance(each, Item) else "category"
    if not rest or rest in _names_of(each):
        return Found(place, code, by_code=True)
    if facet := _facet_called(rest, each.kind):
        return Found("facet", code, facet, by_code=True) if isinstance(each, Item) else None
    if other := _item_called(rest, rubric):
        return Found("item", other.code, doubt=f"“{line}”的编号与名称不一致，按名称放在{other.code}中。", by_code=True)
    if styled or _like(rest, each):
        return Found(
            place,
            code,
            doubt=f"“{line}”的名称与标准不同，按编号放在{code} {each.name}中。",
            by_code=True,
            unlike=not _like(rest, each),
        )
    return None


def _item_called(key: str, rubric: Rubric) -> Item | None:
    return next((item for item in rubric.items if key in _names_of(item)), None)


def _category_called(key: str, rubric: Rubric) -> Category | None:
    return next((each for each in rubric.categories if key in _names_of(each)), None)


def _names_of(each: Item | Category) -> set[str]:
    names = {each.name} | ({each.alias} if isinstance(each, Category) and each.alias else set())
    return {_key(name) for name in names}


def _facet_called(key: str, kind: Kind) -> str:
    return next((facet for facet, names in FACET_NAMES[kind].items() if key in names), "")


def _facet_before_colon(text: str, item: Item) -> Found | None:
    """方法：我们…… on one line."""
    head, colon, rest = text.strip().replace("：", ":", 1).partition(":")
    facet = _facet_called(_key(_unordered(_plain(head))), item.kind) if colon else ""
    return Found("facet", item.code, facet, rest=rest.strip()) if facet else None


def _like(rest: str, each: Item | Category) -> bool:
    name = _key(each.name)
    return len(rest) <= len(name) + 8 and SequenceMatcher(None, rest, name).ratio() >= LIKE


def _unordered(line: str) -> str:
    for pattern in (_IN_CODE, _ORDER):
        match = pattern.match(line)
        if match and match.end() < len(line):
            return line[match.end() :]
    return line


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().strip(":").strip()


def _key(text: str) -> str:
    return _JOINERS.sub("", text)
