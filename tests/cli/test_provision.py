"""A maker's line: `chargepoint provision` and `chargepoint label`, as a script there runs them."""

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from chargepoint.app import hold
from chargepoint.cli import main
from chargepoint.core.certificatekind import Kind
from chargepoint.security import setupcode
from chargepoint.security.setupcode import matches_code
from chargepoint.store.certificates import CertificateFiles

MODEL = """\
[station]
vendor = "Acme"
model = "Wall 22"
operator = "Example Charging"
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setupcode, "LOG2_N", 4)
    monkeypatch.setattr(setupcode, "P", 1)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "model.toml"
    file.write_text(MODEL)
    return file


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> tuple[int, str, str]:
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.fixture
def made(run: Run, model: Path, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Provision a station in a state directory of that name; its record."""

    def made(name: str = "state", *more: object) -> dict[str, str]:
        where = ("--state", tmp_path / name, "--label", tmp_path / f"{name}.json")
        status, out, err = run("provision", model, "--serial", "A-7", "--json", *where, *more)
        assert status == 0, err
        record: dict[str, str] = json.loads(out)
        return record

    return made


Made = Callable[..., dict[str, str]]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- one station ------------------------------------------------------------------------------------------------------


def test_a_station_gets_its_name_its_key_and_its_code(made: Made, tmp_path: Path) -> None:
    record = made("state", "--csr", tmp_path / "a.csr")
    assert (record["vendor"], record["model"], record["serial_number"]) == ("Acme", "Wall 22", "A-7")
    state, label = tmp_path / "state", json.loads((tmp_path / "state.json").read_text())
    assert matches_code(label["setup_code"], (state / "secrets/setup-code").read_text())
    key = load_pem_private_key((state / "certificates/pending.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"


def test_secrets_are_their_owners_and_the_factory_file_everybodys(made: Made, tmp_path: Path) -> None:
    made("state", "--with-password", "--csr", tmp_path / "a.csr")
    modes = {name: S_IMODE((tmp_path / "state" / name).stat().st_mode) for name in files(tmp_path / "state")}
    assert modes == {
        "factory.toml": 0o644,
        "secrets/setup-code": 0o600,
        "secrets/csms-password": 0o600,
        "certificates/pending.key": 0o600,
        "daemon.lock": 0o640,
    }
    assert S_IMODE((tmp_path / "state.json").stat().st_mode) == 0o600


def test_the_code_stands_on_the_label_and_nowhere_else(run: Run, model: Path, tmp_path: Path) -> None:
    where = ("--state", tmp_path / "state", "--label", tmp_path / "a.json", "--csr", tmp_path / "a.csr")
    for more in ((), ("--json", "--again")):
        _, out, err = run("provision", model, "--serial", "A-7", "--with-password", *where, *more)
        code = json.loads((tmp_path / "a.json").read_text())["setup_code"]
        kept = [content for name, content in files(tmp_path).items() if name != "a.json"]
        for form in (code, code.replace("-", "")):
            assert form not in out + err
            assert not any(form.encode() in content for content in kept)


def test_the_password_for_the_back_office_is_told_to_the_makers_database_alone(made: Made, tmp_path: Path) -> None:
    record = made("state", "--with-password")
    assert re.fullmatch(r"[0-9a-f]{32}", record["csms_password"])
    assert (tmp_path / "state/secrets/csms-password").read_text() == record["csms_password"]
    assert "csms_password" not in made("other")
    assert not (tmp_path / "other/secrets/csms-password").exists()


def test_a_person_is_told_no_secret(run: Run, model: Path, tmp_path: Path) -> None:
    _, out, _ = run("provision", model, "--serial", "A-7", "--with-password", "--state", tmp_path / "s",
                    "--label", tmp_path / "a.json")  # fmt: skip
    assert "Acme Wall 22 A-7 is made." in out
    assert (tmp_path / "s/secrets/csms-password").read_text() not in out


def test_two_stations_from_one_image_have_no_secret_in_common(made: Made, tmp_path: Path) -> None:
    more = ("--with-password", "--csr", tmp_path / "a.csr")
    one, other = made("one", *more), made("other", *more)
    assert one["public_key_sha256"] != other["public_key_sha256"]
    assert one["csms_password"] != other["csms_password"]
    first, second = files(tmp_path / "one"), files(tmp_path / "other")
    same = {name for name in first if first[name] == second[name]}
    assert same <= {"daemon.lock", "factory.toml"}
    assert (
        json.loads((tmp_path / "one.json").read_text())["setup_code"]
        != (json.loads((tmp_path / "other.json").read_text())["setup_code"])
    )


# --- twice ------------------------------------------------------------------------------------------------------------


def test_a_second_time_is_refused_and_what_exists_is_named(made: Made, run: Run, model: Path, tmp_path: Path) -> None:
    made("state", "--with-password", "--csr", tmp_path / "a.csr")
    before = files(tmp_path)
    status, _, err = run(
        "provision", model, "--serial", "B-8", "--state", tmp_path / "state", "--label", tmp_path / "b.json"
    )
    assert status == 1
    for name in ("factory.toml", "secrets/setup-code", "secrets/csms-password", "certificates/pending.key", "--again"):
        assert name in err
    assert files(tmp_path) == before


def test_again_makes_all_of_it_anew_and_leaves_nothing_of_before(made: Made, tmp_path: Path) -> None:
    state = tmp_path / "state"
    made("state", "--with-password", "--csr", tmp_path / "a.csr")
    before = files(state)
    old = CertificateFiles(state / "certificates").add(Kind.STATION, "old certificate", b"old key")
    (state / "secrets/web-password").write_text("$scrypt$…")
    made("state", "--again")
    assert files(state).keys() == {"factory.toml", "secrets/setup-code", "daemon.lock"}
    assert files(state)["secrets/setup-code"] != before["secrets/setup-code"]
    assert not old.file.exists()
    assert not old.key_file.exists()


def test_without_a_request_there_is_no_key_that_would_wait_for_a_certificate(made: Made, tmp_path: Path) -> None:
    record = made()
    assert not (tmp_path / "state/certificates").exists()
    assert not {"csr", "public_key_sha256"} & record.keys()


def test_nothing_changes_while_a_daemon_runs(run: Run, model: Path, tmp_path: Path) -> None:
    claim = hold(tmp_path / "state")
    try:
        status, _, err = run(
            "provision", model, "--serial", "A-7", "--state", tmp_path / "state", "--label", tmp_path / "a.json"
        )
    finally:
        os.close(claim)
    assert status == 5
    assert "another daemon runs here" in err
    assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("MODEL",),
        ("MODEL", "--serial", "A-7"),
        ("MODEL", "--label", "a.svg"),
        ("MODEL", "--serial", "A-7", "--label", "a.svg", "--certificate", "a.pem"),
    ],
)
def test_a_line_with_half_of_its_words_is_told_the_others(run: Run, model: Path, words: tuple[str, ...]) -> None:
    status, _, err = run("provision", *(model if word == "MODEL" else word for word in words))
    assert status == 2
    assert "give a MODEL, --serial and --label" in err


