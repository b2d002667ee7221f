"""The limbs of articles 10 and 11, and who is usually asked about each: data, proposed and never imposed (第十、十一、十七条)."""

from __future__ import annotations

from collections.abc import Iterable

from applications.models import Application, AwardCycle
from award_portal import regulation
from award_portal.regulation import Limb

MARKET, TAX, SAFETY, ENVIRONMENT, HEALTH = "市场监管", "税务", "应急", "生态环境", "卫生健康"
INDUSTRY, COMMERCE, STATISTICS, FINANCE = "工业和信息化", "商务", "统计", "财政"
CREDIT, COURT, LABOUR, POLICE, JUSTICE = "发展和改革", "法院", "人力资源", "公安", "司法"
TRADE = (INDUSTRY, COMMERCE, "住房和城乡建设", "交通", "文化广电", "教育", "农业农村", HEALTH)

# Usual sources: the words by which a department is known from its name. The secretariat itself judges a limb with none.
SOURCES: dict[str, tuple[str, ...]] = {
    "registered": (MARKET,),
    "licensed": (MARKET, *TRADE),
    "pays_tax": (TAX,),
    "operating": (MARKET, TAX),
    "quality_system": (),
    "improvement": (),
    "excellence": (),
    "features": (),
    "exemplary": (),
    "leads_peers": (STATISTICS, INDUSTRY, COMMERCE),
    "performance": (STATISTICS, INDUSTRY, TAX),
    "contribution": (INDUSTRY, TAX, LABOUR),
    "social_duty": (LABOUR, CREDIT),
    "reputation": (CREDIT,),
    "quality_accident": (MARKET,),
    "safety_accident": (SAFETY,),
    "pollution_accident": (ENVIRONMENT,),
    "public_health_accident": (HEALTH,),
    "food_accident": (MARKET,),
    "loss": (TAX, FINANCE),
    "complaint": (MARKET,),
    "bad_faith": (CREDIT, COURT, MARKET),
    "other_violation": (LABOUR, POLICE, JUSTICE, SAFETY, ENVIRONMENT, TAX),
}
ACCIDENTS = frozenset(
    {"quality_accident", "safety_accident", "pollution_accident", "public_health_accident", "food_accident"}
)


def limbs_of(application: Application) -> tuple[Limb, ...]:
    """第十、十一条: this function will give the limbs of the regulation to which the cycle is bound."""
    return limbs_in(application.cycle)


def limbs_in(cycle: AwardCycle) -> tuple[Limb, ...]:
    """第十、十一条: this function will give the limbs that a cycle asks about."""
    return regulation.load(cycle.regulation).limbs_of(10, 11)


def asked_of(name: str, limbs: Iterable[Limb]) -> tuple[Limb, ...]:
    """第十七条: this function will propose the limbs that a department of this name is asked about.

    A department the table does not know is asked about everything article 11 forbids: better asked once too often.
    """
    listed = tuple(limbs)
    known = tuple(limb for limb in listed if any(word in name for word in SOURCES.get(limb.code, ())))
    return known or tuple(limb for limb in listed if limb.negative)


def is_source(name: str) -> bool:
    """第十七条: this function will say whether a department of this name is the usual source of any limb."""
    return any(word in name for words in SOURCES.values() for word in words)


def sources_of(code: str) -> str:
    """第十七条: this function will say in words who is usually asked about a limb."""
    return "、".join(SOURCES.get(code, ())) or "由秘书处核对申报材料"
