"""Pages of the consensus and of absences from it (第十四、十七条)."""

from django.urls import path

from award_portal.confirmation import page
from review import verbs_consensus as verbs
from review import views_consensus
from review.models import Absence, StageReview

STAGE = "review/stages/<int:pk>/"

urlpatterns = [
    path(STAGE + "open-consensus/", page(verbs.OPEN_CONSENSUS, StageReview), name="open_consensus"),
    path(STAGE + "consensus/", views_consensus.overview, name="consensus"),
    path(STAGE + "consensus/live/", views_consensus.live, name="consensus_live"),
    path(STAGE + "consensus/<str:item>/", views_consensus.item_page, name="consensus_item"),
    path(STAGE + "conclude/", page(verbs.CONCLUDE, StageReview), name="conclude_stage"),
    path(STAGE + "absent/", page(verbs.PROPOSE_ABSENCE, StageReview), name="propose_absence"),
    path("review/absences/<int:pk>/approve/", page(verbs.APPROVE_ABSENCE, Absence), name="approve_absence"),
    path("review/absences/<int:pk>/refuse/", page(verbs.REFUSE_ABSENCE, Absence), name="refuse_absence"),
]
