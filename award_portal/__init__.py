"""The building: what every stage of the award stands on. It imports none of the four stages."""

from award_portal.celery import app as celery_app

__all__ = ["celery_app"]