def test_a_label_that_cannot_be_written_leaves_no_station_with_a_code_nobody_knows(
    run: Run, model: Path, tmp_path: Path
) -> None:
    for label in (tmp_path / "model.toml" / "a.json", tmp_path / "a.jpg"):
        status, _, err = run("provision", model, "--serial", "A-7", "--state", tmp_path / "state", "--label", label)
        assert status == 1
        assert str(label) in err
        assert not (tmp_path / "state" / "factory.toml").exists()


def test_the_installers_file_is_checked_with_the_stations_names(made: Made, run: Run, tmp_path: Path) -> None:
    (tmp_path / "chargepoint.toml").write_text("[[evse]]\n")
    words = ("check", tmp_path / "chargepoint.toml", "--state", tmp_path / "state")
    assert run(*words)[0] == 1
    made()
    status, out, _ = run(*words)
    assert (status, "in order" in out) == (0, True)


def test_who_may_not_look_for_the_names_is_told_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chargepoint.toml").write_text("[[evse]]\n")
    monkeypatch.setattr(os, "access", lambda path, how: False)
    status, _, err = run("check", tmp_path / "chargepoint.toml", "--state", tmp_path)
    assert status == 1
    assert f"This user may not look into {tmp_path}" in err


# --- its certificate --------------------------------------------------------------------------------------------------


