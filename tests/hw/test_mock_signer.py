"""The simulated meter signs for real: what it says is verified as a transparency program does it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from hw.api import Reading, SigningMeter
from hw.discovery import Place, check, signs
from hw.mock.drivers import MeterOptions, MockMeter
from hw.mock.signer import MockSigner
from tests.hw.ocmf import payload, verify

CARD = "04A1B2C3D4E5F6"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_signer(serial: str = "SIMULATED-1") -> MockSigner:
    return MockSigner(serial, "1", lambda: NOON)


def record(reading: Reading) -> str:
    assert reading.signed is not None
    assert reading.public_key is not None
    verify(reading.signed, reading.public_key)
    return reading.signed


def test_begin_values_between_and_end_are_signed_for_the_token() -> None:
    signer = a_signer()
    begun = payload(record(signer.begin(CARD, Reading(1000.0))))
    between = payload(record(signer.meanwhile(Reading(2000.0))))
    ended = payload(record(signer.end(Reading(3500.0))))
    assert [(line["TX"], line["RV"]) for line in ended["RD"]] == [("B", 1.0), ("E", 3.5)]
    assert [line["TX"] for line in (*begun["RD"], *between["RD"])] == ["B", "C"]
    assert {told["ID"] for told in (begun, between, ended)} == {CARD}
    assert [told["PG"] for told in (begun, between, ended)] == ["T1", "T2", "T3"]
    assert ended["RD"][0]["TM"] == "2026-11-22T12:00:00,000+0000 S"


def test_an_end_whose_begin_is_not_known_any_more_stands_alone() -> None:
    assert [line["TX"] for line in payload(record(a_signer().end(Reading(5.0))))["RD"]] == ["E"]


def test_the_key_is_the_meters_and_the_same_after_every_start() -> None:
    assert a_signer().public_key == a_signer().public_key
    assert a_signer().public_key != a_signer("SIMULATED-2").public_key


def test_tampering_is_found() -> None:
    ended = a_signer().end(Reading(3500.0))
    assert ended.signed is not None
    with pytest.raises(InvalidSignature):
        verify(ended.signed.replace("3.5", "3.6"), ended.public_key or "")


def test_the_simulated_meter_signs_where_it_is_told_to(tmp_path: Path) -> None:
    plain, signing = (MockMeter(MeterOptions(signs=word), Place("evse.1.meter", tmp_path, 1)) for word in (False, True))
    assert isinstance(plain, SigningMeter)
    assert (plain.signs, signing.signs) == ("", "any")
    assert signs({"driver": "mock", "signs": True})
    assert not signs({"driver": "mock"})
    assert check("meter", {"driver": "mock", "signs": "yes"}, "evse.1.meter")
