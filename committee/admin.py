"""The committee's rows as the secretariat and auditors find them: read-only, each verb a link (第五至七、十八、十九条)."""

from django.contrib import admin

from award_portal.admin import PortalModelAdmin
from committee import views, views_meetings, views_notices, views_shortlists
from committee.models import Ballot, GovernmentDecision, Meeting, Member, Nomination, Objection, PublicNotice, Shortlist


@admin.register(Member)
class MemberAdmin(PortalModelAdmin):
    verbs = [views.END]
    list_display = ["user", "office", "post", "state", "starts_at", "ended_at"]
    list_filter = ["state", "office"]
    list_select_related = ["user"]
    add_url = "committee:nominate"


@admin.register(Meeting)
class MeetingAdmin(PortalModelAdmin):
    verbs = [views_meetings.OPEN, views_meetings.OPEN_BALLOT, views_meetings.CLOSE, views_meetings.CANCEL]
    list_display = ["title", "cycle", "purpose", "state", "planned_for", "members", "quorum"]
    list_filter = ["state", "purpose", "cycle"]
    list_select_related = ["cycle"]


@admin.register(Shortlist)
class ShortlistAdmin(PortalModelAdmin):
    verbs = [views_shortlists.SET]
    list_display = ["cycle", "state", "set_at"]
    list_select_related = ["cycle"]


@admin.register(Nomination)
class NominationAdmin(PortalModelAdmin):
    verbs = [views_shortlists.NOTE_FORM, views_shortlists.REMOVE]
    list_display = ["application", "rank", "total", "form", "state"]
    list_filter = ["state", "shortlist__cycle"]
    list_select_related = ["application__applicant", "application__cycle"]


@admin.register(Ballot)
class BallotAdmin(PortalModelAdmin):
    verbs = [views_shortlists.CLOSE]
    list_display = ["cycle", "round", "kind", "state", "opened_at", "closed_at"]
    list_filter = ["state", "cycle"]
    list_select_related = ["cycle"]


@admin.register(PublicNotice)
class PublicNoticeAdmin(PortalModelAdmin):
    verbs = [views_notices.WITHDRAW]
    list_display = ["title", "state", "posted_at", "last_day", "vacancies"]
    list_filter = ["state", "cycle"]


@admin.register(Objection)
class ObjectionAdmin(PortalModelAdmin):
    verbs = [views_notices.ACCEPT, views_notices.REFUSE, views_notices.UPHOLD, views_notices.DISMISS]
    list_display = ["nomination", "state", "lodged_at", "decided_at"]
    list_filter = ["state", "notice"]
    list_select_related = ["nomination__application__applicant"]

    def get_fields(self, request: object, obj: object = None) -> list[str]:
        """This function will leave name and contact to the objection's own page, where each reading is recorded."""
        return ["verb_links", "notice", "nomination", "state", "lodged_at", "decided_at", "finding"]

    def get_readonly_fields(self, request: object, obj: object = None) -> list[str]:
        """This function will show the same fields, read-only."""
        return self.get_fields(request, obj)


@admin.register(GovernmentDecision)
class GovernmentDecisionAdmin(PortalModelAdmin):
    list_display = ["document_number", "cycle", "meeting_on", "document_on", "recorded_by"]
    list_select_related = ["cycle", "recorded_by"]
