"""An artisan changes the own shop: what is written, what is refused, and what money is not touched by it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings

from catalog.models import Artisan, PostageChange
from catalog.services.pictures import put_portrait
from common.models import AuditRecord
from tests.catalog.shop import make_artisan, make_product, make_user
from tests.catalog.test_goods import client_of, photo, upload

pytestmark = pytest.mark.django_db

PAGE = "/selling/shop/"


@pytest.fixture(autouse=True)
def media(tmp_path: Path) -> Iterator[Path]:
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield tmp_path


@pytest.fixture
def artisan() -> Artisan:
    return make_artisan(first_minor=690, additional_minor=150)


def filled(**other: Any) -> dict[str, Any]:
    return {
        "tagline": "Salt glaze and patience", "story": "I dig my own clay.\n\nIt is red.",
        "location": "Bremen, Germany",
        "portrait_alt": "", "shipping_first_item": "6.90", "shipping_additional_item": "1.50", "dispatch_days": "3",
        "kept": "", **other,
    }  # fmt: skip


def files(media: Path) -> set[str]:
    return {path.name for path in media.rglob("*.*")}


def test_the_artisan_s_words_are_on_the_public_page(artisan: Artisan) -> None:
    client = client_of(artisan)
    assert client.get(PAGE).status_code == 200
    answer = client.post(PAGE, filled(dispatch_days="5"))
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    public = Client().get(artisan.get_absolute_url()).content.decode()
    for told in ("Salt glaze and patience", "<p>It is red.</p>", "Bremen, Germany", "5 working days"):
        assert told in public
    assert AuditRecord.objects.get(event_type="shop.changed").artisan == artisan.public_id
    assert not PostageChange.objects.exists()


def test_nothing_that_staff_answer_for_is_changed_by_what_the_form_is_sent(artisan: Artisan) -> None:
    theirs = make_artisan()
    client_of(artisan).post(
        PAGE,
        filled(name="Gucci", slug="gucci", currency="JPY", owner=str(theirs.owner_id), is_published="", id=theirs.pk),
    )
    after = Artisan.objects.get(pk=artisan.pk)
    assert (after.name, after.slug, after.currency, after.owner_id, after.is_published) == (
        artisan.name, artisan.slug, "EUR", artisan.owner_id, True,
    )  # fmt: skip
    assert (after.tagline, Artisan.objects.get(pk=theirs.pk).tagline) == ("Salt glaze and patience", "Makes things")


def test_who_has_no_shop_finds_no_page() -> None:
    stranger = Client()
    assert stranger.get(PAGE).headers["Location"].startswith("/accounts/login/")
    stranger.force_login(make_user())
    assert [stranger.get(PAGE).status_code, stranger.post(PAGE, filled()).status_code] == [404, 404]
    assert stranger.post(f"{PAGE}preview/", filled()).status_code == 404


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"story": "  "}, "This field is required"),
        ({"story": "x" * 4001}, "at most 4000 characters"),
        ({"location": "x" * 121}, "at most 120 characters"),
        ({"shipping_first_item": "1,000.00"}, "Please give an amount like 6.90."),
        ({"shipping_first_item": "-1"}, "Please give an amount like 6.90."),
        ({"shipping_first_item": "1000000"}, "Please give an amount from zero to €999,999.99."),
        ({"shipping_additional_item": "1.505"}, "Please give an amount like 1.50."),
        ({"dispatch_days": "0"}, "greater than or equal to 1"),
        ({"dispatch_days": "31"}, "less than or equal to 30"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_lost(artisan: Artisan, given: dict[str, str], told: str) -> None:
    answer = client_of(artisan).post(PAGE, filled(**given))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page
    assert "Salt glaze and patience" in page
    assert Artisan.objects.get(pk=artisan.pk).tagline == "Makes things"


def test_a_good_picture_with_a_mistake_elsewhere_need_not_be_chosen_again(artisan: Artisan, media: Path) -> None:
    client = client_of(artisan)
    answer = client.post(PAGE, filled(dispatch_days="0", picture=upload(photo())))
    assert "Your new picture is kept too." in answer.content.decode()
    assert files(media) == set()
    kept = answer.context["kept"]
    # Neither another artisan nor a guess gets it.
    theirs = make_artisan()
    client_of(theirs).post(PAGE, filled(kept=kept))
    client.post(PAGE, filled(dispatch_days="0", kept="a-guess-ü"))
    assert files(media) == set()
    assert client.post(PAGE, filled(kept=kept)).status_code == 302
    after = Artisan.objects.get(pk=artisan.pk)
    assert (after.portrait_width, after.portrait_height) == (800, 600)
    assert Artisan.objects.get(pk=theirs.pk).portrait.name == ""
    assert not PostageChange.objects.filter(artisan=artisan).exists()
    # It was put up once: the same ticket does not bring it back over a younger one.
    assert client.post(PAGE, filled(kept=kept)).status_code == 302
    assert Artisan.objects.get(pk=artisan.pk).portrait.name == after.portrait.name


def test_a_text_that_calls_itself_a_picture_is_refused_and_the_old_one_stays(artisan: Artisan, media: Path) -> None:
    client = client_of(artisan)
    client.post(PAGE, filled(picture=upload(photo())))
    before = files(media)
    answer = client.post(PAGE, filled(story="Other words.", picture=upload(b"<svg onload=alert(1)>")))
    assert answer.status_code == 400
    assert "This is no picture that we can read." in answer.content.decode()
    assert files(media) == before
    assert "clay" in Artisan.objects.get(pk=artisan.pk).story


@pytest.mark.django_db(transaction=True)
def test_a_new_portrait_takes_the_old_one_s_place_and_its_files_with_it(artisan: Artisan, media: Path) -> None:
    client = client_of(artisan)
    client.post(PAGE, filled(picture=upload(photo())))
    former = files(media)
    client.post(PAGE, filled(picture=upload(photo((900, 900)))))
    portrait = Artisan.objects.get(pk=artisan.pk).portrait
    assert files(media).isdisjoint(former)
    assert len(files(media)) == 4  # itself and three smaller ones
    assert (portrait.width, portrait.height) == (900, 900)


@pytest.mark.django_db(transaction=True)
def test_a_portrait_that_could_not_be_written_down_leaves_no_file_and_the_old_one_stays(
    artisan: Artisan, media: Path
) -> None:
    put_portrait(artisan=artisan, content=ContentFile(photo(kind="WEBP")))
    before = files(media)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_artisan ADD CONSTRAINT tall CHECK (portrait_height < 700)")
    try:
        with pytest.raises(DatabaseError):
            put_portrait(artisan=artisan, content=ContentFile(photo((800, 800), kind="WEBP")))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE catalog_artisan DROP CONSTRAINT tall")
    assert files(media) == before
    assert Artisan.objects.get(pk=artisan.pk).portrait_height == 600


def test_the_preview_shows_what_is_filled_in_and_saves_nothing(artisan: Artisan, media: Path) -> None:
    make_product(artisan, title="Tall jug")
    client = client_of(artisan)
    given = filled(shipping_first_item="7.20", picture=upload(photo()))
    page = client.post(f"{PAGE}preview/", given).content.decode()
    for shown in ("This is a preview.", "Salt glaze and patience", "€7.20", "Tall jug", "data:image/webp;base64,UklGR"):
        assert shown in page
    assert "This is a preview" not in Client().get(artisan.get_absolute_url()).content.decode()
    assert Artisan.objects.values("tagline", "shipping_first_item_minor", "portrait").get(pk=artisan.pk) == {
        "tagline": "Makes things", "shipping_first_item_minor": 690, "portrait": "",
    }  # fmt: skip
    assert files(media) == set()
    assert not AuditRecord.objects.filter(event_type__startswith="shop.").exists()
    assert client.get(f"{PAGE}preview/").status_code == 405
    assert client.post(f"{PAGE}preview/", filled(dispatch_days="0")).status_code == 400


def test_other_postage_is_told_to_history_and_audit_and_cannot_be_unsaid(artisan: Artisan) -> None:
    client = client_of(artisan)
    client.post(PAGE, filled(shipping_first_item="7,20"))
    client.post(PAGE, filled(shipping_first_item="7.20"))  # once more the same
    change = PostageChange.objects.get()
    assert (change.first_item_was_minor, change.first_item_minor) == (690, 720)
    assert (change.additional_item_was_minor, change.additional_item_minor) == (150, 150)
    assert change.actor == f"user:{artisan.owner_id}"
    told = AuditRecord.objects.get(event_type="shop.postage_changed")
    assert (told.amount_minor, told.currency, told.artisan) == (720, "EUR", artisan.public_id)
    assert "from €6.90" in client.get(PAGE).content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        change.delete()


def test_postage_that_staff_change_is_in_the_same_history(artisan: Artisan, admin_client: Client) -> None:
    address = f"/admin/catalog/artisan/{artisan.pk}/change/"
    form = admin_client.get(address).context["adminform"].form
    given = {name: value for name, value in form.initial.items() if value is not None and name != "portrait"}
    inline = {"postage_changes-TOTAL_FORMS": "0", "postage_changes-INITIAL_FORMS": "0"}
    answer = admin_client.post(address, {**given, **inline, "shipping_additional_item_minor": "0"})
    assert answer.status_code == 302, answer.context["errors"]
    change = PostageChange.objects.get()
    assert (change.additional_item_was_minor, change.additional_item_minor) == (150, 0)
    assert change.actor.startswith("staff:")


def test_yen_have_no_digits_after_the_point_and_dinars_end_in_zero() -> None:
    yen, dinars = make_artisan(currency="JPY"), make_artisan(currency="KWD", first_minor=500, additional_minor=0)
    page = client_of(yen).post(PAGE, filled(shipping_first_item="6.90", shipping_additional_item="0"))
    assert "Please give an amount like 6." in page.content.decode()
    page = client_of(dinars).post(PAGE, filled(shipping_first_item="2.755"))
    assert "The last digit of an amount in KWD is 0." in page.content.decode()
    assert client_of(yen).post(PAGE, filled(shipping_first_item="900", shipping_additional_item="0")).status_code == 302
    assert client_of(dinars).post(PAGE, filled(shipping_first_item="2.750")).status_code == 302
    assert list(PostageChange.objects.order_by("id").values_list("first_item_minor", flat=True)) == [900, 2750]
