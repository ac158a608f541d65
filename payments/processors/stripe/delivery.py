"""Where the goods go, in Stripe's words. Stripe weighs it for fraud and shows it with a dispute."""

from stripe.params import PaymentIntentCreateParamsShipping

from payments.contracts import Delivery


def shipping_of(delivery: Delivery) -> PaymentIntentCreateParamsShipping:
    """Parts that the buyer left empty are left out: Stripe refuses an empty string there."""
    address = {
        "line1": delivery.line1, "line2": delivery.line2, "city": delivery.city, "state": delivery.region,
        "postal_code": delivery.postal_code, "country": delivery.country,
    }  # fmt: skip
    shipping: PaymentIntentCreateParamsShipping = {
        "name": delivery.name,
        "address": {name: value for name, value in address.items() if value},  # type: ignore[typeddict-item]
    }
    if delivery.phone:
        shipping["phone"] = delivery.phone
    return shipping
