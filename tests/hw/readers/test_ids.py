"""How a card's id becomes a token."""

from __future__ import annotations

import pytest

from hw.readers.ids import EM4100, IdForm, is_random

DEADBEEF = bytes.fromhex("DEADBEEF")


@pytest.mark.parametrize(
    ("form", "token"),
    [
        (IdForm(), "DEADBEEF"),
        (IdForm(id_format="lower_hex"), "deadbeef"),
        (IdForm(byte_order="reversed"), "EFBEADDE"),
        (IdForm(id_format="decimal"), "3735928559"),
        (IdForm(id_format="decimal", byte_order="reversed"), "4022250974"),
    ],
    ids=["as read", "lower case", "reversed", "decimal", "reversed decimal"],
)
def test_the_forms_of_one_id(form: IdForm, token: str) -> None:
    assert form.write(DEADBEEF) == token


@pytest.mark.parametrize(
    ("uid", "token"),
    [("04A1B2C3D4E5F6", "04A1B2C3D4E5F6"), ("04010203040506070809", "04010203040506070809")],
    ids=["seven bytes", "ten bytes: as long as 1.6 allows"],
)
def test_longer_ids_keep_all_their_bytes(uid: str, token: str) -> None:
    assert IdForm().write(bytes.fromhex(uid)) == token


@pytest.mark.parametrize(("uid", "printed"), [("100086F444", "0008844356"), ("010063E9AE", "0006547886")])
def test_a_125_khz_card_bears_its_last_four_bytes(uid: str, printed: str) -> None:
    assert IdForm(id_format="decimal").write(bytes.fromhex(uid), EM4100) == printed


def test_a_four_byte_id_that_begins_with_08_is_random() -> None:
    assert is_random(bytes.fromhex("08A1B2C3"))
    assert not is_random(DEADBEEF)
    assert not is_random(bytes.fromhex("08A1B2C3D4E5F6"))
