"""Mails to the people of the review: that there is something and where to read it, never what it says (第八、九、十七、二十六条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from award_portal import outbox


def to_person(user: Any, subject: str, body: str, path: str, *, key: str, at: datetime) -> None:
    """第八、九条: this function will write to one person, once per `key`; mailboxes are not confidential, so no score stands in it."""
    text = f"{user}：\n\n{body}\n\n{settings.PORTAL_URL}{path}\n区长质量奖秘书处"
    outbox.mail(user.email, subject, text, key=key, at=at)
