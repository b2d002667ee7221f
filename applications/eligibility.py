"""Articles 10 and 11, limb by limb. A person concludes each limb; what is not answered is never taken for clean."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from award_portal.periods import add_years
from award_portal.regulation import Limb


class Conclusion(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    OPEN = "open"


class Outcome(StrEnum):
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    OPEN = "open"


class Concluded(Protocol):
    """A line of the check: the code of a limb and what a person concluded, empty while nobody has."""

    @property
    def limb(self) -> str: ...

    @property
    def conclusion(self) -> str: ...


class Happened(Protocol):
    """Anything with the day it happened, whatever the day it was determined."""

    @property
    def happened_on(self) -> date: ...


E = TypeVar("E", bound=Happened)


@dataclass(frozen=True, slots=True)
class Line:
    limb: str
    conclusion: str = Conclusion.OPEN


@dataclass(frozen=True, slots=True)
class Finding:
    """What the lines come to, and which limbs it rests on."""

    outcome: Outcome
    unmet: tuple[Limb, ...]
    unanswered: tuple[Limb, ...]

    @property
    def eligible(self) -> bool:
        return self.outcome is Outcome.ELIGIBLE

    @property
    def ineligible(self) -> bool:
        return self.outcome is Outcome.INELIGIBLE

    @property
    def open(self) -> bool:
        return self.outcome is Outcome.OPEN


def conclude(lines: Iterable[Concluded], limbs: Sequence[Limb]) -> Finding:
    """Articles 10 and 11: 必须同时具备. All limbs met is eligible, one not met is ineligible, anything else is open.

    Raises ValueError where the lines do not fit the limbs: no limbs at all, a limb the Measures do not know, two lines
    for one limb, a conclusion that is none.
    """
    if not limbs:
        raise ValueError("no limbs: nothing was asked, so nothing can be met")
    answers = _answers(lines, {limb.code for limb in limbs})
    unmet = tuple(limb for limb in limbs if answers.get(limb.code) is Conclusion.NOT_MET)
    unanswered = tuple(limb for limb in limbs if answers.get(limb.code, Conclusion.OPEN) is Conclusion.OPEN)
    if unmet:
        return Finding(Outcome.INELIGIBLE, unmet, unanswered)
    return Finding(Outcome.OPEN if unanswered else Outcome.ELIGIBLE, unmet, unanswered)


def _answers(lines: Iterable[Concluded], known: set[str]) -> dict[str, Conclusion]:
    pairs = [(line.limb, Conclusion(line.conclusion or Conclusion.OPEN)) for line in lines]
    strange = {code for code, _ in pairs} - known
    if strange:
        raise ValueError(f"no such limb: {', '.join(sorted(strange))}")
    twice = [code for code, times in Counter(code for code, _ in pairs).items() if times > 1]
    if twice:
        raise ValueError(f"two lines for one limb: {', '.join(sorted(twice))}")
    return dict(pairs)


def operation_met(started_on: date, reference_on: date, years: int) -> bool:
    """Article 10: 正常运行3年以上, from the start of the main business to the reference date; the exact day is enough."""
    return add_years(started_on, years) <= reference_on


def look_back_hits(events: Iterable[E], reference_on: date, years: int, *, until: date | None = None) -> tuple[E, ...]:
    """Article 11: the events that happened in the years up to the reference date, both ends included.

    A later check (before the vote, before the standing meeting) passes its own day as `until`: what happened during the
    review counts too, and the beginning does not move.
    """
    first, last = add_years(reference_on, -years), max(reference_on, until or reference_on)
    return tuple(event for event in events if first <= event.happened_on <= last)


@dataclass(frozen=True, slots=True)
class LossHint:
    """The years with a loss, and those nobody has given figures for."""

    losses: tuple[int, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the form says of one certificate; no day where none could be read."""

    name: str
    holder: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class CertificateDoubt:
    """What does not fit about one certificate: facts to look at, never a refusal."""

    name: str
    other_holder: bool
    no_day: bool
    expired: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        said = (
            (self.other_holder, "的持有人与申报单位名称不一致"),
            (self.no_day, "在基准日有效期未填"),
            (self.expired, "在基准日已过期"),
        )
        return tuple(f"{self.name}{words}" for holds, words in said if holds)  # fmt: skip


def certificate_doubts(rows: Iterable[Certificate], unit: str, reference_on: date | None) -> list[CertificateDoubt]:
    """Article 10: certificates whose holder is not the unit, or that do not last to the reference date, that day included.

    Names are compared after NFKC and without spaces; before the reference date is known, only they are.
    """
    found = []
    for row in rows:
        other = _plain_name(row.holder) != _plain_name(unit)
        no_day = reference_on is not None and row.valid_until is None
        expired = reference_on is not None and row.valid_until is not None and row.valid_until < reference_on
        if other or no_day or expired:
            found.append(CertificateDoubt(row.name or "证书", other, no_day, expired))
    return found


def _plain_name(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def loss_years(profits: Mapping[int, Decimal | None], reference_on: date, years: int) -> LossHint:
    """Article 11: 无生产经营亏损, over the last full calendar years before the reference date; one loss is enough.

    A hint for the person who concludes. Zero is no loss; a missing figure is not a profit.
    """
    is_last_day = (reference_on.month, reference_on.day) == (12, 31)
    last = reference_on.year if is_last_day else reference_on.year - 1
    asked = range(last - years + 1, last + 1)
    figures = {year: profits.get(year) for year in asked}
    losses = tuple(year for year, profit in figures.items() if profit is not None and profit < 0)
    return LossHint(losses, tuple(year for year, profit in figures.items() if profit is None))
