"""Pages of the ranking (第十七条): itself, the calibration beside it, the export of what it rests on."""

from django.urls import path

from review import views_rankings

urlpatterns = [
    path("review/cycles/<int:pk>/ranking/", views_rankings.ranking, name="ranking"),
    path("review/cycles/<int:pk>/calibration/", views_rankings.calibrated, name="calibration"),
    path("review/cycles/<int:pk>/scores/", views_rankings.export_scores, name="export_scores"),
]
