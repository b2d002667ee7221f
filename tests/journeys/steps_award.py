"""Steps 5 to 8: vote, publicity and decision, conferral, revocation; and the look round that everybody may have."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from tests.journeys.person import SHANGHAI
from tests.journeys.steps import (
    OFFICERS,
    REVIEWERS,
    Walk,
    adopt,
    announce,
    call_meeting,
    fill_in,
    gather,
    plan,
)
from tests.journeys.steps_screening import answer_checks

# ── 五、 deliberation and vote ──


def vote(walk: Walk) -> None:
    """第四、九、十八条: the shortlist, the meeting, the form of deliberation, the open ballot, the vacancies."""
    secretary, unit = walk.secretary, walk.at["unit"]
    secretary.open("/secretariat/")
    secretary.within(secretary.main).follow_start("拟定")
    secretary.main.locator("input[name=applications]").first.check()
    secretary.press("保存名单").do("确定入围名单").sees("入围名单已确定")
    shortlist = walk.at["shortlist"] = secretary.path
    for member in walk.committee:
        member.open("/committee/").follow("签署承诺书").fill({"签名": member.name}).press("签署承诺书").sees(
            "已签署承诺书"
        )
        member.within(member.row(unit)).follow_start("去申报")
        member.fill({"没有利害关系": True}).press("申报利害关系").sees("已申报")
    meeting = call_meeting(walk, "审议表决", "审定会")
    gather(walk, meeting)
    secretary.open(shortlist)
    secretary.within(secretary.row(unit)).follow_start("去登记")
    secretary.fill({"现场展示": True, "展示或者核查情况": "现场展示15分钟，答辩5分钟。"}).press("登记审议形式").sees(
        "已登记"
    )
    recheck(walk, meeting, "表决前", "开始表决")
    secretary.open(meeting).do("开始表决").sees("表决已开始")
    ballot = secretary.path
    for member in walk.committee:
        member.open("/committee/").follow("去投票")
        member.main.locator("label", has_text="赞成").first.click()
        member.press("下一步：核对").sees("赞成").press("确认投票").sees("您的票已投出")
    secretary.open(ballot).do("结束表决并计票", {"空缺说明": "符合条件的单位只有一家。"}).sees("已计票", "通过")
    secretary.open(meeting).do("会议结束").sees("会议已结束")


def recheck(walk: Walk, page: str, stage: str, verb: str) -> None:
    """第十一、十八、十九条: the verb is refused until the conditions were asked again; the page leads to where that is done."""
    secretary = walk.secretary.open(page).sees(f"{stage}尚未再次核实各单位的申报条件")
    assert not secretary.main.get_by_role("link", name=verb, exact=True).count(), f"no “{verb}” before the re-check"
    secretary.follow(f"去再核（{stage}）").fill({stage: True}).press("再次核实申报条件").sees("已提请再核", "尚未核完")
    again = secretary.path
    answer_checks(walk)
    secretary.open(again)
    for outcome in secretary.main.locator("select[name^=outcome_]").all():
        outcome.select_option("still_holds")
    for basis in secretary.main.locator("[name^=basis_]").all():
        basis.fill("各部门再次答复无记录，条件仍然具备。")
    secretary.press("保存再核结论").sees("已保存再核结论", "各单位均已核实，仍然符合条件")


# ── 六、 publicity and decision ──


def publish(walk: Walk) -> None:
    """第十九条: the list is published for seven days at least; where days off are not known the last day is named."""
    secretary = walk.secretary
    last = secretary.open("/secretariat/").time.date() + timedelta(days=16)
    secretary.open(f"/committee{walk.at['cycle']}publish/").fill(
        {
            "联系方式": "区市场监管局质量发展股", "指定公示末日": last.isoformat(),
            "指定末日的理由": "节假日安排尚未公布，公示期从宽。",
        }
    ).press("发布公示").sees("公示已发布")  # fmt: skip
    walk.at["notice"] = secretary.path
    walk.at["last_day"] = last.isoformat()


def object_and_dismiss(walk: Walk) -> None:
    """第十九条: anybody may object on the public page; the unit is held until the objection is dismissed."""
    secretary, unit = walk.secretary, walk.at["unit"]
    citizen = walk.people["市民"] = walk.meet("市民")
    citizen.open("/notices/").follow(citizen.main.locator("th a").first.inner_text()).follow("提出异议")
    citizen.fill(
        {unit: True, "姓名或者单位名称": "王先生", "联系方式": "0379-63900000", "事实与理由": "该单位产品曾被投诉。"}
    )
    citizen.press("提交异议").sees("查询码")
    status = citizen.path
    secretary.open("/committee/objections/")
    secretary.within(secretary.row(unit)).follow_start(unit)
    objection = secretary.path
    secretary.do("受理").sees("已受理").open(objection)
    secretary.do("认定不成立", {"处理意见": "经核实，投诉已妥善处理，不影响申报。"}).sees("已认定异议不成立")
    citizen.open(status).sees("投诉已妥善处理")


def close_publicity(walk: Walk) -> None:
    """第十九条: the period ends at 24:00 of its last day, and by itself."""
    end = datetime.fromisoformat(f"{walk.at['last_day']}T00:00:00").replace(tzinfo=SHANGHAI) + timedelta(days=1)
    walk.until(end + timedelta(hours=9))
    recheck(walk, walk.at["shortlist"], "提请区政府前", "提请区政府")
    walk.secretary.open(walk.at["shortlist"]).do("提请区政府").sees("已提请区政府")


def decide(walk: Walk) -> None:
    """第十九条: the government's clerk records the decision; a number typed with square brackets is shown as it should be."""
    clerk = walk["何立群"].sign_in().open("/committee/government/").sees(walk.at["unit"])
    day = clerk.time.date()
    clerk.follow("登记表彰决定").fill(
        {
            "发文字号": f"瀍政[{day.year}]8号",
            "常务会日期": day.isoformat(),
            "成文日期": day.isoformat(),
            walk.at["unit"]: True,
        }
    ).press("登记表彰决定").sees("已登记表彰决定", f"瀍政〔{day.year}〕8号")


