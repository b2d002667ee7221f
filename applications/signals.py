"""核查提示: what a person of the secretariat should look at; it never refuses anything (第十、二十八、二十九条)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from applications import eligibility_grounds, permissions_units
from applications.models import Application, Entry, Signal
from award_portal import clock
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.verdict import Refused, require

K = Signal.Kind
S = Signal.State
DISMISS = Step((S.OPEN,), S.DISMISSED, article=10)
CONFIRM = Step((S.OPEN,), S.CONFIRMED, article=10)

# The authorities that register the district's units: its own, the city's and the province's.
DISTRICT, CITY, PROVINCE = "410304", "410300", "410000"
# Which facts are compared, and how: a field of the form, the kind of signal, whether only digits count.
COMPARED = (
    ("legal_representative", K.REPRESENTATIVE, False),
    ("address", K.ADDRESS, False),
    ("contact_phone", K.PHONE, True),
    ("contact_email", K.EMAIL, False),
    ("bank_account", K.BANK, True),
)
ADDRESSES = ("business_address", "contact_address")
TYPED = ("bank_account", *ADDRESSES)  # fields of the form that do not stand on the application's own row
NOTHING = frozenset({"", "无", "暂无", "没有", "不适用", "na", "none"})
FEWEST_DIGITS = 7
ABROAD = re.compile(r"^(?:00)?86(?=1\d{10}$|0\d{9,11}$)")

Facts = Mapping[str, str]


class Found(NamedTuple):
    """One thing to look at, before it is a row."""

    kind: str
    detail: str
    other: str = ""


# ── pure ──


def region_signal(code: str) -> str:
    """第十条: this function will say where another authority than the district's, the city's or the province's registered the unit.

    The digits 3 to 8 name the authority that registered, not the place where the unit works: a hint and nothing more.
    """
    region = code[2:8]
    if region in {DISTRICT, CITY, PROVINCE}:
        return ""
    if region.startswith(CITY[:4]):
        where = "洛阳市其他县（市、区）"
    elif region.startswith(PROVINCE[:2]):
        where = "河南省其他地区"
    elif region == "100000":
        where = "国家级登记机关"
    else:
        where = "河南省以外"
    return f"代码第3至8位为{region}（{where}），请核对是否在本区登记、纳税。"


def plain(text: str) -> str:
    """第十条: this function will leave of a text what can be compared: NFKC, no case, no spaces, no punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c for c in folded if unicodedata.category(c)[0] in "LN")
    return "" if kept in NOTHING else kept


def numbers(text: str) -> set[str]:
    """第十条: this function will give the numbers in a text, digits only, without the country's prefix; short ones say nothing."""
    parts = re.split(r"[,;/、，；]|或|转", unicodedata.normalize("NFKC", text))
    digits = (ABROAD.sub("", "".join(c for c in part if c.isdecimal())) for part in parts)
    return {number for number in digits if len(number) >= FEWEST_DIGITS}


def same(mine: Facts, theirs: Facts) -> list[tuple[str, str]]:
    """第十、二十八、二十九条: this function will list what two units have in common: the kind, and the line as the first wrote it."""
    common: list[tuple[str, str]] = []
    for field, kind, digits in COMPARED:
        one, other = _lines(mine.get(field, ""), digits), _lines(theirs.get(field, ""), digits)
        shared = next((line for key, line in one.items() if key in other), None)
        if shared is not None:
            common.append((kind, shared))
    return common


