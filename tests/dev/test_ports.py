"""The port asked for, else last time's, else the usual one, else any."""

import socket
from collections.abc import Iterator

import pytest

from dev.stack import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((ports.HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_asked_port_wins_over_the_others() -> None:
    asked, last, usual = ports.any_free(), ports.any_free(), ports.any_free()
    assert ports.choose("PORT", last_used=last, usual=usual, env={"PORT": str(asked)}) == asked


def test_asked_port_in_use_is_an_error_that_names_the_variable(taken: int) -> None:
    with pytest.raises(ports.PortTaken, match=f"Port {taken} \\(PORT\\) is in use"):
        ports.choose("PORT", last_used=None, usual=None, env={"PORT": str(taken)})


@pytest.mark.parametrize("text", ["web", "0", "65536", "-1", "80.5"])
def test_asked_port_must_be_a_port(text: str) -> None:
    with pytest.raises(ports.PortTaken, match="PORT is"):
        ports.choose("PORT", last_used=None, usual=None, env={"PORT": text})


def test_last_used_port_wins_over_the_usual_one() -> None:
    last, usual = ports.any_free(), ports.any_free()
    assert ports.choose("PORT", last_used=last, usual=usual, env={}) == last


def test_taken_wishes_are_passed_over(taken: int) -> None:
    usual = ports.any_free()
    assert ports.choose("PORT", last_used=taken, usual=usual, env={}) == usual
    other = ports.choose("PORT", last_used=taken, usual=taken, env={"PORT": "  "})
    assert other != taken
    assert ports.is_free(other)
