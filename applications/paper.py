"""申报表: the form of one cycle, sections A to K of the paper form, built from its regulation, its rubric and its years (第十、十一、十六条)."""

from __future__ import annotations

from functools import lru_cache

from applications import report_plan
from applications.models import Application, AwardCycle, CycleRules
from applications.sections import YES_NO, Column, Field, Form, Section
from award_portal import regulation, rubric
from award_portal.regulation import Limb
from award_portal.rubric import Item, Rubric

# Each indicator: code, label, unit, asked of everybody, may be negative.
INDICATORS = (
    ("revenue", "主营业务收入", "万元", True, False),
    ("profit", "利润总额", "万元", True, True),
    ("tax", "在本区纳税总额", "万元", True, False),
    ("assets", "资产总额", "万元", True, False),
    ("rnd", "研发投入", "万元", True, False),
    ("staff", "职工人数", "人", True, False),
    ("quality_rate", "产品（服务）合格率", "%", True, False),
    ("productivity", "全员劳动生产率", "万元/人", False, False),
    ("satisfaction", "顾客满意度", "分", False, False),
    ("complaints", "质量投诉数", "件", False, False),
    ("energy", "万元产值能耗", "吨标准煤/万元", False, False),
    ("rank", "主要指标在同行业的排名", "名", False, False),
)
ALWAYS = frozenset({"revenue", "profit", "tax"})  # article 10 asks for them: there is no "not applicable"
SUMMABLE = frozenset({"revenue", "profit", "tax", "rnd", "complaints"})
SIZES = tuple((value, str(label)) for value, label in Application.Size.choices)
DEFAULT_LIMITS = {"profile": 3000, "report": 30000}
MAX_FACET = 6000
PROFILE_PART = "profile"


def years_of(cycle: AwardCycle) -> tuple[int, int, int]:
    """第十、十一条: this function will give the three full years before the reference date's year."""
    year = cycle.reference_on.year if cycle.reference_on else cycle.year
    return year - 3, year - 2, year - 1


def form_of(cycle: AwardCycle) -> Form:
    """第十六条: this function will give the form of a cycle; the limits and the rubric are those of the rules in force."""
    rules = cycle.rules.adopted().first() or cycle.rules.order_by("-version").first()
    return form_under(cycle, [rules] if rules else [])


def form_under(cycle: AwardCycle, known: list[CycleRules]) -> Form:
    """第十六条: this function will give the form of a cycle without asking the database: the rules are `known` already."""
    ranked = sorted(known, key=lambda rules: (rules.state == CycleRules.State.ADOPTED, rules.version))
    rules = ranked[-1] if ranked else None
    code = rules.rubric if rules else rubric.codes()[0]
    limits = (rules.profile_limit, rules.report_limit) if rules else tuple(DEFAULT_LIMITS.values())
    return build(cycle.regulation, code, years_of(cycle)[2] + 1, cycle.operation_years, *limits)


@lru_cache(maxsize=32)
def build(law: str, standard: str, year: int, operation: int, profile_limit: int, report_limit: int) -> Form:
    """第十、十一、十六条: this function will build the form for the reference date's `year`; pure, kept once built."""
    text, points = regulation.load(law), rubric.load(standard)
    years = (year - 3, year - 2, year - 1)
    return Form(
        (
            _facts(operation), _contact(), _figures(years), _quality(), _management(), _innovation(),
            _compliance(text.limbs_of(11)), _secrets(), _report(points, years, profile_limit), _evidence(), _pledge(),
        ),
        years,
        {"profile": profile_limit, "report": report_limit},
    )  # fmt: skip


# ── A to K ──


