"""What a unit has filled in, as the screening reads it: the one place that knows how the form is kept (第十、十一条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from applications.eligibility import Certificate
from applications.models import Application, Entry
from applications.paper import figure, form_of, years_of
from applications.sections import Field, parsed

SMALLER = ("medium", "small", "micro")
AMOUNT, DAY = Field("amount", "金额", "decimal"), Field("day", "日期", "date")
HELD = "screening_entries"  # where `prefetched` puts what the screening needs of the form: not the whole report


@dataclass(frozen=True)
class Facts:
    """The basic facts that limbs rest on; None or empty where nothing was filled in."""

    established_on: date | None = None
    operating_since: date | None = None
    industry: str = ""
    size: str = ""
    size_label: str = ""
    specialised: bool = False


def facts_of(application: Application) -> Facts:
    """第十条: this function will give the basic facts of the form."""
    return Facts(
        application.established_on, application.operating_since, application.industry, application.size,
        application.get_size_display(), application.specialised,
    )  # fmt: skip


def _needed() -> Any:
    kept = ("certificates", "sme")
    return Entry.objects.filter(name__in=kept) | Entry.objects.filter(name__regex=r"^figure\.(profit|tax)\.[0-9]{4}$")


def _values(application: Application) -> dict[str, Any]:
    if not hasattr(application, HELD):
        prefetched([application])
    return {entry.name: entry.value for entry in getattr(application, HELD)}


def profits_of(application: Application) -> dict[int, Decimal | None]:
    """第十一条: this function will give the profit of each year asked for, exact, in 万元; None where nothing was filled in."""
    return _figures(application, "profit")


def taxes_of(application: Application) -> dict[int, Decimal | None]:
    """第十条: this function will give the tax of each year asked for, exact, in 万元; None where nothing was filled in."""
    return _figures(application, "tax")


def _figures(application: Application, code: str) -> dict[int, Decimal | None]:
    values = _values(application)
    return {year: parsed(AMOUNT, values.get(figure(code, year), "")) for year in years_of(application.cycle)}


def certificates_of(application: Application) -> list[Certificate]:
    """第十条: this function will give the certificates of the form."""
    return certificates_in(_values(application).get("certificates"))


def certificates_in(typed: Any) -> list[Certificate]:
    """第十条: this function will read the certificates as they were typed; empty rows are none."""
    return [
        Certificate(row.get("name", ""), row.get("holder", ""), parsed(DAY, row.get("valid_until", "")))
        for row in typed or []
        if isinstance(row, dict) and any(row.values())
    ]


def tags_of(application: Application) -> list[str]:
    """第十二条: this function will give the tags of article 12; they are for lists and counts and never for a score."""
    facts = facts_of(application)
    tags = ["中小企业"] if facts.size in SMALLER else []
    return tags + (["专精特新"] if facts.specialised else [])


def tag_counts(listed: QuerySet) -> dict[str, int]:
    """第十二条: this function will count applications by the tags of article 12, in the database; never for a score."""
    return {
        "中小企业": listed.filter(size__in=SMALLER).count(),
        "专精特新": listed.filter(specialised=True).count(),
    }


def prefetched(listed: list[Application]) -> list[Application]:
    """第十七条: this function will fetch, in a fixed number of queries, what the other functions here read of several applications."""
    prefetch_related_objects(listed, Prefetch("entries", queryset=_needed(), to_attr=HELD))
    return listed


def field_label(application: Application, name: str) -> str:
    """第十六条: this function will give the Chinese label of a field of the form, or the name itself."""
    one = form_of(application.cycle).fields.get(name)
    return one.label if one else name


def contact_email_of(application: Application) -> str:
    """第十六条: this function will give the address of the contact that the unit named, or nothing."""
    return application.contact_email
