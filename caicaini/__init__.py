"""The kernel and the wiring; importing it makes the Celery application known to `shared_task`."""

from caicaini.celery import app as celery_app

__all__ = ["celery_app"]
