"""Steps 1, 2 and 4 of an award cycle, walked through the pages by the people whose business they are; `steps_screening` is the
third, `steps_award` goes on.

Nothing here calls the portal's code: people open pages, fill forms and press buttons; the bar of the demo moves the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from docx import Document
from stdnum.cn import uscc

from award_portal import rubric
from demo.papers import pdf
from tests.journeys.accounts import register, set_password
from tests.journeys.autosave import saved
from tests.journeys.person import SHANGHAI, Person, enter
from tests.journeys.site import FOUNDER, Site
from tests.journeys.steps_consensus import agree

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Meet = Callable[..., Person]
OFFICES = (
    ("段建平", "主任", "区政府副区长"),
    ("贺兰芳", "副主任", "区政府办主任"),
    ("秦鸿志", "副主任兼秘书长", "区市场监管局局长"),
)
MEMBERS = (("薛国庆", "区工业和信息化局局长"), ("尚雅琴", "区财政局局长"))
REVIEWERS = (
    ("顾明远", "河南科技大学", True),
    ("沈雨桐", "洛阳市质量协会", False),
    ("蒋伯年", "洛阳市标准化研究院", False),
)
SECOND_SECRETARY = "周晓东"  # decides what the first has prepared
OFFICERS = (("杜凤霞", "区工业和信息化局"), ("常胜利", "区应急管理局"))
CODE_STEM = "91410304MA45JRN8X"
LATE_STEM = "91410304MA47WWT3K"


def code_of(stem: str) -> str:
    """This function will complete a unified social credit identifier with its check character."""
    return stem + uscc.calc_check_digit(stem)


def full_width(text: str) -> str:
    """This function will write a code as a Chinese input method may: full width, small letters."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text.lower())


def paper(title: str) -> dict[str, Any]:
    """This function will give a small PDF for a file field."""
    return {"name": f"{title}.pdf", "mimeType": "application/pdf", "buffer": pdf(title)}


@dataclass
class Walk:
    """One portal, the people met so far, and where things are."""

    site: Site
    meet: Meet
    people: dict[str, Person] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)  # the address of what was made: cycle, application, …
    opens_at: datetime = field(init=False)
    closes_at: datetime = field(init=False)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    @property
    def secretary(self) -> Person:
        """The secretariat's first person."""
        return self.people[FOUNDER.name]

    @property
    def committee(self) -> list[Person]:
        """The committee's five, the chair first."""
        return [self.people[name] for name, *_ in (*OFFICES, *MEMBERS)]

    @property
    def today(self) -> date:
        """The portal's day, as the secretary's page shows it."""
        return self.secretary.open("/secretariat/").time.date()

    def until(self, moment: datetime) -> None:
        """This function will move the portal's time to a moment; a moment that has passed is left alone."""
        if self.secretary.open("/secretariat/").time < moment:
            self.secretary.advance_to(moment)


