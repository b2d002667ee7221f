"""How dates, money, points and articles are written, on screens and in documents alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from award_portal import wording

NOON = datetime(2027, 3, 8, 6, 0, tzinfo=UTC)  # 14:00 in Asia/Shanghai


@pytest.mark.parametrize(
    ("number", "label"),
    [
        (1, "第一条"),
        (9, "第九条"),
        (10, "第十条"),
        (11, "第十一条"),
        (20, "第二十条"),
        (29, "第二十九条"),
        (99, "第九十九条"),
    ],
)
def test_an_article_is_named_as_the_measures_name_it(number: int, label: str) -> None:
    assert wording.article_label(number) == label


@pytest.mark.parametrize("number", [-1, 100, True, Decimal(3), "3"])
def test_a_number_the_numerals_do_not_reach_is_refused(number: Any) -> None:
    with pytest.raises(ValueError, match="no Chinese numeral"):
        wording.cn_numeral(number)


def test_a_moment_is_written_in_the_time_of_shanghai() -> None:
    assert wording.cn_datetime(NOON) == "2027年3月8日 14:00"
    assert wording.cn_date(datetime(2027, 3, 8, 16, 0, tzinfo=UTC)) == "2027年3月9日"
    assert wording.cn_date(date(2027, 12, 31)) == "2027年12月31日"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        wording.cn_datetime(datetime(2027, 3, 8, 14, 0))  # noqa: DTZ001 - the naive moment is what is tested


@pytest.mark.article(19)
def test_a_period_ends_at_24_00_of_its_last_day() -> None:
    midnight = datetime(2027, 3, 15, 16, 0, tzinfo=UTC)
    assert wording.cn_closing(midnight) == "2027年3月15日 24:00"
    assert wording.cn_closing(midnight + timedelta(minutes=1)) == "2027年3月16日 00:01"


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(days=3, hours=4, minutes=5), "还有3天4小时"),
        (timedelta(days=3, minutes=5), "还有3天"),
        (timedelta(hours=2, minutes=30), "还有2小时30分钟"),
        (timedelta(minutes=1), "还有1分钟"),
        (timedelta(seconds=59), "还有不到1分钟"),
        (timedelta(0), "已截止"),
        (-timedelta(days=2, hours=3), "已截止2天3小时"),
    ],
)
def test_a_deadline_says_how_long_there_is(ahead: timedelta, words: str) -> None:
    assert wording.time_left(NOON + ahead, NOON) == words


@pytest.mark.article(20)
def test_money_is_written_with_its_cents() -> None:
    assert wording.yuan(Decimal(100_000)) == "100,000.00元"
    assert wording.yuan(Decimal("-1234.5")) == "-1,234.50元"
    assert wording.yuan(0) == "0.00元"


@pytest.mark.article(13)
@pytest.mark.parametrize(
    ("points", "text"),
    [("612.5", "612.50"), ("1000", "1000.00"), ("612.3750", "612.375"), ("687.123456789", "687.123456789")],
)
def test_points_are_written_exactly(points: str, text: str) -> None:
    assert wording.score(Decimal(points)) == text


@pytest.mark.parametrize("kind", [wording.yuan, wording.score, wording.percent])
def test_a_float_is_not_written_as_if_it_were_exact(kind: Any) -> None:
    with pytest.raises(TypeError, match="exact numbers only"):
        kind(0.1)


def test_percent_and_file_size() -> None:
    assert [wording.percent(60), wording.percent(Decimal("12.50"))] == ["60%", "12.5%"]
    sizes = [wording.file_size(count) for count in (0, 1023, 1536, 52_428_800, 3 * 1024**4)]
    assert sizes == ["0 字节", "1023 字节", "1.5 KB", "50.0 MB", "3072.0 GB"]
