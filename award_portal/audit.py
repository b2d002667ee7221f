"""第二十七条: the record of every act and of every opening of confidential material, append-only and chained by hash.

One row per act, appended last in the act's own transaction under one locked head row. The hash covers the canonical JSON of
the row and the hash before it; the head is printed in minutes and notices, so that a cut-off tail is found as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from award_portal import roles
from award_portal.models import AuditEvent, AuditHead, stamp
from award_portal.verdict import Refused

FIELDS = (
    "height", "previous_hash", "at", "actor_id", "actor_name", "role", "verb", "title",
    "object_type", "object_id", "object_label", "article", "reason", "change",
)  # fmt: skip


def canonical(value: Any) -> bytes:
    """This function will give the one JSON text of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def digest(value: Any) -> str:
    """This function will give the SHA-256 of a value's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _content(event: AuditEvent) -> dict[str, Any]:
    content = {name: getattr(event, name) for name in FIELDS}
    content["at"] = stamp(event.at)
    return content


def label(obj: Any) -> str:
    """This function will name an object for the record, in at most 200 characters."""
    return str(obj)[:200] if obj is not None else ""


def append(
    *, by: Any, verb: str, title: str, at: datetime, obj: Any = None, article: int | None = None,
    reason: str = "", change: str = "", role: str = "", name: str = "",
) -> AuditEvent:  # fmt: skip
    """第二十七条: this function will append one row to the chain, in the caller's transaction.

    `name` and `role` speak for people without an account (the public) and for the portal itself.
    """
    with transaction.atomic(savepoint=False):
        head = _locked_head()
        event = AuditEvent(
            height=head.height + 1,
            previous_hash=head.hash,
            at=at,
            actor=by,
            actor_name=name or (str(by)[:50] if by else "系统"),
            role=role
            or "、".join(str(roles.Role(held).label) for held in sorted(roles.of(by, at)))
            or ("—" if by else "系统"),
            verb=verb,
            title=title[:80],
            object_type=obj._meta.label if obj is not None else "",
            object_id=str(obj.pk) if obj is not None else "",
            object_label=label(obj),
            article=article,
            reason=reason,
            change=change,
        )
        event.hash = digest(_content(event))
        event.save(force_insert=True)
        head.height, head.hash = event.height, event.hash
        head.save()
    return event


def _locked_head() -> AuditHead:
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None:  # the very first row of the chain
        AuditHead.objects.get_or_create(pk=1)
        head = AuditHead.objects.select_for_update().get(pk=1)
    return head


def opened(obj: Any, *, by: Any, at: datetime, title: str, article: int | None = 9) -> AuditEvent:
    """第九条、第二十七条: this function will record that confidential material was opened."""
    return append(by=by, verb="read", title=title, at=at, obj=obj, article=article)


def anchor() -> str:
    """This function will give the head of the chain as `height:hash`, to be printed outside the portal."""
    head = AuditHead.objects.filter(pk=1).first()
    return f"{head.height}:{head.hash}" if head else "0:" + "0" * 64


@dataclass(frozen=True)
class Break:
    """The first place where the chain does not hold."""

    height: int
    why: str


def verify(anchored: str = "") -> Break | None:
    """This function will walk the whole chain and give the first break, or None where it holds.

    `anchored` is an earlier head (`height:hash`): a chain that no longer contains it has lost its tail or was rewritten.
    """
    wanted_height, _, wanted_hash = anchored.partition(":")
    if anchored and not (wanted_height.isdigit() and wanted_hash):
        raise Refused("链头应写成“序号:摘要”，如留痕页面或会议纪要所载。", 27)
    wanted = int(wanted_height) if wanted_height else 0
    height, previous = 0, "0" * 64
    seen_anchor = wanted == 0
    for event in _events():
        if event.height != height + 1:
            return Break(height + 1, "缺少记录")
        if event.previous_hash != previous:
            return Break(event.height, "与前一记录不相连")
        if digest(_content(event)) != event.hash:
            return Break(event.height, "内容被改动")
        height, previous = event.height, event.hash
        if height == wanted:
            if previous != wanted_hash:
                return Break(height, "与留存的链头不符")
            seen_anchor = True
    if not seen_anchor:
        return Break(height + 1, "链尾被截断")
    head = AuditHead.objects.filter(pk=1).first()
    if head is None and height:
        return Break(height + 1, "链头缺失")
    if head and (head.height, head.hash) != (height, previous):
        return Break(height + 1, "链尾被截断")
    return None


def _events() -> Iterator[AuditEvent]:
    return AuditEvent.objects.order_by("height").iterator(chunk_size=2000)
