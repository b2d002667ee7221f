"""What a new version of the rules changes, and whom it is told to (第七条). The withheld rules are told to nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from applications import letters
from applications.models import Application, AwardCycle, CycleRules, Department
from award_portal import outbox, rubric

FOR_UNITS = frozenset({
    "correction_days", "profile_limit", "report_limit", "file_limit_mb", "application_limit_mb", "recheck_days",
    "objection_accept_days", "objection_conclude_days",
})  # fmt: skip
FOR_DEPARTMENTS = frozenset({"answer_days"})
LIVE = (
    Application.State.DRAFT,
    Application.State.SUBMITTED,
    Application.State.RETURNED,
    Application.State.ACCEPTED,
)


@dataclass(frozen=True)
class Difference:
    """One rule that two versions state differently."""

    name: str
    label: str
    before: str
    after: str


def shown(rules: CycleRules, name: str) -> str:
    """第七条: this function will write one rule for people."""
    from applications.rules_form import TIE_BREAKS

    value = getattr(rules, name)
    if name == "rubric":
        return rubric.load(value).title
    if name == "tie_break":
        return dict(TIE_BREAKS).get(",".join(value), "、".join(value))
    return str(rules.get_ballot_form_display() if name == "ballot_form" else value)


def differences(before: CycleRules, after: CycleRules, *, insider: bool = False) -> list[Difference]:
    """第七条: this function will list what differs between two versions; the withheld rules only for an insider."""
    from applications import cycles
    from applications.rules_form import label_of

    told = [name for name in cycles.OPEN_CHOICES if insider or name not in cycles.WITHHELD]
    return [
        Difference(name, label_of(name), shown(before, name), shown(after, name))
        for name in told
        if getattr(before, name) != getattr(after, name)
    ]


def changes_of_draft(cycle: AwardCycle | None) -> list[tuple[str, str]]:
    """第七条: this function will give, for the page of the adoption, what the draft changes against the rules in force."""
    if cycle is None:
        return []
    draft = cycle.rules.filter(state=CycleRules.State.DRAFT).first()
    if draft is None:
        return []
    before = cycle.rules.adopted().first()
    if before is None:
        return [("待审定", f"第{draft.version}版草案，首次审定")]
    lines = [(one.label, f"由“{one.before}”改为“{one.after}”") for one in differences(before, draft, insider=True)]
    head = f"第{draft.version}版草案，对照第{before.version}版" + ("" if lines else "，没有不同")
    return [("待审定", head + (f"；修改说明：{draft.reason}" if draft.reason else "")), *lines]


def tell(before: CycleRules, after: CycleRules, *, at: datetime) -> None:
    """第七条: this function will write to those whom the new version concerns: units, departments, and who later stages name."""
    from applications import cycles

    found = differences(before, after)
    cycle = after.cycle
    if lines := _lines(found, FOR_UNITS.__contains__):
        for application in cycle.applications.filter(state__in=LIVE).select_related("applicant"):
            letters.to_unit(
                application, f"{cycle}规则有变更", _text(after, lines), key=f"rules:{after.pk}:{application.pk}", at=at
            )
    if lines := _lines(found, FOR_DEPARTMENTS.__contains__):
        asked = Department.objects.filter(checks__application__cycle=cycle, checks__state="asked").distinct()
        for department in asked:
            letters.to_department(
                department, f"{cycle}规则有变更", _text(after, lines), after.get_absolute_url(),
                key=f"rules:{after.pk}:department", at=at
            )  # fmt: skip
    changed = frozenset(difference.name for difference in found)
    for user, names in cycles.concerned.ask(cycle, changed):
        _write_to(user, after, _lines(found, names.__contains__), at)


def _lines(found: list[Difference], concerns: Callable[[str], bool]) -> str:
    return "\n".join(f"{one.label}：由“{one.before}”改为“{one.after}”" for one in found if concerns(one.name))


def _text(after: CycleRules, lines: str) -> str:
    page = f"{settings.PORTAL_URL}{reverse('applications:compare_rules', args=[after.pk])}"
    reason = f"\n修改说明：{after.reason}" if after.reason else ""
    return (
        f"评委会在“{after.adopted_in}”审定了{after.cycle}规则第{after.version}版（第七条），与您有关的变更：\n{lines}{reason}\n"
        f"两版对照：{page}"
    )


def _write_to(user: Any, after: CycleRules, lines: str, at: datetime) -> None:
    if lines:
        text = f"{user.name}：\n\n{_text(after, lines)}\n\n区长质量奖秘书处"
        outbox.mail(user.email, f"{after.cycle}规则有变更", text, key=f"rules:{after.pk}:person", at=at)
