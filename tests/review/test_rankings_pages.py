"""The pages beside the ranking: calibration and export; who opens them, what they say, what is put on record (第九、十七、二十七条)."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal import guards
from award_portal.models import AuditEvent
from award_portal.roles import Role
from demo import simulation
from review import calibrating, rankings
from review.models import Consensus, Declaration, Pledge, Score
from tests.conftest import START, hire

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]


@pytest.fixture(autouse=True)
def _now(travel: Any) -> None:
    travel(START)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


def test_calibration_stands_beside_the_ranking_and_every_look_is_logged() -> None:
    made = simulation.build(7, 9, START, still_open=0)
    page = reverse("review:calibration", args=[made.cycle.pk])
    member, auditor = (
        hire(name, role, by=None, at=START) for name, role in (("段评", Role.MEMBER), ("审一", Role.AUDITOR))
    )
    names = set(calibrating.letters(made.cycle, named=True))
    assert len(names) == 8  # of nine, one gives his place to the first

    shown = said(client_of(made.secretary).get(page))
    assert "不改变正式排名" in shown
    assert shown.count("<svg") == 4  # ranks, spread of items, severity at each stage
    assert all(name in shown for _, name in names)
    assert AuditEvent.objects.filter(title="查阅评分校准", actor=made.secretary).count() == 1
    assert client_of(auditor).get(page).status_code == 200

    blind = said(client_of(member).get(page))
    assert not any(f">{name}<" in blind for _, name in names if name)
    assert "评审人员A" in blind
    assert "评审人员以字母代称" in blind
    assert AuditEvent.objects.filter(title="查阅评分校准", actor=member).count() == 1
    assert client_of(made.reviewer).get(page).status_code in (403, 404)
    assert client_of(hire("外人", by=None, at=START)).get(page).status_code in (403, 404)

    letter = calibrating.letters(made.cycle, named=False)[0][0]
    for asked in ({"desk_weight": "90"}, {"without": letter}, {"trimmed": "on", "unit": str(made.assignments[0].pk)}):
        answer = said(client_of(member).get(page, asked))
        assert "试算名次" in answer
    assert answer.count("<svg") == 5  # and the unit's categories
    assert "试算名次" not in said(client_of(member).get(page, {"desk_weight": "x", "without": "nobody"}))

    before = list(Consensus.objects.values_list("pk", "percent"))
    assert list(Consensus.objects.values_list("pk", "percent")) == before


def test_calibration_says_why_it_says_nothing_and_when_it_changes_nothing() -> None:
    made = simulation.build(6, 5, START, still_open=0)  # one panel of five reads everything
    page = reverse("review:calibration", args=[made.cycle.pk])
    assert calibrating.UNCHANGED in said(client_of(made.secretary).get(page))
    lone = simulation.Assignment.objects.exclude(pk__in=[row.pk for row in made.assignments[:1]])
    simulation.Application.objects.filter(assignment__in=lone).update(state="disqualified")
    assert "不能校准" in said(client_of(made.secretary).get(page))


def test_export_of_individual_scores() -> None:
    made = simulation.build(4, 6, START, still_open=1)
    page = reverse("review:export_scores", args=[made.cycle.pk])
    client = client_of(made.secretary)
    assert "用途" in said(client.get(page))
    assert client.post(page, {"stage": "desk", "form": "csv", "reason": " "}).status_code == 422
    sent = {"stage": "desk", "form": "csv", "reason": "核对评分"}
    answer = client.post(page, sent)
    assert answer.streaming
    text = said(answer)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 1 + 3 * 5  # the fourth unit is still being scored: nothing of it leaves
    assert {len(row) for row in rows} == {5 + 23}
    assert all(0 <= int(value) <= 100 for row in rows[1:] for value in row[5:])
    event = AuditEvent.objects.filter(title="导出材料评审个人评分").get()
    assert "核对评分（15份评分表）" in event.reason
    assert client.post(page, {**sent, "form": "xlsx"}).content[:2] == b"PK"
    assert client.post(page, {**sent, "stage": "site"}).status_code == 200
    for other in (made.reviewer, hire("审二", Role.AUDITOR, by=None, at=START), hire("外二", by=None, at=START)):
        assert client_of(other).post(page, sent).status_code in (403, 404)


def test_nothing_is_exported_for_units_whose_papers_are_closed_to_the_secretary() -> None:
    made = simulation.build(3, 6, START, still_open=0)
    page = reverse("review:export_scores", args=[made.cycle.pk])
    sent = {"stage": "desk", "form": "csv", "reason": "核对"}
    unit = made.assignments[0].application_id
    standing = [guard for guard in guards.REGISTERED.values() if guard.table in {"review_declaration", "review_pledge"}]
    guards.take_down(*standing)
    Declaration.objects.filter(user=made.secretary, application=unit).update(conflict=True, explanation="曾任职")
    rows = said(client_of(made.secretary).post(page, sent)).splitlines()
    assert len(rows) == 1 + 2 * 5
    Pledge.objects.filter(user=made.secretary).delete()
    assert client_of(made.secretary).post(page, sent).status_code == 409
    guards.put_up(only=standing)


@pytest.mark.article(9)
def test_who_stands_aside_learns_nothing_of_his_unit_from_the_ranking_nor_from_the_calibration() -> None:
    made = simulation.build(5, 7, START, still_open=0)
    cycle, other = made.cycle, hire("邵敏", Role.SECRETARIAT, by=None, at=START)
    pages = [reverse(f"review:{name}", args=[cycle.pk]) for name in ("ranking", "calibration")]
    listed = rankings.ranking(cycle)
    gone = listed[1].application  # in the middle: a gap would show
    name, key, places = gone.applicant.name, str(gone.assignment.pk), [row.rank for row in listed]
    whole = [client_of(made.secretary).get(page) for page in pages]
    assert all(name in said(page) for page in whole)
    standing = [guard for guard in guards.REGISTERED.values() if guard.table == "review_declaration"]
    guards.take_down(*standing)
    Declaration.objects.filter(user=made.secretary, application=gone).update(conflict=True, explanation="曾任职")
    guards.put_up(only=standing)
    client = client_of(made.secretary)

    ranked = client.get(pages[0])
    text = said(ranked)
    assert name not in text
    assert "应当回避" in text
    assert [row.application.pk for row, _, _ in ranked.context["rows"]] == [
        row.application.pk for row in listed if row.application != gone
    ]
    assert ranked.context["page"].paginator.count == 4
    shown = re.findall(r'data-label="(?:名次|同分处理)"[^>]*>([^<]*)<', text)
    assert set(shown) == {"—"}, "no place, no gap, no tie"
    assert f'data-label="总分" class="num">{listed[1].total}' not in text

    before = said(client.get(pages[1], {"unit": str(listed[0].application.assignment.pk), "desk_weight": "90"}))
    assert name not in before
    assert "正式名次对您不显示" in before
    assert name not in said(client.get(pages[1], {"unit": key}))
    # Whatever the unit was given, his pages stay the same, to the last figure.
    standing = [guard for guard in guards.REGISTERED.values() if guard.table in {"review_consensus", "review_score"}]
    guards.take_down(*standing)
    Consensus.objects.filter(review__assignment=gone.assignment).update(percent=100)
    Score.objects.filter(sheet__review__assignment=gone.assignment).update(percent=0)
    guards.put_up(only=standing)
    figures = lambda page: re.sub(r'nonce="[^"]*"|(?i:csrf)\w*"[^>]*', "", page)  # noqa: E731
    assert [row.rank for row in rankings.ranking(cycle)] == places
    assert rankings.ranking(cycle)[0].application == gone, "to the others it has moved"
    assert figures(said(client.get(pages[0]))) == figures(text)
    asked = {"unit": str(listed[0].application.assignment.pk), "desk_weight": "90"}
    assert figures(said(client.get(pages[1], asked))) == figures(before)
    assert name in said(client_of(other).get(pages[0]))


@pytest.mark.parametrize("applications", [1, 3])
def test_pages_ask_the_same_number_of_questions_for_one_unit_and_for_three(applications: int) -> None:
    made = simulation.build(applications, 6, START, still_open=0)
    secretary = client_of(made.secretary)
    counts = []
    for name in ("ranking", "calibration", "export_scores"):
        with CaptureQueriesContext(connection) as asked:
            answer = secretary.get(reverse(f"review:{name}", args=[made.cycle.pk]))
        assert answer.status_code == 200
        counts.append(len(asked))
    assert counts[0] <= 24
    assert counts[1] <= 34
    assert counts[2] <= 9


def test_simulate_refuses_a_database_that_holds_anybody(settings: Any, tmp_path: Any) -> None:
    call_command(
        "simulate",
        "--applications",
        "2",
        "--reviewers",
        "5",
        "--addresses",
        str(tmp_path / "found"),
        stdout=io.StringIO(),
    )
    assert '"sheet"' in (tmp_path / "found").read_text()
    with pytest.raises(CommandError, match="已有数据"):
        call_command("simulate", "--applications", "2", "--reviewers", "5")
    settings.DEMO_MODE = False
    with pytest.raises(CommandError, match="正式环境"):
        call_command("simulate", "--applications", "2", "--reviewers", "5")


def test_reproduce_finds_nothing_and_then_the_one_number_that_was_changed(tmp_path: Any) -> None:
    made = simulation.build(4, 6, START, still_open=0)
    files = tmp_path / "one.json", tmp_path / "two.json"
    for file in files:
        out = io.StringIO()
        call_command("reproduce", str(made.cycle.number), "--output", str(file), stdout=out)
        assert re.search(r"4个单位、40份评分表，差异0处", out.getvalue())
    assert files[0].read_bytes() == files[1].read_bytes()
    standing = [guard for guard in guards.REGISTERED.values() if guard.table == "review_consensus"]
    guards.take_down(*standing)
    row = Consensus.objects.order_by("pk").first()
    Consensus.objects.filter(pk=row.pk).update(points=row.points + 1)
    guards.put_up(only=standing)
    out = io.StringIO()
    with pytest.raises(CommandError, match="不一致"):
        call_command("reproduce", str(made.cycle.number), stdout=out)
    assert f"条款{row.item}记为" in out.getvalue()
    with pytest.raises(CommandError, match="没有第99届"):
        call_command("reproduce", "99")
