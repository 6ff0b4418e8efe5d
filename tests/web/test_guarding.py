"""Other web pages and neighbours are kept out; whoever belongs here is let in."""

import base64

import pytest

from chargepoint.web.guarding import ADDRESSES, FAILURES, VISIT_S, WINDOW_S, Gate, is_here

PASSWORD = "open sesame"


def basic(password: str) -> dict[str, str]:
    return {"Host": "192.168.1.7", "Authorization": "Basic " + base64.b64encode(f"me:{password}".encode()).decode()}


def status(gate: Gate, headers: dict[str, str], peer: str = "192.168.1.9", now_s: float = 0.0) -> int:
    answer = gate.refuse(headers, peer, now_s)
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


def test_without_a_password_set_none_is_asked_for() -> None:
    assert status(Gate(), {"Host": "localhost"}) == 200


def test_the_password_opens_whatever_the_name() -> None:
    assert status(Gate(password=PASSWORD), basic(PASSWORD)) == 200


@pytest.mark.parametrize("password", ["", "open", "open sesame ", "OPEN SESAME", "öpen"])
def test_a_wrong_password_does_not(password: str) -> None:
    assert status(Gate(password=PASSWORD), basic(password)) == 401


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"no colon").decode()]
)
def test_odd_authorization_is_a_wrong_password(header: str) -> None:
    assert status(Gate(password=PASSWORD), {"Host": "localhost", "Authorization": header}) == 401


def test_the_answer_makes_a_browser_ask() -> None:
    answer = Gate(password=PASSWORD).refuse({"Host": "localhost"}, "192.168.1.9", 0.0)
    assert answer is not None
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_who_guesses_has_to_wait_and_others_do_not() -> None:
    gate = Gate(password=PASSWORD)
    assert [status(gate, basic(f"guess {n}")) for n in range(FAILURES)] == [401] * FAILURES
    assert status(gate, basic(PASSWORD)) == 429
    assert status(gate, basic(PASSWORD), peer="192.168.1.10") == 200
    assert status(gate, basic(PASSWORD), now_s=WINDOW_S + 1) == 200


def test_one_household_of_ipv6_addresses_counts_as_one() -> None:
    gate = Gate(password=PASSWORD)
    for n in range(FAILURES):
        status(gate, basic("guess"), peer=f"2001:db8::{n}")
    assert status(gate, basic("guess"), peer="2001:db8::ffff") == 429


def test_a_browser_that_sends_no_password_is_not_guessing() -> None:
    gate = Gate(password=PASSWORD)
    for _ in range(3 * FAILURES):
        assert status(gate, {"Host": "localhost"}) == 401
    assert status(gate, basic(PASSWORD)) == 200


def test_a_visit_and_each_wrong_password_are_told() -> None:
    told: list[tuple[str, bool]] = []
    gate = Gate(password=PASSWORD, told=lambda peer, accepted: told.append((peer, accepted)))
    status(gate, {"Host": "localhost"}, peer="10.0.0.7")
    status(gate, basic("guess"), peer="10.0.0.7")
    assert told == [("10.0.0.7", False)]
    for second in range(0, 3600, 60):
        status(gate, basic(PASSWORD), peer="10.0.0.7", now_s=float(second))
    status(gate, basic(PASSWORD), peer="10.0.0.8")
    assert told[1:] == [("10.0.0.7", True), ("10.0.0.8", True)]
    status(gate, basic(PASSWORD), peer="10.0.0.7", now_s=3600 + VISIT_S)
    assert told[3:] == [("10.0.0.7", True)]


def test_many_guessers_do_not_fill_the_memory() -> None:
    gate = Gate(password=PASSWORD)
    for n in range(3 * ADDRESSES):
        status(gate, basic("guess"), peer=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(gate._failures) <= ADDRESSES


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
