"""`wifi.toml` becomes a connection, or a sentence."""

from __future__ import annotations

import configparser

import pytest

from chargepoint.firstboot.wifi import connection
from chargepoint.firstboot.wording import Trouble
from tests.firstboot.card import Card


def read(text: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read_string(connection("wifi.toml", text.encode()))
    return parsed


def test_a_network_with_a_password() -> None:
    made = read('ssid = "Depot"\npassword = "not so secret"\n')
    assert made["wifi"]["ssid"] == "68;101;112;111;116;"
    assert dict(made["wifi-security"]) == {"key-mgmt": "wpa-psk", "psk": "not so secret"}
    assert made["wifi"]["hidden"] == "false"


def test_an_open_network() -> None:
    assert not read('ssid = "Depot"\nhidden = true\n').has_section("wifi-security")


def test_a_password_that_would_be_an_escape() -> None:
    assert (
        read(r"""ssid = "x"
password = ' a\nb;c=d#'""")["wifi-security"]["psk"]
        == r"\sa\\nb;c=d#"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "ssid is missing"),
        ('ssid = ""', "ssid is missing"),
        ('ssid = "a\\nb"', "ssid is not a word in quotes"),
        ("ssid = 3", "ssid is not a word in quotes"),
        ('ssid = "x"\npassword = "short"', "password has 5 characters. Wi-Fi passwords have 8 to 63."),
        ('ssid = "x"\npasword = "long enough"', '"pasword" is not known here'),
        ('ssid = "x"\nhidden = "yes"', "hidden is neither true nor false"),
        ("ssid = Depot", "it cannot be read"),
        ("ssid = " + "[" * 5000, "it cannot be read"),
    ],
)
def test_what_cannot_be_a_network(text: str, sentence: str) -> None:
    with pytest.raises(Trouble, match=r"^wifi.toml: ") as told:
        connection("wifi.toml", text.encode())
    assert sentence in str(told.value)


def test_its_password_leaves_the_card(card: Card) -> None:
    card.put("wifi.toml", 'ssid = "Depot"\r\npassword = "not so secret"\r\n')
    assert "not so secret" not in card.boots()
    kept = card.places.network / "wifi.nmconnection"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "psk=not so secret\n" in kept.read_text()
    assert not card.lies_here("wifi.toml")
