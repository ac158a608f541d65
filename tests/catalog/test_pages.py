"""Pages that are read: what they show, in how many queries, and that they are whole without scripts."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from PIL import Image

from catalog.demo.goods import PRODUCTS
from catalog.demo.loader import PICTURES
from catalog.demo.makers import ARTISANS
from catalog.demo.people import BUYER_EMAIL, DEMO_PASSWORD
from catalog.models import Artisan, Product, StockReservation
from catalog.selectors import newest_products, price_list, search_products
from catalog.services.pictures import make_renditions
from common.money import Money
from identity.models import User
from tests.catalog.shop import make_artisan, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(tmp_path: Path) -> Iterator[Path]:
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield tmp_path


def html(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_home_takes_the_same_few_queries_for_two_goods_and_for_twenty(client: Client) -> None:
    counts = []
    for _ in range(2):
        maker = make_artisan()
        for _ in range(10):
            make_product(maker)
        with CaptureQueriesContext(connection) as queries:
            html(client, "/")
        counts.append(len(queries))
    assert counts == [3, 3]  # goods, artisans, and the shelves of the menu


def test_product_page_tells_stock_price_and_postage(client: Client) -> None:
    maker = make_artisan(first_minor=690, additional_minor=150, dispatch_days=3)
    few = make_product(maker, price_minor=123_450, stock_on_hand=2)
    page = html(client, few.get_absolute_url())
    for text in ("€1,234.50", "Only 2 left", "Shipping €6.90, €1.50 for each further", "within 3 working days"):
        assert text in page
    assert page.count("<option") == 2
    sold = html(client, make_product(maker, stock_on_hand=0).get_absolute_url())
    assert "Sold out" in sold
    assert "cart/add" not in sold
    made = html(
        client, make_product(maker, stock_on_hand=0, is_made_to_order=True, lead_time_days=14).get_absolute_url()
    )
    assert "Made for you in about 14 days" in made
    assert "cart/add" in made


def test_reserved_pieces_are_not_offered(client: Client) -> None:
    last = make_product(stock_on_hand=1)
    Product.objects.filter(pk=last.pk).update(stock_reserved=1)
    assert "Sold out" in html(client, last.get_absolute_url())


def test_what_is_not_published_is_not_there(client: Client) -> None:
    hidden, orphan = make_product(is_published=False), make_product(make_artisan(is_published=False))
    for path in (hidden.get_absolute_url(), orphan.get_absolute_url(), orphan.artisan.get_absolute_url(), "/shop/no/"):
        assert client.get(path).status_code == 404
    assert newest_products(limit=8) == []
    assert search_products(text="Thing") == []
    assert not price_list(product_ids=[orphan.pk])[orphan.pk].is_on_sale


def test_price_list_is_one_query() -> None:
    goods = [make_product(price_minor=1000 + number) for number in range(5)]
    with CaptureQueriesContext(connection) as queries:
        prices = price_list(product_ids=[product.pk for product in goods])
        assert [prices[product.pk].price for product in goods] == [Money(1000 + n, "EUR") for n in range(5)]
        assert prices[goods[0].pk].seller.shipping.cost(pieces=3) == Money(700, "EUR")
    assert len(queries) == 1


def test_search_finds_words_places_names_and_misspellings(client: Client) -> None:
    maker = make_artisan(name="Barro Azul", location="Porto, Portugal")
    bowl = make_product(maker, title="Breakfast bowl", materials="Stoneware")
    make_product(make_artisan(location="Visby, Sweden"), title="Linen towel", materials="Flax")
    for text in ("bowl", "BOWL breakfast", "stoneware", "azul", "porto", "brekfast bowl"):
        assert [product.pk for product in search_products(text=text)] == [bowl.pk], text
    assert search_products(text="") == search_products(text="%%%") == search_products(text="zzzzzz") == []
    page = html(client, "/search/?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script" not in page
    assert client.get("/search/?q=a%00b").status_code == 200


def test_pages_have_no_inline_script_or_style_and_say_where_things_are(client: Client) -> None:
    bowl = make_product()
    for path in (
        "/", "/artisans/", "/shop/pottery/", "/search/", "/about/", "/shipping-and-returns/", "/safe-payments/",
        "/cart/",
        bowl.get_absolute_url(), bowl.artisan.get_absolute_url(), "/accounts/login/", "/accounts/signup/",
        "/accounts/password/reset/",
    ):  # fmt: skip
        page = html(client, path)
        assert "<script" not in page, path
        assert " style=" not in page, path
        assert not re.search(r"\son[a-z]+=", page), path
        assert page.count("<h1") == 1, path
        assert 'lang="en-GB"' in page
        assert '<main id="main"' in page
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
        controls = re.findall(r"<(?:input|select|textarea)\b(?![^>]*type=\"(?:hidden|submit)\")[^>]*>", page)
        for control in controls:
            name = re.search(r'\bid="([^"]+)"', control)
            assert name, control
            assert name.group(1) in labelled, control
        for image in re.findall(r"<img[^>]*>", page):
            assert re.search(r'\balt="', image), image
            assert 'width="' in image, image
            assert 'height="' in image, image


def test_errors_have_pages_of_their_own(client: Client) -> None:
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_renditions_of_an_upload(media: Path) -> None:
    content = io.BytesIO()
    Image.new("RGB", (900, 600), "#5d87a8").save(content, "PNG")
    maker = make_artisan()
    maker.portrait.save("bench.png", ContentFile(content.getvalue(), name="bench.png"))
    assert (maker.portrait_width, maker.portrait_height) == (900, 600)
    names = list(make_renditions(picture=maker.portrait))
    assert make_renditions(picture=maker.portrait) == names
    sizes = []
    for name in names:
        with Image.open(media / name) as small:
            sizes.append((small.format, small.size))
    maker.portrait.delete()
    maker.refresh_from_db()
    assert (maker.portrait.name, maker.portrait_width) == ("", None)
    assert sizes == [("WEBP", (240, 160)), ("WEBP", (440, 293)), ("WEBP", (720, 480))]


def test_demo_shop_loads_twice_and_keeps_what_was_sold(client: Client, media: Path) -> None:
    call_command("load_demo_shop", stdout=io.StringIO())
    sold = Product.objects.get(slug="merino-scarf-dusk")
    Product.objects.filter(pk=sold.pk).update(stock_on_hand=0)
    written = {path: path.stat().st_mtime_ns for path in media.rglob("*.webp")}
    call_command("load_demo_shop", stdout=io.StringIO())
    assert (Artisan.objects.count(), Product.objects.count()) == (len(ARTISANS), len(PRODUCTS)) == (6, 24)
    sold.refresh_from_db()
    assert sold.stock_on_hand == 0
    assert {path: path.stat().st_mtime_ns for path in media.rglob("*.webp")} == written
    assert len(written) == 4 * (6 + 24)
    assert not StockReservation.objects.exists()

    page = html(client, "/products/breakfast-bowl-river-blue/")
    addresses = re.findall(r"/media/([^\s\",]+)", page)
    assert addresses
    assert all(default_storage.exists(name) for name in addresses)

    user = User.objects.get(email=BUYER_EMAIL)
    assert user.addresses.count() == 2
    client.post("/accounts/login/", {"login": BUYER_EMAIL, "password": DEMO_PASSWORD})
    assert client.get("/account/").status_code == 200


def test_demo_goods_have_pictures_and_sound_figures() -> None:
    makers = {maker.slug for maker in ARTISANS}
    for goods in PRODUCTS:
        assert goods.artisan in makers
        assert (PICTURES / f"{goods.slug}.webp").stat().st_size < 80_000
        assert goods.image_alt
        assert goods.price_minor > 0
        assert (goods.lead_time_days > 0) <= (goods.stock == 0)


@override_settings(ENVIRONMENT="production")
def test_demo_shop_is_not_for_production() -> None:
    with pytest.raises(Exception, match="not for production"):
        call_command("load_demo_shop", stdout=io.StringIO())
    assert not User.objects.exists()


def test_staff_change_a_price_without_losing_a_reservation(client: Client) -> None:
    bowl = make_product(stock_on_hand=5)
    client.force_login(
        make_user(is_staff=True, is_superuser=True), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    path = f"/admin/catalog/product/{bowl.pk}/change/"
    page = html(client, path)
    Product.objects.filter(pk=bowl.pk).update(stock_reserved=2)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    form = {
        **{name: fields.get(name, "") for name in ("slug", "title", "currency", "stock_on_hand", "lead_time_days")},
        "artisan": bowl.artisan_id, "category": bowl.category_id, "description": "Described.", "price_minor": 1500,
        "is_published": "on",
    }  # fmt: skip
    response = client.post(path, form)
    assert response.status_code == 302
    bowl.refresh_from_db()
    assert (bowl.price_minor, bowl.stock_reserved) == (1500, 2)


@override_settings(DEFAULT_FROM_EMAIL="Artisan's Hub <help@shop.example>")
def test_every_page_says_where_the_shop_can_be_written_to(client: Client) -> None:
    for path in ("/", "/cart/", "/orders/", "/accounts/login/"):
        footer = html(client, path).partition("<footer")[2]
        assert '<a href="mailto:help@shop.example">help@shop.example</a>' in footer


def test_every_page_of_the_purchase_is_titled_with_the_shop_s_name(client: Client) -> None:
    for path in ("/", "/cart/", "/checkout/", "/orders/", "/accounts/login/"):
        title = html(client, path).partition("<title>")[2].partition("</title>")[0]
        assert "Artisan's Hub" in title
