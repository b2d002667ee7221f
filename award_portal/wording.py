"""How figures, dates and articles are written on screens and in documents.

Pure functions: the templates' filters, the printed documents and the mails all write the same thing.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_DIGITS = "零一二三四五六七八九"
_CENT = Decimal("0.01")


def cn_numeral(number: int) -> str:
    """Write 0 to 99 in Chinese numerals (19 → 十九); raises ValueError outside."""
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 99:
        raise ValueError(f"no Chinese numeral for {number!r}")
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    leading = "" if tens == 1 else _DIGITS[tens]
    return leading + "十" + (_DIGITS[ones] if ones else "")


def article_label(number: int) -> str:
    """Name an article as the Measures do (19 → 第十九条)."""
    return f"第{cn_numeral(number)}条"


def local(moment: datetime) -> datetime:
    """Carry an aware moment over to Asia/Shanghai; a naive one is refused, because nobody knows what it means."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(SHANGHAI)


def cn_date(day: date) -> str:
    """Write a day as 2027年3月8日; a moment is taken at its day in Asia/Shanghai."""
    if isinstance(day, datetime):
        day = local(day).date()
    return f"{day.year}年{day.month}月{day.day}日"


def cn_datetime(moment: datetime) -> str:
    """Write a moment as 2027年3月8日 14:00 in Asia/Shanghai."""
    there = local(moment)
    return f"{cn_date(there)} {there:%H:%M}"


def cn_time(moment: datetime) -> str:
    """This function will write the time of day to the second, in Asia/Shanghai: 14:03:05."""
    return local(moment).strftime("%H:%M:%S")


def cn_closing(moment: datetime) -> str:
    """Write the end of a half-open period: midnight is 24:00 of the last day, as in a public notice."""
    there = local(moment)
    if (there.hour, there.minute, there.second) == (0, 0, 0):
        return f"{cn_date(there.date() - timedelta(days=1))} 24:00"
    return cn_datetime(moment)


def time_left(until: datetime, now: datetime) -> str:
    """Say how long it is until a moment, in its two largest units; once reached, how long it is over."""
    seconds = int((until - now).total_seconds())
    if until <= now:
        return f"已截止{_span(-seconds)}" if seconds <= -60 else "已截止"
    return f"还有{_span(seconds)}" if seconds >= 60 else "还有不到1分钟"


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    parts = [(days, "天"), (hours, "小时"), (rest // 60, "分钟")]
    first = next(index for index, (count, _) in enumerate(parts) if count)
    return "".join(f"{count}{unit}" for count, unit in parts[first : first + 2] if count)


def yuan(amount: Decimal | int) -> str:
    """Write money as 100,000.00元, exactly; parts of a cent are shown, not rounded away."""
    return f"{_exact(amount)}元"


def score(points: Decimal | int) -> str:
    """Write points exactly: two decimals, more only where they are not zero (612.5 → 612.50, 612.3750 → 612.375)."""
    return _exact(points, separator="")


def percent(value: Decimal | int) -> str:
    """Write a number of hundredths as it is (60 → 60%)."""
    number = _decimal(value).normalize()
    return f"{number:f}%"


def file_size(count: int) -> str:
    """Write a number of bytes for people (1536 → 1.5 KB)."""
    if count < 0:
        raise ValueError("a file has no negative size")
    if count < 1024:
        return f"{count} 字节"
    size = Decimal(count)
    for unit in ("KB", "MB", "GB"):
        size /= 1024
        if size < 1024 or unit == "GB":
            break
    return f"{size:.1f} {unit}"


def _decimal(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise TypeError(f"exact numbers only, not {type(value).__name__}")
    return Decimal(value)


def _exact(value: Decimal | int, separator: str = ",") -> str:
    number = _decimal(value)
    whole_cents = number.quantize(_CENT)
    shown = whole_cents if number == whole_cents else number.normalize()
    return f"{shown:{separator}f}"
