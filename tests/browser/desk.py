"""One of staff at the desk, with the permissions that are named and no others."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Permission
from playwright.sync_api import Browser

from identity.models import User
from tests.browser.conftest import SIZES
from tests.browser.member import PASSWORD
from tests.browser.shopper import Shopper
from tests.orders.shop import new_user
from tests.support.live import LiveStack

_PHONE = "phone"


def new_staff(name: str, *permissions: str) -> User:
    person = new_user(full_name=name, is_staff=True)
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    assert person.user_permissions.count() == len(permissions)
    return person


@contextmanager
def at_the_desk(browser: Browser, stack: LiveStack, person: User) -> Iterator[Shopper]:
    """Logged in, at a desktop. At the end: no script error, no policy violation."""
    context = browser.new_context(viewport=SIZES["desktop"], locale="en-GB")
    context.set_default_timeout(15_000)
    try:
        desk = Shopper(context.new_page(), stack.url, "desktop")
        desk.log_in(person.email, PASSWORD)
        yield desk
        assert desk.script_errors == []
    finally:
        context.close()


def pictures(desk: Shopper, name: str) -> None:
    """At both widths; on a phone the page does not scroll sideways."""
    page = desk.page
    desk.picture(name)
    page.set_viewport_size(SIZES[_PHONE])
    desk.size = _PHONE
    desk.picture(name)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size(SIZES["desktop"])
    desk.size = "desktop"
    assert overflow <= 0, f"{page.url} scrolls sideways on a phone"
