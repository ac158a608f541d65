"""An artisan's monthly statements: what the books say, to the cent, as PDF and CSV."""

import csv
import datetime as dt
import io

import pypdf
import pytest
from django.test import Client

from common.clock import now as clock_now
from ledger import selectors as ledger
from orders.contracts.refund import Items, LineWish
from orders.selectors.seller_statements import months_of, statement_of
from tests.orders.refunds import ask, lines_of, paid
from tests.orders.shop import new_artisan, new_product
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "no_throttle")]


def test_a_month_with_a_sale_and_a_partial_refund_adds_up_to_what_the_books_say(stripe: Wire) -> None:
    artisan = new_artisan(shipping=(500, 100))
    order = paid(stripe, [(new_product(artisan, price=2000, title="Étagère Łódź €"), 2)])
    [line] = lines_of(order)
    ask(order, Items(lines=[LineWish(line.pk, quantity=1)]))
    at = clock_now()
    month = f"{at:%Y-%m}"
    assert months_of(artisan, now=at) == [(month, "EUR")]
    statement = statement_of(artisan, month=month, currency="EUR", now=at)
    assert statement.opening.balance.amount_minor == 0
    assert {category.value: amount.amount_minor for category, amount in statement.sums.items()} == {
        "sales": 4000, "commission": -400, "shipping": 600, "refunds": -1800
    }  # fmt: skip
    assert statement.closing.balance.amount_minor == 2400
    assert statement.closing.pending.amount_minor == -ledger.balance(f"seller_held:{artisan.public_id}:EUR").amount_minor
    client = Client()
    client.force_login(artisan.owner)
    answer = client.get(f"/api/v1/seller/statements/{month}.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    print(rows)
    pdf = client.get(f"/api/v1/seller/statements/{month}.pdf")
    open("/tmp/w/dash.tmp/s.pdf","wb").write(pdf.content)
    reader = pypdf.PdfReader(io.BytesIO(pdf.content))
    print(reader.metadata, reader.pages[0].extract_text())
    print(client.get("/api/v1/seller/money").json(), client.get("/api/v1/seller/money/days?first=%s" % (at.date()-dt.timedelta(days=1))).json(), client.get("/api/v1/seller/sales").json(), client.get("/api/v1/seller/payouts").json(),client.get("/api/v1/seller/statements").json())
