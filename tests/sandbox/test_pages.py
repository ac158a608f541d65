"""What people and browsers load from the sandbox: mail, scripts, the onboarding page."""

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from sandbox.scripts import FOLDER
from tests.sandbox.process import Box, paid


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[tuple[Box, int]]:
    port = _free_port()
    box = Box(tmp_path, arguments=("--smtp-port", str(port)))
    box.start()
    yield box, port
    box.kill()


def test_mail_arrives_and_is_shown(post_office: tuple[Box, int]) -> None:
    box, port = post_office
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "shop@example.org",
        "ada@example.org",
        "Your order <1> — thanks",
    )
    message.set_content("Dear Ada, see http://shop.test/orders/1?a=1&b=2.\n")
    message.add_alternative(
        '<p>Dear Ada <a href="http://shop.test/orders/1?a=1&amp;b=2">here</a></p><script>1</script>', "html"
    )
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(message)
        smtp.send_message(message, to_addrs=["bo@example.org"])
    found = requests.get(f"{box.url}/mail/messages.json?to=ada@", timeout=5).json()["messages"]
    assert len(found) == 1
    assert (found[0]["subject"], found[0]["to"]) == ("Your order <1> — thanks", "ada@example.org")
    assert found[0]["links"] == ["http://shop.test/orders/1?a=1&b=2"]
    assert "Dear Ada, see" in found[0]["text"] and "<p>Dear Ada" in found[0]["html"]
    listed = requests.get(f"{box.url}/mail/", timeout=5).text
    assert "Your order &lt;1&gt;" in listed
    page = f"{box.url}/mail/{found[0]['id']}/"
    assert 'href="http://shop.test/orders/1?a=1&amp;b=2"' in requests.get(page, timeout=5).text
    assert "default-src 'none'" in requests.get(f"{page}html", timeout=5).headers["Content-Security-Policy"]
    assert "Subject:" in requests.get(f"{page}raw", timeout=5).text
    assert requests.get(f"{box.url}/mail/99/", timeout=5).status_code == 404
    box.kill()
    box.start()
    assert len(requests.get(f"{box.url}/mail/messages.json", timeout=5).json()["messages"]) == 2


@pytest.mark.parametrize(("name", "kind"), [("stripe.js", "text/javascript"), ("3ds.html", "text/html")])
def test_scripts_and_frames_load_anywhere_and_are_never_stale(box: Box, name: str, kind: str) -> None:
    answer = requests.get(f"{box.url}/js/{name}", timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Frame-Options" not in answer.headers
    assert answer.content == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("path", ["nothing.js", "..%2f__init__.py", "%2e%2e/cards.py", "../cards.py", ""])
def test_nothing_else_is_served(box: Box, path: str) -> None:
    session = requests.Session()
    request = requests.Request("GET", box.url).prepare()
    request.url = f"{box.url}/js/{path}"
    assert session.send(request, timeout=5).status_code == 404


def test_the_overview_shows_the_processors_side(box: Box) -> None:
    client = box.client()
    intent = paid(client, metadata={"order": "<ord_1>"})
    box.settled()
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1_000})
    page = requests.get(f"{box.url}/_sandbox/", timeout=5).text
    assert f"<code>{intent.id}</code>" in page and "order &lt;ord_1&gt;" in page
    assert ">€98.25<" in page and ">-€10.00<" in page and ">€10.00<" in page
    assert "charge.refunded" in page
