"""Pages of a cycle: planning, rules, announcement, and what the public reads of them (第四、七、十五条)."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications import cycles
from applications import permissions_cycles as permissions
from applications.forms_cycles import AnnounceForm, ExtendForm, PlanCycleForm, RulesForm
from applications.models import Announcement, AwardCycle, CycleRules
from award_portal import clock, confirmation, files, regulation, rubric
from award_portal.confirmation import OptionalReasonForm, ReasonForm, Verb, offered
from award_portal.policy import cached, public, see, signed_in
from award_portal.roles import Role
from award_portal.verdict import Refused

DRAFT_RULES = Verb(
    "draft_rules", "起草规则", may=permissions.may_draft_rules, act=cycles.draft_rules, article=7, form=RulesForm, app="applications",
    explain="《办法》没有规定的事项，由秘书处起草、评委会审定。起草后可随时修改，审定后才生效。", done="已起草规则。",
)  # fmt: skip
AMEND_RULES = Verb(
    "amend_rules", "修改草案", may=permissions.may_amend_rules, act=cycles.amend_rules, article=7, form=RulesForm, app="applications",
    explain="保存后草案内容随之更新，尚未生效。", done="已修改草案。", style="secondary",
)  # fmt: skip
ANNOUNCE = Verb(
    "announce", "发布公告", may=permissions.may_announce, act=cycles.announce, article=15, form=AnnounceForm, app="applications",
    explain="公告立即在本平台公开，受理时间和基准日随之确定。受理时间以后只能延长。", done="已发布公告。", final=True,
)  # fmt: skip
EXTEND = Verb(
    "extend", "延长受理时间", may=permissions.may_extend, act=cycles.extend, article=15, form=ExtendForm, app="applications",
    explain="另发延期公告，只能延长，基准日不变。", done="已发布延期公告。", style="secondary", final=True,
)  # fmt: skip
CONCLUDE = Verb(
    "conclude", "结束本届", may=permissions.may_conclude, act=cycles.conclude, article=4, form=OptionalReasonForm, app="applications",
    explain="本届评选工作结束，此后可筹备下一届。获奖单位的监督继续进行。", done="本届已结束。", style="secondary", final=True,
)  # fmt: skip
CANCEL = Verb(
    "cancel", "取消本届", may=permissions.may_cancel, act=cycles.cancel, article=7, form=ReasonForm, app="applications",
    explain="本届不再举办，不计入已举办的届次。", done="本届已取消。", style="danger", final=True,
)  # fmt: skip
CYCLE_VERBS = [DRAFT_RULES, ANNOUNCE, EXTEND, CONCLUDE, CANCEL]


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
    context = {"cycle": cycle, "rules": rules, "announcements": cycle.announcements.all(), "verbs": verbs}
    return render(request, "applications/cycle_detail.html", context)


@see(CycleRules, anonymous=True)
@require_safe
def rules_page(request: HttpRequest, rules: CycleRules) -> HttpResponse:
    """第七条: this view will show the rules, and what they change against the version before."""
    at = clock.now()
    before = rules.cycle.rules.filter(version=rules.version - 1).first()
    labels = dict(RulesForm.base_fields.items())
    rows = [
        {
            "label": str(labels[name].label),
            "value": shown(rules, name),
            "before": shown(before, name) if before and shown(before, name) != shown(rules, name) else "",
        }
        for name in cycles.OPEN_CHOICES
    ]
    verbs = offered([AMEND_RULES], request.user, rules, at) if permissions.secretariat(request.user, at) else []
    return render(
        request, "applications/rules_detail.html", {"rules": rules, "rows": rows, "before": before, "verbs": verbs}
    )


def shown(rules: CycleRules, name: str) -> str:
    """This function will write one rule for people."""
    value = getattr(rules, name)
    if name == "rubric":
        return rubric.load(value).title
    if name == "tie_break":
        from applications.forms_cycles import TIE_BREAKS

        return dict(TIE_BREAKS).get(",".join(value), "、".join(value))
    return str(rules.get_ballot_form_display() if name == "ballot_form" else value)


@public
@cached
@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """第十五条: this view will list the announcements, the newest first."""
    page = Paginator(Announcement.objects.select_related("cycle"), 20).get_page(request.GET.get("page"))
    return render(request, "applications/announcement_list.html", {"page": page})


@see(Announcement, anonymous=True)
@cached
@require_safe
def announcement(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """第十五条: this view will show an announcement as it was published."""
    text = regulation.load(announcement.cycle.regulation)
    cycle = announcement.cycle
    is_open = cycle.state == AwardCycle.State.ANNOUNCED and cycles.before_close(cycle, clock.now())
    context = {"announcement": announcement, "text": text, "open": is_open}
    return render(request, "applications/announcement_detail.html", context)


@see(Announcement, anonymous=True)
@require_safe
def announcement_document(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """第十五条: this view will hand out the announcement's PDF."""
    if announcement.document is None:
        raise Http404
    return files.response(announcement.document)
