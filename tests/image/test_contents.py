"""What is in the image, without starting it: no password, no key, no number that every station would have."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.sbom import as_text, of_image
from deploy.secrets_scan import scan


@pytest.fixture(scope="module")
def root(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its files, unpacked."""
    folder = tmp_path_factory.mktemp("contents") / "root"
    squashfs = image.with_suffix(".squashfs")
    subprocess.run(["unsquashfs", "-quiet", "-no-progress", "-dest", folder, squashfs], check=True, capture_output=True)
    return folder


def test_nobody_has_a_password(root: Path) -> None:
    users = [line.split(":") for line in (root / "etc/shadow").read_text().splitlines()]
    assert [name for name, password, *_ in users if not password.startswith(("!", "*"))] == []
    assert (root / "etc/machine-id").read_bytes() == b""


def test_it_holds_no_secret_and_no_default_password(root: Path) -> None:
    known = ("boot/initrd.img-", "libgnutls.so", "openssh/sshd-")  # deploy/image/build.sh says why
    assert [each for each in scan(root) if not any(name in each for name in known)] == []


def test_its_bill_of_materials_names_kernel_program_and_what_that_brings_along(root: Path) -> None:
    told = of_image(root, "1")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(as_text(told)) is None
    there = {each["purl"].partition("@")[0] for each in told["components"]}
    assert {
        "pkg:deb/debian/chargepoint",
        "pkg:deb/debian/rauc",
        "pkg:pypi/chargepoint",
        "pkg:pypi/cryptography",
    } <= there
    assert any(name.startswith("pkg:deb/debian/linux-image-") for name in there)


def test_no_secret_of_a_station_is_in_it(root: Path) -> None:
    assert list((root / "var/lib/chargepoint").rglob("*")) in ([], [root / "var/lib/chargepoint/secrets"])
    assert [path.name for path in (root / "etc/NetworkManager/system-connections").glob("*")] == []
    assert list(root.rglob("authorized_keys")) == []


def test_the_boot_loader_runs_its_file(image: Path) -> None:
    grub = Path(__file__).parents[2] / "deploy" / "image" / "grub.cfg"
    subprocess.run(["grub-script-check", grub], check=True)


def test_nothing_in_it_offers_a_login(root: Path) -> None:
    for unit in ("getty@", "serial-getty@", "console-getty"):
        assert str((root / f"etc/systemd/system/{unit}.service").readlink()) == "/dev/null"
