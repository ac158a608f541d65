"""The cart's API. A request names products and quantities; every price in an answer is the catalog's."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.contracts import Seller
from common import clock
from common.api import ProblemSerializer
from common.ids import is_public_id
from orders.contracts.cart import CartGroup, CartLine, CartSnapshot, LineProblem
from orders.models.cart import MAX_QUANTITY
from orders.selectors.cart import get_cart, owner_of_request
from orders.services.cart import ProductNotOnSale, add_to_cart, owner_for_writing, remove, set_quantity


class ArtisanSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    slug = serializers.CharField()


class CartProductSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    slug = serializers.CharField()
    url = serializers.CharField()
    image_url = serializers.CharField(allow_blank=True)
    image_alt = serializers.CharField(allow_blank=True)
    is_made_to_order = serializers.BooleanField()
    lead_time_days = serializers.IntegerField()
    artisan = ArtisanSerializer()


class CartItemSerializer(serializers.Serializer[Any]):
    product = CartProductSerializer()
    quantity = serializers.IntegerField()
    unit_price_minor = serializers.IntegerField()
    line_total_minor = serializers.IntegerField()
    available = serializers.IntegerField(allow_null=True, help_text="Free pieces; null where stock does not limit")
    problem = serializers.ChoiceField(choices=[problem.value for problem in LineProblem], allow_null=True)


class CartGroupSerializer(serializers.Serializer[Any]):
    artisan = ArtisanSerializer()
    items = CartItemSerializer(many=True)
    goods_minor = serializers.IntegerField()
    shipping_minor = serializers.IntegerField()


class CartSerializer(serializers.Serializer[Any]):
    """Amounts are minor units of `currency`. `hash` stands for what the buyer saw; a checkout sends it back."""

    id = serializers.CharField(allow_blank=True, help_text="Empty while there is no cart")
    hash = serializers.CharField()
    currency = serializers.CharField()
    items = CartItemSerializer(many=True)
    groups = CartGroupSerializer(many=True)
    goods_minor = serializers.IntegerField()
    shipping_minor = serializers.IntegerField()
    total_minor = serializers.IntegerField()
    can_check_out = serializers.BooleanField()


class StrictWholeNumberField(serializers.IntegerField):
    """A JSON integer: no text, no 1.0, no true."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class AddItemSerializer(serializers.Serializer[Any]):
    product_id = serializers.CharField(max_length=32)
    quantity = StrictWholeNumberField(min_value=1, max_value=MAX_QUANTITY)

    def validate_product_id(self, value: str) -> str:
        if not is_public_id(value, "prd"):
            raise serializers.ValidationError("This is no id of a product.")
        return value


class SetQuantitySerializer(serializers.Serializer[Any]):
    quantity = StrictWholeNumberField(min_value=0, max_value=MAX_QUANTITY, help_text="0 removes the product")


def cart_body(cart: CartSnapshot) -> dict[str, Any]:
    """The cart as JSON."""
    return {
        "id": cart.id,
        "hash": cart.hash,
        "currency": cart.currency,
        "items": [_line(line) for line in cart.lines],
        "groups": [_group(group) for group in cart.groups],
        "goods_minor": cart.goods.amount_minor,
        "shipping_minor": cart.shipping.amount_minor,
        "total_minor": cart.total.amount_minor,
        "can_check_out": cart.can_check_out,
    }


def _group(group: CartGroup) -> dict[str, Any]:
    return {
        "artisan": _artisan(group.seller),
        "items": [_line(line) for line in group.lines],
        "goods_minor": group.goods.amount_minor,
        "shipping_minor": group.shipping.amount_minor,
    }


def _line(line: CartLine) -> dict[str, Any]:
    product = line.product
    return {
        "product": {
            "id": product.public_id,
            "title": product.title,
            "slug": product.slug,
            "url": product.url,
            "image_url": product.picture.small_url if product.picture else "",
            "image_alt": product.picture.alt if product.picture else "",
            "is_made_to_order": product.is_made_to_order,
            "lead_time_days": product.lead_time_days,
            "artisan": _artisan(product.seller),
        },
        "quantity": line.quantity,
        "unit_price_minor": line.unit_price.amount_minor,
        "line_total_minor": line.line_total.amount_minor,
        "available": product.available,
        "problem": line.problem.value if line.problem else None,
    }


def _artisan(seller: Seller) -> dict[str, str]:
    return {"id": seller.public_id, "name": seller.name, "slug": seller.slug}


class CartView(APIView):
    """The cart of this session or log-in."""

    throttle_scope = "cart"

    @extend_schema(operation_id="cart_read", responses={200: CartSerializer})
    def get(self, request: Request) -> Response:
        return Response(cart_body(get_cart(owner=owner_of_request(request._request))))


class CartItemsView(APIView):
    """Adding to the cart."""

    throttle_scope = "cart"

    @extend_schema(
        operation_id="cart_item_add",
        request=AddItemSerializer,
        responses={200: CartSerializer, 400: ProblemSerializer, 404: ProblemSerializer, 409: ProblemSerializer},
    )
    def post(self, request: Request) -> Response:
        wanted = AddItemSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        owner = owner_for_writing(request._request)
        add_to_cart(owner=owner, now=clock.now(), **wanted.validated_data)
        return Response(cart_body(get_cart(owner=owner)))


class CartItemView(APIView):
    """One product in the cart."""

    throttle_scope = "cart"

    @extend_schema(
        operation_id="cart_item_set",
        request=SetQuantitySerializer,
        responses={200: CartSerializer, 400: ProblemSerializer, 404: ProblemSerializer, 409: ProblemSerializer},
    )
    def put(self, request: Request, product_id: str) -> Response:
        _check_product_id(product_id)
        wanted = SetQuantitySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        owner = owner_for_writing(request._request)
        set_quantity(owner=owner, product_id=product_id, now=clock.now(), **wanted.validated_data)
        return Response(cart_body(get_cart(owner=owner)))

    @extend_schema(operation_id="cart_item_remove", responses={200: CartSerializer, 404: ProblemSerializer})
    def delete(self, request: Request, product_id: str) -> Response:
        _check_product_id(product_id)
        owner = owner_of_request(request._request)
        remove(owner=owner, product_id=product_id, now=clock.now())
        return Response(cart_body(get_cart(owner=owner)))


def _check_product_id(product_id: str) -> None:
    if not is_public_id(product_id, "prd"):
        raise ProductNotOnSale
