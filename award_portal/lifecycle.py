"""The one door for state: a verb is an act, an act is one transaction, and its last line is a row of the audit chain.

    @act("确认符合申报资格", article=17, role=Role.SECRETARIAT)
    def accept(application, *, by, at, reason=""):
        return advance(application, ACCEPT, by=by, at=at, accepted_at=at)

Inside an act rows change through `advance` (a listed arrow of the state machine), `store` (anything else) and `discard`
(a draft that never counted). Outside an act all three raise.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from award_portal import audit, roles
from award_portal.roles import Role
from award_portal.verdict import Refused
from award_portal.wording import article_label

M = TypeVar("M", bound=models.Model)
F = TypeVar("F", bound=Callable[..., Any])


class Running:
    """An act while it runs: what it is called and what it has changed so far."""

    def __init__(self, title: str, article: int | None, by: Any, at: datetime, reason: str) -> None:
        self.title, self.article, self.by, self.at, self.reason = title, article, by, at, reason
        self.changes: list[dict[str, Any]] = []

    @property
    def history_reason(self) -> str:
        """What simple-history writes beside each row: the article and the act."""
        return f"{article_label(self.article) if self.article else ''} {self.title}".strip()[:100]


_running: ContextVar[Running | None] = ContextVar("running", default=None)


@dataclass(frozen=True)
class Step:
    """One arrow of a state machine, with the article that draws it."""

    sources: tuple[str, ...]
    target: str
    article: int


def act(
    title: str, article: int | None, *, role: str | Sequence[str] | None = None, withhold: Sequence[str] = ()
) -> Callable[[F], F]:
    """第二十七条: this decorator will make a function an act: one transaction, one row appended last to the audit chain.

    `role` names who may do it at all (one, or any of several); None leaves it to the verb. `withhold` names changed fields
    that must leave no trace, not even in a digest (a secret vote).
    """
    allowed = {role} if isinstance(role, str) else set(role or ())

    def decorate(verb: F) -> F:
        @functools.wraps(verb)
        def performed(*args: Any, by: Any, at: datetime, **kwargs: Any) -> Any:
            _check_role(by, allowed, at, article, title)
            running = Running(title, article, by, at, str(kwargs.get("reason") or ""))
            token = _running.set(running)
            try:
                with transaction.atomic():
                    result = verb(*args, by=by, at=at, **kwargs)
                    _append(verb, running, result, args, withhold)
                return result
            finally:
                _running.reset(token)

        performed.act_title, performed.act_article = title, article  # type: ignore[attr-defined]
        return performed  # type: ignore[return-value]

    return decorate


def _check_role(by: Any, allowed: set[str], at: datetime, article: int | None, title: str) -> None:
    if by is not None and not by.is_active:
        raise Refused("该账号已停用。", article)
    if allowed and not (roles.of(by, at) & allowed):
        who = "、".join(str(Role(name).label) for name in sorted(allowed))
        raise Refused(f"“{title}”只能由{who}办理。", article)


def _append(
    verb: Callable[..., Any], running: Running, result: Any, args: tuple[Any, ...], withhold: Sequence[str]
) -> None:
    subject = next((thing for thing in (result, *args) if isinstance(thing, models.Model)), None)
    changes = [{key: value for key, value in change.items() if key not in withhold} for change in running.changes]
    audit.append(
        by=running.by,
        verb=f"{verb.__module__}.{verb.__name__}",
        title=running.title,
        at=running.at,
        obj=subject,
        article=running.article,
        reason=running.reason,
        change=audit.digest(changes) if changes else "",
    )


def running() -> Running:
    """This function will give the act in progress, and raise where there is none: state changes only inside an act."""
    current = _running.get()
    if current is None:
        raise RuntimeError("A row changes only inside an act (award_portal.lifecycle.act).")
    return current


def lock(obj: M) -> M:
    """This function will lock the row and load it afresh; on SQLite the transaction itself is the lock."""
    running()
    fresh = type(obj)._base_manager.select_for_update(of=("self",)).get(pk=obj.pk)
    for field in obj._meta.concrete_fields:
        setattr(obj, field.attname, getattr(fresh, field.attname))
    obj._state.fields_cache.clear()
    return obj


def advance(obj: M, step: Step, *, by: Any, at: datetime, **changes: Any) -> M:
    """This function will move `obj` along one arrow: locked, checked, remembered. Refused where the source state is another."""
    lock(obj)
    if obj.state not in step.sources:  # type: ignore[attr-defined]
        raise Refused(f"“{audit.label(obj)}”当前为“{label_of(obj)}”，不能{running().title}。", step.article)
    return store(obj, state=step.target, **changes)


def label_of(obj: Any) -> str:
    """This function will give the Chinese label of an object's state."""
    return str(obj.get_state_display())


def store(obj: M, *, clash: str = "", clash_field: str | None = None, **changes: Any) -> M:
    """This function will set `changes` on `obj` and save it, with its reason in the history.

    `clash` is the refusal where a unique key or check of the database says no: the database is the guard, this is its voice.
    """
    current = running()
    for name, value in changes.items():
        setattr(obj, name, value)
    obj._history_user = current.by  # type: ignore[attr-defined]
    obj._change_reason = current.history_reason  # type: ignore[attr-defined]
    obj._history_date = current.at  # type: ignore[attr-defined]
    if clash:
        _save_or_refuse(obj, clash, current.article, clash_field)
    else:
        obj.save()
    names = changes or {field.attname: None for field in obj._meta.concrete_fields}
    values = {name: getattr(obj, name) for name in names}
    plain = {name: value.pk if isinstance(value, models.Model) else value for name, value in values.items()}
    current.changes.append({"model": obj._meta.label, "pk": obj.pk, **plain})
    return obj


def store_all(objects: Sequence[M], fields: Sequence[str], *, clash: str) -> None:
    """This function will save many rows of one model at once, each with its history, as `store` would one by one.

    Rows without a key are added, the others get `fields` anew; the database's refusal is `clash`.
    """
    current = running()
    fresh = [row for row in objects if row.pk is None]
    known = [row for row in objects if row.pk is not None]
    said = {"default_user": current.by, "default_change_reason": current.history_reason, "default_date": current.at}
    try:
        with transaction.atomic():
            if fresh:
                bulk_create_with_history(fresh, type(fresh[0]), **said)
            if known:
                bulk_update_with_history(known, type(known[0]), [name.removesuffix("_id") for name in fields], **said)
    except IntegrityError as error:
        raise Refused(clash, current.article) from error
    current.changes += [
        {"model": row._meta.label, "pk": row.pk, **{name: getattr(row, name) for name in fields}} for row in objects
    ]


def _save_or_refuse(obj: models.Model, clash: str, article: int | None, clash_field: str | None) -> None:
    try:
        with transaction.atomic():  # a savepoint: PostgreSQL goes on after a refusal only from one
            obj.save()
    except IntegrityError as error:
        raise Refused(clash, article, clash_field) from error


def discard(obj: models.Model) -> None:
    """This function will delete a draft row that never counted; what counted is withdrawn or superseded instead."""
    current = running()
    obj._history_user = current.by  # type: ignore[attr-defined]
    obj._change_reason = current.history_reason  # type: ignore[attr-defined]
    obj._history_date = current.at  # type: ignore[attr-defined]
    current.changes.append({"model": obj._meta.label, "pk": obj.pk, "discarded": True})
    obj.delete()
