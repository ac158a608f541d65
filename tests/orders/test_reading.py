"""Rows read by fixed SQL are the ORM's, with what is related to them."""

from typing import Any

import pytest
from django.db.models import Model

from orders.models import OrderLine, SellerOrder
from orders.selectors.orders import parts_of
from payments import services as payments
from payments.models import Refund
from tests.orders.refunds import ask, paid
from tests.orders.shop import check_out, three_artisans
from tests.orders.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def _values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_the_parts_of_an_order_come_whole(stripe: Wire, django_assert_num_queries: Any) -> None:
    order = paid(stripe, three_artisans())
    expected = list(SellerOrder.objects.filter(order=order).select_related("artisan", "fulfilment").order_by("id"))
    lines = {part.id: list(OrderLine.objects.filter(seller_order=part).order_by("position")) for part in expected}
    with django_assert_num_queries(2):
        parts = parts_of(order)
        found = [(part, part.artisan, part.fulfilment, list(part.lines.all())) for part in parts]
        products = [(line.product_id, line.product and line.product.id) for part in parts for line in part.lines.all()]
        assert all(line.seller_order is part for part in parts for line in part.lines.all())
        assert all(part.order is order and part.fulfilment.seller_order is part for part in parts)
    assert len(found) == 3
    assert [_values(part) for part, *_ in found] == [_values(part) for part in expected]
    assert [_values(artisan) for _, artisan, _, _ in found] == [_values(part.artisan) for part in expected]
    assert [_values(one) for _, _, one, _ in found] == [_values(part.fulfilment) for part in expected]
    assert [[_values(line) for line in of_part] for *_, of_part in found] == [
        [_values(line) for line in lines[part.id]] for part in expected
    ]
    assert products
    assert all(named == read for named, read in products)


def test_what_is_not_there_is_not_made_up(stripe: Wire) -> None:
    part, *_ = parts_of(check_out(three_artisans()))
    assert not hasattr(part, "fulfilment"), "the order is not paid"
    with pytest.raises(Refund.DoesNotExist):
        payments.get_refund(refund_id=0)


def test_a_refund_comes_with_its_capture_and_payment(stripe: Wire, django_assert_num_queries: Any) -> None:
    known = ask(paid(stripe, three_artisans()))
    expected = Refund.objects.select_related("capture__payment").get(id=known.id)
    with django_assert_num_queries(1):
        refund = payments.get_refund(refund_id=known.id)
        found = [_values(row) for row in (refund, refund.capture, refund.capture.payment)]
    assert found == [_values(row) for row in (expected, expected.capture, expected.capture.payment)]
