"""Applying to sell: what is written down, who is told, what becomes of it."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection
from django.test import Client

from catalog.models import Artisan
from catalog.selectors import published_artisans
from common.clock import now
from common.models import AuditRecord, OutboxMessage
from common.money import Money
from identity.models import User
from payouts.emails import onboarding as letters
from payouts.models import SellerApplication
from payouts.services import approve_application, reject_application, withdraw_application
from payouts.services.applications import (
    ApplicationDecided,
    ApplicationWaits,
    DetailsInvalid,
    EmailNotVerified,
    ReasonMissing,
    SellsAlready,
    apply_to_sell,
    consent_text,
)
from tests.orders.shop import new_artisan, new_product, new_user
from tests.payouts.sellers import CONSENT, applicant, applied, details
from tests.races.at_once import at_once, kinds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
FORM = {
    "name": "Kiln and Kin", "tagline": "Pots for two", "story": "We throw together.", "town": "Cork", "country": "IE",
    "currency": "EUR", "shipping_first_item": "6,90", "shipping_additional_item": "1.5", "dispatch_days": "3",
    "consent": "on",
}  # fmt: skip


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def reviewer() -> User:
    staff = new_user(is_staff=True)
    staff.user_permissions.add(
        *Permission.objects.filter(codename__in=["review_sellerapplication", "view_sellerapplication"])
    )
    return staff


def waiting_messages() -> list[str]:
    return sorted(OutboxMessage.objects.values_list("task", flat=True))


def test_what_was_filled_in_is_kept_with_the_words_agreed_to() -> None:
    user = applicant()
    answer = logged_in(user).post("/sell/apply/", FORM)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sell/apply/")
    application = SellerApplication.objects.get()
    assert (application.user, application.status, application.country) == (user, "waiting", "IE")
    assert application.shipping_first_item == Money(690, "EUR")
    assert application.shipping_additional_item == Money(150, "EUR")
    assert application.consent_text == consent_text()
    assert "10 %" in application.consent_text
    assert not Artisan.objects.exists()
    assert [(one.event_type, one.subject) for one in AuditRecord.objects.all()] == [
        ("seller.applied", application.public_id)
    ]


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("name", "", "This field is required"),
        ("country", "RU", "Select a valid choice"),
        ("currency", "JPY", "Select a valid choice"),
        ("currency", "USD", "In Ireland we can pay you in EUR."),
        ("shipping_first_item", "six", "Please give an amount like 6.90."),
        ("shipping_first_item", "6.905", "Please give an amount like 6.90."),
        ("shipping_first_item", "1.000,00", "Please give an amount like 6.90."),
        ("shipping_first_item", "-1", "Please give an amount like 6.90."),
        ("shipping_first_item", "999999999", "Please give an amount of zero or more."),
        ("dispatch_days", "0", "greater than or equal to 1"),
        ("dispatch_days", "31", "less than or equal to 30"),
        ("consent", "", "Please agree to the terms"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_lost(field: str, given: str, told: str) -> None:
    answer = logged_in(applicant()).post("/sell/apply/", {**FORM, field: given})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page
    assert "We throw together." in page
    assert not SellerApplication.objects.exists()


def test_a_name_that_buyers_know_is_not_given_to_another() -> None:
    new_artisan(name="KILN and kin")
    answer = logged_in(applicant()).post("/sell/apply/", FORM)
    assert "There is a shop of this name already" in answer.content.decode()
    with pytest.raises(DetailsInvalid):
        applied()


def test_an_address_that_is_not_verified_is_asked_for_first_and_nothing_is_lost() -> None:
    answer = logged_in(new_user()).post("/sell/apply/", FORM)
    assert answer.status_code == 400
    assert "confirm your e-mail address first" in answer.content.decode()
    assert "We throw together." in answer.content.decode()
    with pytest.raises(EmailNotVerified):
        apply_to_sell(user=new_user(), details=details(), consent_text=CONSENT, now=now())


def test_one_application_at_a_time_and_one_shop_each() -> None:
    application = applied()
    with pytest.raises(ApplicationWaits):
        apply_to_sell(user=application.user, details=details(), consent_text=CONSENT, now=now())
    approve_application(application_id=application.pk, now=now())
    with pytest.raises(SellsAlready):
        apply_to_sell(user=application.user, details=details(name="Other"), consent_text=CONSENT, now=now())


def test_approved_the_shop_is_open_and_in_no_list_before_it_has_goods() -> None:
    application = applied(name="Kiln & Kin", shipping_first_item=Money(0, "EUR"))
    approve_application(application_id=application.pk, now=now())
    artisan = Artisan.objects.get()
    assert (artisan.owner, artisan.name, artisan.slug) == (application.user, "Kiln & Kin", "kiln-kin")
    assert (artisan.location, artisan.currency, artisan.dispatch_days) == ("Cork, Ireland", "EUR", 3)
    assert (artisan.shipping_first_item_minor, artisan.shipping_additional_item_minor) == (0, 150)
    application.refresh_from_db()
    assert (application.status, application.artisan) == ("approved", artisan)
    assert Client().get(artisan.get_absolute_url()).status_code == 200
    assert list(published_artisans()) == []
    new_product(artisan)
    assert list(published_artisans()) == [artisan]


def test_a_path_that_is_taken_gets_an_ending() -> None:
    new_artisan(slug="kiln-and-kin", name="Somebody else")
    approve_application(application_id=applied().pk, now=now())
    slug = Artisan.objects.get(name="Kiln and Kin").slug
    assert slug.startswith("kiln-and-kin-")


def test_approved_by_themselves_where_the_shop_is_set_so(settings: Any) -> None:
    settings.SELLERS_APPROVED_BY_THEMSELVES = True
    user = applicant()
    answer = logged_in(user).post("/sell/apply/", FORM)
    assert answer.headers["Location"] == "/selling/goods/"
    application = SellerApplication.objects.get()
    assert (application.status, application.reviewed_by) == ("approved", "system")
    assert Artisan.objects.get().owner == user
    assert waiting_messages() == ["payouts.tasks.send_application_letter"]


def test_staff_read_and_approve_at_the_desk() -> None:
    staff = reviewer()
    application = applied()
    client = logged_in(staff)
    page = client.get(f"/admin/payouts/sellerapplication/{application.pk}/change/").content.decode()
    assert "Approve: open the shop" in page
    assert CONSENT in page
    client.post(f"/admin/payouts/sellerapplication/{application.pk}/approve/")
    application.refresh_from_db()
    assert (application.status, application.reviewed_by) == ("approved", f"staff:{staff.pk}")
    answer = client.post(f"/admin/payouts/sellerapplication/{application.pk}/approve/", follow=True)
    assert "has been decided already" in answer.content.decode()
    assert Artisan.objects.count() == 1


def test_staff_turn_down_with_a_reason_that_the_applicant_reads() -> None:
    application = applied()
    client = logged_in(reviewer())
    path = f"/admin/payouts/sellerapplication/{application.pk}/reject/"
    assert "This field is required" in client.post(path, {"reason": " "}).content.decode()
    client.post(path, {"reason": "Please show that it is made by you."})
    page = logged_in(application.user).get("/sell/apply/").content.decode()
    assert "Please show that it is made by you." in page
    assert "We throw together." in page
    with pytest.raises(ReasonMissing):
        reject_application(application_id=application.pk, reason=" ", now=now())
    again = apply_to_sell(user=application.user, details=details(), consent_text=CONSENT, now=now())
    assert again.status == "waiting"


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_staff_without_the_permission_decide_nothing(action: str) -> None:
    application = applied()
    client = logged_in(new_user(is_staff=True))
    answer = client.post(f"/admin/payouts/sellerapplication/{application.pk}/{action}/", {"reason": "No."})
    assert answer.status_code == 403
    application.refresh_from_db()
    assert application.status == "waiting"


def test_what_was_withdrawn_is_not_approved() -> None:
    application = applied()
    logged_in(application.user).post("/sell/withdraw/")
    application.refresh_from_db()
    assert application.status == "withdrawn"
    with pytest.raises(ApplicationDecided):
        approve_application(application_id=application.pk, now=now())
    withdraw_application(user=application.user, now=now())
    assert not Artisan.objects.exists()


def test_letters_say_what_happens_next_once_each() -> None:
    staff = reviewer()
    application = applied()
    letters.send_application_letter(application_id=application.pk, status="waiting")
    letters.send_application_to_staff(application_id=application.pk, user_id=staff.pk)
    approve_application(application_id=application.pk, now=now())
    letters.send_application_letter(application_id=application.pk, status="approved")
    # Late ones, of what is not so any more.
    letters.send_application_letter(application_id=application.pk, status="waiting")
    letters.send_application_to_staff(application_id=application.pk, user_id=staff.pk)
    assert [(one.to[0], one.subject) for one in mail.outbox] == [
        (application.user.email, "We have your application to sell at Artisan's Hub"),
        (staff.email, "Kiln and Kin would like to sell"),
        (application.user.email, "Welcome: your shop at Artisan's Hub is open"),
    ]
    assert "/selling/goods/" in str(mail.outbox[2].body)
    assert "/selling/getting-paid/" in str(mail.outbox[2].body)
    assert waiting_messages() == [
        "payouts.tasks.send_application_letter",
        "payouts.tasks.send_application_letter",
        "payouts.tasks.send_application_to_staff",
    ]


def test_the_reason_stands_in_the_letter() -> None:
    application = applied()
    reject_application(application_id=application.pk, reason="Too much like a factory.", now=now())
    letters.send_application_letter(application_id=application.pk, status="rejected")
    assert "Too much like a factory." in str(mail.outbox[0].body)
    assert "/sell/apply/" in str(mail.outbox[0].body)


def test_guests_are_shown_what_selling_is_like_and_asked_to_log_in() -> None:
    page = Client().get("/sell/").content.decode()
    assert "10 %" in page
    assert "/accounts/signup/?next=/sell/apply/" in page
    assert Client().get("/sell/apply/").headers["Location"] == "/accounts/login/?next=/sell/apply/"
    assert "/sell/" in Client().get("/about/").content.decode()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_open_one_shop() -> None:
    application = applied()
    results = at_once([lambda: approve_application(application_id=application.pk, now=now())] * 2)
    assert kinds(results) == {"ApplicationDecided": 1, "SellerApplication": 1}
    assert Artisan.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_one_application() -> None:
    user = applicant()
    works = [lambda: apply_to_sell(user=user, details=details(), consent_text=CONSENT, now=now())] * 2
    assert kinds(at_once(works)) == {"ApplicationWaits": 1, "SellerApplication": 1}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM payouts_sellerapplication")
        assert cursor.fetchone() == (1,)
