"""Who may open what: what one may not see is not there (404), what one may not do is refused with its reason (403)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse

from applications import cycles
from applications.models import AwardCycle
from award_portal import confirmation, policy, roles
from award_portal.confirmation import ReasonForm, Verb, offered
from award_portal.models import OutboxMessage, User, Visible
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, no
from tests.conftest import hire
from tests.factories_cycles import planned, posted, ruled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_at")]


@pytest.fixture
def asked(rf: Any) -> Any:
    """A request by a person, as a view gets it."""

    def ask(user: Any, method: str = "get", **sent: Any) -> HttpRequest:
        request = getattr(rf, method)("/somewhere/", sent)
        request.user = user or AnonymousUser()
        request.session, request._messages = {}, _Messages()
        return request

    return ask


class _Messages:
    def __init__(self) -> None:
        self.said: list[str] = []

    def add(self, level: int, message: str, extra_tags: str = "") -> None:
        self.said.append(message)

    def __iter__(self) -> Any:
        return iter(())


def _view(request: HttpRequest, *found: Any) -> HttpResponse:
    return HttpResponse(str(found[0]) if found else "ok")


def test_whoever_forgets_to_say_who_may_see_shows_nothing(secretary: Any) -> None:
    assert User.objects.exists()
    assert not Visible(User).visible_to(secretary).exists()


def test_a_page_for_people_with_an_account(asked: Any, owner: Any) -> None:
    view = policy.signed_in()(_view)
    assert view.policy == "signed_in:"
    assert view(asked(None)).status_code == 302
    assert view(asked(owner)).content == b"ok"


def test_a_page_for_a_role_gives_its_reason(asked: Any, owner: Any, secretary: Any, said: Any) -> None:
    view = policy.signed_in(Role.SECRETARIAT, Role.AUDITOR)(_view)
    answer = view(asked(owner))
    assert answer.status_code == 403
    assert "本页面供秘书处、审计监督使用，您的账号没有相应角色" in said(answer)
    assert view(asked(secretary)).status_code == 200
    assert view(asked(None)).status_code == 302


def test_a_role_counts_only_while_it_is_held(asked: Any, secretary: Any, at: Any, travel: Any) -> None:
    view = policy.signed_in(Role.SECRETARIAT)(_view)
    secretary.grants.update(ends_at=at + timedelta(days=1))
    assert view(asked(User.objects.get(pk=secretary.pk))).status_code == 200
    travel(at + timedelta(days=1))
    assert view(asked(User.objects.get(pk=secretary.pk))).status_code == 403


def test_what_is_not_visible_is_not_found_and_looks_as_if_it_did_not_exist(
    client: Any, secretary: Any, owner: Any, at: Any, said: Any
) -> None:
    cycle = planned(secretary, at)
    client.force_login(owner)
    hidden, absent = client.get(f"/cycles/{cycle.pk}/"), client.get("/cycles/999999/")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert said(hidden) == said(absent)


@pytest.mark.parametrize("lookup", [{"pk": 10**30}, {"pk": -1}, {"pk": "x"}, {"number": "x"}])
def test_a_lookup_that_makes_no_sense_is_not_found(secretary: Any, lookup: dict[str, Any]) -> None:
    with pytest.raises(Http404):
        policy.visible_or_404(AwardCycle, secretary, **lookup)


def test_a_permitted_view_gets_the_object(asked: Any, secretary: Any, owner: Any, at: Any, said: Any) -> None:
    cycle = ruled(secretary, hire("评委", Role.MEMBER, by=None, at=at), at)

    def may_look(user: Any, obj: Any, moment: Any) -> Any:
        return YES if user == secretary else no("您不在场。", 9)

    view = policy.permit(AwardCycle, may_look)(_view)
    assert view.policy == "permit:AwardCycle:may_look"
    assert view(asked(secretary), pk=cycle.pk).content.decode() == str(cycle)
    with pytest.raises(Http404):
        view(asked(owner), pk=cycle.pk)  # not even visible
    posted(cycle, secretary, at)
    answer = view(asked(owner), pk=cycle.pk)
    assert (answer.status_code, "第九条：您不在场。" in said(answer)) == (403, True)
    assert view(asked(None), pk=cycle.pk).status_code == 302
    assert policy.see(AwardCycle, anonymous=True)(_view)(asked(None), pk=cycle.pk).status_code == 200


def test_roles_are_read_once_a_moment(secretary: Any, at: Any, django_assert_num_queries: Any) -> None:
    person = User.objects.get(pk=secretary.pk)
    with django_assert_num_queries(1):
        assert roles.of(person, at) == roles.of(person, at) == {Role.SECRETARIAT}
    assert roles.of(None, at) == roles.of(AnonymousUser(), at) == set()
    person.is_active = False
    assert roles.of(person, at) == set()


def test_holders_are_the_active_ones(secretary: Any, second_secretary: Any, at: Any) -> None:
    assert set(roles.holders(Role.SECRETARIAT, at)) == {secretary, second_secretary}
    User.objects.filter(pk=secretary.pk).update(is_active=False)
    assert set(roles.holders(Role.SECRETARIAT, at)) == {second_secretary}
    assert not roles.holders(Role.SECRETARIAT, at - timedelta(days=1)).exists()


# ── the page of a verb ──


class _Done:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, Any, str]] = []
        self.refusal: Refused | None = None

    def __call__(self, obj: Any, *, by: Any, at: Any, reason: str) -> None:
        if self.refusal:
            raise self.refusal
        self.calls.append((obj, by, reason))


@pytest.fixture
def act() -> _Done:
    return _Done()


@pytest.fixture
def verb(act: _Done) -> Verb:
    def may_do(user: Any, obj: Any, moment: Any) -> Any:
        return YES if obj.state == "draft" else no("已经办理。", 7)

    return Verb(
        "do", "办理此事", may=may_do, act=act, article=7, form=ReasonForm, explain="办理后即生效。", final=True,
        facts=lambda cycle: [("届次", str(cycle))], back=lambda cycle: "/back/", style="danger",
    )  # fmt: skip


def test_a_verbs_page_says_what_will_happen_and_does_it_once_sent(
    asked: Any, secretary: Any, at: Any, verb: Verb, act: _Done, said: Any
) -> None:
    cycle = planned(secretary, at)
    view = confirmation.page(verb, AwardCycle)
    words = said(view(asked(secretary), pk=cycle.pk))
    assert all(part in words for part in ("办理此事", "办理后即生效", "第七条", str(cycle), "不能撤回", "理由"))
    assert act.calls == []
    request = asked(secretary, "post", reason="齐全")
    answer = view(request, pk=cycle.pk)
    assert (answer.status_code, answer["Location"]) == (302, "/back/")
    assert act.calls == [(cycle, secretary, "齐全")]
    assert request._messages.said == ["已办理此事。"]


def test_a_form_that_is_not_valid_is_422_and_does_nothing(
    asked: Any, secretary: Any, at: Any, verb: Verb, act: _Done
) -> None:
    cycle = planned(secretary, at)
    answer = confirmation.page(verb, AwardCycle)(asked(secretary, "post", reason=""), pk=cycle.pk)
    assert (answer.status_code, act.calls) == (422, [])


@pytest.mark.parametrize("field", ["reason", "elsewhere", None])
def test_a_refusal_is_409_and_keeps_what_was_typed(
    asked: Any, secretary: Any, at: Any, verb: Verb, act: _Done, said: Any, field: str | None
) -> None:
    cycle = planned(secretary, at)
    act.refusal = Refused("时机未到。", 19, field)
    answer = confirmation.page(verb, AwardCycle)(asked(secretary, "post", reason="写了很久的理由"), pk=cycle.pk)
    assert answer.status_code == 409
    assert "第十九条：时机未到。" in said(answer)
    assert "写了很久的理由" in said(answer)


def test_a_verb_that_may_not_be_done_is_403_with_the_buttons_reason(
    asked: Any, secretary: Any, at: Any, verb: Verb, act: _Done, said: Any
) -> None:
    cycle = planned(secretary, at)
    AwardCycle.objects.update(state="cancelled")
    answer = confirmation.page(verb, AwardCycle)(asked(secretary, "post", reason="试"), pk=cycle.pk)
    assert (answer.status_code, "第七条：已经办理。" in said(answer), act.calls) == (403, True, [])


def test_the_verb_bar_shows_reasons_or_leaves_refused_ones_out(secretary: Any, at: Any) -> None:
    from applications.views_cycles import ANNOUNCE, CANCEL

    cycle = planned(secretary, at)
    shown = offered([ANNOUNCE, CANCEL], secretary, cycle, at)
    assert [(entry["name"], bool(entry["verdict"])) for entry in shown] == [("announce", False), ("cancel", True)]
    assert shown[0]["verdict"].sentence == "第七条：评审标准和规则尚未经评委会审定，不能发布公告。"
    assert [entry["name"] for entry in offered([ANNOUNCE, CANCEL], secretary, cycle, at, hide_refused=True)] == [
        "cancel"
    ]


def test_a_refusal_that_no_page_caught_is_a_page_with_its_reason(
    sign_in: Any, secretary: Any, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    from award_portal import desk

    def refuses(user: Any, moment: Any) -> Any:
        yield from ()
        raise Refused("时机未到。", 19)

    with desk.items.only(refuses):
        answer = sign_in(secretary).get("/desk/")
    assert (answer.status_code, "第十九条：时机未到。" in said(answer)) == (409, True)
    assert not OutboxMessage.objects.exists()


def test_what_was_typed_stays_where_the_verb_is_no_longer_allowed(sign_in: Any, secretary: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    cycles.cancel(cycle, by=secretary, at=at, reason="试")
    client = sign_in(secretary)
    answer = client.post(f"/cycles/{cycle.pk}/cancel/", {"reason": "写了很久的一段理由"})
    assert (answer.status_code, "写了很久的一段理由" in answer.content.decode()) == (403, True)
    assert "不能取消" in answer.content.decode()
