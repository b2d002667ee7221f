"""The consensus, recorded by the lead item by item (第十四、十七条)."""

from __future__ import annotations

from tests.journeys.person import Person


def agree(lead: Person, percent: int, reason: str) -> int:
    """第十四、十七条: this function will record every item from the list of items on, in the order of the spread, and say how many."""
    lead.within(lead.main.locator(".consensus-table")).place.get_by_role("link").first.click()
    lead.page.wait_for_load_state("load")
    items = 0
    while "/consensus/4" in lead.path:
        if not items:
            take(lead)
        record(lead, percent, reason, "" if not items else "方法清楚，结果持续改善，优于同行。")
        items += 1
    return items


def take(lead: Person) -> None:
    """第十七条: this function will take over the first of the reviewers' findings that is not taken over yet."""
    with lead.page.expect_navigation():
        lead.main.locator("button[name=take]").first.click()
    lead._arrived()


def record(lead: Person, percent: int, reason: str, finding: str = "", save: str = "保存，") -> None:
    """第十四条: this function will fill in an item and save it, by default going on to the next."""
    lead.main.locator("[name=percent]").select_option(str(percent))
    lead.main.locator("[name=reason]").fill(reason)
    if finding:
        lead.main.locator(".merged-new textarea").first.fill(finding)
    lead.press_start(save) if save.endswith("，") else lead.press(save)
