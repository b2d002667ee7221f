"""A unit comes to the portal: its code, its people, its form, its files; and every way to fail, with the sentence that is read."""

from __future__ import annotations

import io
from datetime import timedelta
from itertools import cycle
from typing import Any

import pikepdf
from PIL import Image

from tests.journeys.accounts import posted_link, register
from tests.journeys.autosave import box, kill, saved, says, stored, write
from tests.journeys.person import Person
from tests.journeys.site import Known
from tests.journeys.steps import (
    CODE_STEM,
    OFFICERS,
    Walk,
    begin,
    code_of,
    full_width,
    import_report,
    paper,
    refuse_code,
    sections,
    write_section,
)

UNIT = "洛阳启明精密轴承有限公司"
OWNER = Known("陈志远", "chen@journey.example")
COLLEAGUE = Known("乔安", "qiao@journey.example")
FORGETFUL = Known("石磊", "shi@journey.example")
READER, STRANGER = "罗小曼", "路人甲"
MB = 1024 * 1024
CONTENT_TYPE = "application/pdf"  # what a browser says of a file by its name alone


# ── the unit and its code ──


def register_the_unit(walk: Walk) -> None:
    """第十条: an account with a proved address, then the code as people type it; one that cannot be right is told why."""
    owner = walk.people[OWNER.name] = register(walk.meet(*OWNER))
    walk.at |= {"unit": UNIT, "owner": OWNER.name}
    code = code_of(CODE_STEM)
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    refuse_code(owner, wrong, "统一社会信用代码的最后一位（校验码）与前17位不符，请逐位核对。")
    refuse_code(owner, code[:-1], "统一社会信用代码应为18位，您填写的是17位。")
    refuse_code(owner, code.replace("0", "O"), "代码中不会出现这个字符，应为数字“0”，请核对。")
    typed = f" {full_width(code[:8])}　{code[8:].lower()} "
    owner.open("/units/register/").fill({"统一社会信用代码": typed, "单位名称": UNIT}).press("登记")
    owner.sees(f"已登记{UNIT}", code, "您是负责人").follow("本单位人员")
    walk.at["people"] = owner.path


def offer_the_claim_where_the_code_is_taken(walk: Walk) -> None:
    """第十条: one unit per code however it is typed; whoever comes second is told what he can do, and led to the claim."""
    stranger, code = walk[STRANGER].sign_in(), code_of(CODE_STEM)
    stranger.open("/units/register/").fill(
        {"统一社会信用代码": f"{code[:9]}-{code[9:].lower()}", "单位名称": "别的公司"}
    )
    stranger.press("登记", status=409).sees("该统一社会信用代码已登记。", "该单位已有人登记。").misses(OWNER.name, UNIT)
    stranger.follow("申领本单位").sees("单位授权书", "秘书处一名工作人员核实，另一名工作人员决定")
    assert stranger.field("统一社会信用代码").input_value() == code
    stranger.fill({"单位名称": UNIT, "情况说明": "我是本单位质量部部长。"}).fill(
        {"营业执照或登记证书": paper("同一份"), "单位授权书": paper("同一份")}
    )
    stranger.press("提交申领", status=409).sees("登记证照和授权书是同一份文件，请分别上传。")


# ── its people ──


def invite(walk: Walk, address: str, level: str, *, status: int = 200) -> Person:
    """第十六条: the owner invites somebody by his address."""
    owner = walk[OWNER.name].open(walk.at["people"])
    return owner.do("邀请人员", {"对方的邮箱": address, "权限": level}, status=status)


def let_the_colleague_in(walk: Walk) -> None:
    """第十六条: the invited colleague registers from the mail, in a browser of her own, and accepts; nobody else can."""
    invite(walk, COLLEAGUE.email, "填报人").sees("邀请已发出", "待接受的邀请", COLLEAGUE.email)
    invite(walk, COLLEAGUE.email, "填报人", status=409).sees("已邀请过该邮箱，邀请还在有效期内。")
    link = posted_link(walk.site, COLLEAGUE.email)
    walk[STRANGER].open(link).sees("该邀请发给了另一个邮箱。请用收到邀请的邮箱登录", "您现在登录的账号是")
    colleague = walk.people[COLLEAGUE.name] = walk.meet(*COLLEAGUE).open(link)
    colleague.sees(f"{OWNER.name}邀请您作为{UNIT}的填报人").follow("注册账号")
    register(colleague, colleague.page.url).sees("受邀邮箱", UNIT)
    colleague.press("接受邀请").sees("已接受邀请", UNIT, "您是填报人")
    colleague.open(link, status=410).sees("该邀请已经使用，不能再次接受。")
    walk[OWNER.name].open(walk.at["people"]).sees(COLLEAGUE.name).misses("待接受的邀请")


