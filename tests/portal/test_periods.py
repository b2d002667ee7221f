"""How the portal counts days and years."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from award_portal import periods
from award_portal.periods import NoTable, TooShort

CALENDAR = periods.legal_calendar()
DAYS = st.dates(date(2004, 1, 1), date(2026, 11, 30))
ANY_DAY = st.dates(date(1950, 1, 1), date(2150, 12, 31))
YEARS = st.integers(1, 10)


def day(text):
    return date.fromisoformat(text)


def span(first, last):
    return {day(first) + timedelta(n) for n in range((day(last) - day(first)).days + 1)}


HOLIDAYS_2026 = (
    span("2026-01-01", "2026-01-03") | span("2026-02-15", "2026-02-23") | span("2026-04-04", "2026-04-06")
    | span("2026-05-01", "2026-05-05") | span("2026-06-19", "2026-06-21") | span("2026-09-25", "2026-09-27")
    | span("2026-10-01", "2026-10-07")
)  # fmt: skip
WORKED_2026 = {day(f"2026-{d}") for d in ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")}


def test_the_calendar_of_2026_is_the_one_announced():
    for each in span("2026-01-01", "2026-12-31"):
        off = each in HOLIDAYS_2026 or (each.weekday() >= 5 and each not in WORKED_2026)
        assert CALENDAR.is_day_off(each) == off, each


VECTORS = [
    ("2026-03-02", "2026-03-09", "2026-03-09"),
    ("2026-03-07", "2026-03-14", "2026-03-16"),
    ("2026-09-21", "2026-09-28", "2026-09-28"),
    ("2026-09-28", "2026-10-05", "2026-10-08"),
    ("2026-02-21", "2026-02-28", "2026-02-28"),
    ("2026-09-13", "2026-09-20", "2026-09-20"),
]


@pytest.mark.article(19)
@pytest.mark.parametrize(("posted", "seventh", "last"), VECTORS)
def test_notice_ends_on_the_seventh_day_or_the_first_working_day_after(posted, seventh, last):
    period = periods.notice_period(day(posted), 7, CALENDAR)
    assert periods.earliest_last_day(day(posted), 7) == day(seventh)
    assert period.last_day == day(last)


@pytest.mark.article(19)
def test_notice_does_not_count_the_day_of_posting():
    period = periods.notice_period(day("2026-03-02"), 7, CALENDAR)
    assert period.first_day == day("2026-03-03")
    assert not period.covers(datetime(2026, 3, 2, 15, 59, 59, 999999, tzinfo=UTC))
    assert period.covers(datetime(2026, 3, 2, 16, 0, tzinfo=UTC))


@pytest.mark.article(19)
def test_notice_closes_at_midnight_in_shanghai():
    period = periods.notice_period(day("2026-03-02"), 7, CALENDAR)
    assert period.closes_at == datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
    assert period.covers(period.closes_at - timedelta(microseconds=1))
    assert not period.covers(period.closes_at)


@pytest.mark.article(19)
@given(posted=DAYS, days=st.integers(1, 15))
def test_notice_never_runs_shorter_than_its_full_days(posted, days):
    period = periods.notice_period(posted, days, CALENDAR)
    assert period.closes_at - period.opens_at >= timedelta(days=days)
    assert period.opens_at.date() == posted + timedelta(days=1)
    assert CALENDAR.is_working_day(period.last_day)
    between = (period.last_day - periods.earliest_last_day(posted, days)).days
    assert all(CALENDAR.is_day_off(period.last_day - timedelta(days=n)) for n in range(1, between + 1))


@pytest.mark.article(19)
@pytest.mark.parametrize("days", [0, -7])
def test_notice_of_no_days_is_refused(days):
    with pytest.raises(ValueError, match="at least one day"):
        periods.notice_period(day("2026-03-02"), days, CALENDAR)


@pytest.mark.article(19)
@pytest.mark.parametrize(
    ("posted", "year"), [("2026-12-25", 2027), ("2026-12-31", 2027), ("2027-03-01", 2027), ("2003-06-02", 2003)]
)
def test_notice_is_not_computed_into_a_year_without_a_table(posted, year):
    with pytest.raises(NoTable) as raised:
        periods.notice_period(day(posted), 7, CALENDAR)
    assert raised.value.year == year


@pytest.mark.article(19)
def test_notice_that_ends_on_the_last_day_of_the_table_needs_no_other():
    assert periods.notice_period(day("2026-12-24"), 7, CALENDAR).last_day == day("2026-12-31")


@pytest.mark.article(19)
def test_roll_over_that_would_cross_into_an_unknown_year_is_refused():
    calendar = periods.legal_calendar([(day("2026-12-31"), True)])
    with pytest.raises(NoTable) as raised:
        periods.notice_period(day("2026-12-24"), 7, calendar)
    assert raised.value.year == 2027


@pytest.mark.article(19)
def test_a_named_last_day_is_never_before_the_seventh():
    with pytest.raises(TooShort) as raised:
        periods.explicit_notice_period(day("2027-03-01"), 7, day("2027-03-07"))
    assert raised.value.earliest == day("2027-03-08")


@pytest.mark.article(19)
@pytest.mark.parametrize("last", ["2027-03-08", "2027-03-13", "2027-06-30"])
def test_a_named_last_day_stands_as_it_is_named(last):
    period = periods.explicit_notice_period(day("2027-03-01"), 7, day(last))
    assert (period.first_day, period.last_day) == (day("2027-03-02"), day(last))
    assert period.closes_at == periods.midnight(day(last) + timedelta(days=1))


def test_a_named_last_day_must_have_a_day_after_it():
    with pytest.raises(ValueError, match="never close"):
        periods.explicit_notice_period(day("2027-03-01"), 7, date.max)


# --- the calendar -----------------------------------------------------------------------------------------------


def test_rows_overrule_the_packages_data():
    calendar = periods.legal_calendar([(day("2026-03-09"), True), (day("2026-03-14"), False)])
    assert calendar.is_day_off(day("2026-03-09"))
    assert calendar.is_working_day(day("2026-03-14"))
    assert not calendar.is_working_day(day("2026-03-15"))
    changed = periods.legal_calendar([(day("2026-10-07"), False), (day("2026-02-28"), True)])
    assert changed.is_working_day(day("2026-10-07"))
    assert changed.is_day_off(day("2026-02-28"))


def test_rows_alone_do_not_make_a_year_known():
    calendar = periods.legal_calendar([(day("2027-01-01"), True)])
    assert not calendar.has_table(2027)
    with pytest.raises(NoTable):
        calendar.is_day_off(day("2027-01-01"))


def test_a_year_is_not_known_by_its_name_alone():
    assert not periods.legal_calendar([(day("2028-01-01"), True)], years=[2027]).has_table(2027)


def test_a_declared_year_with_rows_is_known_to_its_last_day():
    calendar = periods.legal_calendar([(day("2027-01-01"), True), (day("2027-01-02"), False)], years=[2027])
    assert calendar.is_day_off(day("2027-01-01"))
    assert calendar.is_working_day(day("2027-01-02"))  # a Saturday, worked
    assert calendar.is_day_off(day("2027-01-03"))
    assert calendar.is_working_day(day("2027-01-04"))
    assert periods.notice_period(day("2026-12-25"), 7, calendar).last_day == day("2027-01-02")
    with pytest.raises(NoTable):
        calendar.is_day_off(day("2028-01-01"))


def test_a_day_cannot_be_both_off_and_worked():
    with pytest.raises(ValueError, match="both"):
        periods.legal_calendar([(day("2026-03-09"), True), (day("2026-03-09"), False)])
    assert periods.legal_calendar([(day("2026-03-09"), True)] * 2).is_day_off(day("2026-03-09"))


def test_weekends_can_be_left_to_count_as_ordinary_days():
    calendar = periods.legal_calendar(weekends=False)
    assert calendar.is_working_day(day("2026-03-14"))
    assert calendar.is_day_off(day("2026-10-03"))
    assert periods.notice_period(day("2026-03-07"), 7, calendar).last_day == day("2026-03-14")


def test_a_moment_is_not_a_day():
    with pytest.raises(TypeError):
        CALENDAR.is_day_off(datetime(2026, 10, 1, tzinfo=UTC))


# --- working days -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-03-02", 1, "2026-03-03"),
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-03-06", 1, "2026-03-09"),
        ("2026-03-07", 1, "2026-03-09"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),  # a working Saturday
        ("2026-02-13", 2, "2026-02-24"),  # the 14th is worked, then the festival
        ("2026-09-18", 5, "2026-09-24"),  # Sunday the 20th is worked
    ],
)
def test_working_days_begin_after_the_day_itself(start, n, end):
    assert periods.add_working_days(day(start), n, CALENDAR) == day(end)


def test_working_days_into_an_unknown_year_are_refused():
    with pytest.raises(NoTable):
        periods.add_working_days(day("2026-12-31"), 1, CALENDAR)


def test_no_working_days_is_no_period():
    with pytest.raises(ValueError, match="at least one"):
        periods.add_working_days(day("2026-03-02"), 0, CALENDAR)


@given(start=DAYS, n=st.integers(1, 15))
def test_between_a_day_and_its_nth_working_day_lie_n_working_days(start, n):
    end = periods.add_working_days(start, n, CALENDAR)
    counted = [start + timedelta(days=k) for k in range(1, (end - start).days + 1)]
    assert sum(CALENDAR.is_working_day(each) for each in counted) == n
    assert CALENDAR.is_working_day(end)


# --- years ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2024-02-29", 2, "2026-02-28"),
        ("2022-06-30", 4, "2026-06-30"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2024-02-28", 2, "2026-02-28"),
        ("2023-02-28", 1, "2024-02-28"),
        ("2024-02-29", -2, "2022-02-28"),
        ("2026-02-28", -2, "2024-02-28"),
        ("2096-02-29", 4, "2100-02-28"),
        ("2026-12-31", 1, "2027-12-31"),
        ("2026-03-01", 0, "2026-03-01"),
    ],
)
def test_years_end_on_the_corresponding_date(start, n, end):
    assert periods.add_years(day(start), n) == day(end)


def test_a_year_beyond_the_calendar_is_an_error_not_another_day():
    with pytest.raises(ValueError, match="year"):
        periods.add_years(date(9999, 3, 1), 1)


@given(start=ANY_DAY, n=YEARS)
def test_years_keep_month_and_day_but_for_29_february(start, n):
    end = periods.add_years(start, n)
    assert end.year == start.year + n
    assert end.month == start.month
    assert end.day == start.day or (start.month, start.day, end.day) == (2, 29, 28)


@pytest.mark.article(29)
@pytest.mark.parametrize(
    ("event", "within"),
    [
        ("2024-06-29", False),
        ("2024-06-30", False),  # the day of the award itself: a person decides
        ("2024-07-01", True),
        ("2026-06-30", True),
        ("2026-07-01", False),
    ],
)
def test_accident_window_opens_after_the_award_and_includes_the_corresponding_date(event, within):
    assert periods.within_accident_window(day(event), day("2024-06-30"), 2) is within


@pytest.mark.article(29)
def test_accident_window_is_not_moved_past_days_off():
    assert not periods.within_accident_window(day("2026-10-08"), day("2024-10-05"), 2)
    assert periods.within_accident_window(day("2026-02-28"), day("2024-02-29"), 2)
    assert not periods.within_accident_window(day("2026-03-01"), day("2024-02-29"), 2)


@pytest.mark.article(11)
@pytest.mark.parametrize(
    ("event", "inside"),
    [
        ("2024-06-29", False),
        ("2024-06-30", True),  # exactly two years before
        ("2025-01-01", True),
        ("2026-06-30", True),
        ("2026-07-01", False),
    ],
)
def test_look_back_includes_both_ends(event, inside):
    assert periods.look_back(day(event), day("2026-06-30"), 2) is inside


@pytest.mark.article(11)
def test_look_back_from_29_february_reaches_the_28th():
    assert periods.look_back(day("2022-02-28"), day("2024-02-29"), 2)
    assert not periods.look_back(day("2022-02-27"), day("2024-02-29"), 2)


@pytest.mark.article(28)
@pytest.mark.article(29)
def test_ban_holds_through_the_corresponding_date_and_ends_the_day_after():
    ban = periods.ban_period(day("2022-06-30"), 4)
    assert ban == (day("2022-06-30"), day("2026-07-01"))
    assert ban.last_day == day("2026-06-30")
    answers = {d: ban.covers(day(d)) for d in ("2022-06-29", "2022-06-30", "2026-06-30", "2026-07-01")}
    assert list(answers.values()) == [False, True, True, False]


@pytest.mark.article(28)
def test_ban_from_29_february():
    assert periods.ban_period(day("2024-02-29"), 3).ends_on == day("2027-03-01")
    assert periods.ban_period(day("2024-02-29"), 4).ends_on == day("2028-03-01")


@pytest.mark.article(24)
def test_reports_are_due_on_each_anniversary_of_the_award():
    assert periods.anniversaries(day("2024-02-29"), 3) == (day("2025-02-28"), day("2026-02-28"), day("2027-02-28"))
    # A nominal day stays where it is, on a holiday too; only the day to act moves.
    assert periods.anniversaries(day("2023-10-01"), 3)[-1] == day("2026-10-01")
    assert periods.roll_forward(day("2026-10-01"), CALENDAR) == day("2026-10-08")


@given(anchor=ANY_DAY, event=ANY_DAY, n=YEARS)
def test_every_day_lies_before_inside_or_after_a_window(anchor, event, n):
    inside = periods.within_years(event, anchor, n)
    assert [event <= anchor, inside, event > periods.add_years(anchor, n)].count(True) == 1