def typed(moment: datetime) -> str:
    """This function will write a moment as a field for date and time takes it."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


# ── 一、 set-up and announcement ──


def set_up(walk: Walk) -> None:
    """第五、六、九、十六条: accounts, committee, departments, reviewers; the first password comes by mail."""
    secretary = set_password(walk.meet(FOUNDER.name, FOUNDER.email)).sign_in()
    walk.people[FOUNDER.name] = secretary
    year = secretary.open("/secretariat/").time.year + 1  # the same weekdays whenever the test is run
    walk.until(datetime(year, 3, 1, 9, tzinfo=SHANGHAI))
    names = [name for name, *_ in (*OFFICES, *MEMBERS, *REVIEWERS, *OFFICERS)]
    given = {"何立群": {"角色": "区政府办"}, SECOND_SECRETARY: {"角色": "秘书处"}}
    for number, name in enumerate([*names, *given], start=1):
        email = f"person{number}@journey.example"
        secretary.open("/people/open/").fill({"姓名": name, "电子邮箱": email})
        secretary.fill(given.get(name, {})).press("开设账号")
        walk.people[name] = walk.meet(name, email)
    walk.site.give_passwords()
    _seat_committee(walk)
    for name, department in OFFICERS:
        secretary.open("/departments/").follow("登记部门").fill({"部门名称": department}).press("登记")
        secretary.within(secretary.row(department)).follow_start("指定经办人")
        secretary.choose("经办人", name).press("指定经办人").sees(name)
    for name, employer, expert in REVIEWERS:
        secretary.open("/review/reviewers/").follow("人员入库")
        secretary.choose("人员", name).fill({"工作单位": employer, "行业专家": expert}).press("入库").sees(
            f"{name}已入库"
        )


def _seat_committee(walk: Walk) -> None:
    secretary = walk.secretary
    for name, office, post in OFFICES:
        secretary.open("/committee/members/").follow("登记职务").choose("人员", name)
        secretary.fill({"职务": office, "现任职务": post}).press("登记评委会职务").sees(name)
    for name, post in MEMBERS:
        secretary.open("/committee/members/").follow("提名委员").choose("人员", name)
        secretary.fill({"现任职务": post}).press("提名委员").sees("等待主任审定")
    chair = walk.committee[0].sign_in()
    for name, _ in MEMBERS:
        chair.open("/committee/").sees("待您审定的委员人选")
        chair.within(chair.row(name)).follow_start("审定").press("审定").sees("已审定")
    for member in walk.committee[1:]:
        member.sign_in()


def plan(walk: Walk) -> None:
    """第四、七条: the cycle is planned, its rules drafted; without adopted rules nothing can be announced."""
    secretary = walk.secretary
    secretary.open("/cycles/plan/").press("建立届次").sees("已建立届次")
    walk.at["cycle"] = secretary.path
    secretary.sees("发布公告")
    assert not secretary.main.get_by_role("link", name="发布公告", exact=True).count(), "no rules, no announcement"
    secretary.do("起草规则", {"评审组最少人数（单数）": 3}).sees("已起草规则")


def adopt(walk: Walk) -> None:
    """第六、七条: the committee adopts the rules in a meeting that opens only with a quorum."""
    secretary, chair = walk.secretary, walk.committee[0]
    meeting = call_meeting(walk, "审定规则", "规则审定会")
    secretary.sees("法定人数")
    assert not secretary.main.get_by_role("link", name="会议开始", exact=True).count(), "nobody is there yet"
    gather(walk, meeting)
    chair.open(meeting).do("登记审定规则").sees("已登记审定")
    secretary.open(meeting).do("会议结束").sees("会议已结束")


def call_meeting(walk: Walk, purpose: str, title: str) -> str:
    """第七、十八条: the secretariat calls a meeting for today; its address is given back."""
    secretary = walk.secretary
    secretary.open("/committee/meetings/")
    secretary.within(secretary.main).follow_start("召集")
    soon = secretary.time + timedelta(hours=1)
    secretary.fill({"议题": purpose, "会议名称": title, "召开时间": typed(soon), "地点": "区政府三楼会议室"}).press(
        "召集会议"
    )
    secretary.within(secretary.row(title)).follow_start(title)
    return secretary.path


def gather(walk: Walk, meeting: str) -> None:
    """第十八条: the members sign in, each for himself, and the secretariat opens the meeting."""
    for member in walk.committee:
        member.open(meeting).do("签到").sees("已签到")
    walk.secretary.open(meeting).do("会议开始").sees("会议已开始")


def announce(walk: Walk) -> None:
    """第十五条: the announcement fixes the window; then the window opens."""
    secretary = walk.secretary
    day = walk.today
    walk.opens_at = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI) + timedelta(days=1)
    walk.closes_at = walk.opens_at.replace(hour=0) + timedelta(days=30)
    secretary.open(walk.at["cycle"]).do(
        "编写公告", {"受理开始": typed(walk.opens_at), "受理截止（不含该时刻）": typed(walk.closes_at)}
    ).sees("公告草稿已保存")
    secretary.do("发布公告").sees("已发布公告")
    secretary.open("/announcements/").sees("关于组织申报")
    walk.until(walk.opens_at)


def set_up_and_announce(walk: Walk) -> None:
    """第四至七、十五条: step 1, from an empty portal to an open window."""
    set_up(walk)
    plan(walk)
    adopt(walk)
    announce(walk)


# ── 二、 application ──


def join(walk: Walk, name: str, email: str, unit: str, code: str) -> Person:
    """第十、十六条: somebody registers with a proved address and registers a unit by its code."""
    owner = register(walk.meet(name, email))
    walk.people[name] = owner
    owner.open("/units/mine/").follow("登记申报单位").fill({"统一社会信用代码": code, "单位名称": unit})
    owner.press("登记").sees(f"已登记{unit}")
    return owner


def refuse_code(owner: Person, code: str, reason: str = "校验") -> None:
    """第十条: a code with a wrong check character is refused, and what was typed is kept."""
    owner.open("/units/register/").fill({"统一社会信用代码": code, "单位名称": "校验有限公司"})
    owner.press("登记", status=409).sees(reason)
    assert owner.field("单位名称").input_value() == "校验有限公司"


def fill_in(owner: Person, *, by_button: bool = False) -> str:
    """第十、十六条: the owner fills the form section by section, saved as it is typed or by its button, reads the report in from
    Word, attaches the evidence and asks for a recommendation; gives the address."""
    address = begin(owner)
    for section, values in sections(owner).items():
        write_section(owner, address, section, values, by_button=by_button)
    import_report(owner, address)
    owner.open(f"{address}files/").fill({"类别": "登记与资质", "名称": "营业执照", "文件": paper("营业执照")})
    owner.press("上传证实性材料").sees("已上传")
    ask_for_recommendation(owner, address, OFFICERS[0][1])
    return address


def begin(owner: Person) -> str:
    """第十六条: the owner begins the unit's application; its address is given."""
    owner.open("/units/mine/").press_start("开始填报")
    return re.sub(r"fill/.*$", "", owner.path)


