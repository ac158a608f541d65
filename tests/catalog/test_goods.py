"""Artisans' pages of their goods: what they can write, what they can't, and what a picture goes through."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from PIL import Image

from catalog.models import Artisan, Category, Product
from catalog.services.goods import GoodsInvalid, change_product
from catalog.services.stock import reserve_stock
from catalog.services.uploads import PictureRefused, clean_picture
from common.clock import now
from common.ids import new_public_id
from common.models import AuditRecord
from common.money import InvalidMoney, Money, parse_major
from tests.catalog.shop import make_artisan, make_product
from tests.races.at_once import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path) -> Iterator[Path]:
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield tmp_path


@pytest.fixture
def artisan() -> Artisan:
    Category.objects.get_or_create(slug="pots", defaults={"name": "Pots"})
    return make_artisan()


def client_of(artisan: Artisan) -> Client:
    client = Client()
    client.force_login(artisan.owner)
    return client


def photo(size: tuple[int, int] = (800, 600), kind: str = "JPEG", **more: Any) -> bytes:
    content = io.BytesIO()
    Image.new(more.pop("mode", "RGB"), size, more.pop("colour", "#336699")).save(content, kind, **more)
    return content.getvalue()


def upload(content: bytes, name: str = "jug.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def filled(**other: Any) -> dict[str, Any]:
    return {
        "title": "Tall jug", "category": Category.objects.get(slug="pots").pk, "price": "24,50", "stock": "4",
        "description": "It pours.", "reference": new_public_id("prd"), "stock_seen": "0", **other,
    }  # fmt: skip


def test_a_piece_is_added_with_its_picture_and_can_be_bought(artisan: Artisan, media: Path) -> None:
    form = filled(picture=upload(photo()), image_alt="A blue jug", publish="yes")
    answer = client_of(artisan).post("/selling/goods/add/", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/selling/goods/")
    product = Product.objects.get()
    assert (product.artisan, product.public_id, product.slug) == (artisan, form["reference"], "tall-jug")
    assert (product.price, product.stock_on_hand, product.is_published) == (Money(2450, "EUR"), 4, True)
    assert (product.image_width, product.image_height, product.image_alt) == (800, 600, "A blue jug")
    # As they are in the table: an instance would read what is missing there from the file.
    assert Product.objects.values_list("image_width", "image_height").get() == (800, 600)
    assert {path.suffix for path in media.rglob("*.*")} == {".webp"}
    assert len(list(media.rglob("*.webp"))) == 4  # itself and three smaller ones
    assert "Tall jug" in Client().get(product.get_absolute_url()).content.decode()
    assert AuditRecord.objects.get(event_type="goods.added").subject == product.public_id


def test_a_form_sent_twice_adds_it_once(artisan: Artisan) -> None:
    form, client = filled(), client_of(artisan)
    for _ in range(2):
        assert client.post("/selling/goods/add/", form).status_code == 302
    assert Product.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_adds_it_once(artisan: Artisan) -> None:
    form, client = filled(), client_of(artisan)
    results = at_once([lambda: client.post("/selling/goods/add/", form).status_code] * 3)
    assert results == [302, 302, 302]
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"price": "0"}, "Please give a price above zero."),
        ({"price": "2.455"}, "Please give a price like 24.50."),
        ({"price": "1,000.00"}, "Please give a price like 24.50."),
        ({"price": "99999999"}, "Please give a price above zero."),
        ({"stock": "-1"}, "greater than or equal to 0"),
        ({"category": "999999"}, "Select a valid choice"),
        ({"title": ""}, "This field is required"),
        ({"is_made_to_order": "on"}, "how many days making it takes"),
        ({"publish": "yes"}, "Please add a picture before buyers can see it."),
        ({"reference": "prd_mine"}, "Please open this page again."),
    ],
)
def test_a_mistake_is_named_and_nothing_is_lost(artisan: Artisan, given: dict[str, str], told: str) -> None:
    answer = client_of(artisan).post("/selling/goods/add/", filled(**given))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert told in page
    assert "It pours." in page
    assert not Product.objects.exists()


def test_what_is_sold_while_the_page_is_open_stays_sold(artisan: Artisan) -> None:
    product = make_product(artisan, stock_on_hand=10)
    form = filled(reference=product.public_id, category=product.category_id, stock="12", stock_seen="10")
    Product.objects.filter(pk=product.pk).update(stock_on_hand=7)  # three were sent since
    assert client_of(artisan).post(f"/selling/goods/{product.public_id}/", form).status_code == 302
    product.refresh_from_db()
    assert product.stock_on_hand == 9


def test_what_is_promised_to_buyers_stays_on_the_shelf(artisan: Artisan) -> None:
    product = make_product(artisan, stock_on_hand=5)
    reserve_stock(reference="ord_1", items=[(product.pk, 3)], expires_at=now(), now=now())
    form = filled(reference=product.public_id, category=product.category_id, stock="2", stock_seen="5")
    answer = client_of(artisan).post(f"/selling/goods/{product.public_id}/", form)
    assert "3 are promised to orders that are being paid" in answer.content.decode()
    product.refresh_from_db()
    assert (product.stock_on_hand, product.stock_reserved) == (5, 3)


def test_it_is_put_in_the_shop_and_taken_out(artisan: Artisan) -> None:
    client = client_of(artisan)
    client.post("/selling/goods/add/", filled())
    product = Product.objects.get()
    page = client.post(f"/selling/goods/{product.public_id}/publish/", follow=True).content.decode()
    assert "Please add a picture before buyers can see it." in page
    form = filled(reference=product.public_id, stock_seen="4", picture=upload(photo()))
    client.post(f"/selling/goods/{product.public_id}/", form)
    client.post(f"/selling/goods/{product.public_id}/publish/")
    assert Client().get(product.get_absolute_url()).status_code == 200
    client.post(f"/selling/goods/{product.public_id}/unpublish/")
    assert Client().get(product.get_absolute_url()).status_code == 404
    assert list(AuditRecord.objects.order_by("id").values_list("event_type", flat=True)) == [
        "goods.added", "goods.changed", "goods.published", "goods.unpublished",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["", "publish/", "unpublish/"])
def test_another_artisan_does_not_touch_it(artisan: Artisan, path: str) -> None:
    product = make_product(artisan)
    before = Product.objects.filter(pk=product.pk).values().get()
    answer = client_of(make_artisan()).post(f"/selling/goods/{product.public_id}/{path}", filled())
    assert answer.status_code == 404
    assert Product.objects.filter(pk=product.pk).values().get() == before


def test_the_id_of_another_artisans_piece_adds_nothing(artisan: Artisan) -> None:
    theirs = make_product(make_artisan())
    answer = client_of(artisan).post("/selling/goods/add/", filled(reference=theirs.public_id))
    assert answer.status_code == 400
    assert Product.objects.count() == 1


def test_a_price_in_another_currency_is_refused(artisan: Artisan) -> None:
    product = make_product(artisan)
    from catalog.forms import GoodsForm

    form = GoodsForm(artisan, filled(reference=product.public_id, category=product.category_id))
    assert form.is_valid()
    details = form.details()
    object.__setattr__(details, "price", Money(100, "USD"))
    with pytest.raises(GoodsInvalid, match="EUR"):
        change_product(
            artisan=artisan, public_id=product.public_id, details=details, stock=1, stock_seen=1, picture=None
        )


def test_a_new_picture_takes_the_old_ones_place(artisan: Artisan, media: Path) -> None:
    client = client_of(artisan)
    client.post("/selling/goods/add/", filled(picture=upload(photo())))
    product = Product.objects.get()
    former = product.image.name
    form = filled(reference=product.public_id, stock_seen="4", picture=upload(photo((500, 500), "PNG")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda act: act())
        client.post(f"/selling/goods/{product.public_id}/", form)
    product.refresh_from_db()
    assert (product.image_width, product.image_height) == (500, 500)
    assert product.image.name != former
    assert sorted(path.name for path in media.rglob("*.webp")) == sorted(
        name.replace("products/", "")
        for name in (
            str(product.image.name),
            *(str(product.image.name).replace(".webp", f".w{width}.webp") for width in (240, 440)),
        )
    )


def test_where_a_picture_was_taken_is_not_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "At home, 53.3498 N 6.2603 W"
    exif[0x0112] = 6  # lies on its side
    content = clean_picture(upload=io.BytesIO(photo((900, 600), exif=exif.tobytes()) + b"<script>hidden</script>"))
    written = content.read()
    assert b"53.3498" not in written
    assert b"script" not in written
    with Image.open(io.BytesIO(written)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (600, 900))
        assert not picture.getexif()


def test_what_is_see_through_is_white_and_what_is_huge_is_smaller() -> None:
    see_through = photo((3000, 1500), "PNG", mode="RGBA", colour=(0, 0, 0, 0))
    with Image.open(clean_picture(upload=io.BytesIO(see_through))) as picture:
        assert picture.size == (2000, 1000)
        assert picture.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no picture that we can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no picture that we can read"),
        (b"GIF89a" + b"\x00" * 100, "no picture that we can read"),
        (photo()[:2000], "damaged"),
        (photo((399, 800)), "at least 400 pixels"),
        (photo((8000, 5001), "PNG"), "more than 40 million pixels"),
        (b"\xff\xd8" + b"0" * 5_000_000, "larger than 5 MB"),
    ],
)
def test_a_file_that_is_no_picture_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(PictureRefused, match=told):
        clean_picture(upload=io.BytesIO(content))


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("7", "EUR", 700), ("6,9", "EUR", 690), (" 6.90 ", "EUR", 690), ("500", "JPY", 500), ("1.25", "KWD", 1250)],
)
def test_amounts_are_read_as_people_type_them(text: str, currency: str, minor: int) -> None:
    assert parse_major(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"),
        ("1.000,00", "EUR"),
        ("1.234", "EUR"),
        ("5.5", "JPY"),
        ("-1", "EUR"),
        ("\u0663", "EUR"),
        ("1e3", "EUR"),
        ("1" * 10, "EUR"),
        ("1.", "EUR"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str, currency: str) -> None:
    with pytest.raises(InvalidMoney):
        parse_major(text, currency)
