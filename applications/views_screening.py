"""Pages of the eligibility screening of one application."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from applications import corrections, permissions, permissions_screening, reconsideration, screening, timeline
from applications.forms_screening import (
    AskForm,
    CorrectionForm,
    DeclineForm,
    LimbsForm,
    PrepareForm,
    ReplyForm,
    RequestForm,
)
from applications.hints import window, window_words
from applications.limbs import sources_of
from applications.models import Application, CheckLine, EligibilityCheck, Letter
from applications.screening_facts import tags_of
from applications.views import shown
from applications.views_signals import signal_rows
from award_portal import audit, clock, files, roles
from award_portal.confirmation import OptionalReasonForm, ReasonForm, Verb, VerbForm, blame, offered
from award_portal.policy import permit, see
from award_portal.verdict import Refused, Verdict, no


def may_look(user: Any, application: Application, at: Any) -> Verdict:
    """第十七条: the secretariat and auditors look at the screening of what was handed in."""
    if roles.of(user, at) & permissions.OVERSIGHT and application.submitted_at is not None:
        return permissions.may_open(user, application, at)
    return no("资格审查由秘书处办理。", 17)


@permit(Application, may_look)
@require_safe
def page(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十七条: this view will show all that the decision rests on: materials, answers, limbs with hints, the verbs."""
    return _page(request, obj, _limbs_form(obj))


def _limbs_form(obj: Application, data: Any = None) -> LimbsForm:
    lines = {line.limb: line for line in obj.lines.select_related("concluded_by")}
    return LimbsForm(data, limbs=screening.limbs_of(obj), lines=lines)


def _page(request: HttpRequest, obj: Application, form: LimbsForm, status: int = 200) -> HttpResponse:
    at, user = clock.now(), request.user
    open_now = permissions.may_screen(user, obj, at)
    requests = obj.reconsiderations.select_related("application__cycle", "application__applicant", "asked_by", "answered_by", "decided_by")  # fmt: skip
    context = {
        "application": obj,
        "form": form,
        "rows": _rows(obj, form),
        "checks": [(check, offered([ASK_AGAIN, STOP_WAITING], user, check, at, hide_refused=True)) for check in _checks(obj)],
        "now": at,
        "editable": open_now.allowed,
        "ready": screening.may_confirm(obj, at) if open_now else None,
        "proposal": screening.proposal_on(obj) if open_now else None,
        "decisions": list(obj.decisions.filter(state="decided").select_related("prepared_by", "decided_by").order_by("pk")),
        "changes": corrections.changes_of(obj),
        "requests": [(row, offered([REPLY], user, row, at)) for row in requests],
        "letters": list(obj.letters.select_related("file")),
        "tags": tags_of(obj),
        "signals": signal_rows(user, obj, at),
        "verbs": offered(UNTIL_DECIDED if open_now else [DISQUALIFY], user, obj, at, hide_refused=not open_now)
        + offered([CLOSE_CORRECTION], user, obj, at, hide_refused=True),
        "events": timeline.events(obj, at, full=True),
        **shown(obj),
    }  # fmt: skip
    return render(request, "applications/application_screening.html", context, status=status)


def _checks(obj: Application) -> list[EligibilityCheck]:
    related = ("application__applicant", "department", "answered_by")
    return list(EligibilityCheck.objects.filter(application=obj).select_related(*related).order_by("pk"))


def _rows(obj: Application, form: LimbsForm) -> list[dict[str, Any]]:
    """Each limb with its words, who is asked, what the machine can tell, what departments answered, and the conclusion."""
    hints, said = screening.hints(obj), _said(obj)
    return [
        {
            "limb": limb, "source": sources_of(limb.code), "hint": hints.get(limb.code), "answers": said.get(limb.code, []),
            "kept": form.kept.get(limb.code), "conclusion": form[f"conclusion_{limb.code}"], "basis": form[f"basis_{limb.code}"],
        }
        for limb in form.limbs
    ]  # fmt: skip


def _said(obj: Application) -> dict[str, list[dict[str, Any]]]:
    related = ("check_row__department", "answered_by", "file")
    answers: list[Any] = list(CheckLine.objects.filter(check_row__application=obj).select_related(*related))
    last: dict[int, int] = {}
    for line in answers:
        department = line.check_row.department_id
        last[department] = max(last.get(department, 0), line.check_row.round)
    said: dict[str, list[dict[str, Any]]] = {}
    for line in answers:
        past = line.check_row.round < last[line.check_row.department_id]
        said.setdefault(line.limb, []).append({"line": line, "past": past, **_event(line, obj)})
    return said


