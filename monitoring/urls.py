"""Pages of this stage, in lifecycle order."""

from django.urls import path

from award_portal.confirmation import Verb, page
from committee.models import GovernmentDecision
from monitoring import verbs, views_awards, views_public, views_reports, views_revocations
from monitoring.models import Award, Bonus, PerformanceReport, Recovery, Revocation

app_name = "monitoring"


def _verb(route: str, verb: Verb, model: type) -> object:
    return path(route, page(verb, model), name=verb.name)


urlpatterns = [
    # For everybody.
    path("laureates/", views_public.laureates, name="laureates"),
    path("verify/", views_public.look_up, name="look_up"),
    path("verify/<str:number>/", views_public.verify, name="verify"),
    path("revocations/<int:pk>/notice/", views_public.revocation_notice, name="revocation_notice"),
    path("revocations/<int:pk>/notice.pdf", views_public.revocation_document, name="revocation_document"),
    # Awards, certificates, bonuses (第十九至二十三条).
    path("awards/", views_awards.awards, name="awards"),
    path("awards/<int:pk>/", views_awards.award, name="award"),
    path("awards/<int:pk>/certificate.pdf", views_awards.certificate, name="certificate"),
    _verb("awards/<int:pk>/confer/", verbs.CONFER, GovernmentDecision),
    _verb("awards/<int:pk>/trophy/", verbs.TROPHY, Award),
    _verb("awards/bonuses/<int:pk>/pay/", verbs.PAY, Bonus),
    # Yearly reports (第二十四条).
    path("reports/", views_reports.reports, name="reports"),
    path("reports/<int:pk>/", views_reports.report, name="report"),
    path("reports/<int:pk>/write/", views_reports.write, name="write_report"),
    path("reports/<int:pk>/file/", views_reports.attachment, name="report_attachment"),
    _verb("reports/<int:pk>/accept/", verbs.ACCEPT_REPORT, PerformanceReport),
    _verb("reports/<int:pk>/return/", verbs.RETURN_REPORT, PerformanceReport),
    # Revocations (第二十八、二十九条).
    path("revocations/", views_revocations.revocations, name="revocations"),
    path("revocations/<int:pk>/", views_revocations.revocation, name="revocation"),
    _verb("revocations/awards/<int:pk>/open/", verbs.OPEN_CASE, Award),
    _verb("revocations/<int:pk>/plead/", verbs.PLEAD, Revocation),
    _verb("revocations/<int:pk>/hear/", verbs.HEAR, Revocation),
    _verb("revocations/<int:pk>/drop/", verbs.DROP, Revocation),
    _verb("revocations/<int:pk>/vote/", verbs.CAST, Revocation),
    _verb("revocations/<int:pk>/propose/", verbs.PROPOSE, Revocation),
    _verb("revocations/<int:pk>/approve/", verbs.APPROVE, Revocation),
    _verb("revocations/<int:pk>/reject/", verbs.REJECT, Revocation),
    _verb("revocations/recoveries/<int:pk>/", verbs.RECOVER, Recovery),
]
