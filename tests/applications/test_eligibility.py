"""Articles 10 and 11: every limb concluded, nothing unanswered taken for clean, exact days."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications import eligibility
from applications.eligibility import Conclusion, Line, Outcome
from award_portal import regulation

LIMBS = regulation.load("chanhe-2021").limbs
CODES = [limb.code for limb in LIMBS]

pytestmark = [pytest.mark.article(10), pytest.mark.article(11)]


def all_met(**changed):
    return [Line(code, changed.get(code, Conclusion.MET)) for code in CODES]


def test_all_limbs_met_is_eligible():
    finding = eligibility.conclude(all_met(), LIMBS)
    assert finding.outcome is Outcome.ELIGIBLE
    assert (finding.eligible, finding.ineligible, finding.open) == (True, False, False)
    assert finding.unmet == finding.unanswered == ()


@pytest.mark.parametrize("code", CODES)
def test_one_limb_not_met_is_ineligible_whichever_it_is(code):
    finding = eligibility.conclude(all_met(**{code: "not_met"}), LIMBS)
    assert finding.ineligible
    assert [limb.code for limb in finding.unmet] == [code]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("answer", ["open", "", None, "absent"])
def test_one_limb_unanswered_is_never_clean(code, answer):
    lines = [line for line in all_met(**{code: answer}) if line.conclusion != "absent"]
    finding = eligibility.conclude(lines, LIMBS)
    assert finding.open
    assert [limb.code for limb in finding.unanswered] == [code]


def test_no_line_at_all_is_open():
    assert eligibility.conclude([], LIMBS).unanswered == LIMBS


def test_a_confirmed_failure_does_not_wait_for_the_other_answers():
    finding = eligibility.conclude([Line("loss", "not_met")], LIMBS)
    assert finding.ineligible
    assert len(finding.unanswered) == len(LIMBS) - 1


def test_without_limbs_nothing_is_met():
    with pytest.raises(ValueError, match="no limbs"):
        eligibility.conclude([], [])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([*all_met(), Line("goodwill", "met")], "no such limb: goodwill"),
        ([*all_met(), Line("loss", "not_met")], "two lines for one limb: loss"),
        (all_met(loss="passed"), "passed"),
    ],
)
def test_lines_that_do_not_fit_the_limbs_are_refused(lines, message):
    with pytest.raises(ValueError, match=message):
        eligibility.conclude(lines, LIMBS)


def test_another_regulation_asks_for_its_own_limbs():
    few = LIMBS[:2]
    assert eligibility.conclude([Line(limb.code, "met") for limb in few], few).eligible


@given(st.lists(st.sampled_from(list(Conclusion)), min_size=len(CODES), max_size=len(CODES)), st.randoms())
def test_the_outcome_follows_from_the_answers_in_any_order(answers, random):
    lines = [Line(code, answer) for code, answer in zip(CODES, answers, strict=True)]
    random.shuffle(lines)
    expected = "ineligible" if "not_met" in answers else "open" if "open" in answers else "eligible"
    assert eligibility.conclude(lines, LIMBS).outcome == expected


@pytest.mark.parametrize(
    ("started", "reference", "met"),
    [
        ("2023-06-30", "2026-06-30", True),  # the exact day is enough
        ("2023-07-01", "2026-06-30", False),
        ("2023-06-29", "2026-06-30", True),
        ("2024-02-29", "2027-02-28", True),
        ("2024-02-29", "2027-02-27", False),
        ("2021-02-28", "2024-02-28", True),
        ("2021-03-01", "2024-02-29", False),
        ("2027-01-01", "2026-06-30", False),
    ],
)
def test_three_years_of_operation_are_counted_to_the_day(started, reference, met):
    assert eligibility.operation_met(date.fromisoformat(started), date.fromisoformat(reference), 3) is met


@dataclass(frozen=True)
class Accident:
    happened_on: date
    determined_on: date | None = None


REFERENCE = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("happened", "hit"),
    [
        (date(2024, 6, 29), False),
        (date(2024, 6, 30), True),  # exactly two years before
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)
def test_look_back_goes_by_the_day_of_the_event_both_ends_included(happened, hit):
    events = [Accident(happened)]
    assert bool(eligibility.look_back_hits(events, REFERENCE, 2)) is hit


def test_a_late_determination_does_not_take_an_event_out_of_the_window():
    accident = Accident(date(2025, 5, 1), determined_on=date(2027, 1, 1))
    assert eligibility.look_back_hits([accident], REFERENCE, 2) == (accident,)


def test_an_accident_during_the_review_counts_at_the_later_check():
    during = Accident(date(2026, 9, 1))
    assert eligibility.look_back_hits([during], REFERENCE, 2) == ()
    assert eligibility.look_back_hits([during], REFERENCE, 2, until=date(2026, 9, 1)) == (during,)
    assert eligibility.look_back_hits([during], REFERENCE, 2, until=date(2026, 8, 31)) == ()


def test_a_later_check_does_not_let_an_early_accident_slip_out():
    early = Accident(date(2024, 6, 30))
    assert eligibility.look_back_hits([early], REFERENCE, 2, until=REFERENCE + timedelta(days=90)) == (early,)


@pytest.mark.parametrize(
    ("profits", "losses", "missing"),
    [
        ({2024: "1", 2025: "1"}, (), ()),
        ({2024: "-0.01", 2025: "9"}, (2024,), ()),  # a loss in either year fails
        ({2024: "9", 2025: "-1"}, (2025,), ()),
        ({2024: "0", 2025: "0"}, (), ()),
        ({2023: "-5", 2024: "1", 2025: "1", 2026: "-5"}, (), ()),
        ({2025: "1"}, (), (2024,)),
        ({2024: None, 2025: "-1"}, (2025,), (2024,)),
    ],
)
def test_one_loss_in_the_last_two_full_years_is_pointed_out(profits, losses, missing):
    figures = {year: value and Decimal(value) for year, value in profits.items()}
    hint = eligibility.loss_years(figures, REFERENCE, 2)
    assert (hint.losses, hint.missing) == (losses, missing)


def test_a_year_that_ends_on_the_reference_date_is_full():
    assert eligibility.loss_years({}, date(2026, 12, 31), 2).missing == (2025, 2026)
    assert eligibility.loss_years({}, date(2026, 12, 30), 2).missing == (2024, 2025)
