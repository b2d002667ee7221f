"""The scoring standard as data: its sums, its ladder, its bands."""

import copy
import dataclasses
import json
import re

import pytest

from award_portal import regulation, rubric
from award_portal.rubric import RubricError

SOURCE = json.loads((rubric.RUBRIC_DIR / "gbt-19580-2012.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.article(13)


@pytest.fixture
def standard():
    return rubric.load()


def test_seven_categories_and_23_items_make_a_thousand_points(standard):
    assert [category.points for category in standard.categories] == [110, 90, 90, 130, 100, 80, 400]
    assert len(standard.items) == 23
    assert sum(item.points for item in standard.items) == 1000
    assert all(sum(item.points for item in category.items) == category.points for category in standard.categories)


def test_the_total_is_the_one_the_measures_state(standard):
    assert standard.total_points == regulation.load("chanhe-2021").total_points.value


def test_categories_are_those_article_13_lists(standard):
    listed = re.search("包括(.+)等，", regulation.load("chanhe-2021").article(13).text)[1]
    names = [category.alias or category.name for category in standard.categories]
    assert "，".join(names) == listed


def test_process_is_600_and_results_are_400(standard):
    points = {kind: sum(item.points for item in standard.items if item.kind == kind) for kind in rubric.KINDS}
    assert points == {"process": 600, "result": 400}
    assert {item.category for item in standard.items if item.kind == "result"} == {"4.7"}


def test_results_carry_the_word_article_13_uses(standard):
    assert standard.category("4.7").label == "结果(经营结果)"
    assert standard.category("4.1").label == "领导"


def test_percents_go_in_steps_of_five(standard):
    assert standard.percents == (0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100)


@pytest.mark.parametrize(
    ("percent", "band"),
    [(0, 0), (5, 0), (10, 1), (25, 1), (30, 2), (45, 2), (50, 3), (65, 3), (70, 4), (85, 4), (90, 5), (100, 5)],
)
def test_each_percent_lies_in_one_band(standard, percent, band):
    assert standard.band_index(percent) == band
    assert standard.band(percent) is standard.bands[band]


def test_a_percent_off_the_ladder_has_no_band(standard):
    for percent in (-5, 7, 105):
        with pytest.raises(KeyError):
            standard.band(percent)


def test_process_and_result_items_are_judged_by_their_own_factors(standard):
    assert [each.code for each in standard.dimensions("process")] == ["A", "D", "L", "I"]
    assert [each.code for each in standard.dimensions("result")] == ["Le", "T", "C", "I"]
    for band in standard.bands:
        for kind in rubric.KINDS:
            described = band.descriptors(kind)
            assert [each.code for each in described] == [each.code for each in standard.dimensions(kind)]
            assert all(each.text for each in described)


def test_what_could_not_be_verified_is_kept_with_the_numbers(standard):
    assert "NOT verified" in dict(standard.verification)["category_and_item_points"]


def test_items_and_categories_are_found_by_code(standard):
    assert standard.item("4.4.3").points == 15
    assert standard.item("4.7.4").name == "财务结果"
    for find in (standard.item, standard.category):
        with pytest.raises(KeyError):
            find("4.9")


def test_a_rubric_cannot_be_changed(standard):
    with pytest.raises(dataclasses.FrozenInstanceError):
        standard.total_points = 900
    with pytest.raises(dataclasses.FrozenInstanceError):
        standard.items[0].points = 60
    assert rubric.load() is standard


@pytest.mark.parametrize("code", ["", "missing", "../rubrics/gbt-19580-2012", "*", "a\0b"])
def test_an_unknown_code_is_refused(code):
    with pytest.raises(RubricError, match="no rubric with code"):
        rubric.load(code)


def items(data, category):
    return data["categories"][category]["items"]


def moved_points(data):
    items(data, 0)[0]["points"] -= 5
    items(data, 1)[0]["points"] += 5


def fewer_points(data):
    data["total_points"] -= 5
    data["process_points"] -= 5
    data["categories"][0]["points"] -= 5
    items(data, 0)[0]["points"] -= 5


def odd_points(data):
    items(data, 0)[0]["points"] -= 3
    items(data, 0)[1]["points"] += 3


def merged_items(data):
    items(data, 0)[0]["points"] += items(data, 0).pop()["points"]


BROKEN = {
    "points moved between categories": (moved_points, "4.1: the parts add up to 105"),
    "another total": (fewer_points, "article 13 says 1000"),
    "points that break the quarter": (odd_points, "whole quarters"),
    "an item less": (merged_items, "22 items"),
    "a category less": (lambda data: data["categories"].pop(), "6 categories"),
    "another split of process and results": (lambda data: data.update(process_points=500), "process"),
    "the same code twice": (lambda data: items(data, 0)[1].update(code="4.1.2"), "share a code"),
    "a fraction of a point": (lambda data: items(data, 0)[0].update(points=50.0), "whole number"),
    "an unknown kind": (lambda data: data["categories"][0].update(kind="mixed"), "process or result"),
    "steps of ten": (lambda data: data.update(percent_step=10), "steps of 5"),
    "a ladder to 90": (lambda data: data.update(percent_max=90), "0 to 100"),
    "a hole in the bands": (lambda data: data["bands"][2]["percents"].remove(35), "do not cover"),
    "a band that ends elsewhere": (lambda data: data["bands"][2].update(max=50), "ends are not"),
    "a factor without its words": (lambda data: data["bands"][0]["process"].pop("A"), "not in the shape"),
    "no bands": (lambda data: data.pop("bands"), "not in the shape"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_file_whose_sums_do_not_hold_does_not_load(tmp_path, broken):
    change, message = BROKEN[broken]
    data = copy.deepcopy(SOURCE)
    change(data)
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(RubricError, match=re.escape(message)):
        rubric.read(file)


def test_a_file_that_is_no_json_does_not_load(tmp_path):
    file = tmp_path / "broken.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(RubricError, match="not JSON"):
        rubric.read(file)
