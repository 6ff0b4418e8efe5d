"""What others may reach, and what the machine is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from chargepoint.firstboot.hostname import host_name
from chargepoint.firstboot.ports import Open, page_port
from chargepoint.firstboot.state import arrange, look
from tests.firstboot.card import NEW, Card


@pytest.mark.parametrize(
    ("listen", "port"),
    [
        ("127.0.0.1:8080", None),
        ("localhost:8080", None),
        ("[::1]:8080", None),
        ("127.5.0.1:80", None),
        ("0.0.0.0:8080", 8080),
        ("[::]:80", 80),
        ("192.168.1.5:443", 443),
        ("station.example:8080", 8080),
        ("0.0.0.0:0", None),
    ],
)
def test_the_page_is_open_where_others_can_reach_it(listen: str, port: int | None) -> None:
    assert page_port(listen) == port


@pytest.mark.parametrize(
    ("way", "tcp", "udp"),
    [
        (Open(), "", ""),
        (Open(page=8080), "8080", "5353"),
        (Open(login=True), "22", ""),
        (Open(page=80, login=True), "80, 22", "5353"),
    ],
)
def test_nothing_else_is_open(way: Open, tcp: str, udp: str) -> None:
    wanted = "flush set inet station open_tcp\n"
    wanted += f"add element inet station open_tcp {{ {tcp} }}\n" if tcp else ""
    wanted += "flush set inet station open_udp\n"
    wanted += f"add element inet station open_udp {{ {udp} }}\n" if udp else ""
    assert way.rules() == wanted


@pytest.mark.parametrize(
    ("serial_number", "name"),
    [
        ("A-000123", "chargepoint-a-000123"),
        ("SN 7/4_b.", "chargepoint-sn-7-4-b"),
        ("Ω", ""),
        ("x" * 80, "chargepoint-" + "x" * 51),
    ],
)
def test_a_machine_is_called_by_its_serial_number(serial_number: str, name: str) -> None:
    assert host_name(serial_number) == name


def test_the_machine_is_arranged_for_its_page(card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    monkeypatch.setattr("socket.sethostname", names.append)
    password = card.places.secrets / "web-password"
    card.put("chargepoint.toml", NEW + f'[web]\nlisten = "0.0.0.0:8080"\npassword_file = "{password}"\n')
    card.put("web-password", "a page password")
    assert "Page         http://chargepoint-new-2.local:8080/" in card.boots()
    system = tmp_path / "system"
    system.mkdir()
    arrange(card.places, look(card.places), system)
    assert (system / "hostname").read_text() == "chargepoint-new-2\n"
    assert "127.0.1.1 chargepoint-new-2\n" in (system / "hosts").read_text()
    assert names == ["chargepoint-new-2"]
    assert "add element inet station open_tcp { 8080 }\n" in (card.places.run / "ports.nft").read_text()
    assert "<port>8080</port>" in (system / "avahi" / "services" / "chargepoint.service").read_text()
    card.put("chargepoint.toml", NEW)
    card.boots()
    arrange(card.places, look(card.places), system)
    assert "add element" not in (card.places.run / "ports.nft").read_text()
    assert not (card.places.run / "page").exists()
