"""What an installer's files on the boot partition become, and what he reads about them."""

from __future__ import annotations

import pytest

from tests.firstboot.card import NEW, OLD, Card

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMII...\n-----END CERTIFICATE-----\n"


def test_a_right_file_is_in_force_at_once(card: Card) -> None:
    card.put("chargepoint.toml", NEW)
    report = card.boots()
    assert card.in_force == NEW
    assert report.startswith("What lies here is in force.")
    assert "Station      Acme Wall 22, serial number NEW-2" in report
    assert "Name         chargepoint-new-2" in report
    assert card.lies_here("chargepoint.toml")  # to be looked up and changed again


@pytest.mark.parametrize(
    "written",
    [
        NEW.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + NEW.encode(),
        b"\xef\xbb\xbf" + NEW.replace("\n", "\r\n").encode(),
    ],
    ids=["CRLF", "BOM", "both"],
)
def test_a_file_from_a_windows_editor_is_right(card: Card, written: bytes) -> None:
    card.put("chargepoint.toml", written)
    card.boots()
    assert card.in_force == NEW


@pytest.mark.parametrize("name", ["chargepoint.toml.txt", "Chargepoint.TOML", "CHARGEPOINT.TOML.TXT"])
def test_a_name_as_windows_writes_it_is_understood(card: Card, name: str) -> None:
    card.put(name, NEW)
    card.boots()
    assert card.in_force == NEW


BROKEN = {
    "a mistake": (NEW + "max_curent_a = 16\n", 'line 6: [evse.1] "max_curent_a" is not an option here.'),
    "two mistakes": (NEW + "phases = 2\n[wep]\n", "2 mistakes."),
    "broken TOML": (NEW + 'outlet = "cable\n', "line 6:"),
    "UTF-16": (NEW.encode("utf-16"), 'it is written in UTF-16. Save the file as "UTF-8" in the editor.'),
    "empty": ("", "chargepoint.toml: it is empty."),
    "spaces alone": (" \r\n\r\n", "chargepoint.toml: it is empty."),
    "another file": ("\0" * 2_000_000, "it is larger than"),
    "of a later version": (NEW + "[hovering]\nheight_m = 1\n", "[hovering] is not a table of this file."),
    "of an earlier version": (NEW.replace("[[evse]]", "[[connector]]"), 'line 5: "connector" '),
    "a secret that is nowhere": (
        NEW + '[csms]\nurl = "wss://x/y"\nidentity = "C"\npassword_file = "/nowhere"\n',
        'password_file = "/nowhere" does not exist',
    ),
}


@pytest.mark.parametrize(("written", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_changes_nothing_and_is_explained(card: Card, written: str | bytes, sentence: str) -> None:
    card.put("chargepoint.toml", written)
    report = card.boots()
    assert card.in_force == OLD
    assert sentence in report
    assert "Nothing was taken over: the station goes on as before." in report
    assert "OLD-1" in report  # it says of which station it speaks
    assert card.lies_here("chargepoint.toml")


def test_a_file_once_mended_is_taken_over(card: Card) -> None:
    card.put("chargepoint.toml", NEW + "phases = 2\n")
    assert "phases" in card.boots()
    card.put("chargepoint.toml", NEW + "phases = 1\n")
    assert "mistake" not in card.boots()
    assert card.in_force == NEW + "phases = 1\n"


def test_nothing_at_all_lies_there(card: Card) -> None:
    report = card.boots()
    assert report.startswith("No chargepoint.toml lies here.")
    assert card.in_force == OLD


def test_two_files_of_one_name(card: Card) -> None:
    card.put("chargepoint.toml", NEW)
    card.put("chargepoint.toml.txt", NEW)
    assert "chargepoint.toml and chargepoint.toml.txt both lie here. Remove the one that is not meant." in card.boots()
    assert card.in_force == OLD


def test_a_folder_of_that_name(card: Card) -> None:
    (card.places.boot / "chargepoint.toml").mkdir()
    assert "this is a folder, not a file" in card.boots()
    assert card.in_force == OLD


def test_secrets_leave_the_card(card: Card) -> None:
    card.put("chargepoint.toml", card.secured())
    card.put("csms-password.txt", "\ufeff0123456789abcdef\r\n")
    card.put("csms-ca.pem", CERTIFICATE)
    report = card.boots()
    kept = card.places.secrets / "csms-password"
    assert kept.read_text() == "0123456789abcdef\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (card.places.etc / "csms-ca.pem").read_text() == CERTIFICATE
    assert not card.lies_here("csms-password.txt")
    assert card.lies_here("csms-ca.pem")
    assert "removed from here, for they are secret:\n  csms-password" in report
    assert "Back office  CP001 at wss://csms.example.com/ocpp" in report
    assert "0123456789abcdef" not in report


def test_a_secret_waits_until_the_rest_is_right(card: Card) -> None:
    card.put("chargepoint.toml", card.secured() + "nonsense = 1\n")
    card.put("csms-password", "0123456789abcdef")
    card.put("csms-ca.pem", CERTIFICATE)
    card.boots()
    assert not (card.places.secrets / "csms-password").exists()
    assert card.lies_here("csms-password")
    card.put("chargepoint.toml", card.secured())
    card.boots()
    assert not card.lies_here("csms-password")


def test_a_new_password_alone(card: Card) -> None:
    card.put("csms-password", "0123456789abcdef")
    card.boots()
    assert (card.places.secrets / "csms-password").read_text() == "0123456789abcdef\n"
    assert card.in_force == OLD


@pytest.mark.parametrize("content", [b"one\ntwo\n", b"\xff\xfe\xd8", b"", b"caf\xe9"])
def test_a_password_that_cannot_be_one(card: Card, content: bytes) -> None:
    card.put("csms-password", content)
    assert "csms-password: " in card.boots()
    assert not (card.places.secrets / "csms-password").exists()


def test_what_was_changed_on_the_station_stays_while_the_card_says_nothing_new(card: Card) -> None:
    card.put("chargepoint.toml", NEW)
    card.boots()
    card.places.config.write_text(NEW + "phases = 1\n")
    report = card.boots()
    assert card.in_force == NEW + "phases = 1\n"
    assert "What lies here is in force." in report


def test_a_start_without_news_writes_nothing_to_the_card(card: Card) -> None:
    card.put("chargepoint.toml", card.secured())
    card.put("csms-password", "0123456789abcdef")
    card.put("csms-ca.pem", CERTIFICATE)
    card.boots()
    before = card.places.report.stat()
    card.boots()
    after = card.places.report.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_configuration_in_force_that_this_version_cannot_use_is_told(card: Card) -> None:
    card.put("chargepoint.toml", NEW)
    card.boots()
    card.places.config.write_text(NEW + "[hovering]\n")
    assert "The station cannot work so." in card.boots()


def test_login_is_possible_while_its_file_lies_there(card: Card) -> None:
    card.put("authorized_keys", "ssh-ed25519 AAAA me\n")
    assert "SSH          on" in card.boots()
    assert (card.places.login / "authorized_keys").exists()
    (card.places.boot / "authorized_keys").unlink()
    assert "SSH          off" in card.boots()
    assert not (card.places.login / "authorized_keys").exists()
    card.put("authorized_keys", "ssh-ed25519 AAAA me\n")
    card.boots()
    assert (card.places.login / "authorized_keys").exists()


def test_a_damaged_memory_makes_everything_new(card: Card) -> None:
    card.put("chargepoint.toml", NEW)
    card.boots()
    card.places.memory.write_bytes(b"\0\0")
    card.places.config.write_text(OLD)
    card.boots()
    assert card.in_force == NEW
