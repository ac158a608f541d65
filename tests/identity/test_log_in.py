"""Sign-up, verification, log-in and reset as a person meets them."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from identity.models import User
from tests.catalog.shop import make_user
from tests.orders.fixtures import RunOutbox

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-word"


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", str(message.body))
    assert found
    return found.group(1)


def verified_user(email: str) -> User:
    user = make_user(email)
    user.emailaddress_set.create(email=email, verified=True, primary=True)
    return user


def log_in(client: Client, email: str, password: str = PASSWORD) -> str:
    return client.post("/accounts/login/", {"login": email, "password": password}, follow=True).content.decode()


def test_a_new_account_works_after_its_address_was_confirmed(client: Client, run_outbox: RunOutbox) -> None:
    form = {"full_name": "Ada Byron", "email": "Ada@Example.org", "password1": PASSWORD}
    page = client.post("/accounts/signup/", form, follow=True).content.decode()
    assert "Look into your mail" in page
    assert "Look into your mail" in log_in(Client(), "ada@example.org")
    user = User.objects.get(email="ada@example.org")
    assert (user.full_name, client.get("/account/").status_code) == ("Ada Byron", 302)

    run_outbox()
    assert mail.outbox[0].subject == "Welcome to Artisan's Hub: please confirm your address"
    path = link_in(mail.outbox[0])
    assert "Is this your address?" in client.get(path).content.decode()
    client.post(path)
    assert "Welcome, Ada." in log_in(Client(), "ada@example.org")


def test_sign_up_does_not_tell_who_has_an_account(client: Client, run_outbox: RunOutbox) -> None:
    verified_user("ada@example.org")
    form = {"full_name": "Eve", "email": "ada@example.org", "password1": PASSWORD}
    page = client.post("/accounts/signup/", form, follow=True).content.decode()
    assert "Look into your mail" in page
    run_outbox()
    assert mail.outbox[0].subject == "You have an account at Artisan's Hub already"
    assert User.objects.count() == 1


def test_a_weak_password_is_refused(client: Client) -> None:
    for weak in ("short", "password1234", "8394027461", "ada@example.org"):
        form = {"full_name": "Ada", "email": "ada@example.org", "password1": weak}
        assert client.post("/accounts/signup/", form).status_code == 200
    assert not User.objects.exists()


def test_log_in_is_throttled_per_account(client: Client) -> None:
    verified_user("ada@example.org")
    for _ in range(5):
        assert "do not belong together" in log_in(client, "ada@example.org", "wrong")
    assert "Too many tries" in log_in(client, "ada@example.org", "wrong")
    assert "Too many tries" in log_in(client, "ada@example.org")
    assert client.get("/account/").status_code == 302


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(client: Client, run_outbox: RunOutbox) -> None:
    verified_user("ada@example.org")
    client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    run_outbox()
    path = link_in(mail.outbox[0])
    form_path = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(form_path, {"password1": "another-long-word", "password2": "another-long-word"}, follow=True)
    assert "Welcome" in log_in(Client(), "ada@example.org", "another-long-word")
    assert "This link has run out" in Client().get(path, follow=True).content.decode()


def test_a_reset_for_nobody_looks_the_same(client: Client, run_outbox: RunOutbox) -> None:
    page = client.post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True).content.decode()
    assert "If there is an account with that address" in page
    run_outbox()
    assert mail.outbox[0].subject == "No account with this address at Artisan's Hub"


def test_every_message_of_the_account_has_both_forms(client: Client, run_outbox: RunOutbox) -> None:
    verified_user("ada@example.org")
    client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    run_outbox()
    message = mail.outbox[0]
    assert isinstance(message, mail.EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert link_in(message) in html
    assert "Set a new password" in html


def test_staff_log_in_through_the_same_throttled_page(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")


def test_addresses_differing_by_case_are_one() -> None:
    make_user("ada@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user("ADA@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(email="ada@example.org").update(email="Ada@example.org")


def test_forms_ask_in_the_words_of_the_checkout(client: Client) -> None:
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        main = client.get(path).content.decode().partition('<main id="main"')[2].partition("</main>")[0]
        assert ">E-mail</label>" in main
        assert "placeholder" not in main
    client.force_login(verified_user("ada@example.org"), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert ">New password (again)</label>" in client.get("/accounts/password/change/").content.decode()


def test_a_refused_form_says_so_aloud_and_at_its_field(client: Client) -> None:
    form = {"full_name": "Ada", "email": "ada@example.org", "password1": "short"}
    page = client.post("/accounts/signup/", form).content.decode()
    assert '<div class="notice error" role="alert"><p>Please check the marked field.</p></div>' in page
    assert 'aria-describedby="id_password1_helptext id_password1_error"' in page
    assert 'role="alert"' not in client.get("/accounts/signup/").content.decode()
