"""What the checkout API takes and gives. Amounts are integers in minor units; a client never sends one."""

from typing import Any

from rest_framework import serializers

from identity.enums import COUNTRIES
from orders.enums import OrderStatus
from payments.enums import HostedStatus, PaymentChannel, PaymentStatus

Base = serializers.Serializer[Any]


class AddressSerializer(Base):
    name = serializers.CharField(max_length=120)
    line1 = serializers.CharField(max_length=120)
    line2 = serializers.CharField(max_length=120, allow_blank=True, default="")
    city = serializers.CharField(max_length=80)
    region = serializers.CharField(max_length=80, allow_blank=True, default="")
    postal_code = serializers.CharField(max_length=16)
    country = serializers.ChoiceField(choices=sorted(COUNTRIES.items()), help_text="ISO 3166-1 alpha-2")
    phone = serializers.CharField(max_length=30, allow_blank=True, default="")


class StartCheckoutSerializer(Base):
    email = serializers.EmailField(max_length=254)
    cart_hash = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="`hash` of the cart that the buyer looked at")
    shipping_address = AddressSerializer()
    save_address = serializers.BooleanField(default=False)


class ConfirmCheckoutSerializer(Base):
    quote_hash = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="`quote.hash` of the checkout")
    channel = serializers.ChoiceField(choices=["elements", "paypal"], default="elements")
    method = serializers.CharField(
        max_length=32, default="", allow_blank=True, help_text="Id of a saved way to pay; empty for a new one"
    )
    save_method = serializers.BooleanField(
        default=False,
        help_text="The buyer agrees to `save_consent` of /config; a guest keeps it by registering",
    )
    consent_text = serializers.CharField(
        max_length=300, default="", allow_blank=True,
        help_text="With `save_method`: the words that were shown; stored with what is kept. 409 when they have changed",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["save_method"] and not attrs["consent_text"]:
            raise serializers.ValidationError({"consent_text": "Say which words were shown to the buyer."})
        return attrs


class StartHostedCheckoutSerializer(Base):
    checkout = serializers.CharField(max_length=32, help_text="Id of the checkout")
    quote_hash = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="`quote.hash` of the checkout")


class HostedCheckoutSerializer(Base):
    payment = serializers.CharField()
    status = serializers.ChoiceField(choices=HostedStatus.values)
    url = serializers.CharField(allow_null=True, help_text="Send the buyer there; null once it is closed")


class QuoteArtisanSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    slug = serializers.CharField()


class QuoteLineSerializer(Base):
    product_id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()
    image_url = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price_minor = serializers.IntegerField()
    line_total_minor = serializers.IntegerField()
    is_made_to_order = serializers.BooleanField()
    lead_time_days = serializers.IntegerField()


class QuoteGroupSerializer(Base):
    artisan = QuoteArtisanSerializer()
    lines = QuoteLineSerializer(many=True)
    goods_minor = serializers.IntegerField()
    shipping_minor = serializers.IntegerField()


class QuoteSerializer(Base):
    hash = serializers.CharField()
    expires_at = serializers.DateTimeField()
    currency = serializers.CharField()
    goods_minor = serializers.IntegerField()
    shipping_minor = serializers.IntegerField()
    total_minor = serializers.IntegerField()
    groups = QuoteGroupSerializer(many=True)


class PaymentErrorSerializer(Base):
    code = serializers.CharField()
    message = serializers.CharField(help_text="Words for the buyer")


class CheckoutPaymentSerializer(Base):
    id = serializers.CharField()
    channel = serializers.ChoiceField(choices=PaymentChannel.values)
    status = serializers.ChoiceField(choices=PaymentStatus.values)
    client_secret = serializers.CharField(allow_null=True, help_text="Only in answers to confirm and settle")
    paypal_order_id = serializers.CharField(allow_null=True, help_text="For PayPal's buttons; as `client_secret`")
    approval_url = serializers.CharField(allow_null=True, help_text="PayPal's own page; as `client_secret`")
    last_error = PaymentErrorSerializer(allow_null=True)


class CheckoutSerializer(Base):
    id = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderStatus.values)
    is_authorized_first = serializers.BooleanField(help_text="Reserved at first, charged when the artisans accept")
    email = serializers.EmailField()
    shipping_address = AddressSerializer()
    quote = QuoteSerializer()
    payment = CheckoutPaymentSerializer(allow_null=True)
    order_url = serializers.CharField()
    repayment_url = serializers.CharField(
        allow_null=True, help_text="Where the request stands that this pays; null for what is bought"
    )
    paid_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class OrderListSerializer(Base):
    orders = CheckoutSerializer(many=True)


class StripeConfigSerializer(Base):
    publishable_key = serializers.CharField()
    js_url = serializers.CharField()


class PayPalConfigSerializer(Base):
    client_id = serializers.CharField(help_text="Public; the secret never leaves the server")
    js_url = serializers.CharField(help_text="Script of the buttons, without its parameters")
    currencies = serializers.ListField(child=serializers.CharField(), help_text="Of the shop's, those PayPal takes")


class CountrySerializer(Base):
    code = serializers.CharField()
    name = serializers.CharField()


class BuyerSerializer(Base):
    email = serializers.EmailField()
    name = serializers.CharField()


class SavedAddressSerializer(AddressSerializer):
    id = serializers.CharField()


class ConfigSerializer(Base):
    stripe = StripeConfigSerializer()
    paypal = PayPalConfigSerializer(allow_null=True, help_text="null where the shop does not take PayPal")
    currency = serializers.CharField()
    countries = CountrySerializer(many=True)
    environment = serializers.CharField()
    buyer = BuyerSerializer(allow_null=True)
    addresses = SavedAddressSerializer(many=True)
    save_consent = serializers.CharField(help_text="What is agreed to by `save_method`; shown beside the box")
