"""Pages of the site visit."""

from django.urls import path

from award_portal.confirmation import page
from review import verbs_visits, views_visits
from review.models import SiteVisit, VisitPhoto

urlpatterns = [
    path("review/cycles/<int:pk>/site/", views_visits.admission, name="admission"),
    path("review/visits/<int:pk>/", views_visits.visit, name="visit"),
    path("review/visits/<int:pk>/parts/<str:part>/", views_visits.part, name="visit_part"),
    path("review/visits/<int:pk>/save/", views_visits.save, name="save_visit"),
    path("review/visits/<int:pk>/unmerged/<int:unmerged>/", views_visits.settle, name="settle_visit"),
    path("review/visits/<int:pk>/parts/<str:part>/photos/", views_visits.photos, name="visit_photos"),
    path("review/visits/<int:pk>/photos/<int:photo>/", views_visits.photo, name="visit_photo"),
    path("review/visits/<int:pk>/move/", page(verbs_visits.MOVE, SiteVisit), name="move_visit"),
    path("review/visits/<int:pk>/companion/", page(verbs_visits.COMPANION, SiteVisit), name="set_companion"),
    path("review/visits/<int:pk>/points/add/", page(verbs_visits.ADD_POINT, SiteVisit), name="add_visit_point"),
    path("review/visits/<int:pk>/close/", page(verbs_visits.CLOSE, SiteVisit), name="close_visit"),
    path("review/visits/<int:pk>/reopen/", page(verbs_visits.REOPEN, SiteVisit), name="reopen_visit"),
    path("review/visits/<int:pk>/sign/", page(verbs_visits.SIGN, SiteVisit), name="sign_visit"),
    path("review/photos/<int:pk>/remove/", page(verbs_visits.REMOVE_PHOTO, VisitPhoto), name="remove_visit_photo"),
]
