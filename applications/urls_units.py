"""Pages of a unit's people, of claims and of signals."""

from django.urls import path

from applications import views_claims, views_invitations, views_signals, views_units
from applications.models import Applicant, ApplicantMembership, Claim, Invitation, Signal
from award_portal.confirmation import page

PERSON = "units/people/<int:pk>/"
INVITATION = "units/invitations/<int:pk>/"
CLAIM = "units/claims/<int:pk>/"

urlpatterns = [
    path("units/<int:pk>/people/add/", page(views_invitations.INVITE, Applicant), name="add_member"),
    path(PERSON + "end/", page(views_units.END_MEMBERSHIP, ApplicantMembership), name="end_membership"),
    path(PERSON + "level/", page(views_units.CHANGE_LEVEL, ApplicantMembership), name="change_level"),
    path(PERSON + "transfer/", page(views_units.TRANSFER, ApplicantMembership), name="transfer_ownership"),
    path("units/invitations/open/<str:token>/", views_invitations.invitation, name="invitation"),
    path(INVITATION + "accept/", page(views_invitations.ACCEPT_INVITATION, Invitation), name="accept_invitation"),
    path(INVITATION + "resend/", page(views_invitations.RESEND, Invitation), name="resend_invitation"),
    path(INVITATION + "revoke/", page(views_invitations.REVOKE, Invitation), name="revoke_invitation"),
    path("units/claims/", views_claims.listed, name="claims"),
    path("units/claims/submit/", views_claims.submit, name="claim_unit"),
    path(CLAIM, views_claims.claim, name="claim"),
    path(CLAIM + "files/<int:file>/", views_claims.file, name="claim_file"),
    path(CLAIM + "propose/", page(views_claims.PROPOSE, Claim), name="propose_claim"),
    path(CLAIM + "grant/", page(views_claims.GRANT, Claim), name="grant_claim"),
    path(CLAIM + "refuse/", page(views_claims.REFUSE, Claim), name="refuse_claim"),
    path(CLAIM + "withdraw/", page(views_claims.WITHDRAW, Claim), name="withdraw_claim"),
    path(CLAIM + "back/", page(views_claims.SEND_BACK, Claim), name="send_back_claim"),
    path("signals/<int:pk>/dismiss/", page(views_signals.DISMISS, Signal), name="dismiss_signal"),
    path("signals/<int:pk>/confirm/", page(views_signals.CONFIRM, Signal), name="confirm_signal"),
]