def _facts(operation: int) -> Section:
    return Section("facts", "A", "基本情况", (
        Field("address", "注册地址"),
        Field("business_address", "生产经营地址", "long", required=False, limit=500, help="与注册地址相同的可不填；多处的，每行一处。"),
        Field("legal_representative", "法定代表人", limit=50),
        Field("registered_capital", "注册资本", "decimal", unit="万元", may_not_apply=True),
        Field("established_on", "成立日期", "date"),
        Field("operating_since", "主体业务开始运行日期", "date", article=10, help=f"主体业务至基准日须正常运行{operation}年以上（第十条）。"),
        Field("industry", "所属行业", "industry", limit=80, help="按 GB/T 4754-2017 的大类选择，也可以直接填写。"),
        Field("size", "企业规模", "choice", choices=SIZES, help="按统计上大中小微型企业划分办法；下方的提示仅供参考。"),
        Field("employees", "职工人数", "whole", unit="人", help="基准日在册人数。"),
        Field("rnd_staff", "其中：研发人员", "whole", required=False, unit="人"),
        Field("specialised", "是否专精特新企业", "choice", choices=YES_NO, help="仅作标识（第十二条），不影响评分。证书请上传到证实性材料。"),
        Field("sme", "是否中小企业", "choice", choices=YES_NO, help="仅作标识（第十二条），不影响评分。"),
        Field("hightech", "是否高新技术企业", "choice", required=False, choices=YES_NO),
        Field("products", "主要产品或服务", limit=300),
        Field("parent", "上级或控股单位", required=False, limit=100),
        Field("website", "网站", required=False, limit=200),
        Field("earlier", "往届参评和获奖情况", "long", required=False, limit=500, help="写明年度和结果；没有的不填。"),
        Field("revoked", "是否曾被撤销本奖", "choice", article=28, choices=YES_NO),
        Field("bank_account", "基本存款账户账号", required=False, limit=40, help="只用于核对和奖金拨付，不公开。"),
    ))  # fmt: skip


def _contact() -> Section:
    return Section("contact", "B", "联系人", (
        Field("contact_name", "联系人", limit=50),
        Field("contact_post", "职务", required=False, limit=50),
        Field("contact_phone", "联系电话", limit=30, help="能随时联系到的手机或者座机。"),
        Field("contact_email", "联系邮箱", "email"),
        Field("contact_address", "通信地址", required=False),
    ), lead="联系方式只用于本次申报，不对外公开。")  # fmt: skip


def figure(indicator: str, year: int) -> str:
    """第十条: this function will name the field of one indicator in one year."""
    return f"figure.{indicator}.{year}"


def _figures(years: tuple[int, int, int]) -> Section:
    fields = []
    for code, label, unit, asked, signed in INDICATORS:
        reason = Field(
            f"figure.{code}.na", f"“{label}”不适用的理由", required=False, limit=200, help="不适用的，请说明理由。"
        )
        fields += [
            Field(
                figure(code, year), f"{year}年{label}", "decimal", required=asked, unit=unit, article=10, signed=signed
            )
            for year in years
        ] + ([] if code in ALWAYS else [reason])
    lead = f"填报{years[0]}、{years[1]}、{years[2]}三个完整年度，以审计报告、纳税申报和统计报表为准。亏损的利润填负数，没有的填0。"
    return Section("figures", "C", "近三年主要指标", tuple(fields), lead)


def _quality() -> Section:
    columns = (
        Column("indicator", "质量指标", required=True), Column("own", "本单位水平", required=True), Column("national", "国内先进水平"),
        Column("international", "国际先进水平"), Column("source", "数据来源"),
    )  # fmt: skip
    return Section("quality", "D", "产品或服务质量水平", (
        Field("quality_levels", "质量水平对比", "table", columns=columns, may_not_apply=True, help="列出最能反映质量水平的指标。"),
    ))  # fmt: skip


def _management() -> Section:
    columns = (
        Column("name", "证书名称", required=True), Column("number", "证书编号"), Column("body", "认证机构"),
        Column("holder", "持证单位", required=True), Column("scope", "认证范围"), Column("valid_until", "有效期至", "date", required=True),
    )  # fmt: skip
    return Section("management", "E", "质量管理", (
        Field("certificates", "管理体系等证书", "table", columns=columns, may_not_apply=True, article=10,
              help="持证单位应与申报单位一致，并在基准日有效。"),
        Field("excellence_since", "导入卓越绩效模式的时间", "date", article=10),
        Field("self_evaluated_on", "最近一次自我评价的时间", "date", article=10),
        Field("methods", "采用的质量管理方法", "long", required=False, limit=1000),
        Field("summary", "质量管理特色与成效", "long", limit=3000, article=10,
              help="写明行业特色、企业特点和可以示范推广的做法（第十条）。"),
    ))  # fmt: skip


