"""Accounts and roles: opened, granted, ended. Separation of duties is checked where a role is granted (第六、八、九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal import roles
from award_portal.lifecycle import act, lock, store
from award_portal.models import RoleGrant, User
from award_portal.roles import Role
from award_portal.sockets import Socket
from award_portal.verdict import YES, Refused, Verdict, no, require

# Later stages answer with sentences why `user` may not be granted `role` (a member of a unit that applies, say).
objections = Socket("why may this person not hold this role?")


# Later stages answer with sentences why `user`'s `role` may not be ended by hand: it goes with a seat, a panel, an office.
bindings = Socket("what holds this person to this role?")


def endable(granted: RoleGrant, at: datetime) -> Verdict:
    """第六、八、二十六条: this function will say whether a role may be ended by itself; one that goes with an office may not."""
    for sentence in bindings.ask(granted.user, granted.role, at):
        return no(sentence, 8)
    return YES


@act("注册账号", None)
def register(user: User, *, by: Any, at: datetime) -> User:
    """This function will record a new account made by the person and let it act for applicants."""
    _grant(user, Role.APPLICANT, by=None, at=at, reason="自行注册")
    return user


@act("开设账号", None, role=Role.SECRETARIAT)
def open_account(email: str, name: str, *, by: Any, at: datetime) -> User:
    """This function will open an account without a password: the person sets one through the reset mail."""
    if User.objects.filter(email__iexact=email).exists():
        raise Refused("该电子邮箱已有账号。", field="email")
    user = User(email=email.lower(), name=name)
    user.set_unusable_password()
    store(user, clash="该电子邮箱已有账号。", clash_field="email")
    confirm_address(user)
    return user


def confirm_address(user: User) -> None:
    """This function will note the account's address as verified: the secretariat knows whom it invited."""
    from allauth.account.models import EmailAddress

    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


@act("设立首个秘书处账号", 5)
def found(email: str, name: str, *, by: Any, at: datetime) -> User:
    """第五条: this function will open the very first account of the secretariat, from the command line of the machine.

    Refused once anybody holds that role: from then on the secretariat opens accounts itself.
    """
    if RoleGrant.objects.filter(role=Role.SECRETARIAT).exists():
        raise Refused("已有秘书处账号，请由秘书处人员开设其他账号。", 5)
    user = User(email=email.lower(), name=name)
    user.set_unusable_password()
    store(user, clash="该电子邮箱已有账号。", clash_field="email")
    confirm_address(user)
    _grant(user, Role.SECRETARIAT, by=None, at=at, reason="首个秘书处账号")
    return user


@act("授予角色", 8, role=Role.SECRETARIAT)
def grant(user: User, role: str, *, by: Any, at: datetime, reason: str = "") -> RoleGrant:
    """第六、八、九条: this function will give `user` a role from `at` on. Refused where another role of his forbids it."""
    if user == by:
        raise Refused("不能给自己授予角色。", 8)
    return _grant(user, role, by=by, at=at, reason=reason)


def _grant(user: User, role: str, *, by: Any, at: datetime, reason: str) -> RoleGrant:
    lock(user)  # two roles that exclude each other, granted at the same moment, meet here
    if not user.is_active:
        raise Refused(f"{user}的账号已停用，不能授予角色。", 8)
    held = set(user.grants.filter(roles.in_force(at)).values_list("role", flat=True))
    for other in held:
        if frozenset((role, other)) in roles.INCOMPATIBLE:
            raise Refused(f"{user}已是{Role(other).label}，不能同时担任{Role(role).label}。", 8, "role")
    for reason_against in objections.ask(user, role, at):
        raise Refused(reason_against, 9, "role")
    user.__dict__.pop("_roles_at", None)
    return store(
        RoleGrant(user=user, role=role, starts_at=at, granted_by=by, reason=reason),
        clash=f"{user}已担任{Role(role).label}。",
        clash_field="role",
    )


@act("终止角色", 8, role=Role.SECRETARIAT)
def end_grant(granted: RoleGrant, *, by: Any, at: datetime, reason: str) -> RoleGrant:
    """第八条: this function will end a role at `at`; the person's next request no longer has it."""
    if granted.user == by and granted.role == Role.SECRETARIAT:  # the last one would leave nobody who can grant
        raise Refused("不能终止自己的秘书处角色，请由其他秘书处人员办理。", 8)
    require(endable(granted, at))
    return _end(granted, at)


def _end(granted: RoleGrant, at: datetime) -> RoleGrant:
    person = granted.user
    lock(granted)
    if granted.ends_at is not None:
        raise Refused("该角色已经终止。", 8)
    person.__dict__.pop("_roles_at", None)
    return store(granted, ends_at=at, clash="终止时间不能早于授予时间。")


@act("停用账号", None, role=Role.SECRETARIAT)
def deactivate(user: User, *, by: Any, at: datetime, reason: str) -> User:
    """This function will close an account: every session of it ends with its next request, every role ends now."""
    if user == by:
        raise Refused("不能停用自己的账号。")
    for granted in user.grants.filter(ends_at=None):
        require(endable(granted, at))
        _end(granted, at)
    return store(lock(user), is_active=False)


def grant_within(user: User, role: str, *, at: datetime, reason: str, by: Any = None) -> RoleGrant | None:
    """This function will give a role inside another act (an officer named, a member approved), once."""
    if user.grants.filter(roles.in_force(at), role=role).exists():
        return None
    return _grant(user, role, by=by, at=at, reason=reason)


def end_within(user: User, role: str, *, at: datetime) -> None:
    """This function will end a role inside another act (a reviewer disqualified, a member's post changed)."""
    for granted in user.grants.filter(role=role, ends_at=None):
        _end(granted, at)
