"""The regulation as data: the issued text word for word, every number with the article that states it."""

import dataclasses
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest

from award_portal import regulation as regulations
from award_portal.regulation import RegulationError

HERE = Path(__file__).parent
ISSUED = (HERE / "chanhe-2021.txt").read_text(encoding="utf-8")
INVENTED = HERE.parent / "house" / "regulations"
SOURCE = (regulations.REGULATION_DIRS[0] / "chanhe-2021.toml").read_text(encoding="utf-8")


@pytest.fixture
def measures():
    return regulations.load("chanhe-2021")


@pytest.fixture
def invented():
    undo = regulations.add_directory(INVENTED)
    yield regulations.load("shili-2024")
    undo()


def issued_articles():
    return dict(re.findall(r"^(第[一二三四五六七八九十]+条)\s+(.+)$", ISSUED, flags=re.MULTILINE))


@pytest.mark.article(1)
def test_every_article_is_the_issued_text_word_for_word(measures):
    issued = issued_articles()
    assert len(issued) == 30
    assert {article.label: article.text for article in measures.articles} == issued


@pytest.mark.article(1)
def test_nothing_of_the_issued_text_is_left_out_and_nothing_added(measures):
    assert re.sub(r"\s", "", measures.full_text()) == re.sub(r"\s", "", ISSUED)


@pytest.mark.article(1)
def test_preamble_and_chapter_headings_stand_as_issued(measures):
    assert ISSUED.startswith(measures.preamble + "\n\n第一章")
    assert [chapter.heading for chapter in measures.chapters] == re.findall(r"^第.+章.+$", ISSUED, flags=re.MULTILINE)
    assert [article.number for article in measures.articles_of(3)] == [10, 11, 12]


@pytest.mark.article(1)
def test_the_cited_outline_is_not_corrected(measures):
    assert "《质量发展纲要》" in measures.article(1).text


@pytest.mark.article(30)
def test_the_unknown_day_of_issue_is_not_invented(measures):
    assert measures.number == "瀍政〔2021〕10号"
    assert measures.issued == "2021年(具体日期待填)"
    assert "瀍政〔2011〕54号" in measures.repeals


NUMBERS = [
    pytest.param("interval_years", 2, (4,), marks=pytest.mark.article(4)),
    pytest.param("quota", 5, (4,), marks=pytest.mark.article(4)),
    pytest.param("operation_years", 3, (10,), marks=pytest.mark.article(10)),
    pytest.param("look_back_years", 2, (11, 10), marks=pytest.mark.article(11)),
    pytest.param("total_points", 1000, (13,), marks=pytest.mark.article(13)),
    pytest.param("publicity_days", 7, (19,), marks=pytest.mark.article(19)),
    pytest.param("bonus", Decimal("100000.00"), (20,), marks=pytest.mark.article(20)),
    pytest.param("report_count", 3, (24,), marks=pytest.mark.article(24)),
    pytest.param("accident_window_years", 2, (29,), marks=pytest.mark.article(29)),
    pytest.param("ban_years", 4, (28, 29), marks=[pytest.mark.article(28), pytest.mark.article(29)]),
    pytest.param("recovers_false_material", ("trophy", "certificate", "bonus"), (28,), marks=pytest.mark.article(28)),
    pytest.param("recovers_accident", ("trophy", "certificate"), (29,), marks=pytest.mark.article(29)),
]


@pytest.mark.parametrize(("name", "value", "articles"), NUMBERS)
def test_every_number_stands_with_its_article(measures, name, value, articles):
    number = getattr(measures, name)
    assert (number.value, number.articles, number.article) == (value, articles, articles[0])


def test_no_number_is_left_out_of_the_table(measures):
    assert set(measures.numbers()) == {parameter.values[0] for parameter in NUMBERS}


@pytest.mark.article(29)
def test_an_accident_does_not_recover_the_bonus(measures):
    assert "bonus" not in measures.recovers_accident.value


@pytest.mark.article(10)
def test_the_limbs_of_article_10_leave_none_of_its_conditions_out(measures):
    text = measures.article(10).text
    for limb in measures.limbs_of(10):
        text = text.replace(limb.text, "")
    assert re.sub(r"[，；。：、]|且", "", text) == "申报区长质量奖的单位必须同时具备下列条件"
    assert all(limb.positive for limb in measures.limbs_of(10))


@pytest.mark.article(11)
def test_the_limbs_of_article_11_leave_none_of_its_conditions_out(measures):
    text = measures.article(11).text
    for limb in measures.limbs_of(11):
        text = text.replace(limb.text, "")
    assert re.sub(r"[，；。]", "", text) == "申报单位应"


@pytest.mark.article(11)
def test_every_negative_limb_looks_back_and_each_kind_of_accident_has_its_own(measures):
    negative = [limb for limb in measures.limbs_of(11) if limb.negative]
    assert all(limb.look_back for limb in negative)
    assert [limb.label for limb in negative if "事故" in limb.text] == [
        "质量事故", "安全事故", "环境污染事故", "公共卫生事故", "食品安全事故",
    ]  # fmt: skip
    assert {limb.code for limb in measures.limbs_of(11) if limb.positive} == {"social_duty", "reputation"}


