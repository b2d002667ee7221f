"""Pages of the review report and of the unit's feedback (第十七、十九条)."""

from django.urls import path

from applications.models import AwardCycle
from award_portal.confirmation import page
from review import verbs_reports, views_reports
from review.models import Assignment

urlpatterns = [
    path("review/assignments/<int:pk>/report/", views_reports.report, name="report"),
    path("review/assignments/<int:pk>/report/write/", views_reports.write_report, name="write_report"),
    path("review/reports/<int:pk>/", views_reports.read_report, name="read_report"),
    path("review/reports/<int:pk>/<slug:kind>/", views_reports.read_report_file, name="read_report_file"),
    path("review/assignments/<int:pk>/sign-report/", page(verbs_reports.SIGN_REPORT, Assignment), name="sign_report"),
    path(
        "review/assignments/<int:pk>/take-back-report/",
        page(verbs_reports.TAKE_BACK_REPORT, Assignment),
        name="take_back_report",
    ),
    path(
        "review/assignments/<int:pk>/finish-report/",
        page(verbs_reports.FINISH_REPORT, Assignment),
        name="finish_report",
    ),
    path("review/cycles/<int:pk>/feedback/", views_reports.feedback_list, name="feedback_list"),
    path(
        "review/cycles/<int:pk>/release-feedback/",
        page(verbs_reports.RELEASE_ALL, AwardCycle),
        name="release_all_feedback",
    ),
    path("review/assignments/<int:pk>/feedback/", views_reports.feedback_preview, name="feedback"),
    path(
        "review/assignments/<int:pk>/release-feedback/",
        page(verbs_reports.RELEASE_FEEDBACK, Assignment),
        name="release_feedback",
    ),
    path("review/feedback/<int:pk>/", views_reports.feedback_file, name="feedback_file"),
]