def _lines(text: str, digits: bool) -> dict[str, str]:
    """What can be compared of each line, and the line as it was written."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        for key in numbers(line) if digits else {plain(line)} - {""}:
            found.setdefault(key, " ".join(line.split()))
    return found


# ── what is compared ──


def facts_of_each(applications: Collection[Application]) -> dict[int, dict[str, str]]:
    """第十六条: this function will give the facts of applications as texts by field: the one place that knows where they are kept.

    Every address that the unit names counts as its address, one a line.
    """
    typed: dict[int, dict[str, str]] = {application.pk: {} for application in applications}
    for row in Entry.objects.filter(application__in=typed, name__in=TYPED):
        typed[row.application_id][row.name] = str(row.value or "")
    found = {}
    for application in applications:
        own = typed[application.pk]
        facts = {field: str(getattr(application, field, "") or own.get(field, "")) for field, _, _ in COMPARED}
        facts["address"] = "\n".join([facts["address"], *(own.get(name, "") for name in ADDRESSES)])
        found[application.pk] = facts
    return found


def facts_of(application: Application) -> dict[str, str]:
    """第十六条: this function will give the facts of one application as texts by field."""
    return facts_of_each([application])[application.pk]


def find(application: Application, at: datetime) -> list[tuple[Application, Found]]:
    """第十、二十八、二十九条: this function will find what to look at, on this application and on those that it meets."""
    found: list[tuple[Application, Found]] = []
    region = region_signal(application.applicant.code)
    if region:
        found.append((application, Found(K.REGION, region)))
    found += _against_banned(application, at)
    found += _against_competing(application)
    return found


def _against_banned(application: Application, at: datetime) -> Iterable[tuple[Application, Found]]:
    banned = dict(eligibility_grounds.banned.ask(clock.today(at)))
    earlier = Application.objects.filter(applicant__code__in=banned, submitted_at__isnull=False)
    rows = list(earlier.exclude(applicant=application.applicant_id).select_related("applicant").order_by("pk"))
    mine, facts = facts_of(application), facts_of_each(rows)
    for row in rows:
        code = row.applicant.code
        for kind, detail in same(mine, facts[row.pk]):
            yield application, Found(kind, detail, f"{banned[code]}（{code}，不予受理期内）")


def _against_competing(application: Application) -> Iterable[tuple[Application, Found]]:
    live = Application.objects.filter(cycle=application.cycle_id, submitted_at__isnull=False).live()
    rows = list(live.exclude(applicant=application.applicant_id).select_related("applicant").order_by("pk"))
    mine, facts = facts_of(application), facts_of_each(rows)
    for row in rows:
        for kind, detail in same(mine, facts[row.pk]):
            yield application, Found(kind, detail, _competitor(row))
            yield row, Found(kind, dict(same(facts[row.pk], mine))[kind], _competitor(application))


def _competitor(application: Application) -> str:
    return f"{application.applicant.name}（{application.applicant.code}，本届申报单位）"


# ── rows ──


def raise_signals(application: Application, by: Any, at: datetime) -> list[Signal]:
    """第十、二十八、二十九条: this function will keep what it finds, each once; called where an application or a correction goes in.

    The rows are the portal's own: the unit's person who hands in does not sign them.
    """
    found = find(application, at)
    targets = {target.pk: target for target, _ in found}
    unique = dict.fromkeys((target.pk, _short(one)) for target, one in found)
    kept = set(Signal.objects.filter(application__in=targets).values_list("application_id", "kind", "detail", "other"))
    fresh = [(targets[pk], one) for pk, one in unique if (pk, *one) not in kept]
    return _raise(application, fresh, by=None, at=at) if fresh else []


def _short(found: Found) -> Found:
    return Found(str(found.kind), found.detail[:300], found.other[:200])


@act("登记核查提示", 10)
def _raise(application: Application, fresh: list[tuple[Application, Found]], *, by: Any, at: datetime) -> list[Signal]:
    return [store(Signal(application=target, raised_at=at, **one._asdict())) for target, one in fresh]


@act("登记核查提示", 10)
def note(application: Application, kind: str, detail: str, *, by: Any, at: datetime) -> Application:
    """第十条: this function will raise one signal that another act has found."""
    if not application.signals.filter(kind=kind, detail=detail, other="").exists():
        store(Signal(application=application, kind=kind, detail=detail, raised_at=at))
    return application


@act("核查提示：不影响申报", 10)
def dismiss(signal: Signal, *, by: Any, at: datetime, reason: str) -> Signal:
    """第十条: this function will record why a signal does not matter."""
    return _judge(signal, DISMISS, by, at, reason)


@act("核查提示：情况属实", 10)
def confirm(signal: Signal, *, by: Any, at: datetime, reason: str) -> Signal:
    """第十条: this function will record that a signal is true and what follows; the conclusion itself is made limb by limb."""
    return _judge(signal, CONFIRM, by, at, reason)


def _judge(signal: Signal, step: Step, by: Any, at: datetime, reason: str) -> Signal:
    lock(signal)
    require(permissions_units.may_judge(by, signal, at))
    if not reason.strip():
        raise Refused("请写明理由。", 10, "reason")
    return advance(signal, step, by=by, at=at, decided_by=by, decided_at=at, reason=reason.strip())