def write_section(
    person: Person, address: str, section: str, values: dict[str, Any], *, by_button: bool = False
) -> None:
    """第十六条: somebody fills a section in; it is saved by itself within some seconds, or at once by the button, and the page
    says so."""
    person.open(f"{address}fill/{section}/")
    for name, value in values.items():
        enter(person.main.locator(f'[name="{name}"]:not([type=hidden])'), value)
    if by_button:
        person.main.get_by_role("button", name="保存", exact=True).click()
    saved(person)


def import_report(person: Person, address: str) -> None:
    """第十六条: the report is read in from a Word file by its headings."""
    person.open(f"{address}report/import/").fill({"Word文件（.docx）": report()}).press("导入").sees("已填入70处")


def ask_for_recommendation(person: Person, address: str, department: str, *, status: int = 200) -> Person:
    """第十六条: the unit asks a department for its recommendation."""
    person.open(f"{address}recommendation/").fill({"推荐部门": department})
    return person.press("提请推荐", status=status).sees("提请推荐")


def sections(owner: Person) -> dict[str, dict[str, Any]]:
    """第十、十一条: what a unit that may apply writes, section by section, by the fields' names."""
    owner.page.goto(owner.page.url.rpartition("fill/")[0] + "fill/figures/")
    years = sorted({int(found) for found in re.findall(r'name="figure.revenue.(\d{4})"', owner.page.content())})
    assert len(years) == 3
    indicators = {
        "revenue": 12000,
        "profit": 800,
        "tax": 430,
        "assets": 23000,
        "rnd": 610,
        "staff": 320,
        "quality_rate": 98,
    }
    owner.page.goto(owner.page.url.replace("figures", "compliance"))
    limbs = re.findall(r'name="(compliance\.[a-z_]+)"', owner.page.content())
    return {
        "facts": {
            "address": "河南省洛阳市瀍河回族区启明东路88号", "legal_representative": "马文涛", "registered_capital": "1200",
            "established_on": "2008-05-18", "operating_since": "2008-10-01", "industry": "C34 通用设备制造业", "size": "中型",
            "employees": "320", "specialised": "否", "sme": "是", "products": "精密轴承及组件", "revoked": "否",
        },
        "contact": {"contact_name": owner.name, "contact_phone": "0379-63901234", "contact_email": "quality@unit.example"},
        "figures": {f"figure.{code}.{year}": f"{base + 10 * n}.5" if base != 320 else "320"
                    for code, base in indicators.items() for n, year in enumerate(years)},
        "quality": {"quality_levels.0.indicator": "一次交验合格率", "quality_levels.0.own": "99.2%"},
        "management": {
            "certificates.0.name": "质量管理体系认证证书", "certificates.0.holder": "本单位", "certificates.0.valid_until": "2099-12-31",
            "excellence_since": "2018-01-01", "self_evaluated_on": "2020-06-30", "summary": "导入卓越绩效模式，关键指标持续改善。",
        },
        "innovation": {"achievements.0.kind": "发明专利", "achievements.0.title": "一种精密轴承"},
        "compliance": dict.fromkeys(dict.fromkeys(limbs), "否"),
        "pledge": {"pledged": "作出承诺"},
    }  # fmt: skip


