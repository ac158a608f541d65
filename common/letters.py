"""Sending a letter that has a half in plain text and one in HTML."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def send_letter(template: str, *, to: str, subject: str, context: dict[str, Any]) -> None:
    """Renders `<template>.txt` and `<template>.html` and sends them as one letter."""
    # Titles and names stand in subjects, and a line break in one would be another header: the letter were never sent.
    subject = " ".join(subject.split())
    context = {**context, "site_url": settings.SITE_URL, "subject": subject}
    message = EmailMultiAlternatives(subject=subject, body=render_to_string(f"{template}.txt", context), to=[to])
    message.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    message.send()