def test_a_regulation_cannot_be_changed(measures):
    with pytest.raises(dataclasses.FrozenInstanceError):
        measures.quota = 6
    with pytest.raises(dataclasses.FrozenInstanceError):
        measures.quota.value = 6
    assert hash(measures) == hash(regulations.load("chanhe-2021"))


def test_the_same_object_is_loaded_each_time(measures):
    assert regulations.load("chanhe-2021") is measures


def test_another_regulation_brings_other_numbers(invented):
    values = {name: number.value for name, number in invented.numbers().items()}
    assert values == {
        "interval_years": 3, "quota": 2, "operation_years": 5, "look_back_years": 3, "total_points": 1000,
        "publicity_days": 10, "bonus": Decimal("50000.00"), "report_count": 2, "accident_window_years": 1,
        "ban_years": 3, "recovers_false_material": ("trophy", "certificate", "bonus"),
        "recovers_accident": ("certificate",),
    }  # fmt: skip
    assert len(invented.articles) == 30
    assert invented.document_prefix == "示政"


def test_an_added_folder_can_be_taken_away_again():
    undo = regulations.add_directory(INVENTED)
    assert regulations.codes() == ("chanhe-2021", "shili-2024")
    regulations.load("shili-2024")
    undo()
    assert regulations.codes() == ("chanhe-2021",)
    with pytest.raises(RegulationError, match="shili-2024"):
        regulations.load("shili-2024")


def test_the_environment_can_name_further_folders(monkeypatch):
    monkeypatch.setenv(regulations.ENVIRONMENT_VARIABLE, os.pathsep.join([str(INVENTED), ""]))
    assert regulations.load("shili-2024").quota.value == 2
    regulations.load.cache_clear()


@pytest.mark.parametrize("code", ["", "missing", "../regulations/chanhe-2021", "chanhe-2021.toml", "chan*", "a\0b"])
def test_an_unknown_code_is_refused(code):
    with pytest.raises(RegulationError, match="no regulation with code"):
        regulations.load(code)


BROKEN = {
    "a number its article does not state": ('says = "公示期7天"', 'says = "公示期5天"', "does not stand in article 19"),
    "a number with the wrong article": ("articles = [20]", "articles = [21]", "does not stand in article 21"),
    "an article that is not there": ("articles = [20]", "articles = [31]", "there is no article 31"),
    "no article at all": ("articles = [20]", "articles = []", "list of article numbers"),
    "a count of nothing": ("quota = { value = 5", "quota = { value = 0", "whole number from 1"),
    "a count in quotes": ("quota = { value = 5", 'quota = { value = "5"', "whole number from 1"),
    "a float as money": ('value = "100000.00"', "value = 100000.00", "with two decimals"),
    "money in whole yuan": ('value = "100000.00"', 'value = "100000"', "with two decimals"),
    "money that is no number": ('value = "100000.00"', 'value = "NaN"', "with two decimals"),
    "something else recovered": ('["trophy", "certificate"]', '["trophy", "medal"]', "each once"),
    "a missing number": ("quota = {", "# quota = {", "numbers.quota"),
    "a number nobody reads": ("quota = {", 'qouta = { value = 5, articles = [4], says = "5个" }\nquota = {', "qouta"),
    "a missing word": ('title = "', '# title = "', "title is missing"),
    "an unknown key": ('title = "', 'colour = "red"\ntitle = "', "colour"),
    "a gap in the numbering": ("number = 17\nchapter", "number = 18\nchapter", "without a gap"),
    "an article outside its chapter": ("number = 17\nchapter = 5", "number = 17\nchapter = 6", "chapters in order"),
    "a misquoted limb": ('text = "社会贡献突出"', 'text = "社会贡献较突出"', "does not stand in article 10"),
    "a limb of another article": ("article = 11", "article = 12", "articles 10 and 11"),
    "a limb of no kind": ('kind = "negative"', 'kind = "bad"', "positive or negative"),
    "two limbs of one code": ('code = "loss"', 'code = "complaint"', "share a code"),
    "a limb without its window": ("look_back = true\n", "", "needs exactly"),
    "a limb whose window is a word": ("look_back = true", 'look_back = "yes"', "not of its kind"),
    "a repealed text it does not name": ("54号", "55号", "repeals"),
    "a code unlike the file's name": ('code = "chanhe-2021"', 'code = "chanhe-2022"', "the file's name"),
    "not TOML": ("[numbers]", "[numbers", "chanhe-2021.toml"),
    "a list where a table belongs": ("[numbers]", "[[numbers]]", "chanhe-2021.toml"),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_a_file_that_contradicts_itself_does_not_load(tmp_path, broken):
    old, new, message = BROKEN[broken]
    assert old in SOURCE
    file = tmp_path / "chanhe-2021.toml"
    file.write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RegulationError, match=re.escape(message)):
        regulations.read(file)


@pytest.mark.parametrize(
    ("number", "label"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (30, "三十"), (99, "九十九")]
)
def test_articles_are_called_as_the_measures_call_them(number, label):
    assert regulations.article_label(number) == f"第{label}条"


def test_an_article_beyond_the_last_is_not_there(measures):
    for number in (0, -1, 31):
        with pytest.raises(KeyError):
            measures.article(number)
