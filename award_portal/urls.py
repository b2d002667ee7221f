"""One include per app, in lifecycle order."""

from django.contrib import admin
from django.urls import include, path

from award_portal import views
from award_portal.confirmation import page
from award_portal.models import RoleGrant, User

urlpatterns = [
    path("", views.home, name="home"),
    path("regulation/", views.measures, name="regulation"),
    path("desk/", views.desk_page, name="desk"),
    path("secretariat/", views.secretariat, name="secretariat"),
    path("audit/", views.audit_page, name="audit"),
    path("people/open/", views.open_account, name="open_account"),
    path("people/<int:pk>/grant/", page(views.GRANT, User), name="grant"),
    path("people/<int:pk>/deactivate/", page(views.DEACTIVATE, User), name="deactivate"),
    path("people/grants/<int:pk>/end/", page(views.END_GRANT, RoleGrant), name="end_grant"),
    path("health/", views.health, name="health"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("demo/clock/", views.advance_clock, name="advance_clock"),
    path("demo/mail/", views.demo_mail, name="demo_mail"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("applications.urls")),
    path("", include("review.urls")),
    path("", include("committee.urls")),
    path("", include("monitoring.urls")),
]

handler400 = "award_portal.errors.bad_request"
handler404 = "award_portal.errors.not_found"
handler500 = "award_portal.errors.server_error"
