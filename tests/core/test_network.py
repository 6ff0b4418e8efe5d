"""By which way the station gets to its back office: what may be set, what is tried, what is fallen back to."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from chargepoint.core.catalogue import AUTHORIZATION_KEY, NETWORK_PROFILE_CONNECTION_ATTEMPTS, SECURITY_PROFILE
from chargepoint.core.network import Means, NetworkProfile, Networks
from chargepoint.core.settings import Names, Settings

OLD, NEW, NEWER = "aa" * 16, "bb" * 16, "cc" * 20
PLAIN, SECURE = "ws://csms", "wss://csms"


@dataclass
class Site:
    """A station's means, and its networks; `start_again` is a restart of the program."""

    profile: int = 1
    key: str | None = OLD  # set by the back office
    password: bytes = b""  # of the installer
    secure_url: str = SECURE
    root: bool = True
    certificate: bool = True
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    switches: int = 0
    saved: dict[str, Any] | None = None  # what is on the disk of a trial

    def __post_init__(self) -> None:
        self.settings = self._settings()
        if self.key:
            self.settings.change(AUTHORIZATION_KEY, self.key, "csms", Names.OCPP_1_6)
        self._build()

    def _settings(self) -> Settings:
        said = {SECURITY_PROFILE.name: str(self.profile)}
        return Settings(said | ({AUTHORIZATION_KEY.name: self.password.hex()} if self.password else {}))

    def _build(self) -> None:
        means = Means(
            address=lambda level: self.secure_url if level > 1 else PLAIN,
            password=lambda: self.password,
            root=lambda: self.root,
            certificate=lambda: self.certificate,
        )
        self.networks = Networks(self.settings, means)
        self.networks.on_switch, self.networks.on_change = self._switched, self._save
        self.settings.on_change = lambda setting, text, origin: self.changes.append((setting.name, text, origin))

    def _save(self) -> None:
        self.saved = self.networks.dump()

    def _switched(self) -> None:
        self.switches += 1

    def set(self, name: str, value: str) -> str:
        """As ChangeConfiguration does; the answer."""
        setting = self.settings.find(name, Names.OCPP_1_6)
        assert setting is not None
        status = self.settings.change(setting, value, "csms", Names.OCPP_1_6).status
        self.anew = self.networks.changed()
        return status

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            self.networks.failed()

    def start_again(self, profile: int | None = None, password: bytes | None = None) -> None:
        """`profile`, `password`: what the installer has meanwhile written into the file."""
        stored = self.settings.stored()
        self.profile = profile if profile is not None else self.profile
        self.password = password if password is not None else self.password
        self.settings = self._settings()
        self.settings.restore(stored)
        self._build()
        self.networks.load(self.saved)

    @property
    def way(self) -> NetworkProfile:
        return self.networks.profile


def way(level: int, key: str = "") -> NetworkProfile:
    return NetworkProfile(url=SECURE if level > 1 else PLAIN, security_profile=level, password=bytes.fromhex(key))


# --- what may be set --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "wanted"), [(1, 2), (1, 3), (2, 3), (0, 1), (0, 3)])
def test_the_security_profile_may_be_raised(before: int, wanted: int) -> None:
    site = Site(before)
    assert site.set("SecurityProfile", str(wanted)) == "Accepted"
    assert site.anew


@pytest.mark.parametrize(("before", "wanted"), [(1, 0), (1, 1), (2, 1), (3, 2), (3, 3), (2, 4), (2, -1)])
def test_it_never_falls_and_the_same_again_is_no_raise(before: int, wanted: int) -> None:
    site = Site(before)
    assert site.set("SecurityProfile", str(wanted)) == "Rejected"
    assert not site.anew
    assert site.settings[SECURITY_PROFILE] == before


def test_not_even_somebody_on_site_lowers_it_but_in_the_file() -> None:
    site = Site(2)
    change = site.settings.change(SECURITY_PROFILE, "1", "local")
    assert (change.status, change.why) == ("Rejected", "SecurityCtrlr.SecurityProfile can only be raised")


