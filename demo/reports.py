"""What a unit of the demo writes into its form and its self-evaluation report: invented, believable, different for each unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from applications import report_plan
from applications.models import AwardCycle
from applications.paper import figure, years_of
from award_portal import regulation, rubric
from award_portal.rubric import Item
from demo.units import Unit

APPROACH = (
    "由分管负责人牵头，按“{name}”的要求制定制度和年度目标，明确责任部门、频次和评价办法，并结合{products}的特点每年评审一次。",
    "围绕{products}识别{name}方面的关键需求，形成从策划、实施、检查到改进的闭环办法，重要事项由管理层会议审定。",
    "参照卓越绩效模式梳理{name}的方法，形成程序文件和操作指引，用季度数据检验方法是否有效，必要时修订。",
)
DEPLOYMENT = (
    "方法已在全部{employees}名职工和主要供方中展开，新进人员上岗前培训，班组每周检查，问题当日登记、当周关闭。",
    "各部门按年度计划分解到岗位，过程记录可以追溯；三年来累计开展专题改进二十余项，覆盖主要过程和关键岗位。",
    "从生产一线向采购、服务延伸，分阶段推进，每季度通报进度，薄弱环节由牵头部门限期补齐。",
)
RESULT = (
    "近三年相关指标持续改善，主要目标完成率保持在95%以上，做法在本行业交流推广。",
    "目标逐年达成，内部评价得分由78分提高到91分，未发生因管理不到位造成的重大问题。",
    "改进成果纳入标准化文件，减少重复问题四成以上，职工和顾客评价稳中有升。",
)
LEVEL = "{year}年主要指标处于本区同行业前列，达到年度目标，具体数据见下表。"
TREND = "连续三年总体向好，个别指标有小幅波动，原因已分析并采取措施。"
COMPARISON = "与本区同行业平均水平相比有优势，与行业先进水平相比仍有差距，已列入改进计划。"
SERIES = {
    "4.7.2": ("一次交验合格率", "%"), "4.7.3": ("顾客满意度", "分"), "4.7.4": ("总资产贡献率", "%"), "4.7.5": ("人均培训学时", "学时"),
    "4.7.6": ("准时交付率", "%"), "4.7.7": ("战略目标完成率", "%"),
}  # fmt: skip


def paper_of(unit: Unit, cycle: AwardCycle) -> dict[str, Any]:
    """第十六条: this function will give everything a unit fills in: facts, figures, declarations, report, pledge."""
    years = years_of(cycle)
    limbs = regulation.load(cycle.regulation).limbs_of(11)
    declared = {f"compliance.{limb.code}": "no" for limb in limbs if limb.kind == "negative"}
    return {**_facts(unit), **_figures(unit, years), **declared, **report_of(unit, cycle), "pledged": "yes"}


def _facts(unit: Unit) -> dict[str, Any]:
    return {
        "address": f"河南省洛阳市瀍河回族区启明东路{unit.serial % 200 + 1}号", "legal_representative": unit.representative,
        "registered_capital": f"{unit.serial % 40 * 100 + 500}", "established_on": f"{unit.established}-05-18",
        "operating_since": f"{unit.established}-10-01", "industry": unit.industry, "size": unit.size, "employees": str(unit.employees),
        "specialised": "yes" if unit.specialised else "no", "sme": "no" if unit.size == "large" else "yes", "products": unit.products,
        "revoked": "no", "contact_name": unit.contact, "contact_phone": f"0379-6390{unit.serial % 9000 + 1000}",
        "contact_email": f"quality@unit{unit.serial}.example",
        "quality_levels": [{"indicator": "一次交验合格率", "own": "99.2%", "national": "99.5%", "international": "99.8%", "source": "行业统计"}],
        "certificates": [{"name": "质量管理体系认证证书", "number": f"Q{unit.serial}", "body": "演示认证中心", "holder": unit.name,
                          "scope": unit.products, "valid_until": "2099-12-31"}],
        "excellence_since": f"{unit.established + 5}-01-01", "self_evaluated_on": f"{unit.established + 8}-06-30",
        "methods": "质量管理小组、标杆对比、过程能力分析。", "summary": unit.summary,
        "achievements": [{"kind": "发明专利", "title": f"{unit.products.split('、')[0]}相关技术", "on": f"{unit.established + 9}-03-01",
                          "grantor": "国家知识产权局", "number": ""}],
    }  # fmt: skip


def _figures(unit: Unit, years: tuple[int, int, int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, (year, (revenue, profit, tax)) in enumerate(zip(years, unit.yearly(), strict=True)):
        rows = {
            "revenue": revenue, "profit": profit, "tax": tax, "assets": revenue * 2, "rnd": (revenue / 25).quantize(Decimal("0.01")),
            "staff": unit.employees - 10 * (2 - number), "quality_rate": Decimal("98.6") + number * Decimal("0.3"),
        }  # fmt: skip
        found |= {figure(code, year): str(value) for code, value in rows.items()}
    return found


def report_of(unit: Unit, cycle: AwardCycle) -> dict[str, Any]:
    """第十六条: this function will write a unit's report: the profile and every item, the results with three years of data."""
    rules = cycle.rules.adopted().first()
    years, written = years_of(cycle), {"profile": _profile(unit)}
    for number, item in enumerate(rubric.load(rules.rubric if rules else rubric.codes()[0]).items):
        written |= _item(unit, item, number + unit.serial, years)
    return written


def _profile(unit: Unit) -> str:
    return (
        f"{unit.name}成立于{unit.established}年，位于瀍河回族区，主要提供{unit.products}，现有职工{unit.employees}人。\n"
        f"{unit.summary}\n主要顾客为本地和周边企业、居民，面临的挑战是成本上升、人才短缺和同行竞争。"
    )


def _item(unit: Unit, item: Item, seed: int, years: tuple[int, int, int]) -> dict[str, Any]:
    said = {"name": item.name, "products": unit.products, "employees": unit.employees, "year": years[-1]}
    names = [name for name, _ in report_plan.facets(item)]
    if item.kind == "process":
        texts = [group[seed % 3].format(**said) for group in (APPROACH, DEPLOYMENT, RESULT)]
        return dict(zip(names, texts, strict=True))
    title, measure = SERIES.get(item.code, (item.name, "%"))
    base = Decimal(unit.quality) + 20
    row = {"indicator": title, "unit": measure, "benchmark": str(base), "source": "内部统计"}
    row |= {str(year): str(base + Decimal(number) * Decimal("1.4")) for number, year in enumerate(years)}
    texts = [text.format(**said) for text in (LEVEL, TREND, COMPARISON)]
    return {**dict(zip(names, texts, strict=True)), report_plan.table_name(item): [row]}
