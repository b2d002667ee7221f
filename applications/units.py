"""Who takes part: departments with their officers, units with their people (第十、十六条)."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from stdnum.cn import uscc

from applications import permissions_units as permissions
from applications.models import Applicant, ApplicantMembership, Department, DepartmentOfficer
from award_portal import people, roles
from award_portal.lifecycle import act, lock, store
from award_portal.models import User
from award_portal.roles import Role, in_force
from award_portal.sockets import Socket
from award_portal.verdict import Refused, require

# Later stages answer with sentences why `user` may not act for the unit with this code: its reviewer, for one.
objections = Socket("why may this person not act for this unit?")

Level = ApplicantMembership.Level
ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
CONFUSED = {"O": "0", "I": "1"}  # letters the code never has, and the digit that was meant
SEPARATORS = "_-‐‑‒–—―−﹣－·.．"
TAKEN = "该统一社会信用代码已登记。"
# Whoever judges or watches does not run: these roles never act for a unit.
BARRED = (Role.SECRETARIAT, Role.DEPARTMENT, Role.GOVERNMENT, Role.AUDITOR)


def canonical_code(typed: str) -> str:
    """第十条: this function will give the one form of a 统一社会信用代码, or refuse with what is wrong.

    Full width, lower case, spaces, hyphens and invisible characters are forgiven; letters the code does not have and a wrong
    check character are not.
    """
    text = unicodedata.normalize("NFKC", typed).upper()
    kept = (c for c in text if c not in SEPARATORS and not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"})
    code = "".join(kept)
    if len(code) != 18:
        raise Refused(f"统一社会信用代码应为18位，您填写的是{len(code)}位。", 10, "code")
    for place, character in enumerate(code, 1):
        if character not in ALPHABET:
            meant = f"，应为数字“{CONFUSED[character]}”" if character in CONFUSED else ""
            raise Refused(f"第{place}位是“{character}”，代码中不会出现这个字符{meant}，请核对。", 10, "code")
    if not code[2:8].isdigit():
        raise Refused("统一社会信用代码第3至8位是登记地区，应为数字，请核对。", 10, "code")
    # The package's validate() also wants digits in the first two places; N2 (a village's collective) and the like are real.
    if code[-1] != uscc.calc_check_digit(code[:17]):
        raise Refused("统一社会信用代码的最后一位（校验码）与前17位不符，请逐位核对。", 10, "code")
    return code


def tidy(name: str) -> str:
    """第十条: this function will give a unit's name in one writing, or refuse an empty one."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name:
        raise Refused("请填写单位名称。", 10, "name")
    return name


# ── departments ──


@act("登记有关部门", 16, role=Role.SECRETARIAT)
def name_department(name: str, *, by: Any, at: datetime) -> Department:
    """第十六条: this function will add a department that recommends units and checks their eligibility."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name:
        raise Refused("请填写部门名称。", 16, "name")
    return store(Department(name=name), clash="该部门已登记。", clash_field="name")


@act("指定部门经办人", 16, role=Role.SECRETARIAT)
def name_officer(department: Department, user: User, *, by: Any, at: datetime) -> DepartmentOfficer:
    """第十六条: this function will let `user` act for the department from `at` on."""
    if user == by:
        raise Refused("不能指定自己为经办人。", 16, "user")
    lock(department)
    if not department.active:
        raise Refused("该部门已停用。", 16)
    people.grant_within(user, Role.DEPARTMENT, at=at, reason=f"{department}经办人", by=by)
    return store(
        DepartmentOfficer(department=department, user=user, starts_at=at),
        clash=f"{user}已是{department}的经办人。",
        clash_field="user",
    )


@act("终止部门经办人", 16, role=Role.SECRETARIAT)
def dismiss_officer(officer: DepartmentOfficer, *, by: Any, at: datetime, reason: str) -> DepartmentOfficer:
    """第十六条: this function will end an office at once; the last office takes the role with it."""
    lock(officer)
    if officer.ends_at is not None:
        raise Refused("该经办人已终止。", 16)
    store(officer, ends_at=at)
    if not DepartmentOfficer.objects.filter(in_force(at), user=officer.user).exists():
        people.end_within(officer.user, Role.DEPARTMENT, at=at)
    return officer


# ── units ──


@act("登记申报单位", 10, role=Role.APPLICANT)
def register_unit(code: str, name: str, kind: str, *, by: Any, at: datetime) -> Applicant:
    """第十条: this function will register an organisation by its code; whoever registers it is its owner."""
    code = canonical_code(code)
    name = tidy(name)
    if kind not in Applicant.Kind.values:
        raise Refused("请选择单位类型。", 10, "kind")
    require(permissions.may_register(by, at))
    may_act_for(by, code, at)
    if ApplicantMembership.objects.filter(in_force(at), applicant__code=code, user=by).exists():
        raise Refused("您已是该单位人员，不需要再次登记，请到“我的申报”办理。", 10)
    applicant = store(
        Applicant(code=code, name=name, kind=kind, registered_at=at),
        clash=TAKEN,
        clash_field="code",
    )
    store(ApplicantMembership(applicant=applicant, user=by, level=Level.OWNER, starts_at=at))
    return applicant


@act("添加单位人员", 16)
def add_member(applicant: Applicant, user: User, level: str, *, by: Any, at: datetime) -> ApplicantMembership:
    """第十六条: this function will let another person fill in, read or also own; the owner decides."""
    require(permissions.may_run_unit(by, applicant, at))
    if level not in Level.values:
        raise Refused("请选择权限。", 16, "level")
    if not roles.holds(user, Role.APPLICANT, at):
        raise Refused("该账号不能作为申报单位人员。", 16, "email")
    try:
        may_act_for(user, applicant.code, at)
    except Refused as refusal:  # who sits on a panel is nobody's business
        raise Refused("该账号不能作为申报单位人员。", 16, "email") from refusal
    return store(
        ApplicantMembership(applicant=applicant, user=user, level=level, starts_at=at),
        clash=f"{user}已是本单位人员。",
        clash_field="email",
    )


@act("终止单位人员权限", 16)
def end_membership(membership: ApplicantMembership, *, by: Any, at: datetime, reason: str = "") -> ApplicantMembership:
    """第十六条: this function will end a person's access at once; a unit keeps at least one owner."""
    lock(membership.applicant)
    lock(membership)
    require(permissions.may_end_membership(by, membership, at))
    _keeps_an_owner(membership, at)
    _take_back_invitations(membership, at)
    return store(membership, ends_at=at)


