"""States of the first stage, reached by calling the verbs: a cycle announced, a unit, an application handed in and accepted."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from stdnum.cn import uscc

from applications import cycles, evidence, intake, report_plan, screening, units
from applications.models import Applicant, Application, AwardCycle, Department, Recommendation
from applications.paper import figure, years_of
from award_portal import regulation, rubric
from award_portal.models import User
from award_portal.roles import Role
from tests.conftest import START, hire

DAY = timedelta(days=1)
OPENS = timedelta(hours=1)
WINDOW = timedelta(days=20)
_serial = itertools.count(1)


def code(serial: int | None = None) -> str:
    """This function will make a valid 统一社会信用代码; each call another, or the one of `serial`."""
    body = f"91410304MA{(next(_serial) if serial is None else serial):07d}"
    return body + uscc.calc_check_digit(body)


def pdf(name: str = "自我评价报告.pdf", text: str = "") -> SimpleUploadedFile:
    """This function will make a small real PDF to hand in; another text is another content."""
    document = pikepdf.new()
    document.add_blank_page()
    document.docinfo["/Title"] = text or f"{name}-{next(_serial)}"
    content = BytesIO()
    document.save(content, deterministic_id=True)
    return SimpleUploadedFile(name, content.getvalue(), content_type="application/pdf")


def person(role: str, name: str = "", *, at: datetime = START) -> User:
    """This function will find the person of a role, or hire one: most tests need one secretary and not who it is."""
    found = User.objects.filter(grants__role=role, grants__ends_at=None).order_by("pk").first() if not name else None
    return found or hire(name or Role(role).label, role, by=None, at=at)


def announced_cycle(
    at: datetime = START, *, number: int = 1, year: int | None = None, regulation: str = "chanhe-2021", **rules: Any
) -> AwardCycle:
    """This function will plan a cycle, have its rules adopted and announce it at `at`: open an hour later, for 20 days."""
    secretary, member = person(Role.SECRETARIAT, at=at), person(Role.MEMBER, at=at)
    cycle = cycles.plan_cycle(number, year or at.year, regulation, by=secretary, at=at)
    draft = cycles.draft_rules(cycle, by=secretary, at=at, **rules)
    cycles.adopt_rules(draft, by=member, at=at, meeting="评委会第一次会议")
    cycles.announce(
        cycle, by=secretary, at=at, title=f"关于开展{cycle}申报的公告", body="欢迎符合条件的单位自愿申报。", materials="申报表、自我评价报告",
        contacts="秘书处 0379-00000000", channels="区政府门户网站", opens_at=at + OPENS, closes_at=at + WINDOW,
    )  # fmt: skip
    cycle.refresh_from_db()
    return cycle


def unit(name: str = "", code: str = "", *, owner: User | None = None, at: datetime = START) -> Applicant:
    """This function will register a unit; its owner is `owner` or a new person (`unit.memberships`)."""
    serial = next(_serial)
    name = name or f"洛阳瀍河示例企业{serial}有限公司"
    owner = owner or hire(f"{name[:20]}负责人", Role.APPLICANT, by=None, at=at)
    return units.register_unit(code or globals()["code"](serial), name, Applicant.Kind.ENTERPRISE, by=owner, at=at)


def owner_of(thing: Applicant | Application) -> User:
    """This function will give the owner of a unit or of an application's unit."""
    applicant = thing.applicant if isinstance(thing, Application) else thing
    return applicant.memberships.get(level="owner", ends_at=None).user


def department(name: str = "区市场监管局", *, at: datetime = START) -> Department:
    """This function will find a department by its name, or name it with one officer."""
    found = Department.objects.filter(name=name).first()
    if found is None:
        secretary = person(Role.SECRETARIAT, at=at)
        found = units.name_department(name, by=secretary, at=at)
        units.name_officer(found, hire(f"{name}经办人", by=None, at=at), by=secretary, at=at)
    return found


def officer_of(department: Department) -> User:
    """This function will give the officer of a department."""
    return department.officers.filter(ends_at=None).order_by("pk").first().user


FACTS: dict[str, Any] = {
    "address": "洛阳市瀍河回族区启明东路1号", "legal_representative": "陈志远", "registered_capital": "1000", "industry": "C34 通用设备制造业",
    "size": "medium", "employees": "320", "specialised": "yes", "sme": "yes", "products": "精密轴承", "revoked": "no",
    "contact_name": "王芳", "contact_phone": "0379-63000000", "contact_email": "contact@unit.example",
    "quality_levels": [{"indicator": "一次交验合格率", "own": "99.2%"}],
    "certificates": [{"name": "质量管理体系认证证书", "holder": "本单位", "valid_until": "2099-12-31"}],
    "achievements.na": "本年度没有", "excellence_since": "2018-01-01", "self_evaluated_on": "2020-06-30",
    "summary": "全员、全过程、全数据的质量管理。", "pledged": "yes",
}  # fmt: skip


def facts(at: datetime = START, **changes: Any) -> dict[str, Any]:
    """This function will give complete basic facts, with `changes`, as they are typed."""
    dates = {"established_on": f"{at.year - 12}-01-01", "operating_since": f"{at.year - 10}-01-01"}
    plain = {True: "yes", False: "no"}
    return {
        **FACTS,
        **dates,
        **{name: plain[value] if isinstance(value, bool) else value for name, value in changes.items()},
    }


