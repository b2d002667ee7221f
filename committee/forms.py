"""Forms of the committee's verbs: they check shape and hand over what was typed."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.models import Application, CycleRules
from award_portal import files, inspection, roles
from award_portal.confirmation import VerbForm
from award_portal.models import User
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import ballots, decisions, notices, objections, shortlists, standing
from committee.models import Meeting, Member, Nomination, PublicNotice, Vote

DAY = forms.DateInput(attrs={"type": "date"})
MINUTE = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
MINUTE_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


def area(rows: int = 3) -> forms.Textarea:
    """This function will give a text area of so many rows."""
    return forms.Textarea(attrs={"rows": rows})


def received(upload: Any, kind: str) -> Any:
    """This function will put an upload into the store before the verb begins: nobody's writing waits for the inspection."""
    if not upload:
        return None
    try:
        return files.receive(upload, kind=kind)
    except Refused as refusal:
        raise forms.ValidationError(refusal.sentence) from refusal


class UserChoice(forms.ModelChoiceField):
    """A person, shown with the address that tells namesakes apart."""

    def label_from_instance(self, obj: Any) -> str:
        """This function will show name and address."""
        return f"{obj.name}（{obj.email}）"


# ── 委员 ──


class SeatForm(VerbForm):
    """A person for a seat: with an account, not of the secretariat and not seated yet."""

    user = UserChoice(label="人员", queryset=User.objects.none(), help_text="须先由秘书处为其开设账号。")
    post = forms.CharField(label="现任职务", max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = Member.objects.filter(state__in=[Member.State.NOMINATED, Member.State.APPROVED]).values("user")
        free = User.objects.filter(is_active=True).exclude(pk__in=seated)
        if self.at is not None:
            free = free.exclude(pk__in=roles.holders(Role.SECRETARIAT, self.at)).exclude(
                pk__in=roles.holders(Role.AUDITOR, self.at)
            )
        self.fields["user"].queryset = free.order_by("name", "pk")  # type: ignore[attr-defined]


class NominateForm(SeatForm):
    """An ordinary member, to be approved by the chair."""


class AppointForm(SeatForm):
    """An office held by post."""

    office = forms.ChoiceField(
        label="职务",
        choices=[(office.value, office.label) for office in Member.Office if office != Member.Office.MEMBER],
    )
    reason = forms.CharField(label="任职依据（可不填）", max_length=200, required=False)
    field_order = ["office", "user", "post", "reason"]


class EndForm(VerbForm):
    """Why a seat ends or a person is not approved."""

    reason = forms.CharField(label="原因", max_length=200, widget=area(2))


# ── 会议 ──


class CallForm(VerbForm):
    """A meeting: for what, when, where."""

    purpose = forms.ChoiceField(label="议题", choices=Meeting.Purpose.choices)
    title = forms.CharField(label="会议名称", max_length=120)
    planned_for = forms.DateTimeField(label="召开时间", widget=MINUTE, input_formats=MINUTE_FORMATS)
    place = forms.CharField(label="地点", max_length=120)


class AttendanceForm(VerbForm):
    """Who has come."""

    member = forms.ModelChoiceField(label="评委", queryset=Member.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.at is not None:
            self.fields["member"].queryset = self.people(Member.objects.sitting(self.at).select_related("user"))  # type: ignore[attr-defined]

    def people(self, sitting: Any) -> Any:
        """This function will keep those who are not in the room."""
        return sitting.exclude(pk__in=[seat.pk for seat in standing.present(self.subject, self.at)])  # type: ignore[arg-type]


class LeavingForm(AttendanceForm):
    """Who has left."""

    def people(self, sitting: Any) -> Any:
        """This function will keep those who are in the room."""
        return sitting.filter(pk__in=[seat.pk for seat in standing.present(self.subject, self.at)])  # type: ignore[arg-type]


class AdoptForm(VerbForm):
    """The draft that the committee has before it."""

    rules = forms.ModelChoiceField(label="规则草案", queryset=CycleRules.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drafts = CycleRules.objects.filter(cycle=self.subject.cycle_id, state=CycleRules.State.DRAFT)  # type: ignore[union-attr]
        self.fields["rules"].queryset = drafts.select_related("cycle")  # type: ignore[attr-defined]
        self.fields["rules"].initial = drafts.first()


# ── 入围与表决 ──


class ShortlistForm(VerbForm):
    """Which ranked units are on the list, and why a better-ranked one is not."""

    applications = forms.ModelMultipleChoiceField(
        label="入围单位", queryset=Application.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    departure_reason = forms.CharField(
        label="调整名次的理由",
        required=False,
        max_length=2000,
        widget=area(3),
        help_text="跳过排名靠前的单位时必填（第十八条）。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = shortlists.places(self.subject) if shortlists.drawable(self.subject) else []
        keys = [place.application.pk for place in self.places]
        field: Any = self.fields["applications"]
        field.queryset = Application.objects.filter(pk__in=keys)
        labels = {place.application.pk: place for place in self.places}
        field.label_from_instance = lambda one: (
            f"第{labels[one.pk].rank}名　{one.applicant}　{labels[one.pk].total:.2f}分　{one.industry}"
        )
        field.choices = [(pk, field.label_from_instance(labels[pk].application)) for pk in keys]
        shortlist = shortlists.of_cycle(self.subject)
        if shortlist is not None:
            field.initial = list(shortlist.nominations.values_list("application", flat=True))  # type: ignore[attr-defined]
            self.fields["departure_reason"].initial = shortlist.departure_reason


class FormForm(VerbForm):
    """How the committee looked at a unit, and what it saw."""

    form = forms.ChoiceField(label="审议形式", choices=Nomination.Form.choices, widget=forms.RadioSelect)
    form_note = forms.CharField(label="展示或者核查情况", max_length=4000, widget=area(5))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].initial = self.subject.form  # type: ignore[union-attr]
        self.fields["form_note"].initial = self.subject.form_note  # type: ignore[union-attr]


class PledgeForm(VerbForm):
    """The pledge, signed with one's own name."""

    signed_name = forms.CharField(label="签名", max_length=50, help_text="请填写您的姓名，与账号姓名一致。")


class DeclareForm(VerbForm):
    """Whether the member has an interest in the unit."""

    conflict = forms.TypedChoiceField(
        label="与该单位有无利害关系", choices=[("no", "没有利害关系"), ("yes", "有利害关系，申请回避")], coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    explanation = forms.CharField(label="说明（有利害关系时必填）", required=False, max_length=1000, widget=area(2))


class BallotForm(VerbForm):
    """One choice for every unit the member votes on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ballot = self.subject
        seat = standing.seat_of(self.user, self.at)  # type: ignore[arg-type]
        self.own, self.aside = ballots.items_for(ballot, seat, self.at) if seat else ([], [])  # type: ignore[arg-type]
        for item in self.own:
            self.fields[f"vote_{item.nomination_id}"] = forms.ChoiceField(
                label=str(item.nomination), choices=Vote.Choice.choices, widget=forms.RadioSelect,
                error_messages={"required": f"请对“{item.nomination}”投票。"},
            )  # fmt: skip

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each unit with its field, for the page."""
        return [{"nomination": item.nomination, "field": self[f"vote_{item.nomination_id}"]} for item in self.own]

    @property
    def chosen(self) -> list[dict[str, Any]]:
        """Each unit with what was chosen, for the confirmation step."""
        words = dict(Vote.Choice.choices)
        return [
            {"nomination": item.nomination, "name": f"vote_{item.nomination_id}", "value": value, "label": words[value]}
            for item in self.own
            if (value := self.cleaned_data[f"vote_{item.nomination_id}"])
        ]

    @property
    def choices(self) -> dict[int, str]:
        """What the verb takes: nomination → choice."""
        return {item.nomination_id: self.cleaned_data[f"vote_{item.nomination_id}"] for item in self.own}


class CountForm(VerbForm):
    """Why places stay vacant, where some do."""

    vacancy_reason = forms.CharField(
        label="空缺说明",
        required=False,
        max_length=1000,
        widget=area(3),
        help_text="通过的单位少于名额时必填（第四条）。",
    )


# ── 公示、异议、决定 ──


class PublishForm(VerbForm):
    """What the notice says besides the list; the last day is asked for where it cannot be counted."""

    contact = forms.CharField(label="联系方式", max_length=200, help_text="电话、地址、电子邮箱，公众据此提出异议。")
    body = forms.CharField(
        label="正文（可不填）", required=False, max_length=4000, widget=area(4), help_text="不填时使用标准正文。"
    )
    last_day = forms.DateField(label="指定公示末日", required=False, widget=DAY)
    last_day_reason = forms.CharField(label="指定末日的理由", required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = self._counted()

    def _counted(self) -> str:
        from award_portal.verdict import Refused
        from award_portal.wording import cn_date

        if self.at is None or self.subject is None:
            return ""
        try:
            period = notices.period(self.subject, self.at)
        except Refused as refusal:
            return refusal.reason
        return f"不填时公示期为{cn_date(period.first_day)}至{cn_date(period.last_day)}24时；只能更长。"


class ObjectionForm(VerbForm):
    """An objection of anybody: against which unit, by whom, on what facts."""

    nomination = forms.ModelChoiceField(
        label="被异议单位", queryset=Nomination.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    name = forms.CharField(label="姓名或者单位名称", max_length=100)
    contact = forms.CharField(label="联系方式", max_length=100, help_text="仅供秘书处核实时联系，不公开。")
    ground = forms.CharField(label="事实与理由", max_length=4000, widget=area(6))
    file = forms.FileField(
        label="证明材料（可不填）", required=False, help_text="一个文件，PDF、图片或者文档。",
        widget=forms.ClearableFileInput(attrs={"accept": inspection.ACCEPT}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = Nomination.objects.filter(notice_entries__notice=self.subject)
        listed = listed.filter(state__in=[Nomination.State.PROPOSED, Nomination.State.HELD])
        self.fields["nomination"].queryset = listed.select_related("application__applicant")  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """This function will look into the file; after the period nothing is taken in any more."""
        upload = self.cleaned_data.get("file")
        if isinstance(self.subject, PublicNotice) and self.at and not objections.lodgeable(self.subject, self.at):
            return upload
        return received(upload, "evidence")


class FindingForm(VerbForm):
    """What was found, as the objector will read it."""

    finding = forms.CharField(
        label="处理意见", max_length=2000, widget=area(4), help_text="提出异议的人凭查询码可以看到。"
    )


class RefuseObjectionForm(VerbForm):
    """Why an objection is not taken up."""

    reason = forms.CharField(
        label="不予受理的理由", max_length=1000, widget=area(3), help_text="提出异议的人凭查询码可以看到。"
    )


class RecordForm(VerbForm):
    """What the standing meeting decided, with the document's number."""

    document_number = forms.CharField(
        label="发文字号", max_length=40, help_text="如 瀍政〔2027〕8号，也可以输入 瀍政[2027]8号。"
    )
    meeting_on = forms.DateField(label="常务会日期", widget=DAY)
    document_on = forms.DateField(label="成文日期", widget=DAY, help_text="即授奖日期。")
    approved = forms.ModelMultipleChoiceField(
        label="批准的单位", queryset=Nomination.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )
    none_approved = forms.BooleanField(label="常务会没有批准任何单位", required=False)
    scan = forms.FileField(label="文件扫描件（可不填）", required=False, help_text="PDF或者OFD。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = decisions.submitted(self.subject)
        field: Any = self.fields["approved"]
        field.queryset = Nomination.objects.filter(pk__in=[one.pk for one in listed]).select_related(
            "application__applicant"
        )

    def clean_scan(self) -> Any:
        """This function will look into the scan."""
        return received(self.cleaned_data.get("scan"), "document")

    def clean(self) -> dict[str, Any]:
        """This function will want one of two things said: who was approved, or that nobody was."""
        cleaned = super().clean() or {}
        nobody = cleaned.pop("none_approved", False)
        if "approved" in cleaned:
            cleaned["approved"] = list(cleaned["approved"])
            if bool(cleaned["approved"]) == bool(nobody):
                self.add_error("approved", "请勾选批准的单位；一家也没有批准的，请勾选“常务会没有批准任何单位”。")
        return cleaned
