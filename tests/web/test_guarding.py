"""Other web pages are kept out; whoever belongs here is let in."""

import pytest

from chargepoint.web.guarding import Gate, is_here


def status(gate: Gate, headers: dict[str, str]) -> int:
    answer = gate.refuse(headers)
    return 200 if answer is None else answer.status


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8080",
        "localhost",
        "LOCALHOST:1",
        "[::1]:8080",
        "192.168.1.7",
        "wallbox",
        "wallbox.local",
        "Wallbox.lan:80",
    ],
)
def test_our_own_names_are_let_in(host: str) -> None:
    assert status(Gate("wallbox"), {"Host": host}) == 200


@pytest.mark.parametrize(
    "host", ["evil.example.com", "", "localhost.evil.example.com", "127.0.0.1.nip.io", "[::1", "a b", "wallbox-2"]
)
def test_a_name_that_was_bent_to_our_address_is_refused(host: str) -> None:
    assert status(Gate("wallbox"), {"Host": host}) == 403


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "https://127.0.0.1:8080"])
def test_our_own_page_may_ask(origin: str) -> None:
    assert status(Gate(), {"Host": "127.0.0.1:8080", "Origin": origin}) == 200


@pytest.mark.parametrize("origin", ["http://evil.example.com", "null", "http://127.0.0.1:9", "", "http://["])
def test_another_page_may_not_ask(origin: str) -> None:
    assert status(Gate(), {"Host": "127.0.0.1:8080", "Origin": origin}) == 403


def test_another_page_may_link_here_but_not_load_from_here() -> None:
    there = {"Host": "127.0.0.1", "Sec-Fetch-Site": "cross-site"}
    assert status(Gate(), there | {"Sec-Fetch-Mode": "navigate"}) == 200
    assert status(Gate(), there | {"Sec-Fetch-Mode": "no-cors"}) == 403


@pytest.mark.parametrize(
    ("peer", "own", "headers", "here"),
    [
        ("127.0.0.1", "127.0.0.1", {}, True),
        ("127.0.0.7", "0.0.0.0", {}, True),
        ("::1", "::1", {}, True),
        ("::ffff:127.0.0.1", "::", {}, True),
        ("192.168.1.5", "192.168.1.5", {}, True),
        ("192.168.1.9", "192.168.1.5", {}, False),
        ("::ffff:192.168.1.9", "::ffff:192.168.1.5", {}, False),
        ("fe80::1", "fe80::2", {}, False),
        ("", "", {}, False),
        ("127.0.0.1", "127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, False),
        ("127.0.0.1", "127.0.0.1", {"Forwarded": "for=203.0.113.7"}, False),
    ],
)
def test_who_asks_at_this_machine_is_told_from_who_does_not(
    peer: str, own: str, headers: dict[str, str], here: bool
) -> None:
    assert is_here(peer, own, headers) is here