def let_an_invitation_run_out(walk: Walk) -> None:
    """第十六条: after fourteen days the link is dead and says whom to ask; a new one can be sent."""
    invite(walk, FORGETFUL.email, "填报人").sees("邀请已发出")
    link = posted_link(walk.site, FORGETFUL.email)
    walk.until(walk.secretary.open("/secretariat/").time + timedelta(days=14, minutes=1))
    late = walk.meet(*FORGETFUL).open(link, status=410)
    late.sees("该邀请已于", "失效，请联系邀请您的单位重新发送。")
    owner = walk[OWNER.name].open(walk.at["people"]).sees("（已失效）")
    owner.within(owner.row(FORGETFUL.email)).follow_start("重新发送")
    owner.press("重新发送").sees("已重新发送。").misses("（已失效）")
    late.open(posted_link(walk.site, FORGETFUL.email)).sees(f"邀请您作为{UNIT}的填报人")
    late.open(link, status=404).sees("该链接无效：邀请可能已重新发送，请打开最近一封邮件中的链接。")


def let_a_reader_in(walk: Walk) -> None:
    """第十六条: who has an account finds the invitation there; a reader reads and writes nothing."""
    invite(walk, walk[READER].email, "查看人").sees("邀请已发出")
    reader = walk[READER].sign_in().open("/units/mine/").follow("查看并接受")
    reader.press("接受邀请").sees("已接受邀请", "您是查看人").misses("开始填报")


# ── the form ──


def begin_and_see_what_is_missing(walk: Walk) -> None:
    """第十六条: an empty draft: each missing thing is a link, the button says why it is off, no department is asked yet."""
    owner, reader = walk[OWNER.name], walk[READER]
    address = walk.at["application"] = begin(owner)
    owner.open(f"{address}submit/").sees("请填写注册地址。", "请至少上传一份证实性材料。", "请作出承诺。")
    cannot_submit(owner, "请填写注册地址。（另有")
    owner.follow("请填写注册地址。")
    assert owner.page.url.endswith(f"{address}fill/facts/#id_address")
    owner.open(f"{address}recommendation/").sees("请先填齐以下内容，部门才能看到完整的材料")
    assert not owner.main.get_by_role("button", name="提请推荐").count()
    reader.open(address).sees("填报中").misses("继续填报")
    reader.open(f"{address}fill/facts/", status=403).sees("只有本单位负责人和填报人可以填报。")
    reader.open(f"{address}files/", status=403).sees("只有本单位负责人和填报人可以填报。")
    reader.open(f"{address}submit/", status=403).sees("只有本单位负责人可以提交申报。")


def cannot_submit(person: Person, reason: str) -> None:
    """第十六条: the button is off, its reason stands beside it, and whoever sends the form past the page gets the same answer."""
    assert person.main.get_by_role("button", name="提交申报", exact=True).is_disabled()
    assert reason in person.main.locator(".verb-reason").inner_text()
    assert person.send(person.path) == 409


def fill_in_together(walk: Walk) -> None:
    """第十、十六条: owner and colleague fill sections A to I in turn, each at a browser of his own, all saved as it is typed."""
    owner, colleague, address = walk[OWNER.name], walk[COLLEAGUE.name], walk.at["application"]
    owner.open(f"{address}fill/facts/")
    planned = sections(owner) | {"secrets": {"secrets": "热处理工艺参数。"}}
    for writer, (section, values) in zip(cycle((owner, colleague)), planned.items(), strict=False):
        write_section(writer, address, section, values)
    import_report(colleague, address)


def lose_the_server_between_two_keys(walk: Walk) -> None:
    """第十六条: what was saved is there, the rest lies in the browser, and goes out by itself when the server is back."""
    owner, colleague, facts = walk[OWNER.name], walk[COLLEAGUE.name], f"{walk.at['application']}fill/facts/"
    owner.open(facts)
    write(owner, "products", "精密轴承及组件")
    saved(owner)
    box(owner, "products").press_sequentially("、主轴")
    kill(walk.site)
    box(owner, "products").press_sequentially("、丝杠")
    says(owner, "您填写的内容保存在本浏览器中，恢复后自动提交。")
    walk.site.start_web()
    assert stored(colleague, facts, "products").startswith("精密轴承及组件"), "what was older than five seconds"
    saved(owner, seconds=60)
    assert stored(colleague, facts, "products") == "精密轴承及组件、主轴、丝杠"


