"""Article 13 asks for levels, trends and comparisons: charts that show them, on the screen and in the PDF."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from award_portal import charts

pytestmark = pytest.mark.article(13)

YEARS = [2023, 2024, 2025]
SVG = "{http://www.w3.org/2000/svg}"


def row(*values: str, benchmark: str = "", indicator: str = "合格率", unit: str = "%") -> dict[str, str]:
    years = dict(zip(map(str, YEARS), values, strict=True))
    return {"indicator": indicator, "unit": unit, **years, "benchmark": benchmark, "source": "年报"}


def drawn(*rows: dict[str, str]) -> etree._Element:
    return etree.fromstring(charts.series_chart(rows, YEARS))


def count(root: etree._Element, tag: str, **attributes: str) -> int:
    return sum(all(each.get(k) == v for k, v in attributes.items()) for each in root.iter(SVG + tag))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("98.6", Decimal("98.6")),
        (" 1,234.50 ", Decimal("1234.50")),
        ("98.6%", Decimal("98.6")),
        ("９８．６％", Decimal("98.6")),
        ("1，000", Decimal(1000)),
        ("-5", Decimal(-5)),
        ("−5", Decimal(-5)),
        (".5", Decimal("0.5")),
        ("", None),
        ("—", None),
        ("约30", None),
        ("1e9", None),
        ("NaN", None),
        ("Infinity", None),
        ("٣", None),
        ("行业前三", None),
        ("9" * 19, None),
    ],
)
def test_a_figure_is_read_as_people_type_it(text, value):
    assert charts.number(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("98.60", "98.6"),
        ("1234.5", "1,234.5"),
        ("-1234", "-1,234"),
        ("0.12345", "0.1234"),
        ("999999", "999,999"),
        ("1234567", "123.46万"),
        ("10000000", "1,000万"),
        ("160200000", "1.6亿"),
    ],
)
def test_a_figure_is_written_short(value, text):
    assert charts.short(Decimal(value)) == text


def test_three_years_are_a_line_with_a_dashed_benchmark():
    root = drawn(row("98.1", "98.6", "99.2", benchmark="97.5"))
    assert count(root, "polyline") == 1
    assert count(root, "circle") == 3
    dashed = [line for line in root.iter(SVG + "line") if line.get("stroke-dasharray")]
    assert len(dashed) == 2, "one in the chart, one in front of its name"
    assert "".join(root.itertext()).count("97.5") >= 2


def test_fewer_than_three_years_are_columns_because_two_points_make_no_trend():
    root = drawn(row("12", "", "3"))
    assert count(root, "polyline") == 0
    heights = [float(each.get("height")) for each in root.iter(SVG + "rect")]
    assert len(heights) == 2
    assert heights[0] == pytest.approx(4 * heights[1], rel=0.02), "columns start at nought"


def test_a_missing_year_leaves_a_gap():
    years = [2021, 2022, 2023, 2024, 2025]
    values = {"indicator": "件", "2021": "1", "2022": "2", "2023": "无", "2024": "4", "2025": "5"}
    root = etree.fromstring(charts.series_chart([values], years))
    assert count(root, "polyline") == 2
    assert count(root, "circle") == 4
    assert "2023年缺" in root.findtext(f"{SVG}desc")
    assert "2023" in [text.text for text in root.iter(SVG + "text")], "the year keeps its place"


def test_the_picture_says_in_words_what_it_shows():
    root = drawn(row("98.1", "98.6", "99.2", benchmark="行业前三"))
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "合格率（%）"
    assert root[1].text == "2023年98.1，2024年98.6，2025年99.2，对比值行业前三。"
    assert count(root, "line", **{"stroke-dasharray": "5 3"}) == 0, "words are no line"


def test_what_a_person_typed_is_text_and_no_markup():
    hostile = '"><script>1</script>\x00'
    svg = charts.series_chart([row("1", "2", "3", indicator=hostile, unit=hostile, benchmark=hostile)], YEARS)
    root = etree.fromstring(svg)
    assert "script" not in {each.tag.rpartition("}")[2] for each in root.iter()}
    assert "<script" not in svg


def test_nothing_in_it_breaks_the_content_security_policy():
    svg = charts.series_chart([row("98.1", "98.6", "99.2", benchmark="97.5"), row("1", "", "")], YEARS)
    root = etree.fromstring(svg)
    for each in root.iter():
        assert not {name for name in each.attrib if name == "style" or name.startswith("on") or "href" in name}
    assert not {"style", "script", "image", "foreignObject"} & {each.tag.rpartition("}")[2] for each in root.iter()}


def test_rows_without_a_figure_are_not_drawn():
    assert charts.series_chart([row("", "—", "良好")], YEARS) == ""
    assert charts.series_chart([], YEARS) == ""
    assert charts.indicator_charts([row("", "", "")], YEARS) == []


def test_every_indicator_has_its_own_scale():
    rows = [row("98.1", "98.6", "99.2"), row("120000", "135000", "160200", indicator="收入", unit="万元")]
    both = drawn(*rows)
    assert both.get("width") == str(2 * charts.WIDTH)
    assert count(both, "polyline") == 2
    single = charts.indicator_charts(rows, YEARS)
    assert [text.split("：")[0] for _, text in single] == ["合格率（%）", "收入（万元）"]
    assert all(etree.fromstring(svg).get("width") == str(charts.WIDTH) for svg, _ in single)


FIGURES = st.decimals(-(10**12), 10**12, places=3, allow_nan=False).map(str)


@given(st.lists(FIGURES | st.just(""), min_size=3, max_size=3), FIGURES | st.just(""))
def test_every_point_lies_inside_the_picture(values, benchmark):
    svg = charts.series_chart([row(*values, benchmark=benchmark)], YEARS)
    if not svg:
        assert not any(values)
        return
    root = etree.fromstring(svg)
    for circle in root.iter(SVG + "circle"):
        assert charts.TOP <= float(circle.get("cy")) <= charts.HEIGHT - charts.BOTTOM
    for rect in root.iter(SVG + "rect"):
        top, height = float(rect.get("y")), float(rect.get("height"))
        assert charts.TOP - 0.2 <= top <= top + height <= charts.HEIGHT - charts.BOTTOM + 0.2
    assert len([each for each in root.iter(SVG + "line") if not each.get("stroke-dasharray")]) <= 8


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_gives_a_readable_picture(indicator, unit, value, benchmark):
    svg = charts.series_chart([row("1", value, "3", indicator=indicator, unit=unit, benchmark=benchmark)], YEARS)
    assert etree.fromstring(svg).get("role") == "img"
