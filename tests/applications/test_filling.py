"""第十、十六、十七条: saved field by field, two people at once, nothing that was typed is lost."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from applications import filling, materials, reading
from applications.models import Application, Entry, Unmerged
from applications.paper import form_of
from applications.sections import Column, Field, parsed, problem, tidy
from award_portal.models import AuditEvent
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START
from tests.factories_applications import (
    announced_cycle,
    draft_application,
    owner_of,
    paper,
    person,
    recommended_application,
    submitted_application,
    unit,
)

OPEN = START + timedelta(hours=2)
TABLE = Field(
    "t", "证书", "table", columns=(Column("name", "名称", required=True), Column("until", "有效期至", "date"))
)


# ── what a value says ──


@pytest.mark.article(16)
@pytest.mark.parametrize(("kind", "typed", "read", "said"), [
    ("date", "2015-03-08", date(2015, 3, 8), ""), ("date", "2015年3月8日", date(2015, 3, 8), ""),
    ("date", "２０１５．3．8", date(2015, 3, 8), ""), ("date", "2015-02-30", None, "写成日期"), ("date", "去年", None, "写成日期"),
    ("date", "1899-12-31", date(1899, 12, 31), "1900年以后"), ("date", "1900-01-01", date(1900, 1, 1), ""),
    ("decimal", "12,500.00", Decimal("12500.00"), ""), ("decimal", "１２．５", Decimal("12.5"), ""), ("decimal", "-3", Decimal(-3), "负数"),
    ("decimal", "1e5", None, "请填数字"), ("decimal", "NaN", None, "请填数字"), ("decimal", "一万", None, "请填数字"),
    ("decimal", "1.23456", None, "请填数字"), ("decimal", "9" * 13, None, "请填数字"), ("whole", "320", 320, ""),
    ("whole", "320.0", 320, ""), ("whole", "3.5", None, "整数"), ("email", "a@b.cn", "a@b.cn", ""), ("email", "a@", "a@", "格式"),
    ("choice", "yes", "yes", ""), ("choice", "也许", "也许", "选项"), ("text", "字" * 200, "字" * 200, ""), ("text", "字" * 201, "字" * 201, "200字"),
    ("date", "", None, ""), ("decimal", " ", None, ""), ("text", "", "", ""),
])  # fmt: skip
def test_a_value_is_read_and_what_is_wrong_with_it_is_said(kind: str, typed: str, read: Any, said: str) -> None:
    one = Field("x", "此栏", kind, choices=(("yes", "是"),))
    assert parsed(one, typed) == read
    assert (said in problem(one, typed)) if said else problem(one, typed) == ""


@pytest.mark.article(16)
def test_a_loss_may_be_negative_where_the_field_says_so() -> None:
    assert problem(Field("p", "利润", "decimal", signed=True), "-3.20") == ""


@pytest.mark.article(16)
def test_a_table_keeps_its_rows_and_names_the_row_that_is_wrong() -> None:
    rows = [
        {"name": " 体系证书\x00 ", "until": "2027-03-08", "strange": "x"},
        {"name": "", "until": ""},
        {"until": "明年"},
    ]
    kept = tidy(TABLE, rows)
    assert kept == [{"name": "体系证书", "until": "2027-03-08"}, {"name": "", "until": "明年"}]
    assert problem(TABLE, kept) == "证书第2行请填写名称。"
    assert "第1行的有效期至" in problem(TABLE, [{"name": "甲", "until": "明年"}])


@pytest.mark.article(16)
@pytest.mark.parametrize("value", [None, 3, {"a": "b"}, ["x"], [{"name": 5}], [{"name": "x"}] * 61, "字" * 60_001])
def test_what_has_another_shape_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^[tx]$"):
        tidy(TABLE if isinstance(value, (list, dict)) or value is None else Field("x", "x", "long"), value)


# ── saved field by field ──


@pytest.mark.django_db
@pytest.mark.article(16)
def test_two_people_fill_different_fields_and_both_stay() -> None:
    application = draft_application(announced_cycle())
    at, owner = application.cycle.opens_at, owner_of(application)
    marks = {row.name: filling.mark(row.value) for row in application.entries.all()}
    for name, value in (("products", "甲填的"), ("address", "乙填的")):
        saved = filling.fill(application, {name: filling.Typed(value, marks[name])}, by=owner, at=at)
        assert not saved.clashes
    values = materials.values_of(application)
    assert (values["products"], values["address"]) == ("甲填的", "乙填的")
    assert (application.products, application.address) == ("甲填的", "乙填的")


@pytest.mark.django_db
@pytest.mark.article(16)
def test_a_real_conflict_keeps_both_texts_until_somebody_chooses() -> None:
    application = draft_application(announced_cycle())
    at, owner = application.cycle.opens_at, owner_of(application)
    seen = filling.mark(materials.values_of(application)["products"])
    filling.fill(application, {"products": filling.Typed("甲页", seen)}, by=owner, at=at)
    saved = filling.fill(application, {"products": filling.Typed("乙页", seen)}, by=owner, at=at)
    assert saved.clashes == {"products": "甲页"}
    assert materials.values_of(application)["products"] == "甲页"
    kept = application.unmerged.get()
    assert (kept.value, kept.typed_by, kept.settled_at) == ("乙页", owner, None)
    filling.fill(application, {"products": filling.Typed("乙页再改", seen, kept.pk)}, by=owner, at=at)
    assert application.unmerged.get().value == "乙页再改", "one text goes on in its row"
    filling.settle(application.unmerged.get(), use=True, by=owner, at=at)
    assert materials.values_of(application)["products"] == "乙页再改"
    assert list(Entry.history.filter(name="products").order_by("history_id").values_list("value", flat=True))[-2:] == [
        "甲页",
        "乙页再改",
    ]
    with pytest.raises(Refused, match="已经处理过"):
        filling.settle(Unmerged.objects.get(), use=False, by=owner, at=at)


@pytest.mark.django_db
@pytest.mark.article(16)
def test_the_same_text_from_two_pages_is_no_conflict_and_no_change_is_no_write() -> None:
    application = recommended_application(announced_cycle())
    at, owner = application.cycle.opens_at, owner_of(application)
    before = Entry.history.count()
    saved = filling.fill(application, {"products": filling.Typed("精密轴承", "stale")}, by=owner, at=at)
    assert (saved.clashes, Entry.history.count()) == ({}, before)
    assert application.recommendations.get().state == "signed"


@pytest.mark.django_db
@pytest.mark.article(16)
def test_a_save_of_many_fields_leaves_one_row_in_the_chain_and_a_history_for_each() -> None:
    cycle, applicant = announced_cycle(), unit()
    owner = owner_of(applicant)
    application = filling.begin(cycle, applicant, by=owner, at=cycle.opens_at)
    rows, kept = AuditEvent.objects.count(), paper(cycle)
    filling.fill(application, kept, by=owner, at=cycle.opens_at)
    assert AuditEvent.objects.count() == rows + 1
    assert AuditEvent.objects.order_by("-height")[0].change
    assert Entry.history.count() == application.entries.count() == len([v for v in kept.values() if v])
    assert Entry.history.first().history_user == owner


@pytest.mark.django_db
@pytest.mark.article(10)
def test_not_applicable_needs_its_reason_and_never_holds_for_the_whole_report() -> None:
    application = draft_application(announced_cycle(), certificates=[], **{"4.1.2.approach": ""})
    at, owner = application.cycle.opens_at, owner_of(application)
    assert [line.field for line in materials.missing_content(application)] == ["certificates", "4.1.2.approach"]
    filling.fill(application, {"certificates.na": "尚未认证", "4.1.2.na": "由母公司管理"}, by=owner, at=at)
    assert materials.missing_content(application) == []
    items = [code for code, _ in form_of(application.cycle).by_code["self_assessment"].parts[1:]]
    filling.fill(application, {f"{code}.na": "不适用于本单位" for code in items}, by=owner, at=at)
    assert [line.text for line in materials.missing_content(application)] == ["自我评价报告的条款不能全部填“不适用”。"]


@pytest.mark.django_db
@pytest.mark.article(11)
def test_a_declared_event_needs_its_facts() -> None:
    application = draft_application(announced_cycle(), **{"compliance.safety_accident": "yes"})
    assert [line.field for line in materials.missing_content(application)] == ["compliance.safety_accident.facts"]


@pytest.mark.django_db
@pytest.mark.article(16)
@pytest.mark.parametrize(("name", "used", "words"), [
    ("profile", 3000, ""), ("profile", 3001, "组织概述不超过3000字"), ("4.1.2.approach", 5999, ""),
    ("4.1.2.approach", 6001, "6000字"),
])  # fmt: skip
def test_the_limits_of_the_rules_are_counted_to_the_character(name: str, used: int, words: str) -> None:
    application = draft_application(announced_cycle(), **{name: "字" * used})
    said = [line.text for line in materials.missing_content(application)]
    assert (any(words in line for line in said)) if words else said == []


@pytest.mark.django_db
@pytest.mark.article(16)
def test_the_whole_report_has_its_limit() -> None:
    texts = {f"4.1.{n}.{facet}": "字" * 5990 for n in (2, 3) for facet in ("approach", "deployment", "result")}
    application = draft_application(announced_cycle(), **texts)
    assert any("不超过30000字" in line.text for line in materials.missing_content(application))


@pytest.mark.article(10)
@pytest.mark.parametrize(("code", "numbers", "expected"), [
    ("revenue", ("100", "110", "121"), ("331", "+10.0%")), ("revenue", ("100", "", "121"), ("", "")),
    ("profit", ("-5", "-4", "3"), ("-6", "")), ("staff", ("10", "12", "9"), ("", "-25.0%")),
    ("revenue", ("1", "3", "3.001"), ("7.001", "+0.0%")), ("revenue", ("1", "0", "3"), ("4", "")),
])  # fmt: skip
def test_sums_and_changes_are_computed_exactly(code: str, numbers: tuple[str, ...], expected: tuple[str, str]) -> None:
    by_year = {2024 + n: Decimal(text) if text else None for n, text in enumerate(numbers)}
    assert reading.computed(code, by_year) == expected


# ── saved while somebody types ──


def send(client: Any, application: Application, *changes: dict[str, Any], **more: Any) -> Any:
    where = reverse("applications:save", args=[application.pk])
    return client.post(where, json.dumps({"changes": list(changes), **more}), content_type="application/json")


@pytest.mark.django_db
@pytest.mark.article(16)
def test_the_page_saves_while_somebody_types_and_is_answered_field_by_field(client: Any, travel: Any) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    seen = filling.mark("精密轴承")
    answer = send(
        client, application, {"name": "products", "value": "主轴", "seen": seen}, {"name": "employees", "value": "很多"}
    ).json()
    assert answer["marks"]["products"] == filling.mark("主轴")
    assert answer["problems"]["products"] == ""
    assert "请填数字" in answer["problems"]["employees"]
    assert (answer["saved_at"], answer["clashes"]) == ("11:00:00", {})
    clash = send(client, application, {"name": "products", "value": "齿轮", "seen": seen}).json()
    assert clash["clashes"]["products"]["value"] == "主轴"
    page = client.get(reverse("applications:fill_section", args=[application.pk, "facts"])).content.decode()
    assert "填报步骤 1/13：基本情况" in page  # the rail of a phone: one line that says where one stands
    assert "有两份内容" in page
    assert "齿轮" in page
    settle = reverse("applications:settle", args=[application.pk, application.unmerged.get().pk])
    assert client.post(settle, {"use": "kept"}).status_code == 302
    assert materials.values_of(application)["products"] == "齿轮"


@pytest.mark.django_db
@pytest.mark.article(16)
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"changes": []}',
        '{"changes": [3]}',
        '{"changes": [{"name": 3}]}',
        '{"changes": {}}',
        "null",
    ],
)
def test_a_malformed_save_is_a_400(client: Any, travel: Any, body: str) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    where = reverse("applications:save", args=[application.pk])
    assert client.post(where, body, content_type="application/json").status_code == 400
    assert client.get(where).status_code == 405


@pytest.mark.django_db
@pytest.mark.article(16)
@pytest.mark.parametrize(
    "change", [{"name": "number", "value": "x"}, {"name": "products", "value": 5}, {"name": "products", "value": ["x"]}]
)
def test_a_strange_field_or_value_is_refused_and_nothing_is_stored(
    client: Any, travel: Any, change: dict[str, Any]
) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    answer = send(client, application, {"name": "address", "value": "新的地址"}, change)
    assert answer.status_code == 409
    assert answer.json()["refused"]
    assert materials.values_of(application)["address"] != "新的地址"


@pytest.mark.django_db
@pytest.mark.article(16)
def test_nobody_else_saves_and_nobody_saves_after_submission(client: Any, travel: Any, stranger: Any) -> None:
    travel(OPEN)
    application = submitted_application(announced_cycle())
    change = {"name": "products", "value": "改"}
    for who, status in ((stranger, 404), (person(Role.SECRETARIAT), 409), (owner_of(application), 409)):
        client.force_login(who)
        assert send(client, application, change).status_code == status
    assert materials.digest_of(application) == application.manifest_hash


@pytest.mark.django_db
@pytest.mark.article(16)
def test_every_section_and_part_opens_for_the_unit_and_for_nobody_else(client: Any, travel: Any, stranger: Any) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    pages = []
    for section in form_of(application.cycle).sections:
        if section.code != "evidence":
            pages.append(reverse("applications:fill_section", args=[application.pk, section.code]))
            pages += [
                reverse("applications:fill_part", args=[application.pk, section.code, part])
                for part, _ in section.parts
            ]
    client.force_login(owner_of(application))
    assert {client.get(page).status_code for page in pages} == {200}
    wrong = [("facts/4.1.2",), ("evidence",), ("nothing",), ("self_assessment/9.9.9",)]
    assert {client.get(f"/applications/{application.pk}/fill/{path}/").status_code for (path,) in wrong} == {404}
    client.force_login(stranger)
    assert {client.get(page).status_code for page in pages} == {404}


@pytest.mark.django_db
@pytest.mark.article(16)
@pytest.mark.parametrize("code", ["facts", "figures", "self_assessment"])
def test_a_section_asks_the_same_number_of_questions_however_much_is_written(
    client: Any, travel: Any, django_assert_max_num_queries: Any, code: str
) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    with django_assert_max_num_queries(30):
        client.get(reverse("applications:fill_section", args=[application.pk, code]))


@pytest.mark.django_db
@pytest.mark.article(16)
def test_the_database_refuses_a_change_of_what_was_handed_in() -> None:
    from django.db import DatabaseError, connection, transaction

    application = submitted_application(announced_cycle())
    for statement in (
        "UPDATE applications_entry SET value = '\"x\"' WHERE name = 'products'",
        "DELETE FROM applications_entry",
    ):
        with pytest.raises(DatabaseError, match="申报已提交"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert materials.digest_of(application) == application.manifest_hash


# ── what counts as filled in ──


@pytest.mark.django_db
@pytest.mark.article(16)
@pytest.mark.parametrize("blank", [" ", "\n\n", "\u200b", "\u3000", "\u00a0\u2060"])
def test_blanks_and_invisible_signs_are_no_answer(blank: str) -> None:
    application = draft_application(announced_cycle(), **{"4.1.2.approach": blank, "summary": blank, "address": blank})
    fields = [line.field for line in materials.missing_content(application)]
    assert fields == ["address", "summary", "4.1.2.approach"]


@pytest.mark.django_db
@pytest.mark.article(10)
@pytest.mark.parametrize(("reason", "counts"), [("。", False), ("无", False), ("不适用", False), ("尚未认证", True)])
def test_a_reason_says_something(reason: str, counts: bool) -> None:
    application = draft_application(announced_cycle(), certificates=[], **{"certificates.na": reason})
    assert (materials.missing_content(application) == []) is counts


@pytest.mark.django_db
@pytest.mark.article(10)
def test_revenue_profit_and_tax_are_always_asked_for() -> None:
    application = draft_application(announced_cycle())
    with pytest.raises(Refused, match="没有这一栏"):
        filling.fill(
            application, {"figure.tax.na": "不在本区纳税"}, by=owner_of(application), at=application.cycle.opens_at
        )


@pytest.mark.django_db
@pytest.mark.article(10)
@pytest.mark.parametrize("name", ["established_on", "operating_since", "excellence_since", "self_evaluated_on"])
def test_a_day_of_the_past_lies_before_the_reference_date(name: str) -> None:
    application = draft_application(announced_cycle(), **{name: "2199-01-01"})
    assert [line.field for line in materials.missing_content(application)] == [name]


@pytest.mark.django_db
@pytest.mark.article(16)
def test_a_text_that_waits_keeps_the_application_from_going_in() -> None:
    application = recommended_application(announced_cycle())
    at, owner = application.cycle.opens_at, owner_of(application)
    filling.fill(application, {"products": filling.Typed("另一份", "stale")}, by=owner, at=at)
    assert [line.text for line in materials.missing_content(application)] == [
        "“主要产品或服务”有两份内容，请先选择一份。"
    ]
    filling.settle(application.unmerged.get(), use=False, by=owner, at=at)
    assert materials.missing_content(application) == []


@pytest.mark.django_db
@pytest.mark.article(16)
def test_choosing_a_text_never_replaces_one_that_was_not_shown() -> None:
    application = draft_application(announced_cycle())
    at, owner = application.cycle.opens_at, owner_of(application)
    filling.fill(application, {"products": filling.Typed("乙", "stale")}, by=owner, at=at)
    shown = filling.mark(materials.values_of(application)["products"])
    filling.fill(application, {"products": "丙"}, by=owner, at=at)
    saved = filling.settle(application.unmerged.get(), use=True, by=owner, at=at, seen=shown)
    assert saved.clashes == {"products": "丙"}
    assert materials.values_of(application)["products"] == "丙"
    assert application.unmerged.get(settled_at=None).value == "乙"


@pytest.mark.django_db
@pytest.mark.article(16)
def test_a_refused_page_sent_again_makes_no_conflict_with_itself(client: Any, travel: Any) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    url = reverse("applications:fill_section", args=[application.pk, "facts"])
    values = materials.values_of(application)
    sent = {"products": "新产品", "address": "长" * 60_001}
    marks = {f"seen.{name}": filling.mark(values[name]) for name in sent}
    refused = client.post(url, {**sent, **marks})
    assert refused.status_code == 409
    assert f'name="seen.products" value="{marks["seen.products"]}"' in refused.content.decode()
    assert client.post(url, {**sent, **marks, "address": "新地址"}).status_code == 302
    assert not application.unmerged.exists()
    assert materials.values_of(application)["products"] == "新产品"


@pytest.mark.django_db
@pytest.mark.article(16)
@pytest.mark.parametrize("name", ["\ud800", "a\x00b", "x" * 81, "栏目", "a b"])
def test_a_name_that_no_page_sends_is_a_400(client: Any, travel: Any, name: str) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    assert send(client, application, {"name": name, "value": "x"}).status_code == 400
    multipart = client.post(reverse("applications:save", args=[application.pk]), {"a": "b"})
    assert multipart.status_code == 400
