"""From the recommendation to the decision: refused, recommended, voided, handed in once, corrected within the list, too late;
and every sentence that is read on the way."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.journeys.accounts import has_letter
from tests.journeys.autosave import box, saved, says, write
from tests.journeys.person import Person
from tests.journeys.steps import (
    OFFICERS,
    SECOND_SECRETARY,
    Walk,
    ask_for_recommendation,
    paper,
    read_request,
    recommend,
    submit_late,
)
from tests.journeys.steps_screening import answer_checks, ask, conclude, confirm, prepare, screening_of
from tests.journeys.steps_unit import COLLEAGUE, OWNER, UNIT, cannot_submit

(REFUSER, REFUSING), (SIGNER, SIGNING) = OFFICERS
LATE = "赵一鸣"  # owner of two more units: one still has a draft, the other was sent back
PDF = b"%PDF"


# ── the recommendation ──


def be_refused_by_a_department(walk: Walk) -> None:
    """第十六条: a department refuses with its reason; it is not asked again about the same materials, another one may be."""
    owner, address = walk[OWNER.name], walk.at["application"]
    ask_for_recommendation(owner, address, REFUSING).sees("待签署")
    ask_for_recommendation(owner, address, REFUSING, status=409).sees(f"已向{REFUSING}提请推荐，请等待办理。")
    officer = read_request(walk, UNIT, REFUSER).follow("不予推荐").press("不予推荐", status=422)
    assert officer.field("意见").evaluate("e => e.matches('.is-invalid')"), "a refusal has its reason"
    officer.fill({"意见": "近期投诉尚在核查。"}).press("不予推荐").sees("已答复不予推荐。")
    owner.open(f"{address}recommendation/").sees("不予推荐", "近期投诉尚在核查。")
    ask_for_recommendation(owner, address, REFUSING, status=409)
    owner.sees(f"{REFUSING}已对当前材料不予推荐，材料修改后可再次提请。")


def lose_the_recommendation_by_an_edit(walk: Walk) -> None:
    """第十六条: the recommendation is bound to what the officer read: an edit voids a request under his hands and a signature
    that stands, and says so to both; then it is asked for anew."""
    owner, address = walk[OWNER.name], walk.at["application"]
    ask_for_recommendation(owner, address, SIGNING)
    officer = read_request(walk, UNIT, SIGNER).follow("签署推荐意见").fill({"意见": "同意推荐。"})
    edit(walk, "website", "https://unit.example")
    officer.press("签署推荐意见", status=403).sees("该推荐意见当前为“已失效”，不能再签署。")
    assert officer.field("意见").input_value() == "同意推荐。", "what was typed stays"
    ask_for_recommendation(owner, address, SIGNING)
    recommend(walk, UNIT, SIGNER)
    owner.open(f"{address}submit/").misses("还缺")
    assert owner.main.get_by_role("button", name="提交申报", exact=True).is_enabled()
    edit(walk, "website", "https://www.unit.example")
    cannot_submit(owner.open(f"{address}submit/"), "请取得有关部门签署的推荐意见。")
    owner.open(f"{address}recommendation/").sees("已失效")
    assert has_letter(owner, OWNER.email, "推荐事项已失效")
    assert has_letter(owner, officer.email, "推荐事项已失效")
    ask_for_recommendation(owner, address, SIGNING)
    recommend(walk, UNIT, SIGNER)
    owner.open(f"{address}fill/facts/").sees("材料已填齐", "申报表、报告和材料都已填齐。")


def edit(walk: Walk, name: str, text: str) -> None:
    """第十六条: the colleague changes a field of the facts."""
    colleague = walk[COLLEAGUE.name].open(f"{walk.at['application']}fill/facts/")
    write(colleague, name, text)
    saved(colleague)


# ── handed in ──


def hand_in_with_a_double_click(walk: Walk) -> None:
    """第三、十六条: two clicks, and a second page that was open: one submission, one number; after that nothing can be changed."""
    owner, colleague, address = walk[OWNER.name], walk[COLLEAGUE.name], walk.at["application"]
    colleague.open(address).misses("核对并提交")
    colleague.open(f"{address}submit/", status=403).sees("只有本单位负责人可以提交申报。")
    owner.open(f"{address}submit/")
    other = owner.context.new_page()
    other.goto(f"{address}submit/")
    owner.press("提交申报", clicks=2).sees("申报已提交", "第1版", "留痕链头").misses("第2版")
    walk.at["number"] = number_of(owner)
    other.get_by_role("button", name="提交申报", exact=True).click()
    other.wait_for_url("**/receipt/")
    other.close()
    assert number_of(owner.open(f"{address}receipt/").misses("第2版")) == walk.at["number"]
    owner.open(f"{address}fill/facts/", status=403).sees("申报已提交，材料只能查看，不能修改。")


def number_of(person: Person) -> str:
    """第十六条: the number on the receipt."""
    return str(person.main.locator("dl.facts dd").first.inner_text())


def fetch_the_receipt(walk: Walk) -> None:
    """第十六条: the receipt is a PDF to keep; who acts for another unit does not even find it."""
    owner, address = walk[OWNER.name], walk.at["application"]
    walk.site.settle()
    assert owner.open(f"{address}receipt/").download("下载回执（PDF）").startswith(PDF)
    walk[LATE].open(f"{address}receipt/", status=404)


# ── the correction ──


def send_back_with_a_list(walk: Walk) -> None:
    """第十七条: departments answer; the secretariat sends back one list of points, in the time the rules give at least."""
    ask(walk)
    answer_checks(walk)
    secretary = walk.secretary.open(screening_of(walk)).follow("退回补正")
    secretary.press("退回补正", status=409).sees("请至少列明一项补正内容。")
    secretary.fill(
        {"基本情况（需补正的填写）": "请按营业执照核对主要产品。", "证实性材料（需补正的填写）": "请补传检验报告。"}
    )
    secretary.fill({"补正截止日期": secretary.time.date().isoformat()})
    secretary.press("退回补正", status=409).sees("补正期限不少于5个工作日")
    assert secretary.field("证实性材料（需补正的填写）").input_value() == "请补传检验报告。"
    last = secretary.time.date() + timedelta(days=20)
    secretary.fill({"补正截止日期": last.isoformat()}).press("退回补正").sees("已退回补正。", "待补正")
    secretary.sees("补正期限未满，暂不能作出结论。")


def correct_only_what_is_listed(walk: Walk) -> None:
    """第十七条: only the listed parts are open; a change elsewhere is refused and named; only the owner hands the correction in."""
    owner, colleague, address = walk[OWNER.name], walk[COLLEAGUE.name], walk.at["application"]
    owner.open(address).sees("前补正。", "请按营业执照核对主要产品。", "请补传检验报告。")
    colleague.open(f"{address}fill/contact/").sees(
        "现在只能修改：基本情况、证实性材料", "本页不在补正范围内，只能查看。"
    )
    closed, refusal = box(colleague, "contact_post"), "补正只限通知列明的内容，“联系人”不在其中。"
    assert closed.is_disabled()
    with colleague.refused_at("/save/"):
        closed.evaluate("field => { field.disabled = false; }")  # as an ill-meaning browser might
        write(colleague, "contact_post", "部长")
        colleague.main.locator('[data-problem="contact_post"]', has_text=refusal).wait_for()
        says(colleague, "1项没有保存")
        colleague.shut().open(f"{address}fill/facts/")
        note = colleague.main.locator(
            ".clash", has_text=refusal
        )  # the browser has kept it and asks what is to become of it
        note.get_by_role("button", name="不再保留这一项").click()
        note.wait_for(state="detached")
    write(colleague, "products", "精密轴承及组件")
    saved(colleague)
    colleague.open(f"{address}files/").fill({"类别": "质量水平", "名称": "检验报告", "文件": paper("检验报告")})
    colleague.press("上传证实性材料").sees("检验报告.pdf")
    colleague.open(f"{address}correct/", status=403).sees("只有本单位负责人可以提交补正。")


def hand_the_correction_in(walk: Walk) -> None:
    """第十七条: the second version: the number stays, the first version stays, and the secretariat sees what differs."""
    owner, secretary, address = walk[OWNER.name], walk.secretary, walk.at["application"]
    owner.open(address).do("提交补正").sees("补正已提交。", "已提交")
    owner.open(f"{address}receipt/").sees("第1版", "第2版（补正）")
    assert number_of(owner) == walk.at["number"]
    owner.open(f"{address}fill/facts/", status=403).sees("申报已提交，材料只能查看，不能修改。")
    secretary.open(screening_of(walk)).sees("补正前后对照", "与首次提交版本的差别，共2处")
    changed = secretary.row("主要产品或服务").inner_text()
    assert "精密轴承及组件、主轴、丝杠" in changed
    assert "检验报告.pdf" in secretary.table("与首次提交版本的差别").inner_text()
    secretary.sees("补正通知只发一次，该单位已补正过。")


def correct_too_late(walk: Walk) -> None:
    """第十七条: after its period nothing is taken any more, and the review goes on with what is there."""
    late, returned = walk[LATE], walk.at["returned"]
    late.open(f"{returned}fill/facts/").sees("现在只能修改：基本情况")
    walk.until(datetime.fromisoformat(walk.at["due"]))
    with late.refused_at("/save/"):
        write(late, "products", "迟到的产品")
        says(late, "补正期限已过，不能再修改。")
        late.shut()
    late.open(f"{returned}correct/")
    late.press("提交补正", status=409).sees("补正期限已于", "届满。")
    walk.secretary.open(f"{returned}screening/").do("按现有材料审查").sees("已转入审查。")
    late.open(returned).sees("已提交", "逾期未补正，按现有材料审查").misses("迟到的产品")


# ── the decision ──


def decide_by_two(walk: Walk) -> None:
    """第十七条: every limb is concluded; one prepares, and the same person cannot decide; another one does."""
    secretary, screening = walk.secretary, screening_of(walk)
    conclude(walk)
    walk[SECOND_SECRETARY].sign_in().open(screening).sees("尚未拟定结论。请先由一人拟定，再由另一人审定。")
    secretary.open(screening)
    prepare(walk)
    secretary.sees("结论由您拟定，须由秘书处另一人审定。")
    secretary.open(f"{screening}accept/", status=403).sees("结论由您拟定，须由秘书处另一人审定。")
    confirm(walk)


def read_the_result(walk: Walk) -> None:
    """第十七条: the unit reads where it stands in plain words, finds its letters, and nothing of anybody else."""
    owner, address = walk[OWNER.name], walk.at["application"]
    owner.open("/units/mine/").sees("符合资格", "进入评审，请等待")
    assert has_letter(owner, OWNER.email, "申报资格审查结论：符合")
    walk.site.settle()
    owner.open(address).sees("符合资格", "确认符合申报资格", "退回补正", "提交补正").misses("已核对申报材料和部门答复")
    assert owner.download("资格审查结论（符合）").startswith(PDF)
    walk[COLLEAGUE.name].open("/units/mine/").sees("进入评审，请等待")


def hand_in_too_late(walk: Walk) -> None:
    """第十五、十六条: a page opened in time, sent one second too late: refused with the end of the window, and the draft shown back."""
    submit_late(walk, walk[LATE], walk.at["draft"])
