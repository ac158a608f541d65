"""The Celery application. Every task is named in the schedule or in an outbox message; none carries more than ids."""

import os

import structlog
from celery import Celery
from celery.signals import setup_logging, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "artisans_hub.settings")

app = Celery("artisans_hub")
# `current_app` is kept per thread: without this every thread but the one that imported us talks to another broker.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect  # Celery's own hook: without it the worker replaces our JSON logging
def configure_worker_logging(**_: object) -> None:
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@worker_process_init.connect
def announce_worker_process(**_: object) -> None:
    structlog.get_logger(__name__).info("worker_process_started")