def _innovation() -> Section:
    columns = (
        Column("kind", "类别", required=True), Column("title", "名称", required=True), Column("on", "取得日期", "date"),
        Column("grantor", "授予单位"), Column("number", "编号"),
    )  # fmt: skip
    return Section("innovation", "F", "创新与品牌", (
        Field("achievements", "专利、标准、研发平台、商标和荣誉", "table", columns=columns, may_not_apply=True,
              help="类别如发明专利、主导制定标准、研发平台、驰名商标、质量奖。"),
        Field("brand", "品牌建设情况", "long", required=False, limit=1000),
    ))  # fmt: skip


def _compliance(limbs: tuple[Limb, ...]) -> Section:
    fields = []
    for limb in limbs:
        if limb.kind == "negative":
            fields += [
                Field(f"compliance.{limb.code}", f"近两年是否有{limb.label}", "choice", choices=YES_NO, article=11, help=f"“{limb.text}”"),
                Field(f"compliance.{limb.code}.facts", f"{limb.label}的情况", "long", required=False, limit=1000, article=11,
                      help="选“是”的，写明发生日期、经过、认定部门和等级。"),
            ]  # fmt: skip
    fields += [
        Field("penalties", "近两年受到的行政处罚", "long", required=False, limit=1000, article=11, help="没有的不填。"),
        Field(
            "pending", "正在处理的案件、诉讼和投诉", "long", required=False, limit=1000, article=11, help="没有的不填。"
        ),
    ]
    lead = "逐项如实声明。声明“是”并不当然丧失资格，由秘书处会同有关部门核定；隐瞒的，依第二十八条处理。"
    return Section("compliance", "G", "守法声明", tuple(fields), lead)


def _secrets() -> Section:
    return Section("secrets", "H", "商业秘密", (
        Field("secrets", "需要保密的内容", "long", required=False, limit=1000,
              help="写明材料中哪些属于技术秘密或者商业秘密。标明的内容不用于示范推广。没有的不填。"),
    ))  # fmt: skip


def facets(item: Item) -> tuple[tuple[str, str], ...]:
    """第十六条: this function will name what an item is answered under."""
    return report_plan.facets(item)


def _report(points: Rubric, years: tuple[int, int, int], profile_limit: int) -> Section:
    fields = [Field("profile", "组织概述", "long", limit=MAX_FACET * 2, part=PROFILE_PART,
                    help=f"不超过{profile_limit}字：组织的环境、关系和面临的挑战。")]  # fmt: skip
    for item in points.items:
        fields += [
            Field(name, f"{item.code} {item.name}：{label}", "long", limit=MAX_FACET, part=item.code, required=True)
            for name, label in facets(item)
        ]
        if item.kind == "result":
            columns = tuple(
                Column(name, label, "number" if name.isdigit() else "text")
                for name, label in report_plan.columns(years)
            )
            fields.append(
                Field(report_plan.table_name(item), f"{item.code} {item.name}：数据表", "table", required=False,
                      columns=columns, part=item.code, help="至少三年的数据；填写后自动画图。")
            )  # fmt: skip
        free = tuple(Column(key, f"第{number}列") for number, key in enumerate(report_plan.FREE, start=1))
        fields.append(
            Field(report_plan.free_table_name(item), f"{item.code} {item.name}：{report_plan.TABLE_LABEL}", "table", required=False,
                  columns=free, part=item.code, help="第一行写表头，不用的列留空；计入全文字数。")
        )  # fmt: skip
        fields.append(
            Field(
                f"{item.code}.na", f"“{item.code} {item.name}”不适用的理由", required=False, limit=200, part=item.code
            )
        )
    parts = ((PROFILE_PART, "组织概述"), *((item.code, f"{item.code} {item.name}") for item in points.items))
    return Section("self_assessment", "附", "自我评价报告", tuple(fields), parts=parts)


def _evidence() -> Section:
    return Section("evidence", "K", "证实性材料")


def _pledge() -> Section:
    return Section("pledge", "I", "承诺", (
        Field("pledged", "本单位承诺：所报材料真实、准确；接受核查；提供虚假材料的，依照第二十八条承担责任；同意公开不涉及个人信息和商业秘密的情况",
              "choice", choices=(("yes", "作出承诺"),), article=28),
    ))  # fmt: skip


# ── what stands on the application's own row as well, for lists and later stages ──

COLUMNS = (
    "address", "legal_representative", "established_on", "operating_since", "industry", "size", "employees", "specialised",
    "products", "summary", "contact_name", "contact_phone", "contact_email", "pledged",
)  # fmt: skip
BOOLEANS = frozenset({"specialised", "pledged"})
