"""Article 16: what the self-assessment report asks, how its characters are counted, what is still empty."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications import report_plan as plan
from award_portal import rubric as standards

pytestmark = pytest.mark.article(16)

RUBRIC = standards.load()


def test_the_names_are_the_profile_and_three_texts_for_each_of_the_23_items():
    names = plan.names(RUBRIC)
    assert len(names) == 1 + 23 * 3 == len(set(names))
    assert names[:4] == ("profile", "4.1.2.approach", "4.1.2.deployment", "4.1.2.result")
    assert names[-3:] == ("4.7.7.level", "4.7.7.trend", "4.7.7.comparison")


def test_only_the_results_have_tables():
    assert plan.table_names(RUBRIC) == tuple(f"4.7.{n}.series" for n in range(2, 8))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("profile", "组织概述"),
        ("4.1.2.result", "4.1.2 高层领导的作用 · 结果"),
        ("4.7.2.level", "4.7.2 产品和服务结果 · 水平"),
        ("4.7.2.series", "4.7.2 产品和服务结果 · 数据表"),
    ],
)
def test_a_name_is_written_for_people(name, label):
    assert plan.label(name, RUBRIC) == label


def test_every_name_has_a_label():
    for name in (*plan.names(RUBRIC), *plan.table_names(RUBRIC)):
        assert plan.label(name, RUBRIC)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n\t　 ", 0),
        ("质量", 2),
        ("质量，安全。", 6),
        ("quality award", 2),
        ("98.6%", 1),
        ("1,234.50", 1),
        ("GB/T 19580", 2),
        ("执行GB/T19580标准", 5),
        ("合格率98.6%，", 5),
        ("２０２５年", 5),  # full-width figures are characters, as in a word processor
        ("“好”……", 5),
        ("𬭎", 1),  # beyond the first plane: one character, not two
        ("e\u0301", 1),
        ("质\u200b量\ufeff", 2),
        ("a\x00b", 2),
    ],
)
def test_characters_are_counted_as_chinese_forms_count_them(text, count):
    assert plan.words(text) == count


@given(st.text(), st.text())
def test_a_count_is_never_more_than_the_characters_and_grows_with_the_text(one, two):
    assert 0 <= plan.words(one) <= len(unicodedata.normalize("NFC", one))
    assert plan.words(f"{one}\n{two}") == plan.words(one) + plan.words(two)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    once = plan.clean(text)
    assert plan.clean(once) == once
    assert plan.clean_cell(plan.clean_cell(text)) == plan.clean_cell(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc\vd\u2028e", "a\nb\nc\nd\ne"),
        ("\n \n一\n\n二\n　\n", "一\n\n二"),
        ("一\x00\x1f\ufffe\ud800二", "一二"),
        ("  缩进", "  缩进"),
    ],
)
def test_a_text_is_kept_as_every_format_can_carry_it(text, cleaned):
    assert plan.clean(text) == cleaned


def test_tables_count_against_the_whole_and_not_against_the_profile():
    report = {"profile": "概述" * 10, "4.1.2.approach": "方法", "stray": "不算"}
    tables = {"4.7.2.series": [{"indicator": "合格率", "unit": "%", "2025": "99.2"}], "stray": [{"indicator": "不算"}]}
    totals = plan.totals(report, tables, RUBRIC, profile_limit=20, report_limit=26)
    assert (totals.profile.used, totals.whole.used) == (20, 20 + 2 + 5)
    assert (totals.profile.left, totals.profile.over, totals.whole.over, totals.within) == (0, 0, 1, False)
    assert plan.totals(report, tables, RUBRIC, profile_limit=20, report_limit=27).within


def test_an_item_is_answered_when_every_facet_is():
    report = {"4.1.2.approach": "一", "4.1.2.deployment": "二", "4.1.2.result": " \n"}
    assert plan.answered(report, RUBRIC) == ()
    assert plan.answered({**report, "4.1.2.result": "三"}, RUBRIC) == ("4.1.2",)
    missing = plan.missing(report, RUBRIC)
    assert missing[:2] == ("profile", "4.1.2.result")
    assert len(missing) == 70 - 2


def test_a_full_report_misses_nothing():
    report = dict.fromkeys(plan.names(RUBRIC), "写了")
    assert plan.missing(report, RUBRIC) == ()
    assert plan.answered(report, RUBRIC) == RUBRIC.item_codes


def test_rows_that_say_nothing_are_left_out_and_the_others_have_every_column():
    table = [{"indicator": " 合格\n率 ", "2025": "9"}, {"indicator": " "}, {"stray": "x"}]
    assert plan.rows(table, [2024, 2025]) == [
        {"indicator": "合格 率", "unit": "", "2024": "", "2025": "9", "benchmark": "", "source": ""}
    ]
    assert plan.rows(None, [2025]) == []