def report() -> dict[str, Any]:
    """第十六条: a finished report as a unit has it: a Word file with headings."""
    document, content = Document(), BytesIO()
    document.add_heading("组织概述", 1)
    document.add_paragraph("本单位位于瀍河回族区，主要产品为精密轴承及组件。")
    for item in rubric.load().items:
        document.add_heading(f"{item.code} {item.name}", 2)
        for facet in ("水平", "趋势", "对比") if item.code.startswith("4.7") else ("方法", "展开", "结果"):
            document.add_heading(facet, 3)
            document.add_paragraph("按制度实施，覆盖全部过程，数据逐年改善。")
    document.save(content)
    return {"name": "自我评价报告.docx", "mimeType": DOCX, "buffer": content.getvalue()}


def recommend(walk: Walk, unit: str, name: str = OFFICERS[0][0]) -> None:
    """第十六条: the department's officer reads the materials and signs."""
    read_request(walk, unit, name).do("签署推荐意见", {"意见": "质量管理基础扎实，同意推荐。"}).sees("已签署推荐意见")


def read_request(walk: Walk, unit: str, name: str) -> Person:
    """第十六条: an officer opens what a unit has asked of his department."""
    officer = walk[name]
    if not officer.signed_in:
        officer.sign_in()
    officer.open("/departments/mine/")
    return officer.within(officer.table("待办理的推荐")).follow_start(unit)


def submit(owner: Person, address: str) -> None:
    """第十六条: submission gives a receipt with number, time and SHA-256; after that nothing can be changed."""
    owner.open(f"{address}submit/").press("提交申报").sees("申报已提交")
    shown = owner.words()
    assert re.search(r"[0-9a-f]{64}", shown.replace("\n", "")), f"no SHA-256 on the receipt\n{shown}"
    owner.open(f"{address}fill/", status=403)


def submit_late(walk: Walk, owner: Person, address: str) -> None:
    """第十五、十六条: a page opened in time, sent one second too late: refused, and the draft is kept and shown."""
    owner.open(f"{address}submit/")
    assert owner.main.get_by_role("button", name="提交申报", exact=True).is_enabled()
    walk.until(walk.closes_at)
    owner.press("提交申报", status=409).sees("未能提交，草稿已保留", "截止")
    owner.open(address).sees("草稿保留", "精密轴承及组件")


def apply(walk: Walk) -> None:
    """第十、十五、十六条: step 2: one unit in time, its code typed in full width; another one second too late."""
    unit, late_unit, code = "洛阳启明精密轴承有限公司", "洛阳回洛仓食品有限公司", code_of(CODE_STEM)
    walk.at |= {"unit": unit, "owner": "陈志远"}
    owner = join(walk, "陈志远", "chen@journey.example", unit, full_width(code)).sees(code)
    refuse_code(owner, code[:-1] + ("A" if code[-1] != "A" else "B"))
    walk.at["application"] = fill_in(owner)
    late = join(walk, "赵一鸣", "zhao@journey.example", late_unit, code_of(LATE_STEM))
    draft = fill_in(late, by_button=True)
    recommend(walk, unit)
    recommend(walk, late_unit)
    submit(owner, walk.at["application"])
    submit_late(walk, late, draft)


# ── 四、 review ──


def review(walk: Walk) -> None:
    """第九、十三、十四、十七条: a panel, pledges, declarations, scores, consensus; then the same on site; then the ranking."""
    secretary, lead = walk.secretary, walk[REVIEWERS[0][0]]
    secretary.open("/review/panels/").follow("组建评审组").fill(
        {"评审组名称": "第一评审组", "原因": "只有一个单位，直接组建"}
    )
    for name, employer, expert in REVIEWERS:
        secretary.fill({f"{name}（{employer}{'，行业专家' if expert else ''}）": True})
    secretary.choose("组长", lead.name).press("组建评审组").sees("评审组已组建")
    secretary.within(secretary.row("第一评审组")).follow_start("第一评审组")
    secretary.follow("分派单位").choose("申报单位", walk.at["unit"]).press("分派单位").sees("已分派")
    for name, *_ in REVIEWERS:
        reviewer = walk[name].sign_in().open("/review/")
        reviewer.follow("签署承诺书").fill({"签名（您的姓名）": name}).press("签署承诺书").sees("已签署承诺书")
        reviewer.follow("申报利害关系").fill({"没有利害关系": True}).press("申报利害关系").sees("已申报")
    score(walk, (70, 75, 65))
    secretary.open("/review/panels/").follow("现场评审入选名单").sees("入选").follow("安排现场评审")
    secretary.fill({"现场日期": walk_day(secretary), "现场地点": "生产现场"}).press("安排现场评审").sees(
        "现场评审已安排"
    )
    visit(walk)
    score(walk, (75, 80, 70))
    report_words(walk)
    secretary.open("/review/panels/").follow("评审排名").sees(walk.at["unit"])


