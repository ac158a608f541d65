"""The page that asks, pressed as a browser does: with what its form holds and nothing besides."""

import re
from typing import Any

from django.test import Client

_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


def held_in(page: str) -> dict[str, list[str]]:
    """The hidden fields of the page's own form, without the token."""
    fields: dict[str, list[str]] = {}
    for name, value in _HIDDEN.findall(page[page.index('name="confirmed"') - 200 :]):
        fields.setdefault(name, []).append(value)
    return fields


def agree(client: Client, address: str, chosen: dict[str, Any]) -> str:
    """Chooses in a list, and says yes where that is asked; the page that comes of it."""
    page = client.post(address, chosen, follow=True).content.decode()
    if 'name="confirmed"' in page:
        page = client.post(address, held_in(page), follow=True).content.decode()
    return page