@pytest.mark.parametrize(
    ("wanted", "lacking", "why"),
    [
        (1, {"key": None}, "AuthorizationKey"),
        (2, {"key": None}, "AuthorizationKey"),
        (2, {"root": False}, "root certificate"),
        (3, {"root": False}, "root certificate"),
        (3, {"certificate": False}, "certificate of the station"),
        (2, {"secure_url": ""}, "secure_url"),
    ],
)
def test_what_the_new_profile_needs_must_be_there(wanted: int, lacking: dict[str, object], why: str) -> None:
    site = Site(0, **lacking)  # type: ignore[arg-type]
    assert why in site.networks.refusal(wanted)
    assert site.set("SecurityProfile", str(wanted)) == "Rejected"


@pytest.mark.parametrize(
    ("wanted", "lacking"), [(1, {"root": False, "certificate": False}), (2, {"certificate": False}), (3, {"key": None})]
)
def test_what_the_new_profile_does_not_need_may_be_missing(wanted: int, lacking: dict[str, object]) -> None:
    assert Site(0, **lacking).set("SecurityProfile", str(wanted)) == "Accepted"  # type: ignore[arg-type]


def test_the_installers_password_will_do() -> None:
    assert Site(0, key=None, password=b"of the installer").set("SecurityProfile", "2") == "Accepted"


@pytest.mark.parametrize("digits", [30, 42, 33])
def test_a_key_has_16_to_20_bytes(digits: int) -> None:
    assert Site().set("AuthorizationKey", "a" * digits) == "Rejected"


# --- trying -----------------------------------------------------------------------------------------------------------


def test_a_new_key_is_shown_from_now_on() -> None:
    site = Site()
    site.set("AuthorizationKey", NEW)
    assert site.anew
    assert site.way == way(1, NEW)
    assert site.networks.connected()
    assert site.networks.dump() is None
    site.fail(10)
    assert site.way == way(1, NEW)


def test_after_some_tries_the_old_key_is_shown_and_what_gets_in_stays() -> None:
    site = Site()
    site.set("AuthorizationKey", NEW)
    site.fail(2)
    assert site.way == way(1, NEW)
    site.fail()
    assert site.way == way(1, OLD)
    site.changes.clear()
    assert not site.networks.connected()
    assert site.networks.connected()  # the next link is an ordinary one
    assert site.way == way(1, OLD)
    assert site.settings[AUTHORIZATION_KEY] == bytes.fromhex(OLD)
    assert site.changes == [(AUTHORIZATION_KEY.name, "", "csms")]
    assert site.networks.dump() is None
    assert not site.networks.changed()


@pytest.mark.parametrize("tries", [1, 2])
def test_both_are_tried_for_ever_each_as_often_until_one_gets_in(tries: int) -> None:
    site = Site()
    site.settings.change(NETWORK_PROFILE_CONNECTION_ATTEMPTS, str(tries), "csms")
    site.set("AuthorizationKey", NEW)
    seen = []
    for _ in range(4 * tries):
        seen.append(site.way.password.hex())
        site.fail()
    assert seen == [*[NEW] * tries, *[OLD] * tries] * 2


def test_another_change_begins_with_all_its_tries() -> None:
    site = Site()
    site.set("AuthorizationKey", NEW)
    site.fail(4)
    assert site.way == way(1, OLD)
    site.set("AuthorizationKey", NEWER)
    site.fail(2)
    assert site.way == way(1, NEWER)
    site.fail()
    assert site.way == way(1, OLD)


def test_a_higher_profile_that_gets_in_has_no_way_back() -> None:
    site = Site(1)
    site.set("SecurityProfile", "2")
    assert site.way == way(2, OLD)
    site.networks.connected()
    site.fail(30)
    assert site.way == way(2, OLD)
    assert site.switches == 1
    assert site.settings[SECURITY_PROFILE] == 2