class Authority:
    """A maker's own, with a root."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme Root")])
        self.pem = self._signed(self.name, self.key.public_key(), authority=True)

    def sign(self, csr: bytes, *, ends_in: timedelta = timedelta(days=365)) -> str:
        request = x509.load_pem_x509_csr(csr)
        return self._signed(request.subject, request.public_key(), ends_in=ends_in)

    def _signed(self, subject: x509.Name, key: object, *, authority: bool = False,
                ends_in: timedelta = timedelta(days=365)) -> str:  # fmt: skip
        now = datetime.now(UTC)
        assert isinstance(key, ec.EllipticCurvePublicKey)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=400))
        builder = builder.not_valid_after(now + ends_in)
        builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def csr(made: Made, tmp_path: Path) -> bytes:
    record = made("state", "--csr", tmp_path / "a.csr")
    assert record["csr"] == (tmp_path / "a.csr").read_text()
    return (tmp_path / "a.csr").read_bytes()


def bring(run: Run, tmp_path: Path, pem: str, *more: object) -> tuple[int, str, str]:
    (tmp_path / "a.pem").write_text(pem)
    return run("provision", "--certificate", tmp_path / "a.pem", "--state", tmp_path / "state", *more)


def test_the_request_is_for_the_serial_number_in_the_operators_name(csr: bytes) -> None:
    subject = x509.load_pem_x509_csr(csr).subject
    assert subject.rfc4514_string() == "O=Example Charging,CN=A-7"


def test_the_signed_certificate_becomes_the_stations_own(
    run: Run, csr: bytes, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "root.pem").write_text(authority.pem)
    status, out, err = bring(run, tmp_path, authority.sign(csr), "--root", tmp_path / "root.pem")
    assert (status, err) == (0, "")
    assert "A-7: its certificate is kept" in out
    kept = CertificateFiles(tmp_path / "state" / "certificates")
    (own,) = kept.all(Kind.STATION)
    assert load_pem_private_key(own.key_file.read_bytes(), None)
    assert kept.pending_key is None


def test_it_is_taken_in_once(run: Run, csr: bytes, authority: Authority, tmp_path: Path) -> None:
    signed = authority.sign(csr)
    assert bring(run, tmp_path, signed)[0] == 0
    status, _, err = bring(run, tmp_path, signed)
    assert status == 1
    assert "no key of this station waits" in err


def test_another_stations_certificate_is_refused(
    made: Made, run: Run, csr: bytes, authority: Authority, tmp_path: Path
) -> None:
    made("other", "--csr", tmp_path / "other.csr")
    status, _, err = bring(run, tmp_path, authority.sign((tmp_path / "other.csr").read_bytes()))
    assert status == 1
    assert "it is not for the key of this station" in err


@pytest.mark.parametrize(("broken", "said"), [("", "no certificate"), ("hello", "no certificate")])
def test_what_is_no_certificate_is_refused(run: Run, csr: bytes, tmp_path: Path, broken: str, said: str) -> None:
    status, _, err = bring(run, tmp_path, broken)
    assert status == 1
    assert said in err


def test_an_expired_one_and_one_of_a_foreign_root_are_refused(
    run: Run, csr: bytes, authority: Authority, tmp_path: Path
) -> None:
    status, _, err = bring(run, tmp_path, authority.sign(csr, ends_in=timedelta(days=-1)))
    assert (status, "it has expired" in err) == (1, True)
    (tmp_path / "root.pem").write_text(Authority().pem)
    status, _, err = bring(run, tmp_path, authority.sign(csr), "--root", tmp_path / "root.pem")
    assert (status, "does not lead to an installed root" in err) == (1, True)


def test_a_station_that_is_none_yet_takes_no_certificate(run: Run, tmp_path: Path) -> None:
    status, _, err = bring(run, tmp_path, "")
    assert status == 1
    assert "has not been provisioned" in err


# --- labels -----------------------------------------------------------------------------------------------------------


def test_a_label_is_printed_again_for_who_still_knows_the_code(made: Made, run: Run, tmp_path: Path) -> None:
    made()
    code = json.loads((tmp_path / "state.json").read_text())["setup_code"]
    again = tmp_path / "again.json"
    assert run("label", again, "--code", code.lower(), "--state", tmp_path / "state")[0] == 0
    assert json.loads(again.read_text()) == json.loads((tmp_path / "state.json").read_text())


def test_no_label_is_printed_with_a_code_that_opens_nothing(made: Made, run: Run, tmp_path: Path) -> None:
    made()
    for code, said in ((setupcode.new_code(), "not the setup code of this station"), ("0000", "has 12 characters")):
        status, _, err = run("label", tmp_path / "x.svg", "--code", code, "--state", tmp_path / "state")
        assert status == 1
        assert said in err
        assert not (tmp_path / "x.svg").exists()


def test_a_label_is_drawn_on_another_computer_from_its_data(made: Made, run: Run, tmp_path: Path) -> None:
    made()
    assert run("label", tmp_path / "x.svg", "--data", tmp_path / "state.json")[0] == 0
    assert (tmp_path / "x.svg").read_text().startswith("<svg")


def test_labels_may_be_printed_before_their_stations_are_made(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "serials.csv").write_text("serial_number,order\nA-7,1\nA-8,2\n")
    status, _, err = run("label", tmp_path / "labels", "--batch", tmp_path / "serials.csv", "--model", model)
    assert (status, err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "labels").iterdir()) == ["A-7.svg", "A-8.svg", "codes.csv"]
    codes = dict(line.split(",") for line in (tmp_path / "labels/codes.csv").read_text().splitlines()[1:])
    assert codes["A-7"] in (tmp_path / "labels/A-7.svg").read_text()
    where = ("--state", tmp_path / "s", "--label", tmp_path / "a.json", "--codes", tmp_path / "labels/codes.csv")
    assert run("provision", model, "--serial", "A-8", *where)[0] == 0
    assert matches_code(codes["A-8"], (tmp_path / "s/secrets/setup-code").read_text())


def test_a_station_without_a_printed_label_is_not_made_with_another_code(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("serial_number,setup_code\nA-7,0000-0000-0001\n")
    for serial, said in (("A-8", "there is no label for A-8"), ("A-7", "a character is wrong")):
        where = ("--state", tmp_path / "s", "--label", tmp_path / "a.json", "--codes", tmp_path / "codes.csv")
        status, _, err = run("provision", model, "--serial", serial, *where)
        assert status == 1
        assert said in err
        assert not (tmp_path / "s/factory.toml").exists()
