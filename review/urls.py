"""Pages of this stage, in lifecycle order."""

from django.urls import include, path

from applications.models import AwardCycle
from award_portal.confirmation import page
from review import verbs, views, views_panels
from review.models import Assignment, Panel, PanelSeat

app_name = "review"

urlpatterns = [
    # 第八、九条: the secretariat
    path("", include("review.urls_pool")),
    path("review/panels/", views_panels.panel_list, name="panels"),
    path("review/panels/<int:pk>/", views_panels.panel, name="panel"),
    path("review/panels/<int:pk>/assign/", page(verbs.ASSIGN, Panel), name="assign"),
    path("review/seats/<int:pk>/end/", page(verbs.END_SEAT, PanelSeat), name="end_seat"),
    path("review/seats/<int:pk>/replace/", page(verbs.REPLACE, PanelSeat), name="replace_seat"),
    path("review/cycles/<int:pk>/appoint/", page(verbs.APPOINT, AwardCycle), name="appoint"),
    path("", include("review.urls_visits")),
    path("", include("review.urls_panels")),
    path("", include("review.urls_rankings")),
    # 第九条: the reviewer
    path("review/", views.mine, name="mine"),
    path("review/cycles/<int:pk>/pledge/", page(verbs.PLEDGE, AwardCycle), name="pledge"),
    path("review/assignments/<int:pk>/", views.assignment, name="assignment"),
    path("review/assignments/<int:pk>/declare/", page(verbs.DECLARE, Assignment), name="declare"),
    path("review/assignments/<int:pk>/files/<int:file>/", views.file, name="file"),
    # 第十三、十四、十七条: scores
    path("review/stages/<int:pk>/", views.stage, name="stage"),
    path("review/stages/<int:pk>/begin/", views.begin_sheet, name="begin"),
    path("", include("review.urls_sheets")),
    path("", include("review.urls_consensus")),
    path("review/assignments/<int:pk>/open-site/", page(verbs.OPEN_SITE, Assignment), name="open_site"),
    path("", include("review.urls_reports")),
]