def test_a_higher_profile_that_does_not_get_in_is_given_up() -> None:
    site = Site(1)
    site.set("SecurityProfile", "3")
    site.fail(3)
    assert site.way == way(1, OLD)
    site.networks.connected()
    assert site.switches == 0
    assert site.settings[SECURITY_PROFILE] == 1
    assert site.settings.origin(SECURITY_PROFILE) == "file"


def test_two_changes_in_a_row_fall_back_to_what_last_worked() -> None:
    site = Site(1)
    site.set("AuthorizationKey", NEW)
    site.set("SecurityProfile", "2")
    site.set("AuthorizationKey", NEWER)
    assert site.way == way(2, NEWER)
    site.fail(3)
    assert site.way == way(1, OLD)


def test_a_change_that_is_taken_back_leaves_no_trial() -> None:
    site = Site()
    site.set("AuthorizationKey", NEW)
    site.set("AuthorizationKey", OLD)
    assert site.networks.dump() is None
    assert site.way == way(1, OLD)


@pytest.mark.parametrize("profile", [0, 3])
def test_a_key_that_is_not_shown_changes_no_way(profile: int) -> None:
    site = Site(profile)
    site.set("AuthorizationKey", NEW)
    assert not site.anew
    assert site.way == way(profile)


def test_such_a_key_is_not_lost_when_the_profile_that_needs_it_fails() -> None:
    site = Site(0, key=None)
    site.set("AuthorizationKey", NEW)
    site.set("SecurityProfile", "1")
    site.fail(3)
    site.networks.connected()
    assert site.way == way(0)
    assert site.settings[AUTHORIZATION_KEY] == bytes.fromhex(NEW)


# --- a restart in between ---------------------------------------------------------------------------------------------


def test_a_trial_goes_on_after_a_restart() -> None:
    site = Site(1)
    site.set("SecurityProfile", "2")
    site.start_again()
    assert site.way == way(2, OLD)
    site.fail(3)
    assert site.way == way(1, OLD)
    site.networks.connected()
    site.start_again()
    assert site.way == way(1, OLD)


def test_a_key_that_is_set_meanwhile_and_not_shown_ends_no_trial() -> None:
    site = Site(1)
    site.set("SecurityProfile", "3")
    site.set("AuthorizationKey", NEW)
    site.start_again()
    assert site.way == way(3)
    site.fail(3)
    assert site.way == way(1, OLD)


def test_what_has_worked_stays_after_a_restart() -> None:
    site = Site(1)
    site.set("SecurityProfile", "2")
    site.networks.connected()
    site.start_again()
    site.fail(9)
    assert site.way == way(2, OLD)


def test_what_the_installer_has_changed_meanwhile_wins_and_has_no_way_back() -> None:
    site = Site(1)
    site.set("SecurityProfile", "2")
    site.start_again(profile=3)
    assert site.way == way(3)
    site.fail(9)
    assert site.way == way(3)


def test_another_password_of_his_wins_and_has_no_way_back_either() -> None:
    site = Site(1, key=OLD, password=b"the installers first")
    site.set("AuthorizationKey", NEW)
    site.start_again(password=b"the installers second")
    for _ in range(9):
        assert site.way.password == b"the installers second"
        site.fail()


def test_a_trial_that_is_over_is_over_after_a_restart() -> None:
    site = Site()
    site.set("AuthorizationKey", NEW)
    site.networks.connected()
    assert site.saved is None
    site.start_again()
    site.fail(9)
    assert site.way == way(1, NEW)


def test_the_installer_may_correct_his_password_at_any_time() -> None:
    site = Site(1, key=None, password=b"with a typo in it")
    site.password = b"without a typo now"
    assert site.way.password == b"without a typo now"


def test_the_password_is_in_no_log() -> None:
    assert OLD not in repr(way(1, OLD))
    assert str(bytes.fromhex(OLD)) not in repr(way(1, OLD))
