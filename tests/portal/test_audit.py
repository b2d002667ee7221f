"""第二十七条: the chain of acts: one row an act, hashed onto the row before, and every kind of tampering is found."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from award_portal import audit, guards, people
from award_portal.models import AuditEvent, AuditHead
from award_portal.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.article(27)]

EVENT_GUARDS = [guards.REGISTERED["audit_event_no_update"], guards.REGISTERED["audit_event_no_delete"]]
HEAD_GUARDS = [guards.REGISTERED["audit_head_forward"], guards.REGISTERED["audit_head_no_delete"]]


@pytest.fixture
def chain(secretary: Any, stranger: Any, at: Any) -> list[AuditEvent]:
    """Some acts by the secretariat and one by the portal itself."""
    granted = people.grant(stranger, Role.REVIEWER, by=secretary, at=at, reason="聘任")
    people.end_grant(granted, by=secretary, at=at + timedelta(days=1), reason="期满")
    audit.append(by=None, name="王女士", role="公众", verb="objection", title="提出异议", at=at, article=19)
    return list(AuditEvent.objects.order_by("height"))


def _raw(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_whole_chain_holds(chain: list[AuditEvent]) -> None:
    assert audit.verify() is None
    assert [event.height for event in chain] == list(range(1, len(chain) + 1))
    assert all(later.previous_hash == earlier.hash for earlier, later in itertools.pairwise(chain))


def test_a_row_says_who_what_when_and_under_which_article(chain: list[AuditEvent], secretary: Any, at: Any) -> None:
    row = next(event for event in chain if event.verb.endswith("people.grant"))
    assert (row.actor, row.actor_name, row.role) == (secretary, "李文静", "秘书处")
    assert (row.title, row.article, row.reason, row.at) == ("授予角色", 8, "聘任", at)
    assert row.object_type == "award_portal.RoleGrant"
    assert len(row.change) == 64


def test_the_public_and_the_portal_itself_are_named(chain: list[AuditEvent]) -> None:
    assert (chain[-1].actor, chain[-1].actor_name, chain[-1].role) == (None, "王女士", "公众")
    assert chain[0].actor_name == "系统"


def test_opening_confidential_material_is_recorded(secretary: Any, at: Any) -> None:
    before = AuditEvent.objects.count()
    row = audit.opened(secretary, by=secretary, at=at, title="查阅自我评价报告")
    assert AuditEvent.objects.count() == before + 1
    assert (row.verb, row.article, row.object_id) == ("read", 9, str(secretary.pk))


@pytest.mark.parametrize("column", ["title", "actor_name", "reason", "role", "object_label"])
def test_a_changed_word_is_found(chain: list[AuditEvent], column: str) -> None:
    guards.take_down(*EVENT_GUARDS)
    _raw(f"UPDATE award_portal_auditevent SET {column} = 'x' WHERE height = 2")  # noqa: S608
    assert audit.verify() == audit.Break(2, "内容被改动")


def test_a_changed_moment_is_found(chain: list[AuditEvent], at: Any) -> None:
    guards.take_down(*EVENT_GUARDS)
    AuditEvent.objects.filter(height=2).update(at=at - timedelta(days=1))
    assert audit.verify() == audit.Break(2, "内容被改动")


def test_a_missing_row_is_found(chain: list[AuditEvent]) -> None:
    guards.take_down(*EVENT_GUARDS)
    _raw("DELETE FROM award_portal_auditevent WHERE height = 2")
    assert audit.verify() == audit.Break(2, "缺少记录")


def test_a_rewritten_row_with_its_hash_made_anew_is_found(chain: list[AuditEvent]) -> None:
    guards.take_down(*EVENT_GUARDS)
    forged = chain[1]
    forged.title = "另一事项"
    AuditEvent.objects.filter(pk=forged.pk).update(title=forged.title, hash=audit.digest(audit._content(forged)))
    assert audit.verify() == audit.Break(3, "与前一记录不相连")


def test_a_cut_tail_is_found_by_the_head(chain: list[AuditEvent]) -> None:
    guards.take_down(*EVENT_GUARDS)
    _raw("DELETE FROM award_portal_auditevent WHERE height = %s", chain[-1].height)
    assert audit.verify() == audit.Break(chain[-1].height, "链尾被截断")


def test_a_cut_tail_with_the_head_set_back_is_found_by_a_printed_anchor(chain: list[AuditEvent]) -> None:
    printed = audit.anchor()
    guards.take_down(*EVENT_GUARDS, *HEAD_GUARDS)
    _raw("DELETE FROM award_portal_auditevent WHERE height = %s", chain[-1].height)
    AuditHead.objects.update(height=chain[-2].height, hash=chain[-2].hash)
    assert audit.verify() is None  # within the database nothing shows; what was printed outside does
    assert audit.verify(printed) == audit.Break(chain[-1].height, "链尾被截断")


def test_a_head_that_was_removed_is_found(chain: list[AuditEvent]) -> None:
    guards.take_down(*HEAD_GUARDS)
    _raw("DELETE FROM award_portal_audithead")
    assert audit.verify() is not None


def test_a_chain_made_anew_is_found_by_a_printed_anchor(chain: list[AuditEvent]) -> None:
    height, _, _ = audit.anchor().partition(":")
    assert audit.verify(f"{height}:{'f' * 64}") == audit.Break(int(height), "与留存的链头不符")


def test_an_anchor_stays_true_when_the_chain_grows(chain: list[AuditEvent], secretary: Any, at: Any) -> None:
    printed = audit.anchor()
    audit.opened(secretary, by=secretary, at=at, title="查阅")
    assert audit.verify(printed) is None
    assert audit.anchor() != printed


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE award_portal_auditevent SET title = 'x' WHERE height = 1",
        "DELETE FROM award_portal_auditevent WHERE height = 1",
        "UPDATE award_portal_audithead SET height = height - 1",
        "UPDATE award_portal_audithead SET hash = 'x'",
        "DELETE FROM award_portal_audithead",
    ],
)
def test_the_database_refuses_what_would_change_the_record(chain: list[AuditEvent], sql: str) -> None:
    with pytest.raises(IntegrityError, match="留痕只增不改"):
        _raw(sql)
    guards.take_down(*EVENT_GUARDS, *HEAD_GUARDS)
    _raw(sql)  # only the guards held it


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert audit.digest({"a": 1, "b": "届"}) == audit.digest({"b": "届", "a": 1})
    assert audit.canonical({"b": "届", "a": 1}) == '{"a":1,"b":"届"}'.encode()


def test_the_command_prints_the_head_and_says_whether_the_chain_holds(
    chain: list[AuditEvent], capsys: pytest.CaptureFixture[str]
) -> None:
    printed = audit.anchor()
    call_command("audit", "anchor")
    call_command("audit", "verify", "--anchor", printed)
    assert capsys.readouterr().out.splitlines() == [printed, f"完整：{printed}"]
    guards.take_down(*EVENT_GUARDS)
    _raw("UPDATE award_portal_auditevent SET title = 'x' WHERE height = 1")
    with pytest.raises(CommandError, match="第1条：内容被改动"):
        call_command("audit", "verify")
