"""What templates use to write dates, money, points, articles and states.

An empty value shows as a dash, so that a template needs no condition around each figure.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.db.models import Model
from django.forms import BaseForm
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from award_portal import wording

register = template.Library()

EMPTY = "—"

# One tone per kind of outcome. The sign in front of the label says the same without colour.
TONES: dict[str, frozenset[str]] = {
    "active": frozenset(
        "announced submitted open running locked consensus lodged shortlisted proposed opened heard deliberating "
        "visiting scoring sending assigned signing".split()
    ),
    "good": frozenset(
        "clean met pass still_holds decided adopted accepted concluded cleared approved conferred paid upheld valid done sent signed eligible current "
        "published final".split()
    ),
    "wait": frozenset(
        "returned held due pending silent queued awaiting expiring requested asked nominated planned".split()
    ),
    "bad": frozenset(
        "found not_met fail doubtful declined disqualified refused removed rejected revoked overdue failed ineligible banned".split()
    ),
}
SIGNS = {"active": "●", "good": "✓", "wait": "!", "bad": "✕", "quiet": "○"}


def _or_dash(write: Callable[[Any], str], value: Any) -> str:
    return EMPTY if value is None or value == "" else write(value)


@register.filter
def cn_date(value: date | None) -> str:
    """Write a day as 2027年3月8日."""
    return _or_dash(wording.cn_date, value)


@register.filter
def cn_datetime(value: datetime | None) -> str:
    """Write a moment as 2027年3月8日 14:00."""
    return _or_dash(wording.cn_datetime, value)


@register.filter
def cn_closing(value: datetime | None) -> str:
    """Write the end of a period; midnight is 24:00 of the day before."""
    return _or_dash(wording.cn_closing, value)


@register.filter
def iso(value: date | datetime | None) -> str:
    """Write a day or moment for the attribute of a time element."""
    return value.isoformat() if value else ""


@register.filter
def time_left(until: datetime | None, now: datetime | None) -> str:
    """Say how long it is until a moment (还有3天4小时), or that it is over."""
    return "" if not until or not now else wording.time_left(until, now)


@register.filter
def is_past(until: datetime | None, now: datetime | None) -> bool:
    """Tell whether a half-open period that ends at this moment is over."""
    return bool(until and now and until <= now)


@register.filter
def yuan(value: Decimal | int | None) -> str:
    """Write money as 100,000.00元."""
    return _or_dash(wording.yuan, value)


@register.filter
def score(value: Decimal | int | None) -> str:
    """Write points exactly, with at least two decimals."""
    return _or_dash(wording.score, value)


@register.filter
def percent(value: Decimal | int | None) -> str:
    """Write a number of hundredths as 60%."""
    return _or_dash(wording.percent, value)


@register.filter
def size(value: int | None) -> str:
    """Write a number of bytes for people."""
    return _or_dash(wording.file_size, value)


@register.filter
def article_label(value: int | None) -> str:
    """Name an article: 19 → 第十九条."""
    return _or_dash(wording.article_label, value)


@register.simple_tag
def article(number: int | None) -> str | SafeString:
    """Link an article to its text: 第十九条."""
    if number is None:
        return ""
    label = wording.article_label(number)
    return format_html('<a class="article-link" href="{}#article-{}">{}</a>', reverse("regulation"), number, label)


@register.filter
def tone(state: str | None) -> str:
    """Tell which of the five tones a state has: active, good, wait, bad, quiet."""
    value = str(state or "")
    return next((name for name, states in TONES.items() if value in states), "quiet")


@register.filter
def sign(tone_name: str) -> str:
    """Give the sign that goes with a tone, so that no state is told by colour alone."""
    return SIGNS.get(tone_name, SIGNS["quiet"])


@register.inclusion_tag("elements/_state.html")
def state(thing: Model, field: str = "state") -> dict[str, str]:
    """Show the state of a thing as a pill, with its Chinese label."""
    return {"state": getattr(thing, field), "label": getattr(thing, f"get_{field}_display")()}


@register.inclusion_tag("elements/_scan.html")
def scan_state(stored: Any) -> dict[str, str]:
    """Show beside a file that it waits for the virus scanner or is shut for good; nothing beside one that may be opened."""
    from award_portal import scanning

    return {
        "label": scanning.label(stored),
        "state": getattr(stored, "scan", ""),
        "tone": "wait" if scanning.usable(stored) else "bad",
    }


@register.simple_tag
def verb_url(name: str, thing: Model | None = None, **kwargs: Any) -> str:
    """Give the address of a verb's confirmation page for a thing (by its pk, or by the arguments named)."""
    if thing is not None and not kwargs:
        kwargs = {"pk": thing.pk}
    return reverse(name, kwargs=kwargs or None)


@register.filter
def problems(form: BaseForm | None) -> list[dict[str, str]]:
    """List what a form refuses: label, text and the address of the field on the page, in the form's order."""
    if form is None or not form.is_bound:
        return []
    found = [{"label": "", "text": str(text), "anchor": ""} for text in form.non_field_errors()]
    for field in form.hidden_fields():
        found += [{"label": str(field.label), "text": str(text), "anchor": ""} for text in field.errors]
    for field in form.visible_fields():
        # A group of choices has no single input: the link goes to its first one.
        anchor = f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
        found += [{"label": str(field.label), "text": str(text), "anchor": anchor} for text in field.errors]
    return found


@register.filter
def problems_once(form: BaseForm | None) -> list[dict[str, str]]:
    """List what a form refuses, the first time it is asked for on a page.

    A page may write the summary itself and crispy-forms writes it with every form: people shall read it once.
    """
    if form is None or getattr(form, "problems_listed", False):
        return []
    found = problems(form)
    if found:
        form.problems_listed = True  # type: ignore[attr-defined]
    return found


@register.filter
def or_dash(value: Any) -> Any:
    """Show an empty value as a dash; zero and no are values."""
    return EMPTY if value is None or value == "" else value


@register.filter
def as_fact(pair: Any) -> dict[str, Any]:
    """Let a label and its value be written as a pair or as a dictionary."""
    return pair if isinstance(pair, dict) else {"label": pair[0], "value": pair[1]}


@register.filter
def is_list(value: Any) -> bool:
    """Tell a list of texts from one text."""
    return isinstance(value, (list, tuple))


@register.filter
def at(values: list[Any] | None, place: int) -> Any:
    """Give the value at a place of a list, or nothing where the list is shorter."""
    return values[place] if values and 0 <= place < len(values) else ""


@register.filter
def breakable(text: str) -> str:
    """Let a long digest break across lines, every eight characters."""
    return format_html_join("", "{}<wbr>", ((text[place : place + 8],) for place in range(0, len(text), 8)))
