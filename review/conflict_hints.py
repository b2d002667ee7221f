"""What the data say about a tie between a person and a unit (第九条): shown when declaring, drawing and appointing, never a refusal.

A hint is no finding: the person declares, the secretariat asks. Only a hint that is `certain` (an employer, now or within the
years the rules look back) keeps somebody out of a draw, because nobody is drawn into a place that he would have to leave at once.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from applications.models import ApplicantMembership, Application, AwardCycle
from award_portal import clock, periods
from award_portal.models import User
from award_portal.wording import cn_date
from review.models import Engagement, Reviewer
from review.standards import rules_of

FILE = Path(__file__).parent / "data" / "public_mail.json"
SHORTEST_NAME = 4  # a shorter text is not looked for inside a longer one


@dataclass(frozen=True)
class Hint:
    """One tie that the data show."""

    kind: str
    text: str
    certain: bool = False

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Tie:
    """Something a person has, or had until a day, with an organisation: a place, a course, advice, shares."""

    kind: str  # employer, training, consulting, shareholding, other
    organisation: str
    until: date | None = None  # None: still
    code: str = ""


@dataclass(frozen=True)
class Person:
    """What is known of a person."""

    name: str
    email: str = ""
    ties: tuple[Tie, ...] = ()
    units: frozenset[int] = frozenset()  # the applicants for which he acts, or acted within the years


@dataclass(frozen=True)
class UnitFacts:
    """What is known of a unit; `affiliates` are other units of the cycle with the same legal representative."""

    pk: int
    name: str
    code: str = ""
    legal_representative: str = ""
    contact_email: str = ""
    affiliates: tuple[str, ...] = ()


WORDS = {"training": "培训", "consulting": "咨询", "shareholding": "持股", "other": "其他业务往来"}


# ── the rule ──


def hints(person: Person, unit: UnitFacts, since: date) -> tuple[Hint, ...]:
    """第九条: this function will list what ties a person to a unit; what ended before `since` no longer counts."""
    found: list[Hint] = []
    if unit.pk in person.units:
        found.append(Hint("member", f"是或曾是{unit.name}在本系统的经办人员", certain=True))
    for tie in person.ties:
        if tie.until is not None and tie.until < since:
            continue
        if within(tie.organisation, unit.name) or (tie.code and tie.code == unit.code):
            found.append(_of_tie(tie, unit))
        elif within(unit.name, tie.organisation):
            found.append(Hint(tie.kind, f"登记的{tie.organisation}与{unit.name}名称相近"))
        elif tie.kind == "employer" and any(within(tie.organisation, name) for name in unit.affiliates):
            found.append(Hint("affiliate", f"工作单位{tie.organisation}与{unit.name}的法定代表人相同"))
    if unit.legal_representative and plain(unit.legal_representative) == plain(person.name):
        found.append(Hint("legal_representative", f"与{unit.name}的法定代表人同名"))
    domain = domain_of(person.email)
    if domain and domain == domain_of(unit.contact_email) and domain not in public_domains():
        found.append(Hint("mail", f"邮箱与{unit.name}的联系邮箱同属{domain}"))
    return tuple(dict.fromkeys(found))


def _of_tie(tie: Tie, unit: UnitFacts) -> Hint:
    if tie.kind != "employer":
        ended = f"（至{cn_date(tie.until)}）" if tie.until else ""
        return Hint(tie.kind, f"登记有与{unit.name}的{WORDS.get(tie.kind, WORDS['other'])}关系{ended}")
    if tie.until is None:
        return Hint("employer", f"现工作单位为{unit.name}", certain=True)
    return Hint("employer", f"{cn_date(tie.until)}以前在{unit.name}工作", certain=True)


def within(one: str, name: str) -> bool:
    """第九条: whether a text is a name, or begins with it."""
    text, whole = plain(one), plain(name)
    return bool(whole) and (text == whole or (len(whole) >= SHORTEST_NAME and text.startswith(whole)))


def plain(text: str) -> str:
    """This function will write a name in one way: half-width, no spaces, no brackets, small letters."""
    written = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in written if letter.isalnum())


def domain_of(address: str) -> str:
    """This function will give the domain of an address, in small letters, or an empty text."""
    _, at_sign, domain = address.strip().casefold().rpartition("@")
    return domain if at_sign else ""


@cache
def public_domains() -> frozenset[str]:
    """This function will give the domains whose addresses anybody can open."""
    return frozenset(json.loads(FILE.read_text(encoding="utf-8"))["domains"])


# ── the facts ──


def between(
    users: Collection[User], applications: Collection[Application], cycle: AwardCycle, at: datetime
) -> dict[tuple[int, int], tuple[Hint, ...]]:
    """第九条: this function will give the hints of every pair (user, application) that has any; the queries do not grow with the pairs."""
    since = since_of(cycle, at)
    units = _facts(applications, cycle)
    found = {}
    for user in _people(users, since):
        for application, unit in units:
            listed = hints(user[1], unit, since)
            if listed:
                found[user[0], application.pk] = listed
    return found


def told(
    users: Collection[User], applications: Collection[Application], cycle: AwardCycle, at: datetime
) -> dict[int, str]:
    """第九条: this function will put the hints of each person into one line."""
    found: dict[int, list[str]] = {}
    for (user, _), listed in between(users, applications, cycle, at).items():
        found.setdefault(user, []).extend(hint.text for hint in listed)
    return {user: "；".join(texts) for user, texts in found.items()}


def since_of(cycle: AwardCycle, at: datetime) -> date:
    """第九条: this function will give the day from which ties count: so many years back as the adopted rules say."""
    return periods.add_years(clock.today(at), -rules_of(cycle).conflict_years)


def _facts(applications: Iterable[Application], cycle: AwardCycle) -> list[tuple[Application, UnitFacts]]:
    """The units with their affiliates: whoever else applies in the cycle under the same legal representative."""
    named: dict[str, list[tuple[int, str]]] = {}
    live = Application.objects.filter(cycle=cycle).live().exclude(legal_representative="")
    for pk, name, representative in live.values_list("applicant", "applicant__name", "legal_representative"):
        named.setdefault(plain(representative), []).append((pk, name))
    rows = []
    for application in applications:
        unit = application.applicant
        others = named.get(plain(application.legal_representative), []) if application.legal_representative else []
        rows.append(
            (
                application,
                UnitFacts(
                    unit.pk,
                    unit.name,
                    unit.code,
                    application.legal_representative,
                    application.contact_email,
                    tuple(name for pk, name in others if pk != unit.pk),
                ),
            )
        )
    return rows


def _people(users: Collection[User], since: date) -> list[tuple[int, Person]]:
    keys = [user.pk for user in users]
    units: dict[int, set[int]] = {}
    acts = ApplicantMembership.objects.filter(user__in=keys).values_list("user", "applicant", "ends_at")
    for user, unit, ended in acts:
        if ended is None or clock.today(ended) >= since:
            units.setdefault(user, set()).add(unit)
    ties = _ties(keys)
    return [
        (
            user.pk,
            Person(user.name, user.email, tuple(ties.get(user.pk, ())), frozenset(units.get(user.pk, ()))),
        )
        for user in users
    ]


def _ties(keys: Collection[int]) -> dict[int, list[Tie]]:
    """What the pool holds of its people: the employer now, those that the record held before, each until it was changed, and
    places, courses, advice and shares that were entered with their organisation."""
    found: dict[int, list[Tie]] = {}
    for user, employer in Reviewer.objects.filter(user__in=keys).values_list("user", "employer"):
        found.setdefault(user, []).append(Tie("employer", employer))
    kept = Engagement.objects.counting().filter(reviewer__user__in=keys).order_by("pk")
    for user, kind, name, code, until in kept.values_list("reviewer__user", "kind", "organisation", "code", "until"):
        found.setdefault(user, []).append(Tie(kind, name, until, code))
    return _with_earlier(found, keys)


def _with_earlier(found: dict[int, list[Tie]], keys: Collection[int]) -> dict[int, list[Tie]]:
    history: Any = Reviewer.history  # type: ignore[attr-defined]
    rows = history.filter(user__in=keys).order_by("user", "history_date", "history_id")
    last: dict[int, str] = {}
    for user, employer, moment in rows.values_list("user", "employer", "history_date"):
        before = last.get(user)
        if before is not None and before != employer:
            found.setdefault(user, []).append(Tie("employer", before, clock.today(moment)))
        last[user] = employer
    return found
