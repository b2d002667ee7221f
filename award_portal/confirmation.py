"""A verb's page: what will happen, its article, a form, one button. The same rule draws the button and refuses the request.

ACCEPT = Verb("accept", "确认符合资格", may=permissions.may_accept, act=screening.accept, article=17, explain="…")
path("applications/<int:pk>/accept/", page(ACCEPT, Application), name="accept")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from award_portal import clock, policy
from award_portal.verdict import Refused, Verdict


class VerbForm(forms.Form):
    """The base of every verb's form: it knows its subject, the person and the moment; it checks shape and nothing else."""

    def __init__(
        self, *args: Any, subject: Any = None, user: Any = None, at: datetime | None = None, **kwargs: Any
    ) -> None:
        self.subject, self.user, self.at = subject, user, at
        super().__init__(*args, **kwargs)

    @property
    def helper(self) -> FormHelper:
        """How crispy draws it: the page brings the form tag, the token and the button."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = True
        return helper

    @property
    def multipart(self) -> bool:
        """Whether a file is asked for."""
        return self.is_multipart()


class ReasonForm(VerbForm):
    """A verb that needs its reason."""

    reason = forms.CharField(label="理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class OptionalReasonForm(VerbForm):
    """A verb that may carry a remark."""

    reason = forms.CharField(
        label="说明（可不填）", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


@dataclass(frozen=True)
class Verb:
    """One verb as people meet it: its button, its page, the rule that allows it, the act that does it.

    `may(user, obj, at) -> Verdict`; `act(obj, *, by, at, **cleaned_data)`; `facts(obj) -> [(label, value)]`;
    `back(obj) -> url`, where the person goes afterwards.
    """

    name: str
    label: str
    may: Callable[[Any, Any, datetime], Verdict]
    act: Callable[..., Any]
    article: int | None
    explain: str = ""
    form: type[VerbForm] = VerbForm
    facts: Callable[[Any], list[tuple[str, Any]]] = field(default=lambda obj: [])
    back: Callable[[Any], str] = field(default=lambda obj: obj.get_absolute_url())
    done: str = ""
    style: str = "primary"  # primary, secondary or danger
    app: str = ""
    final: bool = False  # cannot be undone: the page says so

    @property
    def route(self) -> str:
        """The name of the page's URL."""
        return f"{self.app}:{self.name}" if self.app else self.name

    @property
    def is_danger(self) -> bool:
        """Whether the button is drawn as one that takes something away."""
        return self.style == "danger"

    @property
    def warning(self) -> str:
        """What is said above the button of an act that cannot be undone."""
        return "办理后不能撤回，请核对无误。" if self.final else ""

    def url(self, obj: Any) -> str:
        """This function will give the address of the verb's page for `obj`."""
        return reverse(self.route, args=[obj.pk])


def offered(
    verbs: list[Verb], user: Any, obj: Any, at: datetime, *, hide_refused: bool = False
) -> list[dict[str, Any]]:
    """This function will list the verbs of `obj` for the verb bar: each with its address, label, style and verdict."""
    listed = []
    for verb in verbs:
        verdict = verb.may(user, obj, at)
        if verdict or not hide_refused:
            listed.append(
                {"label": verb.label, "url": verb.url(obj), "verdict": verdict, "style": verb.style, "name": verb.name}
            )
    return listed


def page(verb: Verb, model: type[models.Model]) -> Callable[..., HttpResponse]:
    """This function will make the confirmation page of a verb: GET shows it, POST does it, a refusal keeps what was typed."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def confirm(request: HttpRequest, obj: Any) -> HttpResponse:
        at = clock.now()
        verdict = verb.may(request.user, obj, at)
        if not verdict:
            return _refused(request, verb, obj, verdict, at)
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = verb.form(*sent, subject=obj, user=request.user, at=at)
        if request.method != "POST":
            return show(request, verb, obj, form)
        if not form.is_valid():
            return show(request, verb, obj, form, status=422)
        try:
            verb.act(obj, by=request.user, at=at, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
            return show(request, verb, obj, form, status=409)
        messages.success(request, verb.done or f"已{verb.label}。")
        return HttpResponseRedirect(verb.back(obj))

    confirm.__name__ = verb.name
    confirm.__doc__ = f"{verb.label}"
    guarded = policy.see(model)(confirm)
    guarded.policy = f"permit:{model.__name__}:{getattr(verb.may, '__name__', 'may')}"  # type: ignore[attr-defined]
    guarded.verb = verb  # type: ignore[attr-defined]
    return guarded


def _refused(request: HttpRequest, verb: Verb, obj: Any, verdict: Verdict, at: datetime) -> HttpResponse:
    """What was typed stays on the screen even where somebody else was faster and the verb is no longer allowed."""
    if request.method != "POST" or not any(value.strip() for value in _typed(request)):
        return policy.forbidden(request, verdict)
    form = verb.form(request.POST, request.FILES, subject=obj, user=request.user, at=at)
    blame(form, Refused(verdict.reason, verdict.article))
    return show(request, verb, obj, form, status=403)


def _typed(request: HttpRequest) -> list[str]:
    return [str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"]


def show(request: HttpRequest, verb: Verb, obj: Any, form: forms.Form, status: int = 200) -> HttpResponse:
    """This function will draw the confirmation page of a verb."""
    context = {"verb": verb, "subject": obj, "form": form, "facts": verb.facts(obj), "back": verb.back(obj)}
    return render(request, "confirmation.html", context, status=status)


def blame(form: forms.Form, refusal: Refused) -> None:
    """This function will put a refusal where it belongs: on its field, or on the form as a whole."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
