"""The Celery application: the worker (`-A caicaini worker -P threads`) and the scheduler (`-A caicaini beat`)."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caicaini.settings")

# The base class must be named here: Celery reads `task_cls` from nowhere else, not from the settings either.
app = Celery("caicaini", task_cls="caicaini.tasks:GuardedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def keep_logging_as_it_is(**_kwargs: Any) -> None:
    """Keep Celery from adding handlers of its own, which would print what records say."""


setup_logging.connect(keep_logging_as_it_is)
