"""Signals on the screening page, and the verbs that settle them (第十、二十八、二十九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from applications import permissions, permissions_units, signals
from applications.models import Application, Signal
from award_portal.confirmation import ReasonForm, Verb


def signal_rows(user: Any, application: Application, at: datetime) -> list[Signal]:
    """第十条: this function will give the signals of an application as `_signals.html` shows them, the undecided first."""
    rows = list(Signal.objects.visible_to(user).filter(application=application).select_related("decided_by"))
    judges = permissions.screens(user, application, at)
    for row in rows:
        offered = VERBS if judges and row.state == Signal.State.OPEN else []
        row.verbs = [(verb.label, verb.url(row)) for verb in offered]  # type: ignore[attr-defined]
    return sorted(rows, key=lambda row: row.state != Signal.State.OPEN)


def _back(obj: Signal) -> str:
    return reverse("applications:screening", args=[obj.application_id]) + "#signals"


def _facts(obj: Signal) -> list[tuple[str, Any]]:
    return [
        ("单位", obj.application.applicant.name), ("提示", obj.get_kind_display()), ("内容", obj.detail), ("对方单位", obj.other),
    ]  # fmt: skip


DISMISS = Verb(
    "dismiss_signal", "不影响申报", may=permissions_units.may_judge, act=signals.dismiss, article=10, form=ReasonForm, app="applications",
    back=_back, facts=_facts, done="已记录：不影响申报。", final=True, explain="记录您的核实结果和理由。申报单位看不到提示和结果。",
)  # fmt: skip
CONFIRM = Verb(
    "confirm_signal", "情况属实", may=permissions_units.may_judge, act=signals.confirm, article=10, form=ReasonForm, app="applications",
    back=_back, facts=_facts, done="已记录：情况属实。", final=True,
    explain="记录您的核实结果和理由。提示本身不产生结论：是否符合申报资格，仍在资格条件中逐项作出。",
)  # fmt: skip
VERBS = [DISMISS, CONFIRM]
