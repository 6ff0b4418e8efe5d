"""`./dev bundle`, with the real RAUC: what it makes, who takes it, and what it refuses to make."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chargepoint.installing import InstallRefused
from chargepoint.updating.rauc import Bundle, Rauc

ROOT = Path(__file__).parents[2]
TELLING = "NAME=Debian\nIMAGE_ID=acme-wall\nIMAGE_VERSION='2.1.0'\n"


@dataclass
class Factory:
    """A maker's desk: a root file system, keys, and a home of his own."""

    place: Path
    names: list[str] = field(default_factory=list)

    def root(self, os_release: str = TELLING) -> Path:
        tree = self.place / "tree"
        (tree / "usr/lib").mkdir(parents=True)
        (tree / "usr/lib/os-release").write_text(os_release)
        (tree / "program").write_bytes(os.urandom(200_000))
        image = self.place / "root.squashfs"
        subprocess.run(["mksquashfs", tree, image, "-quiet", "-no-progress"], check=True, capture_output=True)
        return image

    def keys(self, name: str) -> tuple[Path, Path]:
        key, cert = self.place / f"{name}.key", self.place / f"{name}.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        subprocess.run(
            [*command, "-keyout", key, "-out", cert, "-subj", f"/CN={name}"], check=True, capture_output=True
        )
        return key, cert

    def bundle(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "HOME": str(self.place), "XDG_DATA_HOME": str(self.place / "data")}
        return subprocess.run(
            [ROOT / "dev", "bundle", *words], env=environment, capture_output=True, text=True, check=False
        )

    def made(self, name: str) -> Path:
        """A bundle signed by `name`, whose certificate is beside it."""
        key, cert = self.keys(name)
        file = self.place / f"{name}.raucb"
        ended = self.bundle("--key", key, "--cert", cert, self.root(), file)
        assert ended.returncode == 0, ended.stderr
        return file

    def station(self, keyring: Path) -> Rauc:
        """RAUC as a station has it, which believes that keyring."""
        conf = self.place / "system.conf"
        conf.write_text(
            "[system]\ncompatible=acme-wall\nbootloader=custom\n"
            f"[keyring]\npath={keyring}\nuse-bundle-signing-time=true\n[handlers]\nbootloader-custom-backend=/bin/true\n"
        )
        program = self.place / "rauc"
        program.write_text(f'#!/bin/sh\nexec rauc --conf={conf} "$@"\n')
        program.chmod(0o755)
        return Rauc(str(program))


@pytest.fixture
def factory(tmp_path: Path) -> Factory:
    return Factory(tmp_path)


async def test_it_is_for_what_its_root_says(factory: Factory) -> None:
    file = factory.made("maker")
    assert await factory.station(factory.place / "maker.pem").bundle(file) == Bundle("acme-wall", "2.1.0")


async def test_what_somebody_else_has_signed_is_not_taken(factory: Factory) -> None:
    file = factory.made("stranger")
    _, cert = factory.keys("maker")
    with pytest.raises(InstallRefused, match="signed by somebody whom this station does not trust"):
        await factory.station(cert).bundle(file)


async def test_a_key_for_development_is_made_once_and_no_stations_keyring_has_it(factory: Factory) -> None:
    image, file = factory.root(), factory.place / "update.raucb"
    ended = factory.bundle(image, file)
    assert (ended.returncode, "signed with a key for development" in ended.stderr) == (0, True)
    key, cert = factory.place / "data/chargepoint/development.key", factory.place / "data/chargepoint/development.pem"
    assert key.stat().st_mode & 0o077 == 0
    before = key.read_bytes()
    assert factory.bundle(image, file).returncode == 0
    assert key.read_bytes() == before
    assert await factory.station(cert).bundle(file) == Bundle("acme-wall", "2.1.0")
    with pytest.raises(InstallRefused):
        await factory.station(factory.keys("maker")[1]).bundle(file)


@pytest.mark.parametrize(
    ("bend", "why"),
    [
        (lambda content: content[: len(content) // 2], "it is not a bundle, or a part of it is missing"),
        (lambda content: b"", "it is not a bundle, or a part of it is missing"),
        (lambda content: b"#!/bin/sh\nreboot\n", "it is not a bundle, or a part of it is missing"),
        (lambda content: bytes(100_000), "it is not a bundle, or a part of it is missing"),
        (lambda content: content[:-400] + b"XX" + content[-398:], "signed|changed"),
    ],
    ids=["truncated", "empty", "a script", "zeros", "another signature"],
)
async def test_what_is_not_a_whole_bundle_is_not_taken(factory: Factory, bend: object, why: str) -> None:
    assert callable(bend)
    file = factory.made("maker")
    file.write_bytes(bend(file.read_bytes()))
    with pytest.raises(InstallRefused, match=why):
        await factory.station(factory.place / "maker.pem").bundle(file)


def test_one_that_the_stations_would_not_take_is_not_made(factory: Factory) -> None:
    key, cert = factory.keys("maker")
    _, theirs = factory.keys("stations")
    file = factory.place / "update.raucb"
    ended = factory.bundle("--key", key, "--cert", cert, "--keyring", theirs, factory.root(), file)
    assert (ended.returncode, file.exists()) == (1, False)
    assert "stations with this keyring will not take it" in ended.stderr
    assert (
        factory.bundle(
            "--key", key, "--cert", cert, "--keyring", cert, *[factory.place / "root.squashfs", file]
        ).returncode
        == 0
    )


@pytest.mark.parametrize("os_release", ["NAME=Debian\n", "IMAGE_ID=acme-wall\n", "IMAGE_VERSION=2.1.0\n"])
def test_a_root_that_does_not_say_what_it_is_makes_none(factory: Factory, os_release: str) -> None:
    ended = factory.bundle(factory.root(os_release), factory.place / "update.raucb")
    assert ended.returncode == 1
    assert "does not say what it is" in ended.stderr


def test_half_a_key_is_none(factory: Factory) -> None:
    key, cert = factory.keys("maker")
    image = factory.root()
    assert "--key wants --cert" in factory.bundle("--key", key, image, "x.raucb").stderr
    assert "--cert wants --key" in factory.bundle("--cert", cert, image, "x.raucb").stderr
    assert "is not a file" in factory.bundle(factory.place / "nothing", "x.raucb").stderr


async def test_a_station_without_rauc_says_so(tmp_path: Path) -> None:
    from chargepoint.installing import InstallFailed

    with pytest.raises(InstallFailed, match="RAUC is not installed on this machine"):
        await Rauc(str(tmp_path / "nothing")).bundle(tmp_path / "x.raucb")
