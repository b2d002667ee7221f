"""Pages of cycles, rules and announcements."""

from django.urls import path

from applications import views_announcements as announcements
from applications import views_cycles as views
from applications.models import Announcement, AnnouncementAttachment, AwardCycle, CycleRules
from award_portal.confirmation import page

urlpatterns = [
    path("cycles/plan/", views.plan_cycle, name="plan_cycle"),
    path("cycles/<int:pk>/", views.cycle_page, name="cycle"),
    path("cycles/<int:pk>/rules/draft/", page(views.DRAFT_RULES, AwardCycle), name="draft_rules"),
    path("cycles/<int:pk>/announcement/", announcements.announcement_draft, name="announcement_draft"),
    path("cycles/<int:pk>/announcement/compose/", page(views.COMPOSE, AwardCycle), name="compose_announcement"),
    path("cycles/<int:pk>/announcement/attach/", page(views.ATTACH, AwardCycle), name="attach_to_announcement"),
    path("cycles/<int:pk>/announce/", page(views.ANNOUNCE, AwardCycle), name="announce"),
    path("cycles/<int:pk>/extend/", page(views.EXTEND, AwardCycle), name="extend"),
    path(
        "cycles/<int:pk>/withdraw-announcement/",
        page(views.WITHDRAW_ANNOUNCEMENT, AwardCycle),
        name="withdraw_announcement",
    ),
    path("cycles/<int:pk>/conclude/", page(views.CONCLUDE, AwardCycle), name="conclude"),
    path("cycles/<int:pk>/cancel/", page(views.CANCEL, AwardCycle), name="cancel"),
    path("rules/<int:pk>/", views.rules_page, name="rules"),
    path("rules/<int:pk>/compare/", views.compare_rules, name="compare_rules"),
    path("rules/<int:pk>/amend/", page(views.AMEND_RULES, CycleRules), name="amend_rules"),
    path("announcements/", announcements.announcements, name="announcements"),
    path("announcements/<int:pk>/", announcements.announcement, name="announcement"),
    path("announcements/<int:pk>/document/", announcements.announcement_document, name="announcement_document"),
    path("announcements/<int:pk>/docx/", announcements.announcement_docx, name="announcement_docx"),
    path(
        "announcements/<int:pk>/publications/note/", page(views.NOTE_PUBLICATION, Announcement), name="note_publication"
    ),
    path("announcements/attachments/<int:pk>/", announcements.announcement_attachment, name="announcement_attachment"),
    path(
        "announcements/attachments/<int:pk>/detach/",
        page(views.DETACH, AnnouncementAttachment),
        name="detach_from_announcement",
    ),
    path(
        "announcements/publications/<int:pk>/clipping/", announcements.publication_clipping, name="publication_clipping"
    ),
]
