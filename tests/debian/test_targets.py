"""What fits which Debian on which machine, and that everything a package carries is pinned."""

import re
import tomllib

import pytest

from deploy.debian.control import control_file
from deploy.debian.layout import HERE, LAUNCHERS, PYVENV
from deploy.debian.lock import EXTRAS, LEFT_OUT
from deploy.debian.manual import manual
from deploy.debian.releases import ALL, RELEASES, Target
from deploy.debian.wheels import LOCK, ROOT
from deploy.debian.wire import wire

BOOKWORM, TRIXIE = RELEASES["bookworm"], RELEASES["trixie"]


def test_there_is_a_package_for_two_releases_and_two_machines() -> None:
    assert {(target.release.name, target.arch) for target in ALL} == {
        ("bookworm", "amd64"),
        ("bookworm", "arm64"),
        ("trixie", "amd64"),
        ("trixie", "arm64"),
    }


def test_a_package_fits_one_python_and_its_own_c_library() -> None:
    fields = control_file(Target(BOOKWORM, "arm64"), "1.2.3", 4)
    assert "Architecture: arm64\n" in fields
    assert "python3 (>= 3.11~), python3 (<< 3.12~), libc6 (>= 2.36)" in fields


def test_an_upgrade_of_debian_brings_the_package_of_the_new_release() -> None:
    assert (BOOKWORM.version_of("0.1.0"), TRIXIE.version_of("0.1.0")) == ("0.1.0+deb12", "0.1.0+deb13")


def test_no_wheel_is_taken_that_needs_a_newer_c_library() -> None:
    tags = Target(BOOKWORM, "arm64").platforms()
    assert tags[0] == "manylinux_2_36_aarch64"
    assert "manylinux_2_17_aarch64" in tags
    assert all(tag.endswith("_aarch64") for tag in tags)


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def test_every_dependency_is_pinned_by_hash() -> None:
    """Mend it with: python -m deploy.debian.lock"""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for extra in EXTRAS for line in extras.get(extra, []))]
    entries = re.findall(r"^([^=\s]+)==\S+((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", LOCK.read_text(), re.MULTILINE)
    pinned = {name for name, _ in entries}
    assert {_name(line) for line in wanted} <= {name.replace(".", "-") for name in pinned} | pinned
    assert len(entries) == LOCK.read_text().count("==")
    assert not LEFT_OUT & pinned


def test_only_debian_s_own_interpreter_is_launched_and_isolated() -> None:
    assert "include-system-site-packages = true" in PYVENV  # python3-systemd
    assert set(LAUNCHERS) == {"usr/bin/chargepoint", "usr/lib/chargepoint/guard", "usr/lib/chargepoint/mock"}


def test_the_manual_names_every_command() -> None:
    from chargepoint.cli.commands import COMMANDS

    told = manual("2026-11-23").replace(r"\-", "-")
    assert [name for name in COMMANDS if f".B chargepoint {name}\n" not in told] == []


@pytest.mark.parametrize("field", ["guard_epoch int", "limit_a float"])
def test_an_upgrade_can_tell_whether_guard_and_daemon_understand_each_other(field: str) -> None:
    assert field in next(line for line in wire().splitlines() if line.startswith("Permit: "))


def test_the_configuration_that_is_installed_is_sound_and_never_changes_without_need() -> None:
    """dpkg asks about a file that both installer and package have changed: so it says no more than it must."""
    from chargepoint.config.file import load

    assert len(load(HERE / "chargepoint.toml").evses) == 1
    assert len(tomllib.loads((HERE / "chargepoint.toml").read_text())) == 2
