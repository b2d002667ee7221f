"""每日上传量: to the last byte, until midnight in Shanghai, and only what was handed in (第十六条)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from award_portal import allowance, clock, files
from award_portal.models import StoredFile, User
from award_portal.verdict import Refused
from tests.conftest import START

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
LIMIT = 1000


@pytest.fixture(autouse=True)
def _limited(settings: Any) -> None:
    settings.UPLOAD_DAILY_BYTES = LIMIT


def hand_in(by: User | None, size: int, at: Any = START, *, ours: bool = False) -> StoredFile:
    received = files.Received(f"{size:064x}", "证书.pdf", "application/pdf", size, ours)
    return files.record(received, by=by, at=at)


def test_a_day_s_limit_is_taken_to_the_last_byte_and_says_when_it_is_free_again(owner: User, stranger: User) -> None:
    hand_in(owner, 600)
    hand_in(owner, LIMIT - 600)
    with pytest.raises(Refused) as caught:
        hand_in(owner, 1)
    assert caught.value.sentence == (
        "第十六条：一个账号一天上传的文件合计不超过1000 字节，今天已上传1000 字节，还可以上传0 字节，“证书.pdf”有1 字节。"
        "2027年3月9日0时起可以继续上传，已填写的内容和已上传的文件不受影响。"
    )
    assert StoredFile.objects.count() == 2
    hand_in(stranger, LIMIT)
    hand_in(owner, 5, ours=True)  # what the portal makes itself
    hand_in(None, LIMIT + 1)


def test_the_day_ends_at_midnight_in_shanghai(owner: User) -> None:
    midnight = START.astimezone(clock.SHANGHAI).replace(hour=0) + timedelta(days=1)
    hand_in(owner, LIMIT, midnight - timedelta(seconds=1))
    assert not allowance.of_account(owner, "x", 1, midnight - timedelta(microseconds=1))
    assert allowance.of_account(owner, "x", LIMIT, midnight)
    assert not allowance.of_account(owner, "x", LIMIT + 1, midnight)
