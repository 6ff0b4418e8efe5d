"""The code on the label: how it is made, read when somebody types it, and kept."""

import stat
import time
from base64 import b64encode
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.security import setupcode
from chargepoint.security.setupcode import (
    ALPHABET,
    Mistyped,
    Shown,
    hashed,
    hashed_code,
    is_hashed,
    matches,
    matches_code,
    new_code,
    read_code,
    shown,
)
from chargepoint.security.wholefile import write_whole

CODE = "000000000000"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setupcode, "LOG2_N", 4)
    monkeypatch.setattr(setupcode, "P", 1)


# --- the code ---------------------------------------------------------------------------------------------------------


def test_a_code_is_eleven_characters_drawn_at_random_and_one_computed() -> None:
    draws = iter(range(1, 12))
    code = new_code(lambda choices: next(draws))
    assert code.replace("-", "")[:11] == "123456789AB"
    assert code[4] == code[9] == "-"
    assert len(code) == 14


def test_every_character_may_be_drawn() -> None:
    asked: list[int] = []
    new_code(lambda choices: asked.append(choices) or 31)
    assert asked == [32] * 11
    assert new_code(lambda choices: 31)[0] == "Z"


def test_no_two_stations_have_the_same() -> None:
    assert len({new_code() for _ in range(2000)}) == 2000


@pytest.mark.parametrize(
    "typed",
    ["{0}", "{1}", " {0} ", "{2}", "{3}"],
)
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    code = "7K0M-91XD-P2W"
    code += read_missing(code)
    plain = code.replace("-", "")
    forms = (code, plain, plain.lower().replace("0", "o"), "  ".join(plain).replace("1", "l"))
    assert read_code(typed.format(*forms)) == plain
    assert shown(plain) == code


def read_missing(code: str) -> str:
    """The one character that completes it."""
    fitting = [letter for letter in ALPHABET if not mistyped(code + letter)]
    assert len(fitting) == 1
    return fitting[0]


def mistyped(code: str) -> bool:
    try:
        read_code(code)
    except Mistyped:
        return True
    return False


@given(st.integers(0, 11), st.integers(1, 31), st.integers(0, 2**60))
def test_one_wrong_character_is_found(place: int, by: int, seed: int) -> None:
    code = read_code(new_code(lambda n: hash((seed, n)) % n))
    other = ALPHABET[(ALPHABET.index(code[place]) + by) % 32]
    assert mistyped(code[:place] + other + code[place + 1 :])


