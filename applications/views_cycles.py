"""Pages of a cycle: planning, rules, and the verbs of its announcement (第四、七、十五条)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import cycles, permissions_screening, publication, rules_news
from applications import permissions_cycles as permissions
from applications.forms_cycles import AttachForm, DraftForm, ExtendForm, PlanCycleForm, PublicationForm
from applications.models import AwardCycle, CycleRules
from applications.rules_form import RulesForm
from applications.rules_questions import QUESTIONS, Question
from award_portal import clock, confirmation
from award_portal.confirmation import OptionalReasonForm, ReasonForm, Verb, offered
from award_portal.policy import see, signed_in
from award_portal.roles import Role
from award_portal.verdict import Refused
from award_portal.wording import cn_closing, cn_date, cn_datetime


def _draft_or_cycle(cycle: AwardCycle) -> str:
    if publication.draft_of(cycle):
        return reverse("applications:announcement_draft", args=[cycle.pk])
    return cycle.get_absolute_url()


def _draft_facts(cycle: AwardCycle) -> list[tuple[str, object]]:
    draft = publication.draft_of(cycle)
    if draft is None or draft.opens_at is None or draft.closes_at is None:
        return []
    window = f"{cn_datetime(draft.opens_at)}至{cn_closing(draft.closes_at)}"
    reference = draft.reference_on or cycles.last_day(draft.closes_at)
    return [
        ("标题", draft.title),
        ("受理时间", window),
        ("基准日", cn_date(reference)),
        ("附件", f"{draft.attachments.count()}个"),
    ]


DRAFT_RULES = Verb(
    "draft_rules", "起草规则", may=permissions.may_draft_rules, act=cycles.draft_rules, article=7, form=RulesForm, app="applications",
    explain="《办法》没有规定的事项，由秘书处起草、评委会审定。起草后可随时修改，审定后才生效。", done="已起草规则。",
)  # fmt: skip
AMEND_RULES = Verb(
    "amend_rules", "修改草案", may=permissions.may_amend_rules, act=cycles.amend_rules, article=7, form=RulesForm, app="applications",
    explain="保存后草案内容随之更新，尚未生效。", done="已修改草案。", style="secondary",
)  # fmt: skip
COMPOSE = Verb(
    "compose_announcement", "编写公告", may=permissions.may_compose, act=publication.save_draft, article=15, form=DraftForm,
    app="applications", back=_draft_or_cycle, style="secondary", done="公告草稿已保存，请预览。",
    explain="保存为草稿，可以随时修改，尚不公开。保存后按公众看到的样子预览，核对无误再发布。",
)  # fmt: skip
ATTACH = Verb(
    "attach_to_announcement", "添加附件", may=permissions.may_attach, act=publication.attach, article=15, form=AttachForm,
    app="applications", back=_draft_or_cycle, style="secondary", explain="附件随公告一并公开，公众可以下载。", done="已添加附件。",
)  # fmt: skip
DETACH = Verb(
    "detach_from_announcement", "删除附件", may=permissions.may_detach, act=publication.detach, article=15, app="applications",
    back=lambda attachment: _draft_or_cycle(attachment.draft.cycle), style="secondary", explain="附件从公告草稿中删除。",
    done="已删除附件。",
)  # fmt: skip
ANNOUNCE = Verb(
    "announce", "发布公告", may=permissions.may_announce, act=publication.publish, article=15, app="applications",
    facts=_draft_facts, explain="公告按预览的内容立即公开，受理时间和基准日随之确定。受理时间以后只能延长，基准日不再改变。",
    done="已发布公告。", final=True,
)  # fmt: skip
WITHDRAW_ANNOUNCEMENT = Verb(
    "withdraw_announcement", "撤回公告", may=permissions.may_withdraw_announcement, act=publication.withdraw_announcement,
    article=15, form=ReasonForm, app="applications", style="danger", done="公告已撤回，可以重新编写和发布。", final=True,
    explain="公告（含延期公告）标明撤回和理由，仍留在公告栏；本届回到筹备，受理时间作废。单位的草稿保留，并通知其负责人。",
)  # fmt: skip
NOTE_PUBLICATION = Verb(
    "note_publication", "登记发布情况", may=permissions.may_note_publication, act=publication.note_publication, article=15,
    form=PublicationForm, app="applications", style="secondary", done="已登记。", final=True,
    explain="登记公告在哪里刊发：报纸、网站、公告栏。登记后随公告公开，不能修改。",
)  # fmt: skip
EXTEND = Verb(
    "extend", "延长受理时间", may=permissions.may_extend, act=cycles.extend, article=15, form=ExtendForm, app="applications",
    explain="另发延期公告，只能延长，基准日不变，理由随公告公开。", done="已发布延期公告。", style="secondary", final=True,
)  # fmt: skip
CONCLUDE = Verb(
    "conclude", "结束本届", may=permissions.may_conclude, act=cycles.conclude, article=4, form=OptionalReasonForm, app="applications",
    explain="本届评选工作结束，此后可筹备下一届。获奖单位的监督继续进行。", done="本届已结束。", style="secondary", final=True,
)  # fmt: skip
CANCEL = Verb(
    "cancel", "取消本届", may=permissions.may_cancel, act=cycles.cancel, article=7, form=ReasonForm, app="applications",
    explain="本届不再举办，不计入已举办的届次。", done="本届已取消。", style="danger", final=True,
)  # fmt: skip
CYCLE_VERBS = [DRAFT_RULES, COMPOSE, ANNOUNCE, EXTEND, WITHDRAW_ANNOUNCEMENT, CONCLUDE, CANCEL]


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_cycle(request: HttpRequest) -> HttpResponse:
    """第四条: this view will plan a new cycle."""
    last = AwardCycle.objects.exclude(state=AwardCycle.State.CANCELLED).first()
    start = {
        "number": last.number + 1 if last else 1,
        "year": last.year + last.interval_years if last else clock.now().year,
    }
    form = PlanCycleForm(request.POST if request.method == "POST" else None, initial=start, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            cycle = cycles.plan_cycle(by=request.user, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            confirmation.blame(form, refusal)
            return render(request, "applications/cycle_plan.html", {"form": form}, status=409)
        messages.success(request, "已建立届次。")
        return redirect(cycle)
    return render(
        request, "applications/cycle_plan.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@see(AwardCycle, anonymous=True)
@require_safe
def cycle_page(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第四、七、十五条: this view will show a cycle: its window, its rules, what comes next."""
    at = clock.now()
    rules = CycleRules.objects.visible_to(request.user).filter(cycle=cycle)
    verbs = offered(CYCLE_VERBS, request.user, cycle, at) if permissions.secretariat(request.user, at) else []
    context = {
        "cycle": cycle,
        "rules": rules,
        "announcements": cycle.announcements.all(),
        "draft": publication.draft_of(cycle) if permissions.insider(request.user, at) else None,
        "verbs": verbs,
        "screening": cycle.opens_at is not None and permissions_screening.may_look(request.user, cycle, at).allowed,
    }
    return render(request, "applications/cycle_detail.html", context)


