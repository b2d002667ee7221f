"""Pages of the eligibility review."""

from django.urls import path

from applications import views_cycle_screening, views_departments, views_screening
from applications.models import Application, AwardCycle, EligibilityCheck, Reconsideration
from award_portal.confirmation import page

SCREENING = "applications/<int:pk>/screening/"
CHECK = "departments/checks/<int:pk>/"

urlpatterns = [
    path("departments/mine/", views_departments.department, name="department"),
    path(CHECK, views_departments.check, name="check"),
    path(CHECK + "answer/", views_departments.answer, name="answer"),
    path(CHECK + "again/", page(views_screening.ASK_AGAIN, EligibilityCheck), name="ask_again"),
    path(CHECK + "stop-waiting/", page(views_screening.STOP_WAITING, EligibilityCheck), name="stop_waiting"),
    path("departments/<int:pk>/table/", views_departments.table, name="check_table"),
    path("departments/<int:pk>/table/upload/", views_departments.upload, name="upload_checks"),
    path("departments/tables/<int:pk>/", views_departments.preview, name="check_import"),
    path("departments/tables/<int:pk>/confirm/", views_departments.confirm_import, name="confirm_import"),
    path(SCREENING, views_screening.page, name="screening"),
    path(SCREENING + "departments/", page(views_screening.ASK_DEPARTMENTS, Application), name="ask_departments"),
    path(SCREENING + "limbs/", views_screening.conclude_limbs, name="conclude_limbs"),
    path(SCREENING + "answers/<int:line>/", views_screening.check_file, name="check_file"),
    path(SCREENING + "return/", page(views_screening.RETURN_FOR_CORRECTION, Application), name="return_for_correction"),
    path(SCREENING + "go-on/", page(views_screening.CLOSE_CORRECTION, Application), name="close_correction"),
    path(SCREENING + "prepare/", page(views_screening.PREPARE, Application), name="prepare"),
    path(SCREENING + "accept/", page(views_screening.ACCEPT, Application), name="accept"),
    path(SCREENING + "decline/", page(views_screening.DECLINE, Application), name="decline"),
    path(SCREENING + "disqualify/", page(views_screening.DISQUALIFY, Application), name="disqualify"),
    path(
        "applications/<int:pk>/reconsideration/",
        page(views_screening.ASK_RECONSIDERATION, Application),
        name="ask_reconsideration",
    ),
    path(
        "applications/reconsiderations/<int:pk>/reply/",
        page(views_screening.REPLY, Reconsideration),
        name="reply_reconsideration",
    ),
    path("applications/letters/<int:pk>/", views_screening.letter, name="letter"),
    path("cycles/<int:pk>/screening/", views_cycle_screening.matrix_page, name="matrix"),
    path("cycles/<int:pk>/screening/departments/", views_cycle_screening.ask_all, name="ask_all"),
    path("cycles/<int:pk>/screening/list/", views_cycle_screening.list_page, name="confirmed_list"),
    path(
        "cycles/<int:pk>/screening/list/issue/", page(views_cycle_screening.ISSUE_LIST, AwardCycle), name="issue_list"
    ),
    path("cycles/screening/lists/<int:pk>/", views_cycle_screening.list_file, name="confirmed_list_file"),
    path("cycles/<int:pk>/screening/recheck/", page(views_cycle_screening.RECHECK, AwardCycle), name="recheck"),
    path("cycles/screening/rechecks/<int:pk>/", views_cycle_screening.recheck_page, name="recheck_page"),
    path(
        "cycles/screening/rechecks/<int:pk>/conclude/", views_cycle_screening.conclude_recheck, name="conclude_recheck"
    ),
]