@act("调整单位人员权限", 16)
def change_level(membership: ApplicantMembership, level: str, *, by: Any, at: datetime) -> ApplicantMembership:
    """第十六条: this function will raise or lower what a person may do; a unit keeps at least one owner."""
    lock(membership.applicant)
    lock(membership)
    require(permissions.may_change_level(by, membership, at))
    if level not in Level.values:
        raise Refused("请选择权限。", 16, "level")
    if level == membership.level:
        raise Refused(f"{membership.user}已是{membership.get_level_display()}。", 16, "level")
    if level != Level.OWNER:
        _keeps_an_owner(membership, at)
        _take_back_invitations(membership, at)
    return store(membership, level=level)


@act("移交单位负责人", 16)
def transfer_ownership(
    membership: ApplicantMembership, afterwards: str, *, by: Any, at: datetime, reason: str = ""
) -> ApplicantMembership:
    """第十六条: this function will make another of the unit's people its owner; the giver becomes an editor or leaves."""
    lock(membership.applicant)
    lock(membership)
    require(permissions.may_transfer(by, membership, at))
    if afterwards not in {"editor", "leave"}:
        raise Refused("请选择移交后您的权限。", 16, "afterwards")
    given = lock(ApplicantMembership.objects.get(in_force(at), applicant=membership.applicant, user=by))
    if membership.level != Level.OWNER:
        store(membership, level=Level.OWNER)
    _take_back_invitations(given, at)
    store(given, **({"ends_at": at} if afterwards == "leave" else {"level": Level.EDITOR}))
    return membership


def _take_back_invitations(membership: ApplicantMembership, at: datetime) -> None:
    """Whoever is the owner no more lets nobody in any more, himself included."""
    for invitation in membership.applicant.invitations.pending().filter(invited_by=membership.user):
        store(invitation, revoked_at=at)


def _keeps_an_owner(membership: ApplicantMembership, at: datetime) -> None:
    others = permissions.in_charge(membership.applicant, at).exclude(pk=membership.pk)
    if membership.level == Level.OWNER and not others.exists():
        raise Refused("单位至少要有一名负责人，请先添加新的负责人。", 16)


def may_act_for(user: Any, code: str, at: datetime) -> None:
    """第九条: this function will refuse whoever judges or watches, and whoever a later stage objects to."""
    held = [role for role in BARRED if roles.holds(user, role, at)]
    if held:
        raise Refused(f"{user}是{held[0].label}，不能代表申报单位。", 9)
    for sentence in objections.ask(user, code, at):
        raise Refused(sentence, 9)


def people_of(applicant: Applicant, at: datetime) -> list[User]:
    """第十六条: this function will list the active people of a unit who fill in or own, for letters to it."""
    levels = (Level.OWNER, Level.EDITOR)
    members = ApplicantMembership.objects.filter(
        in_force(at), applicant=applicant, level__in=levels, user__is_active=True
    )
    return [member.user for member in members.select_related("user").order_by("pk")]


def officers_of(department: Department, at: datetime) -> list[User]:
    """第十六条: this function will list the active officers of a department."""
    officers = DepartmentOfficer.objects.filter(in_force(at), department=department, user__is_active=True)
    return [officer.user for officer in officers.select_related("user").order_by("pk")]
