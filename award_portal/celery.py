"""The Celery app and its timetable. Celery only knocks: what is due is a query, what leaves is an outbox row."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "award_portal.settings")

app = Celery("award_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Each entry names the article whose dates it watches. A tick that could not run in time is dropped, the next one catches up.
app.conf.beat_schedule = {
    "deliver-outbox": {  # what a lost knock left behind
        "task": "award_portal.tasks.deliver_outbox",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "scan-files": {  # article 16: what was handed in while the virus scanner was away
        "task": "award_portal.tasks.scan_files",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "sweep-files": {  # article 16: content that was removed or refused and that nothing names any more
        "task": "award_portal.tasks.sweep_files",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 3600},
    },
    "close-windows": {  # article 15: the window of the announcement
        "task": "applications.tasks.close_windows",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "remind-departments": {  # article 17: answers of departments, before and after their deadline
        "task": "applications.tasks.remind_departments",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "close-notices": {  # article 19: seven days of publicity
        "task": "committee.tasks.close_notices",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "remind-reports": {  # article 24: three yearly performance reports
        "task": "monitoring.tasks.remind_reports",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
}
