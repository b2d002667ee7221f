"""The secretariat's list of applications."""

from django.urls import path

from applications import views_roster

urlpatterns = [
    path("applications/", views_roster.listing, name="roster"),
    path("applications/export/", views_roster.export, name="roster_export"),
    path("applications/remind/", views_roster.remind, name="roster_remind"),
]
