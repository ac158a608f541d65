"""What counts as card data, what doesn't, and that the finder never tells what it found."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import card_data

VISA = "4242424242424242"
# Published test numbers of every length in use: 14 (Diners), 15 (Amex), 16 and 19 (UnionPay).
CARDS = [
    VISA,
    "4000000000000002",
    "378282246310005",
    "5555555555554444",
    "6011111111111117",
    "30569309025904",
    "6205500000000000004",
    "2223003122003222",
]


def _checked(body: str) -> str:
    """The body with its Luhn digit."""
    return next(body + str(digit) for digit in range(10) if card_data.passes_luhn(body + str(digit)))


@pytest.mark.parametrize("number", CARDS)
def test_card_numbers_are_seen_however_they_are_written(number: str) -> None:
    fours = [number[at : at + 4] for at in range(0, len(number), 4)]
    for text in (
        number,
        " ".join(fours),
        "-".join(fours),
        f"my card is {number}, thanks",
        f"x{number}y",
        f"<{number}>",
    ):
        assert card_data.has_card_number(text), text


@given(st.sampled_from("23456"), st.text("0123456789", min_size=11, max_size=17))
def test_any_number_with_the_right_start_and_check_digit_is_seen(start: str, middle: str) -> None:
    number = _checked(start + middle)
    assert card_data.has_card_number(number)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not card_data.passes_luhn(wrong)


def test_a_number_followed_by_its_security_code_or_date_is_seen() -> None:
    assert card_data.has_card_number(f"{VISA} 123")
    assert card_data.has_card_number(f"{VISA} 12 34")


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 901820",
        "+442071838750",
        "+4242424242424242",
        "020 7183 8750",
        "0049 151 1234567",
        "555-0100",
        "4242424242424241",
        "424242424242",
        "1234567890123452",
        "2026-11-21T08:51:24.123456Z",
        "order 42, 424 EUR",
        "",
        "ord_8kJmZx",
        "42424242424242424242",
        "d2f1a4242424242",
        "4242.4242.4242.4242.4242.4242",
    ],
)
def test_telephone_numbers_dates_and_mere_digits_are_not(text: str) -> None:
    assert not card_data.has_card_number(text)


@pytest.mark.parametrize(
    "value",
    [
        {"note": VISA},
        {"note": int(VISA)},
        {"a": [{"b": [VISA]}]},
        [VISA],
        VISA,
        int(VISA),
        {VISA: "x"},
        {"cvc": "123"},
        {"CVV": 123},
        {"card-number": "x"},
        {"Card_Number": "x"},
        {"securityCode": "1"},
        {"exp_month": 12},
        {"expYear": 2030},
        {"card": {"exp": "12/30"}},
        {"cc-number": "1"},
        {"pan": "x"},
        {"address": {"line2": "4242 4242 4242 4242"}},
    ],
)
def test_found_anywhere_in_a_document_without_being_told(value: Any) -> None:
    found = list(card_data.find(value))
    assert len(found) == 1
    assert VISA not in found[0]
    assert not card_data.has_card_number(json.dumps(found))


@pytest.mark.parametrize(
    "value",
    [
        {"phone": "+4242424242424242"},
        {"expires_at": "2026-11-21"},
        {"cvc": ""},
        {"cvc": None},
        {"expiry": []},
        {"panel": "x"},
        {"quantity": 4242},
        {"ok": True},
        {},
        None,
        1.5,
        {"company": "x"},
    ],
)
def test_innocent_documents_pass(value: Any) -> None:
    assert list(card_data.find(value)) == []


def test_a_name_that_is_a_card_number_is_hidden_and_strange_names_are_cut() -> None:
    assert list(card_data.find({VISA: "x"})) == ["(hidden)"]
    assert list(card_data.find({"<script>": VISA})) == ["?script?"]
    [name] = card_data.find({"n" * 500: VISA})
    assert len(name) <= 60


def test_the_place_is_named_by_its_path() -> None:
    assert list(card_data.find({"shipping_address": {"lines": ["x", VISA]}})) == ["shipping_address.lines[1]"]


@pytest.mark.parametrize("depth", [1, 5, 19, 30, 200])
def test_no_depth_hides_a_number(depth: int) -> None:
    value: Any = VISA
    for _ in range(depth):
        value = {"in": value}
    assert list(card_data.find(value)), "card data below a deep nesting passed the guard"


@pytest.mark.parametrize(
    "text",
    [
        "４２４２４２４２４２４２４２４２",
        "4242\u00a04242\u00a04242\u00a04242",
        "4242  4242  4242  4242",
        "4242 - 4242 - 4242 - 4242",
    ],
)
def test_other_ways_of_writing_digits_and_gaps_don_t_hide_a_number(text: str) -> None:
    assert card_data.has_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        # a SHA-256 and a UUID that hold 4242424242424242 by chance
        "a" * 24 + "4242424242424242" + "b" * 24,
        "42424242-4242-4242-bbbb-bbbbbbbbbbbb",
        "4242424242424242" + "f" * 16,
    ],
)
def test_hashes_and_uuids_are_no_card_numbers(text: str) -> None:
    assert not card_data.has_card_number(text)
    assert card_data.has_card_number(f"{text} 4242 4242 4242 4242")


@pytest.mark.parametrize("text", ["card4242424242424242", "4242424242424242abcdef", "x4242424242424242x"])
def test_a_card_number_glued_to_letters_is_one(text: str) -> None:
    assert card_data.has_card_number(text)
