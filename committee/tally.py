"""Articles 4 and 18: votes and rules in, outcome out. Fractions are exact, and nobody is ever put on the list by default."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

FOR, AGAINST, ABSTAIN = CHOICES = ("for", "against", "abstain")


class TallyError(ValueError):
    """The votes and the people do not fit together."""


def fraction(text: str) -> Fraction:
    """A share of the members as the rules write it: 2/3, above none and at most all of them."""
    match = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text)
    if match is None or int(match[2]) == 0:
        raise TallyError(f"{text!r} is not a fraction such as 2/3")
    return _share(Fraction(int(match[1]), int(match[2])))


def _share(value: Fraction) -> Fraction:
    if not isinstance(value, Fraction):
        raise TallyError(f"a share is an exact fraction, not {value!r}")
    if not 0 < value <= 1:
        raise TallyError(f"a share lies above 0 and goes up to 1, not {value}")
    return value


def quorum_met(present: int, members: int, quorum: Fraction) -> bool:
    """Article 18: enough members present for the meeting to vote; a committee without members never has a quorum."""
    if not 0 <= present <= members:
        raise TallyError(f"{present} present of {members} members")
    return members > 0 and present >= _share(quorum) * members


@dataclass(frozen=True, slots=True)
class Count:
    """The votes on one candidate. `base` is who is present and not recused from it, voting or not."""

    candidate: Hashable
    base: int
    in_favour: int
    against: int
    abstained: int

    def __post_init__(self) -> None:
        if min(self.base, self.in_favour, self.against, self.abstained) < 0:
            raise TallyError(f"{self.candidate}: a count below nothing")
        if self.cast > self.base:
            raise TallyError(f"{self.candidate}: {self.cast} votes of {self.base} members who may vote")

    @property
    def cast(self) -> int:
        return self.in_favour + self.against + self.abstained


def count(votes: Iterable[tuple[Hashable, str]], bases: Mapping[Hashable, int]) -> tuple[Count, ...]:
    """Article 18: add up (candidate, choice) pairs; every candidate of `bases` gets its count, voted on or not."""
    cast: dict[Hashable, Counter[str]] = {candidate: Counter() for candidate in bases}
    for candidate, choice in votes:
        if candidate not in cast:
            raise TallyError(f"{candidate} does not stand on this ballot")
        if choice not in CHOICES:
            raise TallyError(f"{choice!r} is no vote")
        cast[candidate][choice] += 1
    return tuple(
        Count(candidate, bases[candidate], given[FOR], given[AGAINST], given[ABSTAIN])
        for candidate, given in cast.items()
    )


def passes(counted: Count, threshold: Fraction) -> bool:
    """Article 18: enough in favour of all who were present and not recused; an abstention stays in that number."""
    # Two thirds of nobody is nothing, and nothing must not pass.
    return counted.base > 0 and counted.in_favour >= _share(threshold) * counted.base


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a ballot comes to. While a run-off is needed nobody is proposed and no vacancy is found."""

    proposed: tuple[Hashable, ...]
    refused: tuple[Hashable, ...]
    runoff: tuple[Hashable, ...]
    vacancies: int

    @property
    def runoff_needed(self) -> bool:
        return bool(self.runoff)


def outcome(counts: Sequence[Count], threshold: Fraction, quota: int) -> Outcome:
    """Articles 4 and 18: who is proposed, at most the quota; places left over stay vacant.

    If more pass than there are places, the committee votes on them again: neither the number of votes nor the ranking
    picks among them, because the Measures name no such rule. Candidates keep the order in which they stand on the ballot.
    """
    if quota < 0:
        raise TallyError("a quota is not below nothing")
    candidates = [counted.candidate for counted in counts]
    if len(set(candidates)) != len(candidates):
        raise TallyError("a candidate is counted twice")
    passed = tuple(counted.candidate for counted in counts if passes(counted, threshold))
    refused = tuple(candidate for candidate in candidates if candidate not in passed)
    if len(passed) > quota:
        return Outcome((), refused, passed, 0)
    return Outcome(passed, refused, (), quota - len(passed))
