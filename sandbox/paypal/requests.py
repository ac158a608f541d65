"""What PayPal's endpoints take, written down from its reference, as far as the sandbox serves it.

https://developer.paypal.com/docs/api/orders/v2/, .../payments/v2/, .../payment-tokens/v3/, .../webhooks/v1/
"""

from sandbox.paypal.schema import Anything, Flag, Many, Object, Text

_CODE = r"[0-9A-Z_]+"
_VALUE = Text(0, 32, r"-?[0-9]+|-?[0-9]*[.][0-9]+")
MONEY = Object({"currency_code": Text(3, 3), "value": _VALUE}, ("currency_code", "value"))
_EMAIL = Text(3, 254, r"[^@\s]+@[^@\s]+\.[^@\s]+")
_COUNTRY = Text(2, 2, r"[A-Z]{2}|C2")
_URL = Text(1, 4000, r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")
_LOCALE = Text(2, 10, r"[a-z]{2}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")
_ACCOUNT_ID = Text(13, 13, r"[2-9A-HJ-NP-Z]{13}")
_CUSTOMER_ID = Text(1, 22, r"[0-9a-zA-Z_-]+")

_NAME = Object(
    {
        "prefix": Text(0, 140),
        "given_name": Text(0, 140),
        "surname": Text(0, 140),
        "middle_name": Text(0, 140),
        "suffix": Text(0, 140),
        "alternate_full_name": Text(0, 300),
        "full_name": Text(0, 300),
    }
)
_ADDRESS = Object(
    {
        "address_line_1": Text(0, 300),
        "address_line_2": Text(0, 300),
        "address_line_3": Text(0, 100),
        "admin_area_4": Text(0, 100),
        "admin_area_3": Text(0, 100),
        "admin_area_2": Text(0, 120),
        "admin_area_1": Text(0, 300),
        "postal_code": Text(0, 60),
        "country_code": _COUNTRY,
        "address_details": Anything(),
    },
    ("country_code",),
)
_PHONE = Object(
    {
        "phone_type": Text(values=("FAX", "HOME", "MOBILE", "OTHER", "PAGER")),
        "phone_number": Object(
            {
                "country_code": Text(1, 3, "[0-9]+"),
                "national_number": Text(1, 14, "[0-9]+"),
                "extension_number": Text(1, 15, "[0-9]+"),
            },
            ("country_code", "national_number"),
        ),
    },
    ("phone_number",),
)
SHIPPING = Object(
    {
        "name": _NAME,
        "type": Text(values=("SHIPPING", "PICKUP_IN_PERSON", "PICKUP_IN_STORE", "PICKUP_FROM_PERSON")),
        "options": Many(Anything(), 0, 10),
        "address": _ADDRESS,
    }
)
_CUSTOMER = Object({"id": _CUSTOMER_ID, "email_address": _EMAIL, "phone": _PHONE})
_PAYEE = Object({"email_address": _EMAIL, "merchant_id": _ACCOUNT_ID})
_PAYMENT_INSTRUCTION = Object(
    {
        "platform_fees": Many(Anything(), 0, 1),
        "disbursement_mode": Text(values=("INSTANT", "DELAYED")),
        "payee_pricing_tier_id": Text(1, 20),
        "payee_receivable_fx_rate_id": Text(1, 4000),
    }
)

BREAKDOWN_PARTS = ("item_total", "shipping", "handling", "tax_total", "insurance", "shipping_discount", "discount")
AMOUNT = Object(
    {**MONEY.fields, "breakdown": Object(dict.fromkeys(BREAKDOWN_PARTS, MONEY))}, ("currency_code", "value")
)
_ITEM = Object(
    {
        "name": Text(1, 127),
        "unit_amount": MONEY,
        "tax": MONEY,
        "quantity": Text(0, 10, "[1-9][0-9]{0,9}"),
        "description": Text(0, 127),
        "sku": Text(0, 127),
        "url": Anything(),
        "category": Text(values=("DIGITAL_GOODS", "PHYSICAL_GOODS", "DONATION")),
        "image_url": Anything(),
        "upc": Anything(),
    },
    ("name", "unit_amount", "quantity"),
)
ITEMS = Many(_ITEM)
PURCHASE_UNIT = Object(
    {
        "reference_id": Text(1, 256),
        "amount": AMOUNT,
        "payee": _PAYEE,
        "payment_instruction": _PAYMENT_INSTRUCTION,
        "description": Text(1, 127),
        "custom_id": Text(1, 127),
        "invoice_id": Text(1, 127),
        "soft_descriptor": Text(1, 22),
        "items": ITEMS,
        "shipping": SHIPPING,
        "supplementary_data": Anything(),
    },
    ("amount",),
)
_EXPERIENCE = {
    "brand_name": Text(1, 127),
    "locale": _LOCALE,
    "shipping_preference": Text(values=("GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS")),
    "return_url": _URL,
    "cancel_url": _URL,
    "landing_page": Text(values=("LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE", "BILLING")),
    "user_action": Text(values=("CONTINUE", "PAY_NOW")),
    "payment_method_preference": Text(values=("UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED")),
}
_PATTERNS_OF_USE = (
    "IMMEDIATE", "DEFERRED", "RECURRING_PREPAID", "RECURRING_POSTPAID", "THRESHOLD_PREPAID", "THRESHOLD_POSTPAID"
)  # fmt: skip
_VAULT = Object(
    {
        "store_in_vault": Text(values=("ON_SUCCESS",)),
        "description": Text(1, 128),
        "usage_pattern": Text(values=_PATTERNS_OF_USE),
        "shipping": SHIPPING,
        "usage_type": Text(values=("MERCHANT", "PLATFORM")),
        "owner_id": Anything(),
        "customer_type": Text(values=("CONSUMER", "BUSINESS")),
        "permit_multiple_payment_tokens": Flag(),
    },
    ("usage_type",),
)
_PAYPAL_WALLET = Object(
    {
        "vault_id": Text(1, 255, "[0-9a-zA-Z_-]+"),
        "email_address": _EMAIL,
        "name": _NAME,
        "phone": _PHONE,
        "birth_date": Text(10, 10, r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "tax_info": Anything(),
        "address": _ADDRESS,
        "attributes": Object({"customer": _CUSTOMER, "vault": _VAULT}),
        "experience_context": Object(_EXPERIENCE),
        "billing_agreement_id": Text(2, 128, "[a-zA-Z0-9-]+"),
    }
)
PAYMENT_SOURCE = Object({"paypal": _PAYPAL_WALLET})
ORDER = Object(
    {
        "intent": Text(values=("CAPTURE", "AUTHORIZE")),
        "payer": Anything(),
        "purchase_units": Many(PURCHASE_UNIT, 1, 10),
        "payment_source": PAYMENT_SOURCE,
        "application_context": Object(
            {**_EXPERIENCE, "payment_method": Anything(), "stored_payment_source": Anything()}
        ),
    },
    ("intent", "purchase_units"),
)
PATCH = Many(
    Object(
        {
            "op": Text(values=("add", "remove", "replace", "move", "copy", "test")),
            "path": Text(),
            "value": Anything(),
            "from": Text(),
        },
        ("op",),
    )
)
PAY_ORDER = Object({"payment_source": PAYMENT_SOURCE})

CAPTURE = Object(
    {
        "amount": MONEY,
        "invoice_id": Text(1, 127),
        "final_capture": Flag(),
        "payment_instruction": _PAYMENT_INSTRUCTION,
        "note_to_payer": Text(1, 255),
        "soft_descriptor": Text(0, 22),
    }
)
REAUTHORIZE = Object({"amount": MONEY})
NOTHING = Object({})
REFUND = Object(
    {
        "amount": MONEY,
        "custom_id": Text(1, 127),
        "invoice_id": Text(1, 127),
        "note_to_payer": Text(1, 255),
        "payment_instruction": Object({"platform_fees": Many(Anything(), 0, 1)}),
    }
)

_VAULT_EXPERIENCE = Object(
    {
        "brand_name": Text(1, 300),
        "locale": _LOCALE,
        "return_url": Text(1, 4000),
        "cancel_url": Text(1, 4000),
        "shipping_preference": Text(1, 255, _CODE),
        "vault_instruction": Text(1, 255, "[A-Z_]+"),
    }
)
SETUP_TOKEN = Object(
    {
        "customer": _CUSTOMER,
        "payment_source": Object(
            {
                "paypal": Object(
                    {
                        "description": Text(1, 128, r"""[a-zA-Z0-9_'\-., :;\\!?"]*"""),
                        "shipping": SHIPPING,
                        "permit_multiple_payment_tokens": Flag(),
                        "usage_type": Text(1, 255, _CODE),
                        "customer_type": Text(1, 255, _CODE),
                        "experience_context": _VAULT_EXPERIENCE,
                    }
                )
            },
            ("paypal",),
        ),
        "metadata": Anything(),
    },
    ("payment_source",),
)
PAYMENT_TOKEN = Object(
    {
        "customer": _CUSTOMER,
        "payment_source": Object(
            {
                "token": Object(
                    {"id": Text(1, 255, "[0-9A-Z_-]+"), "type": Text(values=("SETUP_TOKEN",))}, ("id", "type")
                )
            },
            ("token",),
        ),
        "metadata": Anything(),
    },
    ("payment_source",),
)

VERIFY_SIGNATURE = Object(
    {
        "auth_algo": Text(0, 100, "[a-zA-Z0-9]+"),
        "cert_url": Text(0, 500),
        "transmission_id": Text(0, 50, r"(?![0-9]+$)\w+\S+"),
        "transmission_sig": Text(0, 500, r"(?![0-9]+$)\w+\S+"),
        "transmission_time": Text(0, 100),
        "webhook_id": Text(0, 50, "[a-zA-Z0-9]+"),
        "webhook_event": Anything(),
    },
    (
        "auth_algo", "cert_url", "transmission_id", "transmission_sig", "transmission_time", "webhook_id",
        "webhook_event",
    ),
)  # fmt: skip
