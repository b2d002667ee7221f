"""Which content of applications stays in the store though no row points to it any more (第十六、十七条)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from applications.models import Application, ApplicationVersion, Evidence, Recommendation
from award_portal import sweeping
from award_portal.models import StoredFile


@sweeping.passing.plug
def drafts() -> Iterator[tuple[type, str]]:
    """第十六条: this function will name the histories through which a draft's files pass; a receipt's history keeps its receipts."""
    yield Evidence.history.model, "file"  # type: ignore[attr-defined]
    yield Application.history.model, "self_assessment"


@sweeping.kept.plug
def handed_in(hashes: Sequence[str], since: datetime) -> Iterator[str]:
    """第十六条: this function will give what a frozen version names, in whatever part of its manifest."""
    named = Q()
    for sha256 in hashes:
        named |= Q(text__contains=sha256)
    versions = ApplicationVersion.objects.annotate(text=Cast("manifest", TextField())).filter(named)
    for text in versions.values_list("text", flat=True).iterator(chunk_size=20):
        yield from (sha256 for sha256 in hashes if sha256 in text)


@sweeping.kept.plug
def read_by_a_department(hashes: Sequence[str], since: datetime) -> Iterator[str]:
    """第十六条: this function will give what applications held that a department has signed on: it is what the department read."""
    signed = Recommendation.objects.exclude(signed_at=None).values("application")
    yield from _passed(Q(application__in=signed), Q(id__in=signed), hashes)


@sweeping.kept.plug
def removed_lately(hashes: Sequence[str], since: datetime) -> Iterator[str]:
    """第十六条: this function will give what was still held, or was taken out, since then: the margin begins with the removal."""
    yield from _passed(Q(history_date__gte=since), Q(history_date__gte=since), hashes)


def _passed(evidence: Q, report: Q, hashes: Sequence[str]) -> Iterator[str]:
    held = Q(pk__in=Evidence.history.filter(evidence).values("file"))  # type: ignore[attr-defined]
    held |= Q(pk__in=Application.history.filter(report).exclude(self_assessment=None).values("self_assessment"))
    yield from StoredFile.objects.filter(held, sha256__in=hashes).values_list("sha256", flat=True)
