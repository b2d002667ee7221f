"""Article 16: every item of the standard is explained in the portal's own plain words."""

import json

import pytest

from award_portal import guidance, rubric

pytestmark = pytest.mark.article(16)

CODE = rubric.DEFAULT_CODE
SOURCE = json.loads((guidance.GUIDANCE_DIR / f"{CODE}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", rubric.codes())
def test_every_item_of_every_standard_has_guidance(code):
    found = guidance.of(code)
    assert set(found.items) == set(rubric.load(code).item_codes)
    assert [heading.title for heading in found.profile] == ["环境", "关系", "挑战"]


def test_points_name_the_factors_of_their_kind_of_item():
    assert {point.name for point in guidance.of(CODE).item("4.1.2").look} == {"方法", "展开", "学习"}
    assert {point.name for point in guidance.of(CODE).item("4.7.2").look} == {"水平", "趋势", "对比"}


def test_no_point_is_said_twice():
    points = list(guidance._sentences(guidance.of(CODE)))
    assert len(set(points)) == len(points)


def test_guidance_is_not_taken_for_a_standard():
    assert rubric.codes() == (CODE,) or all(
        (guidance.GUIDANCE_DIR / f"{code}.json").is_file() for code in rubric.codes()
    )


def without(code: str):
    return {**SOURCE, "items": {k: v for k, v in SOURCE["items"].items() if k != code}}


def with_item(**changes):
    return {**SOURCE, "items": {**SOURCE["items"], "4.1.2": {**SOURCE["items"]["4.1.2"], **changes}}}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (without("4.5.2"), "item 4.5.2 has no guidance"),
        ({**SOURCE, "items": {**SOURCE["items"], "4.9.9": SOURCE["items"]["4.1.2"]}}, "no item 4.9.9"),
        ({**SOURCE, "profile": []}, "no headings"),
        (with_item(write=["一？"]), "1 points instead of 2 to 3"),
        (with_item(look=[["T", "趋势"], ["A", "方法"]]), "'T' is no factor"),
        (with_item(write=["问" * 61, "二？"]), "1 to 60 characters"),
        (with_item(write=["", "二？"]), "1 to 60 characters"),
        ({"items": {}}, "not in the shape|no guidance"),
        ([], "not in the shape"),
    ],
)
def test_a_file_that_does_not_cover_the_standard_is_refused(tmp_path, data, problem):
    file = tmp_path / "x.json"
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(guidance.GuidanceError, match=problem):
        guidance.read(file, rubric.load(CODE))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(guidance.GuidanceError):
        guidance.read(tmp_path / "none.json", rubric.load(CODE))
