"""Install, upgrade, remove and purge the package in a bare Debian; what an installer has written survives, and after a
purge nothing is left.
"""

import sqlite3
import subprocess
from pathlib import Path

import pytest

from chargepoint.version import VERSION
from deploy.debian.package import build
from deploy.debian.releases import RELEASES, Target
from tests.deploy.roots import Root

CONFIG = "/etc/chargepoint/chargepoint.toml"
STATE = "/var/lib/chargepoint"


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """With this version installed, and the next one lying ready as /next.deb."""
    folder = tmp_path_factory.mktemp(request.param)
    target = Target(RELEASES[request.param], "amd64")
    package = build(target, folder / "packages", compression="none")
    made = Root(_fresh(folder / "root"), request.param)
    made.put(package, "/this.deb")
    made.put(_with_version(package, "9.9.9"), "/next.deb")
    made.run("dpkg -i /this.deb")
    return made


def _fresh(folder: Path) -> Path:
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def _with_version(package: Path, version: str) -> Path:
    """The same package, as if of a later version."""
    tree, made = package.with_suffix(".tree"), package.with_name("next.deb")
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace(f"Version: {VERSION}", f"Version: {version}"))
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(made)], check=True)
    return made


def test_it_runs_on_debian_s_own_python(root: Root) -> None:
    assert VERSION in root.run("chargepoint version")
    assert "in order" in root.run("cd / && runuser -u chargepoint -- chargepoint check")
    root.run("cd / && runuser -u chargepoint -- /usr/lib/chargepoint/bin/python3 -I -c 'import gpiod, systemd.daemon'")


def test_daemon_and_guard_have_users_of_their_own(root: Root) -> None:
    assert "gpio" in root.run("id -nG chargepoint-guard").split()
    assert "gpio" not in root.run("id -nG chargepoint").split()
    assert root.run(f"stat -c %a:%U:%G {STATE} {STATE}/secrets").split() == [
        "2770:chargepoint:chargepoint",
        "700:chargepoint:chargepoint",
    ]


def test_the_services_start_with_the_machine(root: Root) -> None:
    for unit in ("chargepoint", "chargepoint-guard"):
        assert root.exists(f"/etc/systemd/system/multi-user.target.wants/{unit}.service")


def test_an_upgrade_keeps_configuration_secrets_and_journal(root: Root) -> None:
    root.run(f"sed -i 's/Simulated/Wall 22/' {CONFIG}")
    root.run(f"install -m 600 -o chargepoint /dev/null {STATE}/secrets/csms-password")
    root.run(f"echo secret > {STATE}/secrets/csms-password; echo kept > {STATE}/chargepoint.db")
    said = root.run("dpkg -i /next.deb < /dev/null")
    assert "Wall 22" in root.text(CONFIG)
    assert root.text(f"{STATE}/secrets/csms-password") == "secret\n"
    assert root.text(f"{STATE}/chargepoint.db") == "kept\n"
    assert "*** chargepoint.toml" not in said  # dpkg asks nothing


def test_a_mistake_in_the_configuration_is_told_and_does_not_fail_the_upgrade(root: Root) -> None:
    root.run(f"echo 'max_current_aa = 16' >> {CONFIG}")
    said = root.run("dpkg -i /this.deb < /dev/null")
    assert "max_current_aa" in said
    assert "mend /etc/chargepoint/chargepoint.toml" in said
    assert "install ok installed" in root.run("dpkg -s chargepoint")
    root.run(f"sed -i '$d' {CONFIG}")


def test_an_older_version_refuses_what_a_newer_one_has_written(root: Root) -> None:
    """Nothing is lost, and the sentence says what to do."""
    journal = root.folder / f"{STATE}/chargepoint.db".lstrip("/")
    journal.unlink()
    with sqlite3.connect(journal) as database:
        database.execute("PRAGMA user_version=999")
        database.execute("CREATE TABLE facts (body TEXT)")  # and none in which it says whom it is for
        database.execute("INSERT INTO facts VALUES ('a bill not yet sent')")
    database.close()
    root.run(f"chown chargepoint {STATE}/chargepoint.db")
    said = root.run("cd / && runuser -u chargepoint -- timeout 20 chargepoint run", check=False)
    assert "a newer version of this program wrote the file" in said
    assert f"{STATE}/chargepoint.db" in said
    assert "Install the newer version again" in said
    with sqlite3.connect(journal) as database:
        assert database.execute("SELECT body FROM facts").fetchall() == [("a bill not yet sent",)]
    database.close()


def test_removing_keeps_what_the_installer_wrote(root: Root) -> None:
    root.run("dpkg -r chargepoint")
    assert "Wall 22" in root.text(CONFIG)
    assert root.exists(f"{STATE}/chargepoint.db")
    assert not root.exists("/usr/lib/chargepoint")


def test_what_was_removed_can_be_installed_again(root: Root) -> None:
    root.run("dpkg -i /this.deb < /dev/null")
    assert root.run("find /etc/systemd/system -lname /dev/null") == ""
    assert "Wall 22" in root.text(CONFIG)


def test_a_purge_leaves_nothing(root: Root) -> None:
    root.run("dpkg -P chargepoint; rm /this.deb /next.deb")
    assert root.run("find / -xdev -name '*chargepoint*' -not -path '/proc/*'") == ""
    assert root.run("cat /etc/passwd /etc/group | grep chargepoint", check=False) == ""