def _event(line: CheckLine, obj: Application) -> dict[str, Any]:
    if line.event_on is None:
        return {}
    reference: Any = obj.cycle.reference_on
    return {
        "window": window_words(line.event_on, obj),
        "window_state": window(line.event_on, reference, obj.cycle.look_back_years),
    }


@permit(Application, permissions.may_screen)
@require_POST
def conclude_limbs(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十、十一、十七条: this view will save the conclusions; a refused one keeps what was typed."""
    form = _limbs_form(obj, request.POST)
    if not form.is_valid():
        return _page(request, obj, form, status=422)
    try:
        screening.conclude_limbs(obj, form.lines(), by=request.user, at=clock.now())
    except Refused as refusal:
        blame(form, refusal)
        return _page(request, obj, form, status=409)
    messages.success(request, "已保存资格条件的结论。")
    return redirect("applications:screening", obj.pk)


@see(Letter)
@require_safe
def letter(request: HttpRequest, obj: Letter) -> HttpResponse:
    """第十七条: this view will hand out a letter about the eligibility; openings by others than the unit are recorded."""
    at = clock.now()
    if not permissions.level_of(request.user, obj.application.applicant, at):
        audit.opened(obj.application, by=request.user, at=at, title=f"查阅“{obj.file.name}”"[:80], article=17)
    return files.response(obj.file)


@permit(Application, may_look)
@require_safe
def check_file(request: HttpRequest, obj: Application, line: int) -> HttpResponse:
    """第十七条: this view will hand out the document that a department attached to its answer; the opening is recorded."""
    answers = CheckLine.objects.filter(check_row__application=obj, file__isnull=False).select_related("file")
    found: Any = next((row for row in answers if row.pk == line), None)
    if found is None:
        raise Http404
    audit.opened(obj, by=request.user, at=clock.now(), title=f"查阅“{found.file.name}”"[:80], article=17)
    return files.response(found.file)


def may_accept_now(user: Any, obj: Application, at: Any) -> Verdict:
    """第十七条: who may, and whether everything the verb asks for is there: the button shows the reason."""
    verdict = permissions_screening.may_accept(user, obj, at) and screening.may_confirm(obj, at)
    return verdict and screening.may_decide(obj, "accept", user)


def may_decline_now(user: Any, obj: Application, at: Any) -> Verdict:
    """第十七条: who may, and whether anything stands against the unit: the button shows the reason."""
    verdict = permissions_screening.may_decline(user, obj, at) and screening.may_turn_down(obj, at)
    return verdict and screening.may_decide(obj, "decline", user)


def may_prepare_now(user: Any, obj: Application, at: Any) -> Verdict:
    """第十七条: who may, and whether either conclusion can be drawn yet: the button shows the reason."""
    verdict = permissions_screening.may_prepare(user, obj, at)
    if not verdict or screening.may_turn_down(obj, at):
        return verdict
    return screening.may_confirm(obj, at)


def _screening_page(obj: Any) -> str:
    return reverse("applications:screening", args=[getattr(obj, "application_id", obj.pk)])


def _facts(obj: Application) -> list[tuple[str, Any]]:
    return [("单位", obj.applicant.name), ("受理编号", obj.number), ("届次", str(obj.cycle))]


def _decision_facts(obj: Application) -> list[tuple[str, Any]]:
    proposal, rows = screening.proposal_on(obj), _facts(obj)
    if proposal is None:
        return rows
    unmet = [f"{row['label']}：{row['basis']}" for row in proposal.grounds if row["conclusion"] == "not_met"]
    rows += [("拟定结论", proposal.get_outcome_display()), ("拟定人", str(proposal.prepared_by))]
    return rows + ([("不符合的条件", "；".join(unmet))] if unmet else [])


def _check_facts(check: EligibilityCheck) -> list[tuple[str, Any]]:
    return [*_facts(check.application), ("部门", check.department.name), ("答复", check.get_state_display())]


def _request_facts(row: Any) -> list[tuple[str, Any]]:
    return [*_facts(row.application), ("申请事项和理由", row.request), ("原审定人", str(row.decided_by))]


ASK_DEPARTMENTS = Verb(
    "ask_departments", "提请部门核查", may=permissions.may_screen, act=screening.ask_departments, article=17, form=AskForm,
    app="applications", back=_screening_page, facts=_facts, style="outline-primary", done="已提请核查。",
    explain="所选部门会看到单位名称、代码和年度指标，并就其职责范围内的第十条、第十一条各项逐项答复。未答复不等于没有问题。",
)  # fmt: skip
ASK_AGAIN = Verb(
    "ask_again", "再次提请", may=permissions_screening.may_ask_again, act=screening.ask_again, article=17, form=ReasonForm,
    app="applications", back=_screening_page, facts=_check_facts, style="outline-primary", done="已再次提请核查。",
    explain="请该部门就相同各项重新答复。原答复保留在案，以最后一次答复为准。",
)  # fmt: skip
STOP_WAITING = Verb(
    "stop_waiting", "不再等待", may=permissions_screening.may_stop_waiting, act=screening.stop_waiting, article=17, form=ReasonForm,
    app="applications", back=_screening_page, facts=_check_facts, style="outline-primary", done="已登记不再等待。",
    explain="请写明如何另行核实。未答复不视为通过，各项条件仍须由您逐项作出结论。该部门其后的答复照常登记。",
)  # fmt: skip
RETURN_FOR_CORRECTION = Verb(
    "return_for_correction", "退回补正", may=permissions.may_return, act=screening.return_for_correction, article=17, form=CorrectionForm,
    app="applications", back=_screening_page, facts=_facts, style="outline-primary", done="已退回补正。",
    explain="一次性列明全部补正内容。该单位只能修改列明的部分，并在期限内重新提交。只退回一次。",
)  # fmt: skip
CLOSE_CORRECTION = Verb(
    "close_correction", "按现有材料审查", may=permissions_screening.may_close_correction, act=corrections.close_correction, article=17,
    form=VerbForm, app="applications", back=_screening_page, facts=_facts, style="outline-primary", done="已转入审查。",
    explain="补正期限已过，资格审查按现有材料继续，该单位不能再修改。",
)  # fmt: skip
PREPARE = Verb(
    "prepare", "拟定结论", may=may_prepare_now, act=screening.prepare, article=17, form=PrepareForm, app="applications",
    back=_screening_page, facts=_facts, done="已拟定结论，请秘书处另一人审定。",
    explain="各条件的核实情况随结论一并列明。结论由秘书处另一人审定后生效。",
)  # fmt: skip
ACCEPT = Verb(
    "accept", "确认符合资格", may=may_accept_now, act=screening.accept, article=17, form=OptionalReasonForm, app="applications",
    back=_screening_page, facts=_decision_facts, final=True, done="已确认符合申报资格。",
    explain="结论由他人拟定，由您审定。该单位列入符合资格名单，进入专家评审。",
)  # fmt: skip
DECLINE = Verb(
    "decline", "确认不符合资格", may=may_decline_now, act=screening.decline, article=17, form=DeclineForm, app="applications",
    back=_screening_page, facts=_decision_facts, style="danger", final=True, done="已确认不符合申报资格。",
    explain="结论由他人拟定，由您审定。该单位不进入评审，并收到结论书，可以申请复核。",
)  # fmt: skip
DISQUALIFY = Verb(
    "disqualify", "取消申报资格", may=permissions.may_disqualify, act=screening.disqualify, article=11, form=ReasonForm,
    app="applications", back=_screening_page, facts=_facts, style="danger", final=True, done="已取消申报资格。",
    explain="该单位退出评审，排名由其后单位递补，并收到您写明的理由。",
)  # fmt: skip
ASK_RECONSIDERATION = Verb(
    "ask_reconsideration", "申请复核", may=permissions_screening.may_ask_reconsideration, act=reconsideration.ask, article=17,
    form=RequestForm, app="applications", facts=_facts, done="已提交复核申请。", style="outline-primary",
    explain="复核由未参与原结论审定的人员办理，只审查程序。对同一结论只能申请一次。",
)  # fmt: skip
REPLY = Verb(
    "reply_reconsideration", "答复复核申请", may=permissions_screening.may_answer_reconsideration, act=reconsideration.reply, article=17,
    form=ReplyForm, app="applications", back=_screening_page, facts=_request_facts, final=True, done="已答复复核申请。",
    explain="申请成立的，该申报回到待审状态，重新作出结论；维持的，原结论不变。申报单位会收到答复书。",
)  # fmt: skip
UNTIL_DECIDED = [ASK_DEPARTMENTS, RETURN_FOR_CORRECTION, PREPARE, ACCEPT, DECLINE]
VERBS = [*UNTIL_DECIDED, DISQUALIFY]
