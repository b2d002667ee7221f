"""不予受理: a unit whose award was revoked may not apply for the years the Measures state (第二十八、二十九条)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from award_portal.lifecycle import store
from award_portal.periods import ban_period
from award_portal.verdict import Verdict, no
from award_portal.wording import article_label, cn_date
from monitoring.models import Ban, Revocation


def impose(case: Revocation) -> Ban:
    """第二十八、二十九条: this function will bar the unit's code from the approval on, inside the act of approval."""
    period = ban_period(case.decided_on, case.award.cycle.ban_years)
    applicant = case.award.applicant
    return store(
        Ban(
            revocation=case, code=applicant.code, name=applicant.name, article=case.article,
            starts_on=period.starts_on, ends_on=period.ends_on,
        )
    )  # fmt: skip


def last_day(ban: Ban) -> date:
    """第二十八、二十九条: this function will give the last day on which the ban holds."""
    return ban.ends_on - timedelta(days=1)


def grounds(codes: Collection[str], on: date) -> Iterator[tuple[str, Verdict]]:
    """第二十八、二十九条: this function will say why units with these codes may not apply on this day: the article and the last day."""
    for ban in Ban.objects.covering(codes, on).order_by("-ends_on"):
        until = f"{cn_date(last_day(ban))}以前（含当日）不接受其申报，{cn_date(ban.ends_on)}起可以申报"
        yield ban.code, no(f"该单位因{article_label(ban.article)}情形被撤销奖项，{until}。", ban.article)


def in_force(on: date) -> Iterator[tuple[str, str]]:
    """第二十八、二十九条: this function will list the barred units of a day by code and name, for comparison with others."""
    yield from Ban.objects.filter(starts_on__lte=on, ends_on__gt=on).order_by("pk").values_list("code", "name")