@see(CycleRules, anonymous=True)
@require_safe
def rules_page(request: HttpRequest, rules: CycleRules) -> HttpResponse:
    """第七条: this view will show the rules, question by question."""
    at = clock.now()
    insider = bool(permissions.rule_makers(request.user, at))
    groups = [(question.title, _rows(rules, question, insider)) for question in QUESTIONS]
    verbs = offered([AMEND_RULES], request.user, rules, at) if permissions.secretariat(request.user, at) else []
    context = {
        "rules": rules,
        "groups": [(title, rows) for title, rows in groups if rows],
        "others": _others(request.user, rules),
        "verbs": verbs,
    }
    return render(request, "applications/rules_detail.html", context)


def _rows(rules: CycleRules, question: Question, insider: bool) -> list[tuple[str, str]]:
    told = [rule for rule in question.rules if insider or rule.name not in cycles.WITHHELD]
    return [(rule.label, rules_news.shown(rules, rule.name)) for rule in told]


def _others(user: Any, rules: CycleRules) -> list[CycleRules]:
    return list(CycleRules.objects.visible_to(user).filter(cycle=rules.cycle_id).exclude(pk=rules.pk))


@see(CycleRules, anonymous=True)
@require_safe
def compare_rules(request: HttpRequest, rules: CycleRules) -> HttpResponse:
    """第七条: this view will show what differs between this version and another one of the cycle, the one before by default."""
    others = _others(request.user, rules)
    wanted = request.GET.get("with", "")
    earlier = [other for other in others if other.version < rules.version]
    chosen = next((other for other in others if str(other.version) == wanted), earlier[0] if earlier else None)
    if chosen is None:
        raise Http404
    before, after = (chosen, rules) if chosen.version < rules.version else (rules, chosen)
    insider = bool(permissions.rule_makers(request.user, clock.now()))
    context = {
        "rules": rules,
        "before": before,
        "after": after,
        "others": others,
        "differences": rules_news.differences(before, after, insider=insider),
    }
    return render(request, "applications/rules_compare.html", context)
