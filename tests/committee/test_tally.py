"""Articles 4 and 18: quorum, threshold, recusal, the quota and the vacancy."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee import tally
from committee.tally import ABSTAIN, AGAINST, FOR, Count, TallyError

TWO_THIRDS = Fraction(2, 3)

pytestmark = pytest.mark.article(18)


def counted(candidate, in_favour, base=9, against=0, abstained=0):
    return Count(candidate, base, in_favour, against, abstained)


@pytest.mark.parametrize(
    ("present", "members", "met"),
    [
        (6, 9, True),
        (5, 9, False),
        (7, 10, True),
        (6, 10, False),
        (9, 9, True),
        (0, 9, False),
        (0, 0, False),
        (2, 3, True),
    ],
)
def test_two_thirds_of_the_members_make_a_quorum(present, members, met):
    assert tally.quorum_met(present, members, TWO_THIRDS) is met


@pytest.mark.parametrize(("present", "members"), [(10, 9), (-1, 9)])
def test_more_cannot_be_present_than_there_are(present, members):
    with pytest.raises(TallyError, match="present"):
        tally.quorum_met(present, members, TWO_THIRDS)


@pytest.mark.parametrize(("in_favour", "base", "passes"), [(6, 9, True), (5, 9, False), (7, 10, True), (6, 10, False)])
def test_exactly_the_threshold_passes_and_one_vote_less_does_not(in_favour, base, passes):
    assert tally.passes(counted("甲", in_favour, base), TWO_THIRDS) is passes


def test_a_third_is_not_rounded():
    # 0.6667 of 3000 would be 2000.1.
    assert tally.passes(counted("甲", 2000, 3000), TWO_THIRDS)
    assert not tally.passes(counted("甲", 1999, 3000), TWO_THIRDS)


def test_an_abstention_counts_in_the_base():
    assert not tally.passes(counted("甲", 5, 9, against=0, abstained=4), TWO_THIRDS)


def test_a_member_present_who_does_not_vote_counts_in_the_base():
    assert not tally.passes(counted("甲", 5, 9), TWO_THIRDS)


def test_recusal_shrinks_the_base():
    votes = [("甲", FOR)] * 6 + [("乙", FOR)] * 6
    counts = tally.count(votes, {"甲": 10, "乙": 9})
    assert [tally.passes(each, TWO_THIRDS) for each in counts] == [False, True]


def test_nobody_left_to_vote_is_not_everybody_in_favour():
    assert not tally.passes(counted("甲", 0, base=0), TWO_THIRDS)


def test_votes_are_added_up_and_nobody_on_the_ballot_is_forgotten():
    votes = [("甲", FOR), ("乙", AGAINST), ("甲", ABSTAIN), ("甲", FOR)]
    assert tally.count(votes, {"甲": 5, "乙": 4, "丙": 5}) == (
        Count("甲", 5, 2, 0, 1), Count("乙", 4, 0, 1, 0), Count("丙", 5, 0, 0, 0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ([("丁", FOR)], "does not stand"),
        ([("甲", "maybe")], "is no vote"),
        ([("甲", "")], "is no vote"),
        ([("甲", FOR)] * 3, "3 votes of 2 members"),
    ],
)
def test_votes_that_cannot_be_are_refused(votes, message):
    with pytest.raises(TallyError, match=message):
        tally.count(votes, {"甲": 2})


def test_a_count_is_not_below_nothing():
    with pytest.raises(TallyError, match="below nothing"):
        Count("甲", 5, -1, 0, 0)


@pytest.mark.article(4)
def test_fewer_than_the_quota_leave_a_vacancy():
    result = tally.outcome([counted("甲", 9), counted("乙", 5), counted("丙", 6)], TWO_THIRDS, 5)
    assert result.proposed == ("甲", "丙")
    assert result.refused == ("乙",)
    assert result.vacancies == 3
    assert not result.runoff_needed


@pytest.mark.article(4)
def test_all_refused_leaves_every_place_vacant():
    result = tally.outcome([counted("甲", 0), counted("乙", 5)], TWO_THIRDS, 5)
    assert (result.proposed, result.vacancies, result.runoff_needed) == ((), 5, False)


@pytest.mark.article(4)
def test_nobody_on_the_ballot_leaves_every_place_vacant():
    assert tally.outcome([], TWO_THIRDS, 5).vacancies == 5


@pytest.mark.article(4)
def test_exactly_the_quota_is_proposed_whole():
    result = tally.outcome([counted(n, 9) for n in range(5)], TWO_THIRDS, 5)
    assert (result.proposed, result.vacancies, result.runoff_needed) == ((0, 1, 2, 3, 4), 0, False)


@pytest.mark.article(4)
def test_six_that_pass_need_a_run_off_and_nobody_is_proposed_before_it():
    counts = [counted(n, 9 - n % 3) for n in range(6)] + [counted("乙", 1)]
    result = tally.outcome(counts, TWO_THIRDS, 5)
    assert result.runoff_needed
    assert (result.proposed, result.runoff, result.refused) == ((), (0, 1, 2, 3, 4, 5), ("乙",))
    assert result.vacancies == 0


def test_a_candidate_is_counted_once():
    with pytest.raises(TallyError, match="twice"):
        tally.outcome([counted("甲", 9), counted("甲", 1)], TWO_THIRDS, 5)


def test_a_quota_is_not_below_nothing():
    with pytest.raises(TallyError, match="quota"):
        tally.outcome([], TWO_THIRDS, -1)


@pytest.mark.parametrize("share", [Fraction(0), Fraction(-1, 3), Fraction(4, 3), 0.67, Decimal("0.5"), 1])
def test_a_share_is_an_exact_fraction_of_the_members(share):
    with pytest.raises(TallyError, match="share"):
        tally.quorum_met(6, 9, share)
    with pytest.raises(TallyError, match="share"):
        tally.passes(counted("甲", 6), share)


@pytest.mark.parametrize(("text", "value"), [("2/3", TWO_THIRDS), ("1/2", Fraction(1, 2)), ("3/3", Fraction(1))])
def test_rules_write_a_share_as_a_fraction(text, value):
    assert tally.fraction(text) == value


@pytest.mark.parametrize(
    "text", ["", "2", "0.67", "2/0", "0/3", "4/3", "-2/3", " 2/3", "2/3\n", "２/３", "2/3/4", "1e9/3"]
)
def test_anything_else_is_no_share(text):
    with pytest.raises(TallyError):
        tally.fraction(text)


VOTES = st.integers(0, 15).flatmap(
    lambda base: st.tuples(st.just(base), st.lists(st.sampled_from(tally.CHOICES), max_size=base))
)


@pytest.mark.article(4)
@given(
    ballot=st.dictionaries(st.integers(0, 20), VOTES, max_size=9),
    threshold=st.fractions(Fraction(1, 100), 1, max_denominator=100),
    quota=st.integers(0, 6),
    random=st.randoms(),
)
def test_never_more_than_the_quota_and_never_one_that_did_not_pass(ballot, threshold, quota, random):
    votes = [(candidate, choice) for candidate, (_, choices) in ballot.items() for choice in choices]
    random.shuffle(votes)
    bases = {candidate: base for candidate, (base, _) in ballot.items()}
    result = tally.outcome(tally.count(votes, bases), threshold, quota)
    passed = tuple(
        c for c, (base, choices) in ballot.items() if base and Fraction(choices.count(FOR), base) >= threshold
    )
    if len(passed) > quota:
        assert (result.proposed, result.runoff, result.vacancies) == ((), passed, 0)
    else:
        assert (result.proposed, result.runoff, result.vacancies) == (passed, (), quota - len(passed))
    assert set(result.refused) == set(ballot) - set(passed)
