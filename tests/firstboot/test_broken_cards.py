"""A card that cannot be read or written: the station starts with what it has, and says so in its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from chargepoint.cli import main
from chargepoint.firstboot.partition import Partition
from chargepoint.firstboot.takeover import take_over
from tests.firstboot.card import NEW, OLD, Card


def failing(*names: str) -> object:
    """`Path.open` where files of these names have turned bad on the card."""
    opened = Path.open

    def open_(self: Path, mode: str = "r", *args: object, **kwargs: object) -> object:
        if self.name in names:
            raise OSError(5, "Input/output error")
        return opened(self, mode, *args, **kwargs)  # type: ignore[call-overload]

    return open_


def test_no_partition(card: Card, caplog: pytest.LogCaptureFixture) -> None:
    assert take_over(card.places, Partition(card.places.boot / "gone", mounted=False)) is None
    assert "the station starts with what it was told before" in caplog.text
    assert card.in_force == OLD


def test_an_empty_folder_in_the_place_of_the_partition(card: Card) -> None:
    """What was not mounted says nothing: least of all that SSH is to be switched off."""
    card.put("authorized_keys", "ssh-ed25519 AAAA me\n")
    card.boots()
    (card.places.boot / "authorized_keys").unlink()
    assert take_over(card.places, Partition(card.places.boot, mounted=True)) is None
    assert (card.places.login / "authorized_keys").exists()


def test_a_file_that_cannot_be_read(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    card.put("chargepoint.toml", NEW)
    monkeypatch.setattr(Path, "open", failing("chargepoint.toml"))
    take_over(card.places, Partition(card.places.boot, mounted=False))
    monkeypatch.undo()
    assert "it cannot be read: Input/output error. Copy it here again" in card.report
    assert card.in_force == OLD


def test_a_card_that_takes_no_report(
    card: Card, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    card.put("chargepoint.toml", NEW)
    monkeypatch.setattr(Path, "open", failing("chargepoint-report.txt.new"))
    take_over(card.places, Partition(card.places.boot, mounted=False))
    assert card.in_force == NEW
    assert "chargepoint-report.txt cannot be written: Input/output error" in caplog.text


def test_a_card_that_keeps_a_secret(
    card: Card, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    card.put("csms-password", "0123456789abcdef")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", _read_only(Path.unlink, card.places.boot))
        card.boots()
    assert "is secret, and cannot be removed" in caplog.text
    assert (card.places.secrets / "csms-password").exists()
    card.boots()
    assert not card.lies_here("csms-password")


def test_a_station_without_room(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    card.put("chargepoint.toml", NEW)
    monkeypatch.setattr("chargepoint.firstboot.exchange.write_whole", full)
    assert "takes no files: No space left on device" in card.boots()
    assert card.in_force == OLD


def test_a_disk_that_does_not_even_take_back(card: Card, caplog: pytest.LogCaptureFixture) -> None:
    card.places.undo.mkdir(parents=True)
    (card.places.undo / "list.json").write_text("{")
    assert take_over(card.places, Partition(card.places.boot, mounted=False)) is None
    assert "cannot be taken back" in caplog.text


def test_the_command_tells_what_the_report_says(card: Card, capsys: pytest.CaptureFixture[str]) -> None:
    places = card.places
    words = ["firstboot", "--boot", str(places.boot), "--config", str(places.config), "--state", str(places.state),
             "--data", str(places.data)]  # fmt: skip
    card.put("chargepoint.toml", NEW)
    assert main(words) == 0
    assert capsys.readouterr().out == card.report
    card.put("chargepoint.toml", "[[evse]]\n")
    assert main(words) == 1


def _read_only(unlink: object, folder: Path) -> object:
    def refused(self: Path, **kwargs: object) -> None:
        if self.parent == folder:
            raise OSError(30, "Read-only file system")
        unlink(self, **kwargs)  # type: ignore[operator]

    return refused
