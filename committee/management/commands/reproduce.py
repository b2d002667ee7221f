"""第十七、十八条: rebuild every number of the final list from the records and say what differs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications.models import AwardCycle
from committee.models import Nomination
from review import rankings, reproduction
from review.reproduction import Placed, Reproduced


class Command(BaseCommand):
    help = "reproduce CYCLE rebuilds the ranking from recorded scores and consensus, independently, and prints differences."

    def add_arguments(self, parser: CommandParser) -> None:
        """This function will take the cycle's number and where the result is written."""
        parser.add_argument("cycle", type=int, help="the number of the cycle (第几届)")
        parser.add_argument(
            "--output", default="", help="write every number there as JSON: byte for byte the same on every run"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will print what differs and end with 1 where something does."""
        cycle = AwardCycle.objects.exclude(state=AwardCycle.State.CANCELLED).filter(number=options["cycle"]).first()
        if cycle is None:
            raise CommandError(f"没有第{options['cycle']}届。")
        if not cycle.rules.adopted().exists():
            raise CommandError(f"{cycle}的规则尚未审定，没有可以重算的排名。")
        found = reproduction.reproduce(cycle)
        found.differences.extend(reproduction.differences_from(found, rankings.ranking(cycle)))
        found.differences.extend(nominated(found))
        content = reproduction.document(found)
        if options["output"]:
            Path(options["output"]).write_bytes(content)
        for line in found.differences:
            self.stdout.write(line)
        self.stdout.write(
            f"{cycle}：{len(found.placed)}个单位、{len(found.sheets)}份评分表，差异{len(found.differences)}处，"
            f"SHA-256 {reproduction.digest(content)}"
        )
        if found.differences:
            raise CommandError("重算结果与记录不一致。")


def nominated(found: Reproduced) -> Iterator[str]:
    """第十八条: this function will say where the list holds another total, or another order, than the records give.

    Ranks are compared as an order: a unit that left the review later left its place behind.
    """
    mine = {placed.unit.application: placed for placed in found.placed}
    listed: list[tuple[Nomination, Placed]] = []
    rows = Nomination.objects.filter(shortlist__cycle=found.cycle).select_related("application")
    for row in rows.order_by("rank", "pk"):
        placed = mine.get(row.application_id)
        if placed is None:
            continue
        if Fraction(row.total) != placed.unit.total:
            yield f"{row.application.number}的入围总分：记为{row.total}，重算为{reproduction.plain(placed.unit.total)}"
        listed.append((row, placed))
    for (one, ahead), (other, behind) in pairwise(listed):
        if (one.rank == other.rank) != (ahead.unit.standing == behind.unit.standing) or ahead.rank > behind.rank:
            yield f"{one.application.number}和{other.application.number}的入围名次与得分的顺序不符"
