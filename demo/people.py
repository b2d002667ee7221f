"""The people of the demo. Accounts are opened as the secretariat opens them; only the passwords are set here."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password

from applications import units
from applications.models import Department
from award_portal import demo_mode, people
from award_portal.lifecycle import act, store
from award_portal.models import User
from award_portal.roles import Role
from committee import memberships
from committee.models import Member
from demo.units import DEPARTMENTS
from review import panels
from review.models import Reviewer


@dataclass
class Cast:
    """Everybody who plays a part."""

    secretary: User
    second_secretary: User
    clerk: User
    auditor: User
    members: list[User] = field(default_factory=list)
    reviewers: list[Reviewer] = field(default_factory=list)
    departments: dict[str, Department] = field(default_factory=dict)
    officers: dict[str, User] = field(default_factory=dict)


@act("设置演示密码", None)
def set_password(user: User, *, by: Any, at: datetime) -> User:
    """This function will give a demo account the password shown on the sign-in page."""
    return store(user, password=_hashed())


@functools.cache
def _hashed() -> str:
    """The password's digest, computed once: thirty times would take as long as the rest of the demo."""
    return make_password(demo_mode.PASSWORD)


MEMBERS = (
    ("member", "段建平", Member.Office.CHAIR, "区政府副区长"),
    ("member-office", "贺兰芳", Member.Office.VICE_CHAIR, "区政府办主任"),
    ("member-market", "秦鸿志", Member.Office.SECRETARY_GENERAL, "区市场监管局局长"),
    ("member-industry", "薛国庆", Member.Office.MEMBER, "区工业和信息化局局长"),
    ("member-finance", "尚雅琴", Member.Office.MEMBER, "区财政局局长"),
    ("member-development", "袁宏伟", Member.Office.MEMBER, "区发展和改革委员会主任"),
    ("member-union", "苗素英", Member.Office.MEMBER, "区总工会主席"),
)
REVIEWERS = (
    ("reviewer", "顾明远", "河南科技大学", "高级工程师、卓越绩效评价师", "机械制造、过程管理", True),
    ("reviewer-2", "沈雨桐", "洛阳市质量协会", "卓越绩效评价师", "战略、顾客与市场", False),
    ("reviewer-3", "蒋伯年", "洛阳市标准化研究院", "正高级工程师", "测量分析、标准化", False),
    ("reviewer-4", "林若冰", "郑州大学", "教授、管理体系审核员", "服务业、信息化", True),
    ("reviewer-5", "尹长河", "河南省质量协会", "卓越绩效评价师", "财务与经营结果", False),
    ("reviewer-6", "卢思源", "洛阳理工学院", "副教授", "建筑工程质量", True),
)
# What each keeps on record besides: degree and title, years in quality work, industries (GB/T 4754).
RECORDS = {
    "reviewer": ("硕士研究生，高级工程师", 18, ("C34", "C35")),
    "reviewer-2": ("本科，高级工程师", 11, ("C13", "C14")),
    "reviewer-3": ("本科，正高级工程师", 26, ("C40", "M")),
    "reviewer-4": ("博士研究生，教授", 15, ("I", "F")),
    "reviewer-5": ("本科，高级会计师", 9, ("L", "C38")),
    "reviewer-6": ("博士研究生，副教授", 13, ("E", "C30")),
}
OFFICERS = dict(
    zip(
        DEPARTMENTS,
        ("杜凤霞", "常胜利", "龙海燕", "彭立军", "潘秋月", "金学峰", "戴文静", "温俊杰", "姚志刚", "石磊", "康宁"),
        strict=True,
    )
)


def address(account: str) -> str:
    """This function will give the demo address of an account."""
    return f"{account}{demo_mode.DOMAIN}"


def _open(account: str, name: str, role: str | None, *, by: User, at: datetime) -> User:
    user = people.open_account(address(account), name, by=by, at=at)
    if role:
        people.grant(user, role, by=by, at=at, reason="开设账号")
    return set_password(user, by=by, at=at)


def hire(at: datetime) -> Cast:
    """This function will open the accounts of the government's side at `at` and name the departments' officers."""
    secretary = people.found(address("secretariat"), "李文静", by=None, at=at)
    set_password(secretary, by=secretary, at=at)
    cast = Cast(
        secretary=secretary,
        second_secretary=_open("secretariat-2", "周晓东", Role.SECRETARIAT, by=secretary, at=at),
        clerk=_open("government", "何立群", Role.GOVERNMENT, by=secretary, at=at),
        auditor=_open("auditor", "郑清源", Role.AUDITOR, by=secretary, at=at),
    )
    for number, (name, officer) in enumerate(OFFICERS.items()):
        department = units.name_department(name, by=secretary, at=at)
        user = _open("department" if number == 0 else f"department-{number + 1}", officer, None, by=secretary, at=at)
        units.name_officer(department, user, by=secretary, at=at)
        cast.departments[name], cast.officers[name] = department, user
    for account, name, employer, qualification, specialities, expert in REVIEWERS:
        user = _open(account, name, None, by=secretary, at=at)
        education, years, fields = RECORDS[account]
        cast.reviewers.append(
            panels.list_reviewer(
                user, employer, qualification, specialities, expert,
                education=education, quality_years=years, industries=fields, by=secretary, at=at,
            )
        )  # fmt: skip
    _seat(cast, at)
    return cast


def _seat(cast: Cast, at: datetime) -> None:
    """第六条: offices by post, ordinary members nominated by the secretariat and approved by the chair."""
    chair: User | None = None
    for account, name, office, post in MEMBERS:
        user = _open(account, name, None, by=cast.secretary, at=at)
        cast.members.append(user)
        if office == Member.Office.MEMBER:
            nominated = memberships.nominate(user, office, post, by=cast.secretary, at=at)
            memberships.approve(nominated, by=chair, at=at)
        else:
            memberships.appoint_office(user, office, post, by=cast.secretary, at=at, reason="按职务担任")
        chair = chair or user


def register(account: str, name: str, *, at: datetime) -> User:
    """This function will register an applicant's person, as the registration page does."""
    user = User(email=address(account), name=name, password=_hashed())
    return _registered(user, by=None, at=at)


@act("注册账号", None)
def _registered(user: User, *, by: Any, at: datetime) -> User:
    store(user)
    people.confirm_address(user)
    people.grant_within(user, Role.APPLICANT, at=at, reason="自行注册")
    return user
