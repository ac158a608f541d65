"""Ids shown outside: of one form, never twice, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.ids import MAX_LENGTH, is_public_id, new_public_id


def test_new_ids_have_the_form_and_differ() -> None:
    made = {new_public_id("ord") for _ in range(2000)}
    assert len(made) == 2000
    assert all(is_public_id(one, "ord") and len(one) <= MAX_LENGTH for one in made)
    # Letters that are mistaken for each other are left out, and every place really varies.
    assert not set("".join(one[4:] for one in made)) & set("0OIl")
    assert all(len({one[place] for one in made}) > 40 for place in range(4, 26))


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        b"ord_" + b"1" * 22,
        "",
        "ord_",
        "ord_" + "1" * 21,
        "ord_" + "1" * 23,
        "pay_" + "1" * 22,
        "ord-" + "1" * 22,
        "ord_" + "0" * 22,
        "ord_" + "1" * 21 + "\n",
        "ord_" + "1" * 21 + "é",
        "1" * 22,
        "ord_" + "1" * 21 + "'",
    ],
)
def test_nothing_else_passes(text: object) -> None:
    assert not is_public_id(text, "ord")


@given(st.text(max_size=40))
def test_text_is_hardly_ever_an_id(text: str) -> None:
    assert not is_public_id(text, "ord")
