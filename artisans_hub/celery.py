"""The Celery application. Every task is named in the schedule or in an outbox message; none carries more than ids."""

import os
import sys
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import setup_logging, task_prerun, worker_process_init
from django.db import close_old_connections
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "artisans_hub.settings")

app = Celery("artisans_hub")
# `current_app` is kept per thread: without this every thread but the one that imported us talks to another broker.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close the database connection before and after each task: a sixth of a worker's time goes into new ones.
# `keep_good_connections` closes those that are broken or old instead, as Django does between requests.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect  # Celery's own hook: without it the worker replaces our JSON logging
def configure_worker_logging(**_: object) -> None:
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@task_prerun.connect
def keep_good_connections(task: Task[Any, Any], **_: object) -> None:
    """A broken connection is found by a question before the task, and none lasts longer than CONN_MAX_AGE."""
    if not task.request.is_eager:
        close_old_connections()


@worker_process_init.connect
def announce_worker_process(**_: object) -> None:
    structlog.get_logger(__name__).info("worker_process_started")