def write_the_same_field(walk: Walk) -> None:
    """第十六条: two texts of one field: both are shown, neither is lost, and somebody chooses before anything is handed in."""
    owner, colleague, address = walk[OWNER.name], walk[COLLEAGUE.name], walk.at["application"]
    facts = f"{address}fill/facts/"
    owner.open(facts)
    colleague.open(facts)
    write(owner, "business_address", "启明东路88号甲厂区")
    saved(owner)
    write(colleague, "business_address", "启明东路88号乙厂区")
    note = colleague.main.locator(".clash")
    note.wait_for()
    assert "“生产经营地址”有两份内容。" in note.inner_text()
    assert "启明东路88号甲厂区" in note.inner_text()
    saved(colleague)
    owner.open(facts).sees("有两份内容", "启明东路88号甲厂区", "启明东路88号乙厂区")
    owner.open(f"{address}submit/").sees("“生产经营地址”有两份内容，请先选择一份。")
    colleague.page.get_by_role("button", name="用我填写的").click()
    note.wait_for(state="detached")
    saved(colleague)
    owner.open(f"{address}submit/").misses("有两份内容")


# ── its files ──


def upload_many_at_once(walk: Walk) -> None:
    """第十六条: seven files at once: three are taken, each of the others is told why not; a category is asked for first."""
    colleague = walk[COLLEAGUE.name].open(f"{walk.at['application']}files/")
    assert upload(colleague, "", [paper("营业执照")]) == ["请先选择类别，再选择文件。"]
    disguised = paper("证书") | {"buffer": picture()}
    locked = paper("审计报告") | {"buffer": encrypted()}
    sent = [paper("营业执照"), disguised, locked, huge("年报"), paper("许可证"), paper("资质"), paper("营业执照")]
    with colleague.refused_at("/files/evidence/"):
        told = upload(colleague, "登记与资质", sent)
    wanted = (
        "已上传。", "“证书.pdf”的内容不是PDF文件，请确认后重新上传。", "“审计报告.pdf”已加密或者设有权限密码。请取消密码后上传。",
        "超过1MB，请压缩或者拆分后上传。", "已上传。", "已上传。", "“营业执照.pdf”与已上传的“营业执照”内容相同。",
    )  # fmt: skip
    assert len(told) == len(wanted)
    for line, sentence in zip(told, wanted, strict=True):
        assert sentence in line
    colleague.open(f"{walk.at['application']}files/").sees("营业执照.pdf", "许可证.pdf", "资质.pdf")
    colleague.misses("证书.pdf", "审计报告.pdf", "年报.pdf")


def upload(person: Person, category: str, papers: list[dict[str, Any]]) -> list[str]:
    """第十六条: somebody chooses a category and several files; gives what is said of each, once all have been dealt with."""
    form = person.main.locator("form[data-list]")
    person.field("类别").select_option(label=category or "请选择")
    person.field("文件", form).set_input_files(papers)
    form.get_by_role("button", name="上传证实性材料").click()
    person.page.wait_for_function(
        "() => document.querySelector('.upload-list li') && !document.querySelector('form[data-busy]')"
    )
    return [str(line) for line in form.locator(".upload-list li").all_inner_texts()]


def picture() -> bytes:
    """第十六条: a picture, which is no PDF whatever its name says."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(content, "PNG")
    return content.getvalue()


def encrypted() -> bytes:
    """第十六条: a PDF with a password."""
    content, document = io.BytesIO(), pikepdf.new()
    document.add_blank_page()
    document.save(content, encryption=pikepdf.Encryption(owner="a", user="b"))
    return content.getvalue()


def huge(title: str) -> dict[str, Any]:
    """第十六条: a PDF of more than the cycle's megabyte."""
    small = paper(title)
    return small | {"buffer": small["buffer"] + b"\n%" + b"x" * MB}


def see_the_panel_empty(walk: Walk) -> None:
    """第十六条: all is filled in; only the recommendation is lacking, and the button says so."""
    owner, address = walk[OWNER.name], walk.at["application"]
    owner.open(f"{address}fill/pledge/").sees("整份申报还差1项", "请取得有关部门签署的推荐意见。")
    cannot_submit(owner.open(f"{address}submit/").sees("还缺1项"), "请取得有关部门签署的推荐意见。")
    owner.open(f"{address}recommendation/").misses("请先填齐").sees(*(department for _, department in OFFICERS))
