"""The Debian package as it is built here, and the wheels of the other machine: contents, fields, and that no secret,
no name of this machine and no other architecture got in.
"""

import os
import re
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from chargepoint.version import VERSION
from deploy.debian.package import build, source_date_epoch
from deploy.debian.releases import RELEASES, Target, here
from deploy.debian.wheels import ROOT, fill

pytestmark = pytest.mark.debian

AARCH64, X86_64 = 183, 62  # e_machine of ELF


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(here(), tmp_path_factory.mktemp("first"), compression="none")


@pytest.fixture(scope="module")
def entries(package: Path) -> dict[str, tarfile.TarInfo]:
    """Path from the root -> what tar knows of it."""
    return {member.name.removeprefix("."): member for member in _tar(package).getmembers()}


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    subprocess.run(["dpkg-deb", "-R", str(package), str(root)], check=True)
    return root


def _tar(package: Path) -> tarfile.TarFile:
    child = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], check=True, stdout=subprocess.PIPE)
    from io import BytesIO

    return tarfile.open(fileobj=BytesIO(child.stdout))


def _field(package: Path, name: str) -> str:
    command = ["dpkg-deb", "--field", str(package), name]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def test_its_fields_say_what_it_is(package: Path) -> None:
    assert _field(package, "Package") == "chargepoint"
    assert _field(package, "Version").partition("+")[0] == VERSION
    assert _field(package, "Architecture") == here().arch
    assert f"python3 (>= {here().release.python_version}~)" in _field(package, "Depends")
    assert int(_field(package, "Installed-Size")) > 10_000


@pytest.mark.parametrize(
    "path",
    [
        "/usr/bin/chargepoint",
        "/usr/lib/chargepoint/guard",
        "/usr/lib/chargepoint/site-packages/chargepoint/ocpp/generated/v16/ResetRequest.py",
        "/usr/lib/chargepoint/site-packages/gpiod/__init__.py",
        "/usr/lib/systemd/system/chargepoint.service",
        "/usr/lib/systemd/system/chargepoint-guard.service",
        "/usr/lib/sysusers.d/chargepoint.conf",
        "/usr/lib/tmpfiles.d/chargepoint.conf",
        "/usr/lib/udev/rules.d/70-chargepoint.rules",
        "/usr/share/man/man1/chargepoint.1.gz",
        "/usr/share/doc/chargepoint/copyright",
        "/usr/share/doc/chargepoint/changelog.gz",
        "/usr/share/doc/chargepoint/docs/observation.md",
        "/usr/share/doc/chargepoint/examples/chargepoint-alerts.yml",
        "/usr/share/doc/chargepoint/examples/chargepoint.json",
        "/usr/share/doc/chargepoint/examples/chargepoint.toml",
        "/etc/chargepoint/chargepoint.toml",
    ],
)
def test_it_carries_what_a_station_needs(entries: dict[str, tarfile.TarInfo], path: str) -> None:
    assert path in entries


def test_everything_belongs_to_root_and_nothing_is_writable_by_others(entries: dict[str, tarfile.TarInfo]) -> None:
    assert {(entry.uname, entry.gname) for entry in entries.values()} == {("root", "root")}
    assert [
        n for n, e in entries.items() if not e.issym() and e.mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_ISUID)
    ] == []


def test_an_installer_s_changes_of_the_configuration_survive(unpacked: Path) -> None:
    assert (unpacked / "DEBIAN/conffiles").read_text() == "/etc/chargepoint/chargepoint.toml\n"


def test_every_module_has_its_byte_code(unpacked: Path) -> None:
    site = unpacked / "usr/lib/chargepoint/site-packages"
    tag = here().release.abi.replace("cp", "cpython-")
    for name in ("chargepoint/app", "hw/guard/rules", "websockets/protocol"):
        folder, _, module = name.rpartition("/")
        code = (site / folder / "__pycache__" / f"{module}.{tag}.pyc").read_bytes()
        assert code[4:8] == b"\x01\x00\x00\x00"  # a hash of the source, unchecked: PEP 552


def test_what_it_launches_runs_isolated_and_finds_its_own_packages(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "hw").mkdir()  # a trap beside whoever calls
    (tmp_path / "hw/__init__.py").write_text("raise SystemExit('imported from where somebody stood')")
    python = unpacked / "usr/lib/chargepoint/bin/python3"
    python.unlink()
    python.symlink_to(f"/usr/bin/python{here().release.python_version}")
    ask = "import chargepoint, hw.processes; print(chargepoint.__file__, *hw.processes.command_of('hw.guard'))"
    command = [str(python), "-I", "-c", ask]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=tmp_path).stdout.split()
    assert said[0].startswith(str(unpacked))
    assert said[1:] == [str(python), "-I", "-m", "hw.guard"]


LETTERS = rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\r?\n[A-Za-z0-9+/=\r\n]{60}"


def test_no_secret_and_no_trace_of_who_built_it_is_inside(unpacked: Path) -> None:
    """As makers have shipped them: a key, a password, an access token; and paths that would differ elsewhere."""
    builder = [str(ROOT).encode(), b"chargepoint-deb-"]
    for path in (path for path in unpacked.rglob("*") if path.is_file() and not path.is_symlink()):
        content = path.read_bytes()
        assert not re.search(LETTERS, content), path
        assert not [word for word in builder if word in content], path
        assert path.name not in ("direct_url.json", ".netrc", ".pypirc", "csms-password", "web-password"), path
    assert list(unpacked.glob("var/**/*")) == []


def _machines(root: Path) -> Iterator[tuple[Path, int]]:
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                head = file.read(20)
            if head[:4] == b"\x7fELF":
                yield path, int.from_bytes(head[18:20], "little")


def test_every_program_in_it_is_this_machine_s(unpacked: Path) -> None:
    wanted = AARCH64 if here().arch == "arm64" else X86_64
    found = dict(_machines(unpacked))
    assert len(found) > 10
    assert set(found.values()) == {wanted}


@pytest.mark.parametrize("release", RELEASES.values(), ids=lambda release: release.name)
def test_every_program_for_arm64_is_arm64_s(release: object, tmp_path: Path) -> None:
    fill(tmp_path / "site", Target(release, "arm64"), tmp_path)  # type: ignore[arg-type]
    found = dict(_machines(tmp_path / "site"))
    assert len(found) > 10
    assert set(found.values()) == {AARCH64}
    assert (tmp_path / "site/chargepoint/app.py").exists()


def test_two_builds_are_the_same_to_the_byte(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(source_date_epoch()))
    before = os.umask(0o077)
    try:
        again = build(here(), tmp_path / "second", compression="none")
    finally:
        os.umask(before)
    assert sha256(again.read_bytes()).hexdigest() == sha256(package.read_bytes()).hexdigest()


def test_lintian_finds_no_error(package: Path) -> None:
    quickly_built = "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball"
    command = ["lintian", "--fail-on", "error", "--suppress-tags", quickly_built, str(package)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
