"""Pages of the pool, of outside bodies and of discipline (第九、二十六条)."""

from django.urls import path

from applications.models import AwardCycle
from award_portal.confirmation import page
from review import verbs, verbs_pool, views_discipline, views_pool
from review.models import Complaint, Discipline, Engagement, ReviewBody, Reviewer, ScoreVoiding

urlpatterns = [
    # 第九条: the pool
    path("review/reviewers/", views_pool.reviewer_list, name="reviewers"),
    path("review/reviewers/new/", views_pool.list_reviewer, name="list_reviewer"),
    path("review/reviewers/table/", views_pool.pool_table, name="pool_table"),
    path("review/reviewers/import/", views_pool.import_pool, name="import_pool"),
    path("review/reviewers/imports/<int:pk>/", views_pool.preview, name="pool_import"),
    path("review/reviewers/imports/<int:pk>/confirm/", views_pool.confirm_import, name="confirm_pool_import"),
    path("review/reviewers/<int:pk>/", views_pool.reviewer, name="reviewer"),
    path("review/reviewers/<int:pk>/amend/", page(verbs_pool.AMEND_REVIEWER, Reviewer), name="amend_reviewer"),
    path("review/reviewers/<int:pk>/place/", page(verbs_pool.PLACE, Reviewer), name="place"),
    path("review/reviewers/<int:pk>/complain/", page(verbs_pool.LODGE, Reviewer), name="lodge_complaint"),
    path("review/reviewers/<int:pk>/sanction/", page(verbs.SANCTION, Reviewer), name="sanction"),
    # 第九条: the reviewer's own record
    path("review/record/", views_pool.record, name="record"),
    path("review/record/edit/", views_pool.keep_record, name="keep_record"),
    path("review/record/engagements/new/", views_pool.engage, name="engage"),
    path("review/record/engagements/<int:pk>/end/", page(verbs_pool.END_ENGAGEMENT, Engagement), name="end_engagement"),
    path(
        "review/record/engagements/<int:pk>/withdraw/",
        page(verbs_pool.WITHDRAW_ENGAGEMENT, Engagement),
        name="withdraw_engagement",
    ),
    path("review/cycles/<int:pk>/confirm-record/", page(verbs_pool.CONFIRM_RECORD, AwardCycle), name="confirm_record"),
    # 第九条: outside bodies
    path("review/bodies/", views_pool.body_list, name="bodies"),
    path("review/bodies/new/", views_pool.register_body, name="register_body"),
    path("review/bodies/<int:pk>/", views_pool.body, name="body"),
    path("review/bodies/<int:pk>/files/<int:file>/", views_pool.body_file, name="body_file"),
    path("review/bodies/<int:pk>/amend/", page(verbs_pool.AMEND_BODY, ReviewBody), name="amend_body"),
    path("review/bodies/<int:pk>/contract/", page(verbs_pool.RECORD_CONTRACT, ReviewBody), name="record_contract"),
    path("review/bodies/<int:pk>/pledge/", page(verbs_pool.RECORD_BODY_PLEDGE, ReviewBody), name="record_body_pledge"),
    path(
        "review/bodies/<int:pk>/declare/",
        page(verbs_pool.RECORD_BODY_DECLARATION, ReviewBody),
        name="record_body_declaration",
    ),
    # 第二十六条
    path("review/complaints/", views_discipline.complaint_list, name="complaints"),
    path("review/complaints/<int:pk>/", views_discipline.complaint, name="complaint"),
    path("review/complaints/<int:pk>/files/<int:file>/", views_discipline.complaint_file, name="complaint_file"),
    path("review/complaints/<int:pk>/reply/", page(verbs_pool.REPLY, Complaint), name="reply_complaint"),
    path("review/complaints/<int:pk>/examine/", page(verbs_pool.EXAMINE, Complaint), name="examine_complaint"),
    path("review/complaints/<int:pk>/decide/", page(verbs_pool.DECIDE, Complaint), name="decide_complaint"),
    path("review/complaints/<int:pk>/refer/", page(verbs_pool.REFER, Complaint), name="refer_complaint"),
    path("review/sanctions/<int:pk>/void-scores/", page(verbs_pool.VOID_SCORES, Discipline), name="void_scores"),
    path("review/voidings/<int:pk>/settle/", page(verbs_pool.SETTLE_VOIDING, ScoreVoiding), name="settle_voiding"),
]
