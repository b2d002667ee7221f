"""Pages of this stage, in lifecycle order."""

from django.urls import path

from applications.models import AwardCycle
from award_portal.confirmation import page
from review import verbs, views, views_panels
from review.models import Assignment, Panel, PanelSeat, Reviewer, ScoreSheet, StageReview

app_name = "review"

urlpatterns = [
    # 第八、九条: the secretariat
    path("review/reviewers/", views_panels.reviewer_list, name="reviewers"),
    path("review/reviewers/new/", views_panels.list_reviewer, name="list_reviewer"),
    path("review/reviewers/<int:pk>/", views_panels.reviewer, name="reviewer"),
    path("review/reviewers/<int:pk>/sanction/", page(verbs.SANCTION, Reviewer), name="sanction"),
    path("review/panels/", views_panels.panel_list, name="panels"),
    path("review/panels/<int:pk>/", views_panels.panel, name="panel"),
    path("review/panels/<int:pk>/assign/", page(verbs.ASSIGN, Panel), name="assign"),
    path("review/seats/<int:pk>/end/", page(verbs.END_SEAT, PanelSeat), name="end_seat"),
    path("review/seats/<int:pk>/replace/", page(verbs.REPLACE, PanelSeat), name="replace_seat"),
    path("review/cycles/<int:pk>/appoint/", page(verbs.APPOINT, AwardCycle), name="appoint"),
    path("review/cycles/<int:pk>/site/", views_panels.admission, name="admission"),
    path("review/cycles/<int:pk>/ranking/", views_panels.ranking, name="ranking"),
    # 第九条: the reviewer
    path("review/", views.mine, name="mine"),
    path("review/cycles/<int:pk>/pledge/", page(verbs.PLEDGE, AwardCycle), name="pledge"),
    path("review/assignments/<int:pk>/", views.assignment, name="assignment"),
    path("review/assignments/<int:pk>/declare/", page(verbs.DECLARE, Assignment), name="declare"),
    path("review/assignments/<int:pk>/files/<int:file>/", views.file, name="file"),
    # 第十三、十四、十七条: scores
    path("review/stages/<int:pk>/", views.stage, name="stage"),
    path("review/stages/<int:pk>/begin/", views.begin_sheet, name="begin"),
    path("review/sheets/<int:pk>/", views.sheet, name="sheet"),
    path("review/sheets/<int:pk>/lock/", page(verbs.LOCK, ScoreSheet), name="lock_sheet"),
    path("review/stages/<int:pk>/open-consensus/", page(verbs.OPEN_CONSENSUS, StageReview), name="open_consensus"),
    path("review/stages/<int:pk>/consensus/", views.consensus_page, name="consensus"),
    path("review/stages/<int:pk>/conclude/", page(verbs.CONCLUDE, StageReview), name="conclude_stage"),
    path("review/assignments/<int:pk>/open-site/", page(verbs.OPEN_SITE, Assignment), name="open_site"),
    path("review/assignments/<int:pk>/sign-report/", page(verbs.SIGN_REPORT, Assignment), name="sign_report"),
    path("review/assignments/<int:pk>/report/", views.report, name="report"),
    path("review/assignments/<int:pk>/report/file/", views.report_file, name="report_file"),
]
