"""The Celery application: the worker (`-A caicaini worker -P threads`) and the scheduler (`-A caicaini beat`)."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caicaini.settings")

app = Celery("caicaini")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
