"""每日上传量: how much may be handed in on one day, counted from the files' own rows, so that every process counts the same (第十六条)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet, Sum

from award_portal import clock
from award_portal.models import StoredFile, User
from award_portal.verdict import YES, Verdict, no, require
from award_portal.wording import cn_date, file_size


def of_account(user: Any, name: str, size: int, at: datetime) -> Verdict:
    """第十六条: this function will say whether the account may hand in `size` further bytes today."""
    handed_in = today(at).filter(uploaded_by=user)
    return fits("一个账号", handed_in, settings.UPLOAD_DAILY_BYTES, name, size, at)


def take(user: Any, name: str, size: int, at: datetime) -> None:
    """第十六条: this function will refuse what exceeds the account's day; two uploads of one account at once wait for each other."""
    if connection.in_atomic_block:
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    require(of_account(user, name, size, at))


def today(at: datetime) -> QuerySet[StoredFile]:
    """第十六条: this function will give what was handed in on the calendar day of `at`; what the portal made itself is not counted."""
    begins = datetime.combine(clock.today(at), time(), clock.SHANGHAI)
    files = StoredFile.objects.exclude(scan=StoredFile.Scan.NOT_REQUIRED)
    return files.filter(uploaded_at__gte=begins, uploaded_at__lt=begins + timedelta(days=1))


def fits(whose: str, handed_in: QuerySet[StoredFile], limit: int, name: str, size: int, at: datetime) -> Verdict:
    """第十六条: this function will measure one more file against a day's limit, and say in a refusal when there is room again."""
    used = handed_in.aggregate(used=Sum("size"))["used"] or 0
    if used + size <= limit:
        return YES
    again = cn_date(clock.today(at) + timedelta(days=1))
    return no(
        f"{whose}一天上传的文件合计不超过{file_size(limit)}，今天已上传{file_size(used)}，还可以上传{file_size(max(0, limit - used))}，"
        f"“{name}”有{file_size(size)}。{again}0时起可以继续上传，已填写的内容和已上传的文件不受影响。",
        16,
    )
