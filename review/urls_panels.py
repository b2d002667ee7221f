"""Pages of draws, of changes of panels and of declarations (第九条)."""

from django.urls import path

from applications.models import AwardCycle
from award_portal.confirmation import page
from review import verbs_panels, views_draws
from review.models import Draw, Panel, PanelSeat, SeatChange

urlpatterns = [
    path("review/cycles/<int:pk>/draws/", views_draws.draw_list, name="draws"),
    path("review/cycles/<int:pk>/draws/new/", page(verbs_panels.ANNOUNCE_DRAW, AwardCycle), name="announce_draw"),
    path("review/draws/<int:pk>/", views_draws.draw, name="draw"),
    path("review/draws/<int:pk>/draw/", page(verbs_panels.DRAW, Draw), name="draw_panels"),
    path("review/draws/<int:pk>/confirm/", page(verbs_panels.CONFIRM_DRAW, Draw), name="confirm_draw"),
    path("review/panels/<int:pk>/add/", page(verbs_panels.ADD, Panel), name="add_seats"),
    path(
        "review/panels/<int:pk>/propose-addition/", page(verbs_panels.PROPOSE_ADDITION, Panel), name="propose_addition"
    ),
    path("review/seats/<int:pk>/propose-end/", page(verbs_panels.PROPOSE_END, PanelSeat), name="propose_end"),
    path(
        "review/seats/<int:pk>/propose-replacement/",
        page(verbs_panels.PROPOSE_REPLACEMENT, PanelSeat),
        name="propose_replacement",
    ),
    path("review/cycles/<int:pk>/propose-panel/", page(verbs_panels.PROPOSE_PANEL, AwardCycle), name="propose_panel"),
    path("review/changes/<int:pk>/", views_draws.seat_change, name="seat_change"),
    path("review/changes/<int:pk>/approve/", page(verbs_panels.APPROVE_CHANGE, SeatChange), name="approve_change"),
    path("review/changes/<int:pk>/refuse/", page(verbs_panels.REFUSE_CHANGE, SeatChange), name="refuse_change"),
    path("review/cycles/<int:pk>/pledge-staff/", page(verbs_panels.PLEDGE_STAFF, AwardCycle), name="pledge_staff"),
    path("review/cycles/<int:pk>/declarations/", views_draws.declare_all, name="declare_all"),
]