def publish_and_decide(walk: Walk) -> None:
    """第十九条: step 6."""
    publish(walk)
    object_and_dismiss(walk)
    close_publicity(walk)
    decide(walk)


# ── 七、 conferral ──


def confer(walk: Walk) -> None:
    """第十九、二十、二十四条: award, trophy, bonus of 100,000.00 yuan, three reports, certificate with its public check."""
    secretary, unit = walk.secretary, walk.at["unit"]
    secretary.open("/awards/").do("授奖").sees("已授奖").follow(unit)
    walk.at["award"] = secretary.path
    secretary.sees("100,000.00元", "第3份")
    secretary.do("登记奖杯", {"奖杯编号": "2027-01"}).sees("已登记奖杯")
    secretary.open(walk.at["award"]).do("登记奖金拨付", {"凭证号": "瀍财拨-001"}).sees("已登记奖金拨付")
    walk.at["verify"] = secretary.open(walk.at["award"]).href("核验页")
    download = wait_for_certificate(walk)
    assert secretary.fetch(download).startswith(b"%PDF"), "the certificate is a PDF"
    walk["市民"].open(walk.at["verify"]).sees("证书有效", unit).open("/laureates/").sees(unit)


def wait_for_certificate(walk: Walk) -> str:
    """第十九条: the certificate's PDF is made by whoever delivers the outbox; gives its address."""

    def there() -> str:
        link = walk.secretary.open(walk.at["award"]).main.get_by_role("link", name="下载证书PDF")
        return str(link.get_attribute("href")) if link.count() else ""

    return walk.site.wait_for(there, "the certificate's PDF")


# ── 八、 revocation ──


