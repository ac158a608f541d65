"""Log-ins of the demo shop. Development only: `load_demo_shop` refuses to run in production."""

from typing import Any

DEMO_PASSWORD = "made-by-hand-2026"
BUYER_EMAIL = "buyer@artisans-hub.example"
ADMIN_EMAIL = "admin@artisans-hub.example"

BUYER_NAME = "Anna Berger"
ADMIN_NAME = "Robin Staff"
BUYER_ADDRESSES: tuple[dict[str, Any], ...] = (
    {
        "name": "Anna Berger", "line1": "Schönhauser Allee 61", "line2": "2nd floor", "postal_code": "10437",
        "city": "Berlin", "region": "", "country": "DE", "phone": "+49 30 5550 1947",
    },
    {
        "name": "Anna Berger, Studio Nord", "line1": "Strandgade 12", "line2": "", "postal_code": "1401",
        "city": "Copenhagen", "region": "", "country": "DK", "phone": "",
    },
)  # fmt: skip
