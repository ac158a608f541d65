"""Letters about accounts go by the outbox: no answer waits for the mail server, and no link lies in the database."""

import datetime as dt
import json
import smtplib
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common import outbox
from common.clock import now as clock_now
from common.models import OutboxMessage
from identity import emails
from identity.models import AccountMail, User
from tests.identity.test_log_in import PASSWORD, link_in, log_in, verified_user
from tests.orders.fixtures import RunOutbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
SEND = "identity.tasks.send_account_mail"
KNOWN, UNKNOWN = "ada@example.org", "nobody@example.org"


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


@pytest.fixture
def ada() -> User:
    return verified_user(KNOWN)


class DeadServer(EmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, *_: Any, **__: Any) -> int:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


def sign_up(email: str = UNKNOWN, **headers: Any) -> str:
    form = {"full_name": "Grace", "email": email, "password1": PASSWORD}
    return Client(headers=headers).post("/accounts/signup/", form, follow=True).content.decode()


def ask_for_reset(email: str, **headers: Any) -> str:
    return Client(headers=headers).post("/accounts/password/reset/", {"email": email}, follow=True).content.decode()


def waiting() -> list[tuple[str, dict[str, Any]]]:
    return list(OutboxMessage.objects.filter(status="waiting").order_by("id").values_list("task", "kwargs"))


@pytest.mark.parametrize("request_", [sign_up, ask_for_reset])
def test_known_and_unknown_addresses_leave_the_same_behind_and_the_mail_server_is_not_spoken_to(
    ada: User, settings: Any, request_: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.DeadServer"
    pages = [request_(email).replace(email, "") for email in (KNOWN, UNKNOWN)]
    assert "Look into your mail" in pages[0] or "If there is an account" in pages[0]
    assert pages[0] == pages[1]
    letters = AccountMail.objects.order_by("id")
    assert [letter.email for letter in letters] == [KNOWN, UNKNOWN]
    assert waiting() == [(SEND, {"mail_id": letter.id}) for letter in letters]


def test_a_sign_up_for_a_known_address_costs_a_password_hash_too(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is nearly all of the time of a sign-up: without it the answer would tell."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda *given: hashed.append("") or encode(*given),  # type: ignore[func-returns-value]
    )
    costs = []
    for email in (KNOWN, UNKNOWN):
        hashed.clear()
        sign_up(email)
        costs.append(len(hashed))
    assert costs == [1, 1]


def test_a_reset_writes_the_same_for_known_and_unknown_addresses(ada: User) -> None:
    written = []
    for email in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask_for_reset(email)
        verbs = [query["sql"].split(None, 1)[0] for query in queries]
        written.append([verb for verb in verbs if verb in ("INSERT", "UPDATE", "DELETE", "WITH")])
    assert written[0] == written[1] != []


def test_a_sign_up_while_the_mail_server_is_down_gets_its_letter_later(settings: Any, run_outbox: RunOutbox) -> None:
    sound = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.DeadServer"
    assert "Look into your mail" in sign_up()
    [message] = OutboxMessage.objects.all()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        run_outbox()
    message.refresh_from_db()
    assert (message.status, message.attempts, AccountMail.objects.count()) == ("waiting", 1, 1)

    settings.EMAIL_BACKEND = sound
    outbox.run_message(message.id)
    [letter] = mail.outbox
    assert letter.to == [UNKNOWN]
    client = Client()
    client.post(link_in(letter))
    assert "Welcome, Grace." in log_in(Client(), UNKNOWN)


def test_an_account_and_its_letter_are_written_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("identity.emails.outbox.enqueue", full)
    with pytest.raises(RuntimeError, match="no room"):
        sign_up()
    assert (User.objects.count(), AccountMail.objects.count()) == (0, 0)


def test_links_that_let_somebody_in_are_never_in_the_database(ada: User, run_outbox: RunOutbox) -> None:
    sign_up()
    ask_for_reset(KNOWN)
    kept = json.dumps(
        [*AccountMail.objects.values("template", "email", "facts"), *OutboxMessage.objects.values("kwargs")]
    )
    assert KNOWN in kept
    run_outbox()
    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        secret = link_in(letter).rstrip("/").rsplit("/", 1)[-1]
        assert len(secret) > 20
        for part in (secret, *secret.split("-", 1)[1:], *secret.split(":")):
            assert len(part) < 6 or part not in kept
    assert "http" not in kept
    assert not AccountMail.objects.exists(), "once sent, nothing of it is left"
    assert {frozenset(kwargs) for kwargs in OutboxMessage.objects.values_list("kwargs", flat=True)} == {
        frozenset({"mail_id"})
    }


def test_links_lead_to_the_shop_whatever_host_was_asked(ada: User, run_outbox: RunOutbox) -> None:
    for page in (sign_up(host="127.0.0.1"), sign_up(KNOWN, host="127.0.0.1")):
        assert "Look into your mail" in page
    ask_for_reset(KNOWN, host="127.0.0.1")
    ask_for_reset("stranger@example.org", host="127.0.0.1")
    run_outbox()
    assert len(mail.outbox) == 4
    for letter in mail.outbox:
        assert "http://testserver/accounts/" in str(letter.body)
        assert "127.0.0.1" not in str(letter.body)


def test_a_letter_is_sent_once(run_outbox: RunOutbox) -> None:
    sign_up()
    [letter] = AccountMail.objects.all()
    run_outbox()
    emails.send(mail_id=letter.id)
    assert len(mail.outbox) == 1


def test_a_letter_that_has_become_void_is_not_sent(run_outbox: RunOutbox) -> None:
    sign_up()
    User.objects.get().emailaddress_set.update(verified=True)
    assert run_outbox() == [SEND]
    assert (mail.outbox, AccountMail.objects.count()) == ([], 0)


def test_notices_say_when_and_from_where(ada: User, run_outbox: RunOutbox) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    log_in(client, KNOWN)
    form = {"oldpassword": PASSWORD, "password1": "another-long-word", "password2": "another-long-word"}
    client.post("/accounts/password/change/", form)
    assert mail.outbox == []
    run_outbox()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([KNOWN], "Your password was changed")
    assert "203.0.113.9" in str(letter.body)
    today = clock_now()
    assert f"{today:%b}"[:3] in str(letter.body) and str(today.year) in str(letter.body)


def test_the_notice_of_a_reset_has_all_it_tells(ada: User, run_outbox: RunOutbox) -> None:
    ask_for_reset(KNOWN)
    run_outbox()
    client = Client(REMOTE_ADDR="203.0.113.9")
    form_path = client.get(link_in(mail.outbox[0]), follow=True).redirect_chain[-1][0]
    client.post(form_path, {"password1": "another-long-word", "password2": "another-long-word"})
    run_outbox()
    assert mail.outbox[-1].to == [KNOWN]
    assert "203.0.113.9" in str(mail.outbox[-1].body)


def test_what_nobody_could_send_for_a_week_is_forgotten() -> None:
    sign_up()
    at = AccountMail.objects.get().created_at
    assert emails.forget_unsent(now=at + dt.timedelta(days=7)) == 0
    assert emails.forget_unsent(now=at + dt.timedelta(days=7, seconds=1)) == 1
    assert not AccountMail.objects.exists()
