"""Pages of this stage, in lifecycle order."""

from django.urls import path

from applications.models import AwardCycle
from award_portal.confirmation import page
from committee import views, views_decisions, views_meetings, views_notices, views_shortlists
from committee.models import Ballot, Meeting, Member, Nomination, Objection, PublicNotice, Shortlist

app_name = "committee"

urlpatterns = [
    path("committee/", views.mine, name="mine"),
    path("committee/members/", views.members, name="members"),
    path("committee/members/nominate/", views.nominate, name="nominate"),
    path("committee/members/appoint/", views.appoint_office, name="appoint_office"),
    path("committee/members/<int:pk>/approve/", page(views.APPROVE, Member), name="approve_member"),
    path("committee/members/<int:pk>/refuse/", page(views.REFUSE, Member), name="refuse_member"),
    path("committee/members/<int:pk>/end/", page(views.END, Member), name="end_member"),
    path("committee/meetings/", views_meetings.meeting_list, name="meetings"),
    path("committee/cycles/<int:pk>/call/", page(views_meetings.CALL, AwardCycle), name="call"),
    path("committee/meetings/<int:pk>/", views_meetings.meeting, name="meeting"),
    path("committee/meetings/<int:pk>/sign-in/", page(views_meetings.SIGN_IN, Meeting), name="sign_in"),
    path("committee/meetings/<int:pk>/leave/", page(views_meetings.LEAVE, Meeting), name="leave"),
    path(
        "committee/meetings/<int:pk>/attendance/", page(views_meetings.NOTE_ATTENDANCE, Meeting), name="note_attendance"
    ),
    path("committee/meetings/<int:pk>/leaving/", page(views_meetings.NOTE_LEAVING, Meeting), name="note_leaving"),
    path("committee/meetings/<int:pk>/open/", page(views_meetings.OPEN, Meeting), name="open_meeting"),
    path("committee/meetings/<int:pk>/adopt-rules/", page(views_meetings.ADOPT, Meeting), name="adopt_rules"),
    path("committee/meetings/<int:pk>/open-ballot/", page(views_meetings.OPEN_BALLOT, Meeting), name="open_ballot"),
    path("committee/meetings/<int:pk>/close/", page(views_meetings.CLOSE, Meeting), name="close_meeting"),
    path("committee/meetings/<int:pk>/cancel/", page(views_meetings.CANCEL, Meeting), name="cancel_meeting"),
    path("committee/meetings/<int:pk>/minutes/", views_meetings.minutes, name="minutes"),
    path("committee/cycles/<int:pk>/shortlist/", views_shortlists.draw_up, name="draw_up"),
    path("committee/shortlists/<int:pk>/", views_shortlists.shortlist, name="shortlist"),
    path("committee/shortlists/<int:pk>/set/", page(views_shortlists.SET, Shortlist), name="set_shortlist"),
    path("committee/nominations/<int:pk>/", views_shortlists.nomination, name="nomination"),
    path("committee/nominations/<int:pk>/form/", page(views_shortlists.NOTE_FORM, Nomination), name="note_form"),
    path("committee/nominations/<int:pk>/remove/", page(views_shortlists.REMOVE, Nomination), name="remove"),
    path("committee/nominations/<int:pk>/declare/", page(views.DECLARE, Nomination), name="declare"),
    path("committee/cycles/<int:pk>/pledge/", page(views.PLEDGE, AwardCycle), name="pledge"),
    path("committee/ballots/<int:pk>/", views_shortlists.ballot, name="ballot"),
    path("committee/ballots/<int:pk>/cast/", views_shortlists.cast, name="cast"),
    path("committee/ballots/<int:pk>/close/", page(views_shortlists.CLOSE, Ballot), name="close_ballot"),
    path("committee/cycles/<int:pk>/publish/", page(views_notices.PUBLISH, AwardCycle), name="publish"),
    path("notices/", views_notices.notice_list, name="notices"),
    path("notices/<int:pk>/", views_notices.notice, name="notice"),
    path("notices/<int:pk>/document/", views_notices.document, name="notice_document"),
    path("notices/<int:pk>/object/", views_notices.lodge, name="lodge"),
    path("notices/<int:pk>/withdraw/", page(views_notices.WITHDRAW, PublicNotice), name="withdraw_notice"),
    path("objections/", views_notices.find_objection, name="find_objection"),
    path("objections/<str:code>/", views_notices.objection_status, name="objection_status"),
    path("committee/objections/", views_notices.objection_list, name="objections"),
    path("committee/objections/<int:pk>/", views_notices.objection, name="objection"),
    path("committee/objections/<int:pk>/file/", views_notices.objection_file, name="objection_file"),
    path("committee/objections/<int:pk>/accept/", page(views_notices.ACCEPT, Objection), name="accept_objection"),
    path("committee/objections/<int:pk>/refuse/", page(views_notices.REFUSE, Objection), name="refuse_objection"),
    path("committee/objections/<int:pk>/uphold/", page(views_notices.UPHOLD, Objection), name="uphold"),
    path("committee/objections/<int:pk>/dismiss/", page(views_notices.DISMISS, Objection), name="dismiss"),
    path("committee/cycles/<int:pk>/submit/", page(views_decisions.SUBMIT, AwardCycle), name="submit_list"),
    path("committee/government/", views_decisions.government, name="government"),
    path("committee/cycles/<int:pk>/decision/", page(views_decisions.RECORD, AwardCycle), name="record_decision"),
    path("committee/decisions/<int:pk>/", views_decisions.decision, name="decision"),
    path("committee/decisions/<int:pk>/scan/", views_decisions.scan, name="decision_scan"),
]
