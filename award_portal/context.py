"""What every page knows: the portal's name, the navigation, the demo's time."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from award_portal import clock, demo_mode, regulation, roles
from award_portal.roles import Role

PUBLIC = [("首页", "home"), ("公告", "applications:announcements"), ("公示", "committee:notices"),
          ("获奖单位", "monitoring:laureates"), ("管理办法", "regulation")]  # fmt: skip
OWN = {
    Role.APPLICANT: [("我的申报", "applications:mine")],
    Role.DEPARTMENT: [("部门办理", "applications:department")],
    Role.REVIEWER: [("评审工作", "review:mine")],
    Role.MEMBER: [("评委会", "committee:mine")],
    Role.GOVERNMENT: [("区政府决定", "committee:government")],
    Role.SECRETARIAT: [("秘书处", "secretariat"), ("管理后台", "admin:index")],
    Role.AUDITOR: [("留痕", "audit"), ("管理后台", "admin:index")],
}


def portal(request: HttpRequest) -> dict[str, Any]:
    """This function will give templates the words and links that stand on every page."""
    text = regulation.load(settings.REGULATION)
    demo = demo_mode.state()
    user = getattr(request, "user", None)
    held = roles.of(user, clock.now()) if user is not None and user.is_authenticated else set()
    return {
        "regulation": text,
        "portal_name": text.award_name,
        "secretariat_seat": text.secretariat_seat,
        "navigation": navigation(request.path, held),
        "portal_now": clock.now(),
        "demo_mode": demo is not None,
        "demo_accounts": demo_mode.accounts,  # only the sign-in page and the home page ask
    }


def navigation(path: str, held: set[str]) -> list[tuple[str, str, bool]]:
    """This function will list (label, url, whether it is the current one) for a person with these roles."""
    entries = list(PUBLIC)
    if held:
        entries.append(("待办", "desk"))
        for role, pages in OWN.items():
            entries += pages if role in held else []
    listed = []
    for label, name in entries:
        url = reverse(name)
        listed.append((label, url, path == url if url == "/" else path.startswith(url)))
    return listed