def test_two_characters_that_changed_places_are_found() -> None:
    code = read_code(new_code())
    for left, right in combinations(range(12), 2):
        swapped = list(code)
        swapped[left], swapped[right] = code[right], code[left]
        assert mistyped("".join(swapped)) == (code[left] != code[right])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "12 characters, and these are 0"),
        ("7K3M-9QXD", "12 characters, and these are 8"),
        ("U" * 12, "no setup code has U in it"),
        ("ÄÖ3M-9QXD-P2WC", "no setup code has Ä or Ö in it"),
        ("000000000001", "a character is wrong"),
        ("0" * 100_000, "these are 100000"),
    ],
)
def test_who_mistypes_is_told_what_is_wrong(typed: str, said: str) -> None:
    with pytest.raises(Mistyped, match=said):
        read_code(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_mistyped(typed: str) -> None:
    if not mistyped(typed):
        assert set(read_code(typed)) <= set(ALPHABET)


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_a_hash_is_scrypt_at_the_cost_that_is_asked_for_today() -> None:
    kept = hashed("correct horse")
    assert kept.startswith("$scrypt$ln=14,r=8,p=5$")
    assert matches("correct horse", kept)
    assert not matches("correct hors", kept)
    assert "horse" not in kept


def test_the_published_vector_matches() -> None:
    """RFC 7914 section 12, the second one: its first 32 bytes."""
    published = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    kept = f"$scrypt$ln=10,r=8,p=16${text(b'NaCl')}${text(bytes.fromhex(published))}"
    assert matches("password", kept)


def text(content: bytes) -> str:
    return b64encode(content).decode().rstrip("=")


def test_the_same_password_is_kept_as_something_else_each_time(cheap: None) -> None:
    assert hashed("same") != hashed("same")


def test_what_an_installer_wrote_in_clear_is_compared_as_it_stands() -> None:
    assert not is_hashed("garage door")
    assert matches("garage door", "garage door\n")
    assert not matches("garage", "garage door")
    assert not matches("", "")


def test_the_same_letter_typed_as_one_or_as_two_is_the_same_password(cheap: None) -> None:
    assert matches("Gru\u0308n", hashed("Gr\u00fcn"))


@pytest.mark.parametrize(
    "kept",
    [
        "$scrypt$",
        "$scrypt$ln=14,r=8,p=5$$",
        "$scrypt$ln=30,r=8,p=1$" + "A" * 22 + "$" + "A" * 43,  # 128 GiB
        "$scrypt$ln=14,r=99,p=99$" + "A" * 22 + "$" + "A" * 43,
        "$scrypt$ln=0,r=0,p=0$" + "A" * 22 + "$" + "A" * 43,
        "$scrypt$ln=4,r=8,p=1$" + "A" * 22 + "$" + "A" * 42,
        "$scrypt$ln=4,r=8,p=1$" + "A" * 25 + "$" + "A" * 43,  # no length that base 64 has
        "$scrypt$ln=14,r=8,p=5$\0\0$\0",
    ],
)
def test_a_damaged_hash_matches_nothing_and_takes_no_memory(kept: str) -> None:
    began_s = time.process_time()
    assert not matches("anything", kept)
    assert not matches("", kept)
    assert not matches(kept, kept)
    assert time.process_time() - began_s < 1.0


def test_a_code_is_kept_hashed_and_matches_however_it_is_typed(cheap: None) -> None:
    code = new_code()
    kept = hashed_code(code)
    assert matches_code(code.lower().replace("-", " "), kept)
    assert not matches_code(new_code(), kept)


def test_a_code_that_is_none_is_no_guess(cheap: None) -> None:
    with pytest.raises(Mistyped):
        matches_code("000000000001", hashed_code(CODE))


def test_a_code_kept_in_clear_opens_nothing() -> None:
    assert not matches_code(CODE, CODE)


# --- not hashing each time --------------------------------------------------------------------------------------------


def test_who_has_shown_the_right_one_is_known_again() -> None:
    shown_once = Shown()
    assert not shown_once.again("secret", "$scrypt$1")
    assert not shown_once.again("", "")
    shown_once.remember("secret", "$scrypt$1")
    assert shown_once.again("secret", "$scrypt$1")
    assert not shown_once.again("Secret", "$scrypt$1")


def test_after_a_change_of_the_password_nobody_is_known() -> None:
    shown_once = Shown()
    shown_once.remember("secret", "$scrypt$1")
    assert not shown_once.again("secret", "$scrypt$2")


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_secret_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "setup-code"
    write_whole(file, b"hash")
    assert file.read_bytes() == b"hash"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_what_a_power_cut_left_behind_is_no_hindrance_and_lends_no_rights(tmp_path: Path) -> None:
    file = tmp_path / "setup-code"
    left = tmp_path / "setup-code.new"
    left.write_bytes(b"half")
    left.chmod(0o666)
    write_whole(file, b"whole")
    assert file.read_bytes() == b"whole"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not left.exists()


def test_nobody_leads_it_away_from_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "setup-code"
    (tmp_path / "setup-code.new").symlink_to(tmp_path / "elsewhere")
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"
    assert not (tmp_path / "elsewhere").exists()


def test_what_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "setup-code"
    write_whole(file, b"old")
    monkeypatch.setattr("os.fsync", disk_full)
    with pytest.raises(OSError):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert not (tmp_path / "setup-code.new").exists()


def disk_full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")
