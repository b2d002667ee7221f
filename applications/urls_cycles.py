"""Pages of cycles, rules and announcements."""

from django.urls import path

from applications import views_cycles as views
from applications.models import AwardCycle, CycleRules
from award_portal.confirmation import page

urlpatterns = [
    path("cycles/plan/", views.plan_cycle, name="plan_cycle"),
    path("cycles/<int:pk>/", views.cycle_page, name="cycle"),
    path("cycles/<int:pk>/rules/draft/", page(views.DRAFT_RULES, AwardCycle), name="draft_rules"),
    path("cycles/<int:pk>/announce/", page(views.ANNOUNCE, AwardCycle), name="announce"),
    path("cycles/<int:pk>/extend/", page(views.EXTEND, AwardCycle), name="extend"),
    path("cycles/<int:pk>/conclude/", page(views.CONCLUDE, AwardCycle), name="conclude"),
    path("cycles/<int:pk>/cancel/", page(views.CANCEL, AwardCycle), name="cancel"),
    path("rules/<int:pk>/", views.rules_page, name="rules"),
    path("rules/<int:pk>/amend/", page(views.AMEND_RULES, CycleRules), name="amend_rules"),
    path("announcements/", views.announcements, name="announcements"),
    path("announcements/<int:pk>/", views.announcement, name="announcement"),
    path("announcements/<int:pk>/document/", views.announcement_document, name="announcement_document"),
]
