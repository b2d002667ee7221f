"""Pages of units, applications, departments and screening."""

from django.urls import include, path

from applications import (
    views,
    views_departments,
    views_files,
    views_filling,
    views_report,
    views_saving,
    views_units,
)
from applications.models import (
    Application,
    Department,
    DepartmentOfficer,
    Recommendation,
)
from award_portal.confirmation import page

APPLICATION = "applications/<int:pk>/"

urlpatterns = [
    path("", include("applications.urls_roster")),
    path("units/register/", views_units.register_unit, name="register_unit"),
    path("units/mine/", views_units.mine, name="mine"),
    path("units/<int:pk>/", views_units.unit, name="unit"),
    path("units/<int:pk>/begin/", views_units.begin, name="begin"),
    path(APPLICATION, views.application, name="application"),
    path(APPLICATION + "fill/", views_filling.fill, name="fill"),
    path(APPLICATION + "fill/<slug:code>/", views_filling.section, name="fill_section"),
    path(APPLICATION + "fill/<slug:code>/<str:part>/", views_filling.section, name="fill_part"),
    path(APPLICATION + "report/import/", views_report.import_report, name="import_report"),
    path(APPLICATION + "report/template/", views_report.import_help, name="import_help"),
    path(APPLICATION + "report/export/<slug:kind>/", views_report.export_report, name="export_report"),
    path(APPLICATION + "copy/", page(views_report.COPY_EARLIER, Application), name="copy_earlier"),
    path(APPLICATION + "export/<slug:kind>/", views_report.export_form, name="export_form"),
    path(APPLICATION + "save/", views_saving.save, name="save"),
    path(APPLICATION + "unmerged/<int:unmerged>/settle/", views_saving.settle, name="settle"),
    path(APPLICATION + "files/", views_files.files_page, name="files"),
    path(APPLICATION + "files/self-assessment/", views_files.attach_self_assessment, name="attach_self_assessment"),
    path(
        APPLICATION + "files/self-assessment/remove/", views_files.remove_self_assessment, name="remove_self_assessment"
    ),
    path(APPLICATION + "files/evidence/", views_files.attach_evidence, name="attach_evidence"),
    path(APPLICATION + "files/list/", views_files.evidence_list, name="evidence_list"),
    path(APPLICATION + "files/evidence/<int:evidence>/edit/", views_files.edit_evidence, name="edit_evidence"),
    path(APPLICATION + "files/evidence/<int:evidence>/remove/", views_files.remove_evidence, name="remove_evidence"),
    path(APPLICATION + "files/<int:file>/", views_files.file, name="file"),
    path(APPLICATION + "recommendation/", views.request_recommendation, name="request_recommendation"),
    path(APPLICATION + "submit/", views.submit, name="submit"),
    path(APPLICATION + "receipt/", views.receipt, name="receipt"),
    path(APPLICATION + "correct/", page(views.CORRECT, Application), name="correct"),
    path(APPLICATION + "withdraw/", page(views.WITHDRAW, Application), name="withdraw"),
    path("departments/", views_units.departments, name="departments"),
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
]
