"""Pages of units, applications, departments and screening."""

from django.urls import path

from applications import views, views_departments, views_files, views_screening, views_units
from applications.models import (
    Applicant,
    ApplicantMembership,
    Application,
    Department,
    DepartmentOfficer,
    EligibilityCheck,
    Recommendation,
)
from award_portal.confirmation import page

APPLICATION = "applications/<int:pk>/"

urlpatterns = [
    path("units/register/", views_units.register_unit, name="register_unit"),
    path("units/mine/", views_units.mine, name="mine"),
    path("units/<int:pk>/", views_units.unit, name="unit"),
    path("units/<int:pk>/begin/", views_units.begin, name="begin"),
    path("units/<int:pk>/people/add/", page(views_units.ADD_MEMBER, Applicant), name="add_member"),
    path("units/people/<int:pk>/end/", page(views_units.END_MEMBERSHIP, ApplicantMembership), name="end_membership"),
    path(APPLICATION, views.application, name="application"),
    path(APPLICATION + "fill/", views.fill, name="fill"),
    path(APPLICATION + "files/", views_files.files_page, name="files"),
    path(APPLICATION + "files/self-assessment/", views_files.attach_self_assessment, name="attach_self_assessment"),
    path(APPLICATION + "files/evidence/", views_files.attach_evidence, name="attach_evidence"),
    path(APPLICATION + "files/evidence/<int:evidence>/remove/", views_files.remove_evidence, name="remove_evidence"),
    path(APPLICATION + "files/<int:file>/", views_files.file, name="file"),
    path(APPLICATION + "recommendation/", views.request_recommendation, name="request_recommendation"),
    path(APPLICATION + "submit/", views.submit, name="submit"),
    path(APPLICATION + "receipt/", views.receipt, name="receipt"),
    path(APPLICATION + "correct/", page(views.CORRECT, Application), name="correct"),
    path(APPLICATION + "withdraw/", page(views.WITHDRAW, Application), name="withdraw"),
    path("departments/", views_units.departments, name="departments"),
    path("departments/mine/", views_departments.department, name="department"),
    path("departments/name/", views_units.name_department, name="name_department"),
    path("departments/<int:pk>/officers/name/", page(views_units.NAME_OFFICER, Department), name="name_officer"),
    path(
        "departments/officers/<int:pk>/dismiss/",
        page(views_units.DISMISS_OFFICER, DepartmentOfficer),
        name="dismiss_officer",
    ),
    path("departments/recommendations/<int:pk>/", views_departments.recommendation, name="recommendation"),
    path(
        "departments/recommendations/<int:pk>/sign/",
        page(views_departments.RECOMMEND, Recommendation),
        name="recommend",
    ),
    path(
        "departments/recommendations/<int:pk>/refuse/",
        page(views_departments.REFUSE_RECOMMENDATION, Recommendation),
        name="refuse_recommendation",
    ),
    path("departments/checks/<int:pk>/", views_departments.check, name="check"),
    path("departments/checks/<int:pk>/answer/", page(views_departments.ANSWER, EligibilityCheck), name="answer"),
    path(APPLICATION + "screening/", views_screening.page, name="screening"),
    path(
        APPLICATION + "screening/departments/",
        page(views_screening.ASK_DEPARTMENTS, Application),
        name="ask_departments",
    ),
    path(APPLICATION + "screening/limbs/", views_screening.conclude_limbs, name="conclude_limbs"),
    path(
        APPLICATION + "screening/return/",
        page(views_screening.RETURN_FOR_CORRECTION, Application),
        name="return_for_correction",
    ),
    path(APPLICATION + "screening/accept/", page(views_screening.ACCEPT, Application), name="accept"),
    path(APPLICATION + "screening/decline/", page(views_screening.DECLINE, Application), name="decline"),
    path(APPLICATION + "screening/disqualify/", page(views_screening.DISQUALIFY, Application), name="disqualify"),
]
