"""No secret and no default password anywhere: in these sources, and in whatever is built. And each kind is found."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from deploy.debian.errors import BuildFailed
from deploy.debian.package import _refuse_secrets
from deploy.secrets_scan import main, scan

ROOT = Path(__file__).resolve().parent.parent

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
OPENSSH = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
LOCKED = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode()
PGP = f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: x\n\n{'A' * 64}\n-----END PGP PRIVATE KEY BLOCK-----\n"
SHA512 = "$6$saltsalt$" + "a" * 86
YESCRYPT = "$y$j9T$saltsaltsalt$" + "b" * 43
SCRYPT = f"$scrypt$ln=14,r=8,p=5${'A' * 22}${'B' * 43}"
MACHINE_ID = "0123456789abcdef0123456789abcdef\n"


@pytest.mark.parametrize("part", ["chargepoint", "hw", "deploy", "docs"])
def test_there_is_no_default_password_in_what_stations_run(part: str) -> None:
    assert scan(ROOT / part) == []


def test_no_file_of_the_repository_is_a_key() -> None:
    """Tests may know the passwords of their own back offices; a key they make on the spot."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [ROOT / name for name in told.split("\0") if name]
    found = [finding for finding in scan(ROOT / "tests") if "key" in finding]
    assert len(named) > 500
    assert found == []
    assert not [file for file in named if file.suffix in (".key", ".pem", ".p12", ".pfx")]


SECRETS = [
    ("usr/lib/x/station.key", PEM, "a private key"),
    ("usr/lib/x/id", OPENSSH, "a private key"),
    ("usr/lib/x/locked", LOCKED, "a private key"),
    ("usr/lib/x/signing.asc", PGP, "a private key"),
    ("usr/lib/x/keys.py", f"KEY = {PEM!r}\n", "a private key"),
    ("usr/lib/x/program", "\0" * 5000 + PEM, "a private key"),
    ("etc/a.p12", "x", "a container for keys"),
    ("etc/ssh/ssh_host_ed25519_key", "x", "a key of the SSH server"),
    ("root/.ssh/authorized_keys", "ssh-ed25519 AAAA", "opens every station"),
    ("home/pi/.ssh/id_rsa", "x", "somebody's own SSH key"),
    ("etc/shadow", f"root:{YESCRYPT}:20000:0:::::\n", "root has a password"),
    ("etc/shadow", "pi::20000:0:::::\n", "pi needs no password"),
    ("etc/passwd", "pi::1000:1000::/home/pi:/bin/sh\n", "pi needs no password"),
    ("etc/machine-id", MACHINE_ID, "the machine's own number"),
    ("var/lib/dbus/machine-id", MACHINE_ID, "the machine's own number"),
    ("var/lib/systemd/random-seed", "x", "randomness"),
    ("var/lib/chargepoint/secrets/setup-code", "x", "a station's secret"),
    ("var/lib/chargepoint/certificates/pending.key", "x", "a station's key"),
    ("var/lib/chargepoint/factory.toml", "x", "a station's name"),
    ("data/chargepoint/chargepoint.db", "x", "a station's records"),
    ("etc/NetworkManager/system-connections/home.nmconnection", "x", "somebody's network"),
    ("etc/hash", SHA512, "a password's hash"),
    ("etc/other", SCRYPT, "a password's hash"),
    ("etc/x.conf", "a = 1\npassword = hunter22\n", "line 2 sets a password"),
    ("etc/x.toml", 'web_password = "hunter22"\n', "line 1 sets a password"),
    ("etc/x.json", '{\n "api_key": "hunter22"\n}', "line 2 sets a password"),
    ("etc/x.yaml", "mqtt:\n  password: hunter22\n", "line 2 sets a password"),
    ("etc/x.nmconnection", "psk=hunter22\n", "line 1 sets a password"),
    ("etc/url", "wss://cp1:hunter22@csms.example.com/", "a password in an address"),
    ("etc/aws", "AKIA" + "A" * 16, "a key of a service"),
    ("lib/x.py", "PASSWORD = 'hunter22'\n", "line 1 gives PASSWORD a text"),
    ("lib/x.py", "self.admin_password = b'hunter22'\n", "line 1 gives admin_password a text"),
    ("lib/x.py", "def f(a, password='hunter22'): ...\n", "line 1 gives password a text"),
    ("lib/x.py", "def f(*, token='hunter22'): ...\n", "line 1 gives token a text"),
    ("lib/x.py", "log_in(user, secret='hunter22')\n", "line 1 gives secret a text"),
    ("lib/x.py", "d = {'password': 'hunter22'}\n", "line 1 gives password a text"),
    ("lib/x.py", "d['password'] = 'hunter22'\n", "line 1 gives password a text"),
]


@pytest.mark.parametrize(("name", "content", "said"), SECRETS, ids=[f"{name} {said}" for name, _, said in SECRETS])
def test_a_secret_is_found(tmp_path: Path, name: str, content: str, said: str) -> None:
    put(tmp_path, name, content)
    assert any(finding.startswith(f"{name}: ") and said in finding for finding in scan(tmp_path)), scan(tmp_path)


NONE = [
    ("etc/shadow", "root:*:20000:0:::::\nchargepoint:!*:20000::::::\ndaemon:!:1::::::\n"),
    ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
    ("etc/machine-id", ""),
    ("etc/machine-id", "uninitialized\n"),
    ("etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAA"),
    ("root/.ssh/authorized_keys", ""),
    ("etc/x.toml", 'password_file = "/etc/chargepoint/password"\npassword = ""\n# password = "hunter22"\n'),
    ("etc/x.conf", "password = /etc/secret\nPermitEmptyPasswords no\nPasswordAuthentication no\n"),
    ("etc/x.json", '{"password": "The password cannot be kept."}'),
    ("lib/x.py", "PASSWORD = os.environ['P']\ntoken = Token('x')\nNO_PASSWORD = 'hunter22 and so on'\n"),
    ("lib/x.py", "class K(StrEnum):\n    basic_auth_password = 'BasicAuthPassword'\n"),
    ("lib/x.py", "BEGIN = '-----BEGIN PRIVATE KEY-----'\nEND = '-----END PRIVATE KEY-----'\n"),
    ("lib/x.py", "MARK = '$scrypt$ln='\nURL = 'http://user@host/'\n"),
    ("lib/broken.py", "def ("),
    ("usr/share/doc/x", "Write wss://server:443/path, then password=…"),
    ("empty", ""),
]


@pytest.mark.parametrize(("name", "content"), NONE, ids=[f"{name} {content[:20]!r}" for name, content in NONE])
def test_what_is_none_is_let_be(tmp_path: Path, name: str, content: str) -> None:
    put(tmp_path, name, content)
    assert scan(tmp_path) == []


def test_what_has_been_looked_at_is_passed_by_name(tmp_path: Path) -> None:
    put(tmp_path, "lib/x.py", "PASSWORD = 'hunter22'\n")
    assert scan(tmp_path, but=["lib/x.py"]) == []
    assert len(scan(tmp_path, but=["lib/y.py"])) == 1


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    put(tmp_path, "a.key", PEM)
    assert main([str(tmp_path)]) == 1
    assert "a.key: a private key" in capsys.readouterr().out


def test_no_package_is_built_with_a_secret_in_it(tmp_path: Path) -> None:
    _refuse_secrets(tmp_path)
    put(tmp_path, "etc/chargepoint/station.key", PEM)
    with pytest.raises(BuildFailed, match=r"station\.key: a private key"):
        _refuse_secrets(tmp_path)


def put(root: Path, name: str, content: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)