def revoke(walk: Walk) -> None:
    """第二十八条: reported, heard, voted, approved; certificate, trophy and bonus are recovered; the public is told."""
    secretary, owner, clerk = walk.secretary, walk[walk.at["owner"]], walk["何立群"]
    secretary.open(walk.at["award"]).follow("立案撤销")
    secretary.fill({"情形": {"value": "false_material"}, "事实与证据": "审计发现申报的三年利润与税务记录不符。"}).press(
        "立案撤销"
    )
    case = secretary.sees("已立案").path
    if case == walk.at["award"]:
        secretary.main.get_by_role("link", name=re.compile("立案$")).first.click()
        secretary.page.wait_for_url("**/revocations/*/")
        case = secretary.path
    owner.open(case).do("提交书面陈述", {"书面陈述": "财务人员误报，愿接受处理。"}).sees("已提交书面陈述")
    secretary.open(case).do("登记听取意见", {"听取意见情况": "已约谈法定代表人，事实无异议。"}).sees("已登记听取意见")
    meeting = call_meeting(walk, "审议撤销", "撤销审议会")
    gather(walk, meeting)
    for member in walk.committee:
        member.open(case).follow("表决").fill({"赞成": True}).press("表决").sees("已表决")
    secretary.open(case).do("提请区政府批准").sees("已提请区政府")
    secretary.open(meeting).do("会议结束").sees("会议已结束")
    day = clerk.open(case).time.date()
    clerk.do("批准撤销", {"批准文号": f"瀍政〔{day.year}〕19号", "批准日期": day.isoformat()}).sees("已批准撤销")
    walk.at["revoked_on"] = day.isoformat()
    recover(walk, case)
    walk["市民"].open(walk.at["verify"]).sees("证书无效", "第二十八条").follow("查看公告").sees(walk.at["unit"])
    secretary.open(f"{walk.at['award']}certificate.pdf", status=403)


def recover(walk: Walk, case: str) -> None:
    """第二十八条: what the revocation takes back is recorded, one thing after the other."""
    secretary = walk.secretary.open(case).sees("100,000.00元")
    while secretary.open(case).main.get_by_role("link", name="登记收回", exact=True).count():
        secretary.do("登记收回", {"说明（可不填）": "已收回"}).sees("已登记收回")
    secretary.misses("待收回")


def refuse_the_banned(walk: Walk) -> None:
    """第四、二十八条: two years on, the next cycle: the banned unit's submission is refused with article and date."""
    secretary, owner = walk.secretary, walk[walk.at["owner"]]
    secretary.open(walk.at["cycle"]).do("结束本届").sees("本届已结束")
    secretary.open("/cycles/plan/").fill({"年度": secretary.time.year + 1}).press("建立届次", status=409).sees(
        "每2年评选一届"
    )
    day = walk.today
    walk.until(datetime(day.year + 2, 3, 1, 9, tzinfo=SHANGHAI))
    plan(walk)
    adopt(walk)
    announce(walk)
    revoked = date.fromisoformat(walk.at["revoked_on"])
    until = f"{revoked.year + 4}年{revoked.month}月{revoked.day}日"
    owner.open("/units/mine/").sees("第二十八条", until)
    address = fill_in(owner, by_button=True)
    owner.open(f"{address}submit/").sees("第二十八条", "不接受其申报", until)
    assert owner.send(f"{address}submit/") == 409, "the verb refuses what the page does not offer"
    owner.open(address).sees("填报中")


def look_around(walk: Walk) -> None:
    """第二、三条: what everybody may read is there, and each person finds what awaits him on his desk."""
    citizen = walk["市民"]
    for path in ("/", "/regulation/", "/announcements/", "/notices/", "/objections/", "/laureates/", "/verify/"):
        citizen.open(path)
    for person in (
        walk.secretary,
        walk.committee[0],
        walk[REVIEWERS[0][0]],
        walk[OFFICERS[0][0]],
        walk[walk.at["owner"]],
    ):
        person.open("/desk/")