def visit(walk: Walk) -> None:
    """第十四、十七条: the closing meeting, and every signature under it; how a visit is run on a phone, `test_visit` shows."""
    lead = walk[REVIEWERS[0][0]].open("/review/").follow("开始评分").follow("现场记录")
    page = lead.path
    lead.follow("填写反馈意见").field("末次会议反馈").fill("过程方法系统，对比数据尚有提升空间。")
    saved(lead)
    lead.open(page).do("结束现场").sees("现场已结束")
    for name, *_ in REVIEWERS:
        walk[name].open(page).do("签署现场记录", {"签名（您的姓名）": name}).sees("已签名")


def report_words(walk: Walk) -> None:
    """第十七条: the lead writes the report and signs it, every member signs after him: it is final."""
    lead = walk[REVIEWERS[0][0]]
    lead.open("/review/").follow("撰写评审报告").fill(
        {
            "总体评价": "战略清晰。", "主要优势": "过程方法系统。", "主要改进空间": "对比数据尚有提升空间。",
            "评审组建议": "建议提交评委会审议。",
        }
    ).press("保存并签署")  # fmt: skip
    for name, *_ in REVIEWERS:
        person = walk[name]
        if person is not lead:
            person.open("/review/").follow("签署评审报告")
        person.fill({"签名（您的姓名）": name}).press("签署评审报告").sees("评审报告已签署")
    lead.open("/review/").follow("已完成").sees("已定稿")


def walk_day(person: Person) -> str:
    """This function will write the portal's day as a date field takes it."""
    return person.time.date().isoformat()


def score(walk: Walk, given: tuple[int, int, int]) -> None:
    """第十三、十四、十七条: each reviewer scores 23 items in steps of 5 % and locks; the lead records the consensus."""
    lead = walk[REVIEWERS[0][0]]
    for (name, *_), percent in zip(REVIEWERS, given, strict=True):
        reviewer = walk[name].open("/review/").follow("开始评分")
        others = reviewer.main.get_by_role("link", name=re.compile("的评分表$"))
        assert not others.count(), "nobody sees another's scores before his own are locked"
        reviewer.press("开始评分")
        assert score_sheet(reviewer, percent, "方法清楚，结果持续改善，优于同行。") == 23
        reviewer.open(reviewer.path).follow("核对并锁定").fill({"签名（您的姓名）": name})
        reviewer.press("锁定评分表").sees("评分表已锁定")
    lead.open("/review/").follow("查看评分，开始合议").do("开始合议").sees("合议")
    assert agree(lead, given[0], "评审组讨论一致。") == 23
    lead.do("完成合议", {"评审意见": "得分如实反映管理水平。"}).sees("本阶段评审已完成")


SHEET = """async ([percent, words]) => {
    const form = document.getElementById("marks");
    const codes = Array.from(document.querySelectorAll(".rail-step")).map(step => step.dataset.goto);
    const changes = codes.flatMap(code => [
        {name: `${code}.percent`, value: String(percent)},
        {name: `${code}.strengths`, value: [{text: words, source: `report:${code}`, page: ""}]},
    ]);
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(form.dataset.autosave, {
        method: "POST", headers: {"Content-Type": "application/json", "X-CSRFToken": token},
        body: JSON.stringify({owner: form.dataset.owner, changes}),
    });
    return answer.ok ? codes.length : answer.status;
}"""


def score_sheet(person: Person, percent: int, words: str) -> int:
    """第十三条: this function will fill in a sheet in one save as its page sends it; how a hand does it, `test_scoring` shows."""
    return int(person.page.evaluate(SHEET, [percent, words]))
