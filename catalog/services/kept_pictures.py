"""A good picture of a form that has mistakes elsewhere: kept for an hour, so that it need not be chosen once more.

Browsers never fill in a file field again. One picture per artisan is kept, so nobody fills the cache with them, and it
is given back only to the form that brought it.
"""

import secrets
from typing import IO

from django.core.cache import cache
from django.core.files.base import ContentFile

from catalog.models import Artisan
from catalog.services.uploads import clean_picture

_KEPT_SECONDS = 3600


def keep_picture(*, artisan: Artisan, upload: IO[bytes]) -> str:
    """The ticket by which the form has it back. Raises PictureRefused."""
    content = clean_picture(upload=upload).read()
    ticket = secrets.token_urlsafe(16)
    cache.set(_key(artisan), (ticket, content), _KEPT_SECONDS)
    return ticket


def kept_picture(*, artisan: Artisan, ticket: str) -> "ContentFile[bytes] | None":
    """What was kept under this ticket; None when the hour is over or another form's picture was kept since."""
    known, content = cache.get(_key(artisan)) or ("", b"")
    return ContentFile(content, name="picture.webp") if known and known == ticket else None


def forget_picture(*, artisan: Artisan) -> None:
    cache.delete(_key(artisan))


def _key(artisan: Artisan) -> str:
    return f"kept-picture:{artisan.public_id}"
