"""XLSX out: nothing a spreadsheet would run, whatever was typed. XLSX in: bounded, no formulas, said in Chinese."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from award_portal.tables import DANGEROUS, LONGEST, Column, Row, harmless, rows, workbook
from award_portal.verdict import Refused


def local(*parts: int) -> datetime:
    """A moment as a spreadsheet holds it: without a zone."""
    return datetime(*parts)  # type: ignore[arg-type, misc]  # noqa: DTZ001


HOSTILE = [
    "=1+1", "+1", "-1+1|cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM", " =1+1", "\u200b=1", "\u202e=1", "\ufeff=1",
    "　＝1", "\x00=1", "\x01\x02+2", "_x003D_1+1", "_x000D_=1", "_x005F_x003D_", "=HYPERLINK(\"x\")", "{=1}", "'=1", "\ud800=1", "\uffff-1",
    "=cmd|' /C calc'!A0", "<script>", "]]>", "&amp;=", "a\x0bb", "\x7f=", "𠮷" * 40_000, "=" * 40_000, "", "'", "-", "=",
]  # fmt: skip
# Text that begins as an attack would, with whatever follows; and text that is nothing but odd characters.
STARTS = st.sampled_from(
    [*sorted(DANGEROUS), "\x00", "\x1f", "\u200b", "\u202e", "\ufeff", " ", "　", "'", "_x003D_", ""]
)
ANY = st.text(st.characters(), max_size=40)
texts = st.one_of(ANY, st.builds(lambda *p: "".join(p), STARTS, STARTS, ANY), st.sampled_from(HOSTILE))
lists = st.lists(texts, min_size=60, max_size=60)


def cells(content: bytes) -> list[Any]:
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    return [cell for line in sheet.iter_rows(min_row=2) for cell in line]


def check(strings: list[str]) -> None:
    content = workbook("名单", ["单位"], [[text] for text in strings])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert b"<f" not in archive.read("xl/worksheets/sheet1.xml").replace(b"<family", b"")
    found = cells(content)
    for cell in found:
        assert cell.data_type in {"s", "inlineStr"} or cell.value is None
        value = str(cell.value or "")
        assert value[:1] not in DANGEROUS
        assert not re.match("[\\s\u200b\u200e\u202e\u2060\ufeff]*[=+@＝＋－＠-]", value)
        assert len(value.encode("utf-16-le")) // 2 <= LONGEST + 10


@pytest.mark.article(27)
@settings(max_examples=70)  # seventy tables of sixty: four thousand strings
@given(lists)
def test_no_string_becomes_a_formula_or_an_error(strings: list[str]) -> None:
    check(strings)


@pytest.mark.article(27)
@pytest.mark.long
@settings(max_examples=1000)
@given(lists)
def test_no_string_of_sixty_thousand_becomes_a_formula_or_an_error(strings: list[str]) -> None:
    check(strings)


@pytest.mark.article(27)
def test_the_known_attacks_are_texts() -> None:
    check(HOSTILE)
    assert harmless("=1+1") == "'=1+1"
    assert harmless("洛阳=轴承-集团") == "洛阳=轴承-集团"
    assert harmless("") == ""


@pytest.mark.article(27)
def test_numbers_and_dates_stay_what_they_are() -> None:
    moment = datetime(2027, 3, 31, 16, 0, tzinfo=UTC)
    line = [3, Decimal("12500.50"), date(2027, 3, 8), moment, True, None, Decimal("NaN"), 91410304000000001234, -5]
    content = workbook("申报[名单]", [Column("甲", 8), *"乙丙丁戊己庚辛壬"], [line])
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet[2]] == [
        3, 12500.5, local(2027, 3, 8), local(2027, 4, 1), "是", None, "NaN", "91410304000000001234", -5,
    ]  # fmt: skip
    assert sheet.title == "申报名单"
    assert sheet.freeze_panes == "A2"
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.column_dimensions["A"].width == 8
    old = cells(workbook("x", ["日"], [[date(1899, 1, 1)]]))
    assert old[0].value == "1899-01-01"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=30)


@pytest.mark.article(17)
@settings(max_examples=60)
@given(st.lists(st.tuples(WORDS, WORDS), max_size=20))
def test_what_is_written_is_read_back(pairs: list[tuple[str, str]]) -> None:
    pairs = [(one.strip(), other.strip()) for one, other in pairs]
    content = workbook("表", ["甲", "乙"], pairs)
    expected = [Row(n, {"甲": a, "乙": b}) for n, (a, b) in enumerate(pairs, 2) if a or b]
    if any(text.startswith("'") or "_x" in text for pair in pairs for text in pair):
        assert len(list(rows(content, ["甲", "乙"]))) >= len(expected) - 1
        return
    assert list(rows(content, ["甲", "乙"])) == expected


def made(*lines: list[Any], title: str = "表") -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for line in lines:
        sheet.append(line)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.article(17)
def test_dates_numbers_and_spaces_become_the_text_people_would_type() -> None:
    content = made(
        [" 单位 ", "日期", "数", "备注"],
        [" 洛阳轴承 ", local(2027, 3, 8), 12.5, True],
        [],
        ["乙", date(2027, 3, 9), 100, local(2027, 3, 8, 9, 30)],
        ["丙", "2027-03-10", 1e3],
    )
    found = list(rows(content, ["单位", "数", "日期", "备注"]))
    assert [row.number for row in found] == [2, 4, 5]
    assert found[0].values == {"单位": "洛阳轴承", "数": "12.5", "日期": "2027-03-08", "备注": "是"}
    assert found[1].values == {"单位": "乙", "数": "100", "日期": "2027-03-09", "备注": "2027-03-08 09:30"}
    assert found[2].values == {"单位": "丙", "数": "1000", "日期": "2027-03-10", "备注": ""}


@pytest.mark.article(17)
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (made(["单位"], ["甲"]), "缺少以下列：结果"),
        (made([], []), "缺少以下列：单位、结果"),
        (made(["单位", "结果", "单位"], ["甲", "乙", "丙"]), "重复的列：单位"),
        (made(["单位", "结果"], ["甲", "乙"], ["丙", "=1+1"]), "第3行“结果”是公式"),
        (made(["单位", "结果"], ["甲", "#N/A"]), "错误值"),
        (b"no table", "不是可以读取的XLSX"),
        (b"PK\x05\x06" + b"\0" * 18, "不是可以读取的XLSX"),
        (b"", "不是可以读取的XLSX"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_reason(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        list(rows(content, ["单位", "结果"]))


@pytest.mark.article(17)
def test_the_edge_of_the_rows_and_gaps_below_it() -> None:
    assert len(list(rows(made(["甲"], *[["x"]] * 5), ["甲"], max_rows=5))) == 5
    for lines in ([["x"]] * 6, [["x"], *[[]] * 6, ["x"]], [["x"], *[[]] * 30, ["x"]]):
        with pytest.raises(Refused, match="超过5行"):
            list(rows(made(["甲"], *lines), ["甲"], max_rows=5))


@pytest.mark.article(17)
def test_a_table_that_unpacks_too_large_or_is_broken_is_refused() -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (65 * 1024 * 1024))
    with pytest.raises(Refused, match="展开后过大"):
        list(rows(bomb.getvalue(), ["甲"]))
    good = made(["甲"], ["x"])
    broken = BytesIO()
    with zipfile.ZipFile(BytesIO(good)) as source, zipfile.ZipFile(broken, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(entry, content[:200] if "sheet1" in entry.filename else content)
    with pytest.raises(Refused, match="读取"):
        list(rows(broken.getvalue(), ["甲"]))
