"""Step 3: the departments answer, the secretariat concludes limb by limb, one prepares the decision and another takes it."""

from __future__ import annotations

from tests.journeys.steps import OFFICERS, SECOND_SECRETARY, Walk


def screen(walk: Walk) -> None:
    """第十、十一、十七条: departments answer, every limb gets its line and its conclusion, the unit is confirmed."""
    swear(walk)
    ask(walk)
    answer_checks(walk)
    conclude(walk)
    prepare(walk)
    confirm(walk)


def swear(walk: Walk) -> None:
    """第九条: the window has closed: both of the secretariat pledge and declare before they open a file again."""
    for person in (walk.secretary, walk[SECOND_SECRETARY]):
        if not person.signed_in:
            person.sign_in()
        person.open("/desk/")
        person.within(person.main).follow_start("签署").fill({"签名（您的姓名）": person.name})
        person.press("签署承诺书").sees("已签署承诺书").press("确认以上申报").sees("已申报")


def screening_of(walk: Walk) -> str:
    """第十七条: this function will say where the unit is screened."""
    return f"{walk.at['application']}screening/"


def ask(walk: Walk) -> None:
    """第十七条: the secretariat asks the departments."""
    walk.secretary.open(screening_of(walk)).follow("提请部门核查")
    walk.secretary.fill({department: True for _, department in OFFICERS}).press("提请部门核查").sees("已提请核查")


def answer_checks(walk: Walk) -> None:
    """第十七条: each department that was asked answers that it has found nothing."""
    for name, _ in OFFICERS:
        officer = walk[name]
        if not officer.signed_in:
            officer.sign_in()
        officer.open("/departments/mine/")
        officer.within(officer.table("待答复的核查")).follow_start(walk.at["unit"])
        officer.follow("答复核查").fill({"所问各项均无记录，未发现问题": True, "情况说明": "经查询，未发现问题。"})
        officer.press("答复核查")
        officer.sees("已答复")


def conclude(walk: Walk) -> None:
    """第十、十一条: the secretariat concludes every limb, with its basis."""
    secretary = walk.secretary.open(screening_of(walk))
    limbs = secretary.main.locator("select[name^=conclusion_]").all()
    assert len(limbs) > 20, "every limb of articles 10 and 11 has its line"
    for limb in limbs:
        limb.select_option("met")
    for basis in secretary.main.locator("[name^=basis_]").all():
        basis.fill("已核对申报材料和部门答复，符合要求。")
    secretary.press("保存结论").sees("可以确认符合资格")


def prepare(walk: Walk) -> None:
    """第十七条: one person of the secretariat prepares the decision."""
    walk.secretary.do("拟定结论", {"符合申报资格": True}).sees("等待秘书处另一人审定")


def confirm(walk: Walk) -> None:
    """第十七条: another person of the secretariat takes it."""
    second = walk[SECOND_SECRETARY]
    if not second.signed_in:
        second.sign_in()
    second.open(screening_of(walk)).do("确认符合资格").sees("已确认符合申报资格")
