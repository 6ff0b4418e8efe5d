"""A meter that signs: whom, when, and what comes of it when power or answers get lost."""

from __future__ import annotations

import asyncio
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hw.api import Reading
from hw.errors import DeviceLost
from hw.modbus.iskra import identification
from tests.hw.iskra import Iskra
from tests.hw.modbus_slave import Slave
from tests.hw.ocmf import payload, verify
from tests.hw.test_modbus_meters import meter

CARD = "04A1B2C3D4E5F6"


def a_station(iskra: Iskra, **table: object):  # type: ignore[no-untyped-def]
    return meter(Slave({33: iskra.unit}), model="iskra-wm3m4c", **table)


def record(reading: Reading) -> tuple[str, str]:
    assert reading.signed is not None
    assert reading.public_key is not None
    return reading.signed, reading.public_key


async def test_a_session_is_signed_with_the_token_in_its_identification() -> None:
    iskra = Iskra()
    async with a_station(iskra, evse_id="DE*ABC*E1") as (driver, _):
        begun, ended = await driver.begin(CARD), await driver.end()
    for reading, transactions in ((begun, ["B"]), (ended, ["B", "E"])):
        verify(*record(reading))
        told = payload(record(reading)[0])
        assert (told["IS"], told["IT"], told["ID"], told["IF"]) == (True, "ISO14443", CARD, ["RFID_PLAIN"])
        assert (told["CT"], told["CI"]) == ("EVSEID", "DE*ABC*E1")
        assert [each["TX"] for each in told["RD"]] == transactions
        assert reading.energy_wh == pytest.approx(12_345_600.0)
    assert iskra.commands == ["B", "r"]


async def test_a_plain_reading_is_not_signed_and_names_the_key_that_would_be() -> None:
    async with a_station(Iskra()) as (driver, _):
        plain, begun = await driver.read(), await driver.begin(CARD)
    assert plain.signed is None
    assert plain.public_key == begun.public_key
    assert driver.signs == "ends"
    assert begun.public_key is not None
    assert len(bytes.fromhex(begun.public_key)) == 91


async def test_tampering_is_found() -> None:
    async with a_station(Iskra()) as (driver, _):
        await driver.begin(CARD)
        signed, key = record(await driver.end())
    with pytest.raises(InvalidSignature):
        verify(signed.replace("12345.6", "12345.7"), key)
    with pytest.raises(InvalidSignature):
        verify(signed.replace(CARD, "04A1B2C3D4E5F7"), key)
    stranger = ec.generate_private_key(ec.SECP256R1()).public_key()
    der = stranger.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InvalidSignature):
        verify(signed, der.hex())


def test_a_record_on_another_curve_is_verified_by_its_own_word() -> None:
    key = ec.generate_private_key(ec.SECP256K1())
    data = '{"FV":"1.0"}'
    signature = {"SA": "ECDSA-secp256k1-SHA256", "SD": key.sign(data.encode(), ec.ECDSA(hashes.SHA256())).hex()}
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    verify(f"OCMF|{data}|{json.dumps(signature)}", der.hex())


async def test_after_a_power_cut_the_meter_is_told_time_and_driver_again() -> None:
    iskra = Iskra()
    async with a_station(iskra) as (driver, _):
        await driver.begin(CARD)
        iskra.lose_power()
        signed, key = record(await driver.end())
    verify(signed, key)
    assert payload(signed)["ID"] == CARD


async def test_a_record_left_open_is_closed_before_the_next_begins() -> None:
    iskra = Iskra()
    async with a_station(iskra) as (driver, _):
        await driver.begin("04000000000001")
        signed, _ = record(await driver.begin(CARD))
    assert iskra.commands == ["B", "r", "B"]
    assert payload(signed)["ID"] == CARD


async def test_an_end_that_got_lost_on_the_way_is_read_out_by_the_next_try() -> None:
    iskra = Iskra()
    async with a_station(iskra) as (driver, _):
        await driver.begin(CARD)
        full = dict(iskra.unit.holding)
        for address in range(8124, 8156):  # the key cannot be read for once
            del iskra.unit.holding[address]
        with pytest.raises(DeviceLost):
            await driver.end()
        iskra.unit.holding.update({address: full[address] for address in range(8124, 8156)})
        signed, key = record(await driver.end())
    verify(signed, key)
    assert iskra.commands == ["B", "r"]


async def test_an_end_without_a_begin_is_an_ordinary_reading(caplog: pytest.LogCaptureFixture) -> None:
    async with a_station(Iskra()) as (driver, _):
        reading = await driver.end()
    assert reading.signed is None
    assert reading.energy_wh == pytest.approx(12_345_600.0)
    assert "this end value is not signed" in caplog.text


async def test_a_meter_that_refuses_to_sign_is_a_fault_that_says_so() -> None:
    async with a_station(Iskra(refuses=245)) as (driver, _):
        with pytest.raises(DeviceLost, match=r"\[evse.1.meter\]: the meter does not sign \(status 245\)"):
            await driver.begin(CARD)


async def test_a_meter_that_does_not_sign_stays_lost_for_a_while_and_is_then_tried_again() -> None:
    iskra = Iskra(refuses=245)
    async with a_station(iskra) as (driver, wire):
        with pytest.raises(DeviceLost):
            await driver.begin(CARD)
        asked = len(wire.asked)
        with pytest.raises(DeviceLost, match="does not sign"):
            await driver.read()
        assert len(wire.asked) == asked
        await asyncio.sleep(61)
        iskra.refuses = 0
        verify(*record(await driver.begin(CARD)))


async def test_the_signature_of_the_session_before_does_not_pass_for_the_new_one() -> None:
    iskra = Iskra()
    async with a_station(iskra) as (driver, _):
        await driver.begin("04000000000001")
        await driver.end()
        iskra.slow_s = 1.5  # meanwhile it goes on saying that the old one is ready
        begun = await driver.begin(CARD)
    assert payload(record(begun)[0])["ID"] == CARD


@pytest.mark.parametrize(
    ("token", "told"),
    [
        (CARD, {"IS": True, "IT": "ISO14443", "ID": CARD, "IF": ["RFID_PLAIN"]}),
        ("DE-8AA-1", {"IS": True, "IT": "CENTRAL", "ID": "DE-8AA-1", "IF": []}),
        ("a|b", {"IS": True, "IT": "CENTRAL", "ID": "a b", "IF": []}),  # a bar would end the data set
        (None, {"IS": False, "IT": "NONE", "ID": "", "IF": []}),
    ],
)
def test_whom_a_record_names(token: str | None, told: dict[str, object]) -> None:
    assert told.items() <= json.loads(identification(token, "1")).items()
