"""第九、十四、十七条 on a real PostgreSQL: two of the review at the same moment leave one consistent outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection  # noqa: F401 - the skip below asks the connection

from award_portal.verdict import Refused
from review import absences, consensus, drawing, permissions_panels, sheets
from review.models import Absence, Consensus, Draw, DrawOutcome, Panel, Reviewer, ScoreSheet
from tests import factories_review as walk
from tests.committee.test_races import at_once
from tests.factories_applications import second_secretary
from tests.review.test_consensus_pages import CODE, client_of, form_of, page

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="needs PostgreSQL: rows are locked one by one there"
    ),
]

SOON = 1.0  # how long the first waits for the second to overtake it; with a lock in between it never does


@pytest.fixture(autouse=True)
def _now(travel: Any, at: Any) -> None:
    travel(at)


def meeting(work: Callable[..., Any]) -> Callable[..., Any]:
    """`work` for two at once: each waits a while for the other, then does it."""
    both = threading.Barrier(2)

    def waits(*args: Any, **more: Any) -> Any:
        with suppress(threading.BrokenBarrierError):  # the other is held by the lock
            both.wait(SOON)
        return work(*args, **more)

    return waits


@pytest.mark.article(14)
def test_of_the_leads_two_pages_one_is_saved_and_the_other_shows_both_texts(
    unit: Any, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = walk.in_consensus(walk.desk_of(walk.assigned(unit())))
    lead = walk.lead_of(review.assignment.panel)
    consensus.record_consensus(review, {CODE: (60, "先记下。")}, by=lead, at=walk.AFTER)
    monkeypatch.setattr(consensus, "_put_percents", meeting(consensus._put_percents))
    words, clients = ["甲页写的说明", "乙页写的说明"], [client_of(lead), client_of(lead)]
    typed = [form_of(client.get(page(review))) | {"reason": text} for client, text in zip(clients, words, strict=True)]
    answers = at_once(
        lambda: clients[0].post(page(review), {**typed[0], "percent": "65"}),
        lambda: clients[1].post(page(review), {**typed[1], "percent": "70"}),
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    late = next(number for number, answer in enumerate(answers) if answer.status_code == 409)
    row = Consensus.objects.get(review=review, item=CODE)
    assert (row.reason, row.percent) == [(words[0], 65), (words[1], 70)][1 - late]
    assert form_of(answers[late])["reason"] == words[late], "what he typed is still there"
    assert words[1 - late] in said(answers[late]), "and beside it what the other page has saved"


@pytest.mark.article(17)
@pytest.mark.parametrize("first", ["locking", "approving"])
def test_who_is_absent_has_not_locked_and_who_has_locked_is_not_absent(
    first: str, unit: Any, cycle: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = walk.desk_of(walk.assigned(unit(), walk.panel_for(cycle, walk.pool(5))))
    seat = review.assignment.panel.seats.order_by("-lead", "pk")[3]
    person, second = seat.reviewer.user, second_secretary(at=at)
    walk.ready(second, review.assignment.application)
    sheet = walk.scored(review, person, locked=False)
    absence = absences.propose(review, seat, "住院", by=walk.secretary_of(), at=at)
    there, done = threading.Event(), threading.Event()
    module = sheets if first == "locking" else absences
    advancing = module.advance

    def pausing(*args: Any, **more: Any) -> Any:
        there.set()
        done.wait(SOON)
        return advancing(*args, **more)

    monkeypatch.setattr(module, "advance", pausing)

    def lock() -> Any:
        return sheets.lock_sheet(ScoreSheet.objects.get(pk=sheet.pk), person.name, by=person, at=at)

    def approve() -> Any:
        return absences.approve(Absence.objects.get(pk=absence.pk), by=second, at=at)

    def follows(work: Callable[[], Any]) -> Any:
        there.wait(10)
        try:
            return work()
        finally:
            done.set()

    ahead, behind = (lock, approve) if first == "locking" else (approve, lock)
    won, lost = at_once(ahead, lambda: follows(behind))
    assert isinstance(won, ScoreSheet | Absence)
    assert isinstance(lost, Refused)
    left = ScoreSheet.objects.get(pk=sheet.pk).state, Absence.objects.get(pk=absence.pk).state
    assert left == (("locked", "proposed") if first == "locking" else ("open", "approved"))


@pytest.mark.article(9)
def test_a_draw_is_confirmed_once(unit: Any, cycle: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    unit()
    walk.pool(5)
    first = walk.secretary_of()
    terms = {"panels": 1, "size": 3, "load_limit": 4}
    found = drawing.announce_draw(cycle, **terms, seed="甲", reason="按方案抽取", by=first, at=at)
    drawing.draw(found, "乙", by=second_secretary(), at=at)
    lead = Reviewer.objects.get(pk=DrawOutcome.objects.get().outcome["panels"][0]["lead"])
    asking = permissions_panels.may_confirm_draw
    pause = meeting(lambda: None)

    def pausing(*args: Any) -> Any:
        verdict = asking(*args)
        pause()
        return verdict

    monkeypatch.setattr(permissions_panels, "may_confirm_draw", pausing)

    def confirm(name: str) -> Any:
        return drawing.confirm_draw(Draw.objects.get(pk=found.pk), [name], [lead], "合乎规则", by=first, at=at)

    outcome = at_once(lambda: confirm("第一组"), lambda: confirm("第二组"))
    assert sorted(type(one).__name__ for one in outcome) == ["Refused", "list"]
    assert "已经确认" in next(one.sentence for one in outcome if isinstance(one, Refused))
    assert Panel.objects.filter(draw=found).count() == 1
