"""Where the conditions are asked again before the vote and before the government meets (第十一、十八、十九条)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from applications import rechecks
from applications.models import AwardCycle, Recheck
from award_portal import desk
from committee import ballots, decisions

STAGE = Recheck.Stage


def due(cycle: AwardCycle) -> str | None:
    """第十一、十八、十九条: this function will give the stage for which the conditions have to hold next; None where there is none."""
    if ballots.awaited(cycle):
        return STAGE.VOTE
    return STAGE.GOVERNMENT if decisions.submission_due(cycle) else None


def shown(cycle: AwardCycle, stage: str | None = None) -> dict[str, Any] | None:
    """第十一条: this function will give the page's line: whether it has been done, and the page where it is done or read."""
    stage = stage or due(cycle)
    if stage is None:
        return None
    found = rechecks.last(cycle, stage)
    verdict = rechecks.done(cycle, stage)
    label = STAGE(stage).label
    if found is None or (not verdict and rechecks.outlived(found) and not rechecks.pending(found)):
        url, words = reverse("applications:recheck", args=[cycle.pk]), f"去再核（{label}）"
    else:
        url, words = found.get_absolute_url(), f"{'查看' if verdict else '去核定'}{label}再核"
    return {"verdict": verdict, "url": url, "words": words, "label": label}


def tasks(cycle: AwardCycle) -> Iterator[desk.Item]:
    """第十一、十八、十九条: this function will say what the secretariat has to ask again; one being answered is on the desk already."""
    stage = due(cycle)
    if stage is None:
        return
    line = shown(cycle, stage)
    found = rechecks.last(cycle, stage)
    if line is None or line["verdict"] or (found is not None and rechecks.pending(found)):
        return
    verdict = line["verdict"]
    yield desk.Item(f"{cycle}{line['label']}再次核实申报条件", line["url"], verdict.reason, article=verdict.article)
