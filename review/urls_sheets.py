"""Pages of the scoring workspace."""

from django.urls import path

from award_portal.confirmation import page
from review import verbs_sheets, views_sheets
from review.models import ScoreSheet, SheetReopening

urlpatterns = [
    path("review/sheets/<int:pk>/", views_sheets.sheet, name="sheet"),
    path("review/sheets/<int:pk>/items/<str:item>/", views_sheets.sheet_item, name="sheet_item"),
    path("review/sheets/<int:pk>/save/", views_sheets.save, name="save_sheet"),
    path("review/sheets/<int:pk>/unmerged/<int:unmerged>/", views_sheets.settle, name="settle_sheet"),
    path("review/sheets/<int:pk>/lock/", page(verbs_sheets.LOCK, ScoreSheet), name="lock_sheet"),
    path("review/sheets/<int:pk>/versions/<int:number>/", views_sheets.sheet_version, name="sheet_version"),
    path(
        "review/sheets/<int:pk>/request-reopening/",
        page(verbs_sheets.REQUEST_REOPENING, ScoreSheet),
        name="request_reopening",
    ),
    path("review/reopenings/<int:pk>/", views_sheets.reopening, name="reopening"),
    path(
        "review/reopenings/<int:pk>/approve/",
        page(verbs_sheets.APPROVE_REOPENING, SheetReopening),
        name="approve_reopening",
    ),
    path(
        "review/reopenings/<int:pk>/refuse/",
        page(verbs_sheets.REFUSE_REOPENING, SheetReopening),
        name="refuse_reopening",
    ),
]