def figures(cycle: AwardCycle, *, profit: str = "860.50") -> dict[str, str]:
    """This function will give complete figures of the three years that the cycle asks for, as they are typed."""
    row = {
        "revenue": "12500.00", "profit": profit, "tax": "410.25", "assets": "23000", "rnd": "600", "staff": "320", "quality_rate": "99.1",
    }  # fmt: skip
    return {figure(code, year): value for year in years_of(cycle) for code, value in row.items()}


def declared(cycle: AwardCycle) -> dict[str, str]:
    """This function will declare that nothing of article 11 has happened."""
    limbs = regulation.load(cycle.regulation).limbs_of(11)
    return {f"compliance.{limb.code}": "no" for limb in limbs if limb.kind == "negative"}


def report(cycle: AwardCycle) -> dict[str, str]:
    """This function will answer every part of the self-evaluation report."""
    rules = cycle.rules.adopted().first()
    return dict.fromkeys(report_plan.names(rubric.load(rules.rubric)), "按制度实施，有数据，有改进。")


def paper(cycle: AwardCycle, at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """This function will fill in the whole form, with `changes`."""
    return {**figures(cycle), **declared(cycle), **report(cycle), **facts(at or cycle.opens_at, **changes)}


def draft_application(
    cycle: AwardCycle,
    name: str = "",
    code: str = "",
    *,
    applicant: Applicant | None = None,
    at: datetime | None = None,
    **changes: Any,
) -> Application:
    """This function will fill in a complete draft: facts, figures, self-assessment, one file of evidence, the pledge."""
    at = at or cycle.opens_at
    applicant = applicant or unit(name, code, at=at)
    owner = owner_of(applicant)
    application = intake.begin(cycle, applicant, by=owner, at=at)
    intake.fill(application, paper(cycle, at, **changes), by=owner, at=at)
    evidence.attach_self_assessment(application, pdf(text="自我评价报告"), by=owner, at=at)
    evidence.attach_evidence(application, pdf("营业执照.pdf", "营业执照"), "licence", "营业执照", by=owner, at=at)
    return application


def recommended_application(cycle: AwardCycle, name: str = "", code: str = "", **more: Any) -> Application:
    """This function will have a complete draft recommended by a department."""
    application = draft_application(cycle, name, code, **more)
    recommend(application, at=more.get("at"))
    return application


def recommend(application: Application, *, at: datetime | None = None) -> Recommendation:
    """This function will ask the usual department and sign its recommendation."""
    at = at or application.cycle.opens_at
    named = department(at=at)
    asked = intake.request_recommendation(application, named, by=owner_of(application), at=at)
    return intake.recommend(asked, "同意推荐。", "赵明", by=officer_of(named), at=at)


def submitted_application(cycle: AwardCycle, name: str = "", code: str = "", **more: Any) -> Application:
    """This function will hand in a recommended application, when the window opens or at `at`."""
    application = recommended_application(cycle, name, code, **more)
    return intake.submit(application, by=owner_of(application), at=more.get("at") or cycle.opens_at)


def screen(application: Application, *, at: datetime | None = None) -> Application:
    """This function will have one department answer and every limb concluded as met."""
    at = at or application.cycle.opens_at
    secretary, named = person(Role.SECRETARIAT, at=at), department(at=at)
    screening.ask_departments(application, [named], by=secretary, at=at)
    screening.answer(application.checks.get(department=named), False, "未发现问题。", by=officer_of(named), at=at)
    lines = {limb.code: ("met", "经核对材料和部门答复") for limb in screening.limbs_of(application)}
    return screening.conclude_limbs(application, lines, by=secretary, at=at)


def second_secretary(*, at: datetime = START) -> User:
    """This function will find the secretariat's other person, who decides what the first has prepared."""
    first = person(Role.SECRETARIAT, at=at)
    found = User.objects.filter(grants__role=Role.SECRETARIAT, grants__ends_at=None).exclude(pk=first.pk).order_by("pk")
    return found.first() or hire("周晓东", Role.SECRETARIAT, by=None, at=at)


def third_secretary(*, at: datetime = START) -> User:
    """This function will find the secretariat's third person, who answers whether two others kept the procedure."""
    known = [person(Role.SECRETARIAT, at=at).pk, second_secretary(at=at).pk]
    found = (
        User.objects.filter(grants__role=Role.SECRETARIAT, grants__ends_at=None).exclude(pk__in=known).order_by("pk")
    )
    return found.first() or hire("沈国强", Role.SECRETARIAT, by=None, at=at)


def prepare(application: Application, outcome: str = "accept", reason: str = "", *, at: datetime | None = None) -> Any:
    """This function will have the secretariat's first person propose the conclusion."""
    at = at or application.cycle.opens_at
    return screening.prepare(application, outcome, reason=reason, by=person(Role.SECRETARIAT, at=at), at=at)


def accepted_application(cycle: AwardCycle, name: str = "", code: str = "", **more: Any) -> Application:
    """This function will confirm a submitted application as eligible."""
    application = submitted_application(cycle, name, code, **more)
    at = more.get("at") or cycle.opens_at
    screen(application, at=at)
    prepare(application, at=at)
    return screening.accept(application, by=second_secretary(at=at), at=at)
