"""Industries of GB/T 4754 as data: counts, order, search; what a form holds is read back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from award_portal import industries
from award_portal.industries import ClassificationError

pytestmark = pytest.mark.article(12)
SOURCE = json.loads(industries.FILE.read_text(encoding="utf-8"))


def test_twenty_sections_and_97_divisions_with_their_source() -> None:
    found = industries.load()
    assert (len(found.sections), len(found.divisions)) == (20, 97)
    assert [entry.digits for entry in found.divisions] == [f"{number:02d}" for number in range(1, 98)]
    assert "GB/T 4754-2017" in found.source
    assert found.status == "recollected"
    assert "核对" in found.note


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("C34", "C34 通用设备制造业"), ("34", "C34 通用设备制造业"), ("c34", "C34 通用设备制造业"), ("Ｃ３４", "C34 通用设备制造业"),
        ("A", "A 农、林、牧、渔业"), ("01", "A01 农业"), ("I65", "I65 软件和信息技术服务业"), ("97", "T97 国际组织"),
        ("98", None), ("00", None), ("A34", None), ("", None), ("3", None), ("C", "C 制造业"),
    ],
)  # fmt: skip
def test_a_code_gives_its_industry(code: str, label: str | None) -> None:
    found = industries.get(code)
    assert (found.label if found else None) == label


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C34 通用设备制造业", "C34"), ("C3451 滚动轴承制造", "C34"), ("34", "C34"), ("C 制造业", "C"), ("C34 3台设备", "C34"),
        ("精密轴承", None), ("A34 通用设备制造业", None), ("", None), ("C99", None),
    ],
)  # fmt: skip
def test_what_a_form_holds_is_read_back(text: str, code: str | None) -> None:
    found = industries.of(text)
    assert (found.code if found else None) == code


def test_search_by_code_and_by_a_part_of_the_name() -> None:
    assert [e.code for e in industries.search("c3")] == [f"C3{n}" for n in range(10)]
    assert [e.code for e in industries.search("34")] == ["C34"]
    assert [e.code for e in industries.search("轴")] == []
    assert [e.code for e in industries.search("软件")] == ["I", "I65"]
    assert [e.code for e in industries.search(" 通用 设备 ")] == ["C34"]
    assert industries.search("") == industries.search("  ") == []
    assert len(industries.search("业", limit=7)) == 7
    for hostile in ("\x00", "(", "%", "C34'; --", "\ud800"):
        assert industries.search(hostile) == []


def _twice(data: Any) -> None:
    data["sections"][1]["divisions"][0]["code"] = "01"


def _unordered(data: Any) -> None:
    data["sections"][0]["divisions"].reverse()


def _lost(data: Any) -> None:
    data["sections"][4]["divisions"].pop()


def _empty(data: Any) -> None:
    data["sections"][19]["divisions"].clear()


def _nameless(data: Any) -> None:
    data["sections"][0]["divisions"][0]["name"] = " "


def _letter(data: Any) -> None:
    data["sections"][19]["code"] = "Z"


def _shape(data: Any) -> None:
    del data["sections"][0]["divisions"]


@pytest.mark.parametrize("spoil", [_twice, _unordered, _lost, _empty, _nameless, _letter, _shape])
def test_a_file_that_does_not_hold_together_is_refused(spoil: Any, tmp_path: Any) -> None:
    data = json.loads(json.dumps(SOURCE))
    spoil(data)
    file = tmp_path / "industries.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ClassificationError):
        industries.read(file)
