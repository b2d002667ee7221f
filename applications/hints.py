"""What the portal can compute about a limb, with the facts behind it: for the person who concludes, never a conclusion (第十、十一条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from applications import eligibility, eligibility_grounds
from applications.models import Application
from applications.screening_facts import certificates_of, facts_of, profits_of, tags_of, taxes_of
from award_portal.periods import add_years, look_back
from award_portal.sockets import Socket
from award_portal.verdict import Verdict
from award_portal.wording import cn_date

# Later stages answer (codes) with pairs (code, sentence): `yield code, "第1届（2025年）获奖，有效。"`; one question for a whole page.
earlier_awards = Socket("which awards did these units win before?")

IN_WINDOW, BEFORE, AFTER = "in", "before", "after"
WINDOW_WORDS = {
    IN_WINDOW: "在回溯期内",
    BEFORE: "不在回溯期内",
    AFTER: "基准日之后发生，不属于任何回溯期，须由人说明理由作出结论",
}


@dataclass(frozen=True)
class Hint:
    """What dates, figures and registers say about a limb; `doubt` where it speaks against; `facts` are what it rests on."""

    text: str
    doubt: bool = False
    facts: tuple[str, ...] = ()


def window(event: date, reference: date, years: int) -> str:
    """第十一条: this function will place the day of an event: in the look-back (both ends included), before it, or after it.

    What happens between the reference date and the award falls under no window of the text; a person concludes, with a reason.
    """
    if event > reference:
        return AFTER
    return IN_WINDOW if look_back(event, reference, years) else BEFORE


def window_words(event: date, application: Application) -> str:
    """第十一条: this function will say in words where the day of an event lies."""
    cycle = application.cycle
    reference: date = cycle.reference_on  # type: ignore[assignment]
    return WINDOW_WORDS[window(event, reference, cycle.look_back_years)]


def hints(
    application: Application, grounds: list[Verdict] | None = None, awards: list[str] | None = None
) -> dict[str, Hint]:
    """第十、十一条: this function will compute what dates, figures and registers say about the limbs; no conclusion is drawn.

    `grounds` are what later stages hold against the unit and `awards` what it won, where a page has asked about all its units
    at once.
    """
    made = {
        "operating": _operation(application),
        "loss": _loss(application),
        "pays_tax": _tax(application),
        "quality_system": _certificates(application),
        "reputation": _record(application, grounds, awards),
    }
    return {code: hint for code, hint in made.items() if hint is not None}


def _operation(application: Application) -> Hint | None:
    cycle, facts = application.cycle, facts_of(application)
    reference: date = cycle.reference_on  # type: ignore[assignment]
    since, established = facts.operating_since, facts.established_on
    if since is None:
        return None
    earlier = established is not None and since < established
    met = eligibility.operation_met(since, reference, cycle.operation_years)
    return Hint(
        f"主体业务自{cn_date(since)}起，至基准日{cn_date(reference)}{'已满' if met else '不满'}{cycle.operation_years}年。"
        f"{'早于成立日期，请核实前身单位。' if earlier else ''}",
        not met or earlier,
        (
            f"成立日期：{cn_date(established) if established else '未填'}",
            f"满{cycle.operation_years}年之日：{cn_date(add_years(since, cycle.operation_years))}",
        ),
    )


def _loss(application: Application) -> Hint:
    cycle, profits = application.cycle, profits_of(application)
    reference: date = cycle.reference_on  # type: ignore[assignment]
    loss = eligibility.loss_years(profits, reference, cycle.look_back_years)
    said = [f"{year}年亏损" for year in loss.losses] + [f"{year}年无数据" for year in loss.missing]
    text = "、".join(said) + "。" if said else f"近{cycle.look_back_years}年填报均无亏损。"
    return Hint(text, bool(said), tuple(_money(profits, "利润总额")))


def _tax(application: Application) -> Hint | None:
    taxes = taxes_of(application)
    if not taxes:
        return None
    untaxed = [str(year) for year, tax in sorted(taxes.items()) if not tax]
    text = f"{'、'.join(untaxed)}年填报纳税为零。" if untaxed else "三年均填报了纳税额。"
    return Hint(text, bool(untaxed), tuple(_money(taxes, "纳税总额")))


def _money(rows: dict[int, Any], what: str) -> list[str]:
    return [
        f"{year}年{what}：{'未填' if value is None else f'{value:,.2f}万元'}" for year, value in sorted(rows.items())
    ]


def _certificates(application: Application) -> Hint | None:
    rows = certificates_of(application)
    if not rows:
        return None
    reference: date = application.cycle.reference_on  # type: ignore[assignment]
    facts = [
        f"{row.name or '证书'}：{row.holder or '未填持有人'}，有效期至{cn_date(row.valid_until) if row.valid_until else '未填'}"
        for row in rows
    ]
    found = eligibility.certificate_doubts(rows, application.applicant.name, reference)
    doubts = [sentence for one in found for sentence in one.sentences]
    return Hint(
        "；".join(doubts) + "。" if doubts else "所填证书在基准日均有效，持有人与单位名称一致。",
        bool(doubts),
        tuple(facts),
    )


def awards_of(codes: list[str]) -> dict[str, list[str]]:
    """第四、二十九条: this function will give the earlier awards of several units, asked once for all."""
    found: dict[str, list[str]] = {code: [] for code in codes}
    for code, sentence in earlier_awards.ask(codes):
        found[code].append(sentence)
    return found


def _record(application: Application, grounds: list[Verdict] | None, won: list[str] | None) -> Hint:
    code = application.applicant.code
    against = grounds if grounds is not None else eligibility_grounds.against(code, application.cycle.reference_on)  # type: ignore[arg-type]
    awards = tuple(won if won is not None else awards_of([code])[code])
    if against:
        return Hint("；".join(ground.reason.rstrip("。") for ground in against) + "。", True, awards)
    tags = tags_of(application)
    facts = awards + ((f"标识（第十二条，不影响评分）：{'、'.join(tags)}",) if tags else ())
    return Hint("截至基准日，门户没有不予受理的记录；确认资格时按当日再查一次。", False, facts)
