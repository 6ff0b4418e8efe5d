"""The configuration as the program uses it: one frozen dataclass a table of `chargepoint.toml`.

What a value may be stands beside its field; what must fit together stands in `rules`. The help texts are the
sentences of `docs/configuration.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chargepoint.config.maker import MAKER, Maker
from chargepoint.texts import LANGUAGES
from hw.discovery import option

SPOKEN = ("2.0.1", "1.6")
"""The OCPP versions of this program, best first."""

PHASE_ROTATIONS = ("RST", "RTS", "SRT", "STR", "TRS", "TSR", "NotApplicable", "Unknown")
"""The words of OCPP 1.6's ConnectorPhaseRotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationConfig:
    """What the nameplate says, and what to do when power or program come back. On a station that its maker has
    provisioned the nameplate is known, and the table may be left out.
    """

    vendor: str = option(help="the maker's name, as on the nameplate")
    model: str = option(help="the model's name, as on the nameplate")
    serial_number: str = option(help="as on the nameplate; the back office may tell stations apart by it")
    firmware_version: str = option("", help="what the back office is told; empty: the version of this program")
    after_power_loss: str = option(
        "end",
        choices=("end", "resume"),
        help="after a power cut, end the session that was open or go on with it, if the car is still there",
    )
    language: str = option(
        LANGUAGES[0],
        choices=LANGUAGES,
        help="what displays speak, and the page to browsers that ask for none of these languages",
    )
    hard_reset: str = option(
        "restart",
        choices=("restart", "reboot"),
        help="what a hard reset ordered by the back office restarts: this program, or the whole machine",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyConfig:
    """The fuse in front of everything, shared fairly by all EVSEs."""

    max_current_a: float = option(
        0.0, minimum=0.0, help="amperes per phase of that fuse; 0: each EVSE's own limit is enough"
    )
    phases: int = option(3, choices=(1, 3), help="how many phases reach the station")
    external_limit_w: float = option(
        4200.0,
        minimum=0.0,
        maximum=60_000.0,
        help="watts of each outlet while the grid operator's contact (an input of `sensors`) asks for less; where "
        "three phases at 6 A are more, one phase is used with `phase_switching`, else charging pauses. 0 pauses",
    )
    building_max_current_a: float = option(
        0.0,
        minimum=0.0,
        help="amperes per phase of the building's own fuse, behind the main meter: charging gets what everything else "
        'leaves of it. Needs a [[meter]] with role = "main"; 0: the building is not looked at',
    )
    building_fallback_a: float = option(
        6.0,
        minimum=0.0,
        help="amperes per phase for all outlets together while the main meter is silent, however much the building "
        "takes; 0 pauses",
    )
    max_phase_difference_a: float = option(
        0.0,
        minimum=0.0,
        help="amperes by which the phases may be loaded differently, by all outlets together; Germany allows 20 "
        "(4.6 kVA). 0: no limit",
    )
    off_peak: str = option(
        "none",
        choices=("none", "uk"),
        help='charging hours that hold until the owner chooses others: "uk": not on weekdays from 8 to 11 and 16 to 22 '
        "o'clock in London, and a random delay of 600 s, as Great Britain demands of home and workplace chargers",
    )
    random_delay_s: int = option(
        0,
        minimum=0,
        maximum=1800,
        help="longest random delay before charging starts, or changes with a charging profile; 0: none. Great Britain "
        "demands 600. The back office may change it (RandomDelay)",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CsmsConfig:
    """The back office. Leave the table out for a station that needs none."""

    url: str = option(help="begins with wss:// (encrypted) or ws://; the station connects to url/identity")
    identity: str = option(
        help="the station's name at the back office, which gives it out; on a provisioned station it is known"
    )
    versions: tuple[str, ...] = option(
        SPOKEN, choices=SPOKEN, help="the OCPP versions this station offers; the server picks one by its own order"
    )
    secure_url: str = option(
        "",
        help="where the station connects with security profiles 2 and 3 when `url` begins with ws://, should the back "
        "office raise the profile; without it, `url` with wss://, if that names no port",
    )
    security_profile: int = option(
        2,
        minimum=0,
        maximum=3,
        help="0: no password, for tests only; 1: password; 2: password and encryption (wss://); 3: encryption and a "
        "certificate of the station. The back office may raise it",
    )
    password_file: Path | None = option(
        None, help="a file that holds the password for the back office and nothing else; needed by profiles 1 and 2"
    )
    ca_file: Path | None = option(
        None, help="certificates (PEM) the server is checked against; without it, those of the operating system"
    )
    certificate_file: Path | None = option(
        None,
        help="the station's own certificate and what leads to its root (PEM), for profile 3; one that the back office "
        "has installed comes first",
    )
    key_file: Path | None = option(None, help="the private key of that certificate (PEM)")
    known_hosts_file: Path | None = option(
        None, help="keys of the SSH servers that logs and firmware may go over; without it there is no SFTP"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareConfig:
    """How this machine's software is renewed when the back office says so. Without the table it cannot be."""

    install_program: Path | None = option(
        None,
        help="a program of yours that takes the checked firmware file as its only argument, puts it in place and ends "
        "with status 0; without one only simulated hardware can be updated",
    )
    root_file: Path | None = option(
        None, help="the manufacturer's root certificate (PEM); only firmware signed in its name is taken"
    )
    version_file: Path | None = option(
        None,
        help="a file whose first line is the version of what is installed, such as an image has; without it, "
        "firmware_version in [station]",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateConfig:
    """Two systems on one medium, for machines with RAUC. Without RAUC nothing reads it."""

    rauc_program: Path | None = option(
        None,
        help="RAUC's program; without it, `rauc` where /etc/rauc/system.conf says that this machine has slots. It "
        "installs what the back office or `chargepoint update` brings, unless there is an `install_program`",
    )
    trial_s: int = option(
        600,
        minimum=60,
        maximum=900,
        help="how long a new system has to pass its self-test and be accepted by the back office; then the station "
        "goes back to the one before",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessConfig:
    """Who may charge."""

    mode: str = option(
        "ocpp",
        choices=("ocpp", "local", "free"),
        help='who decides: "ocpp" the back office, "local" the cards added here with `chargepoint cards add`, '
        '"free" nobody, every car is charged. Where this table and [csms] are both missing: "local" with a '
        '[[card_reader]], "free" without',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvseConfig:
    """One charging outlet. The n-th [[evse]] is EVSE n, connector 1 of it, and connector n in OCPP 1.6."""

    id: int
    max_current_a: float = option(
        16.0, minimum=6.0, maximum=80.0, help="amperes per phase of cable, breaker and contactor, whichever is least"
    )
    phases: int = option(3, choices=(1, 3), help="how many phases the contactor switches")
    phase_rotation: str = option(
        "RST",
        choices=PHASE_ROTATIONS,
        help="the order in which the phases of the supply reach this outlet's L1, L2, L3",
    )
    outlet: str = option(
        "socket", choices=("socket", "cable"), help="a socket for the driver's own cable, or a fixed cable"
    )
    on_meter_loss: str = option(
        "stop",
        choices=("stop", "continue"),
        help="when the meter stops answering while a car charges: stop, or go on without counting",
    )
    fallback_a: float = option(
        6.0,
        minimum=0.0,
        maximum=80.0,
        help="amperes a car may go on with, for two minutes at most, while the program is stalled or being "
        "restarted; 0 where every watt-hour must be paid for",
    )
    pilot: Mapping[str, Any] = option(
        default_factory=lambda: {"driver": "mock"},
        help="the control pilot's driver and its options; without one the whole EVSE is simulated",
    )
    contactor: Mapping[str, Any] | None = option(
        None, help="the contactor's driver; leave it out where the pilot's controller switches the contactor"
    )
    lock: Mapping[str, Any] | None = option(None, help="the driver of the lock that holds the plug in a socket")
    meter: Mapping[str, Any] | None = option(None, help="the energy meter's driver; without one no energy is counted")
    phase_contactor: Mapping[str, Any] | None = option(
        None,
        help="the driver of a second contactor for L2 and L3, in series with the first: it switches without load only",
    )
    sensors: Mapping[str, Any] | None = option(
        None, help="the driver of this outlet's inputs: residual current, emergency stop, temperature, door"
    )
    indicator: Mapping[str, Any] | None = option(None, help="the driver of this outlet's lamps and buzzer")
    ventilation: bool = option(
        False, help="whether cars may charge that need a ventilated place (state D): true outdoors, or with a fan"
    )
    simplified_cars: bool = option(
        True,
        help="whether cars may charge that ask for power the moment they are plugged in (no switch S2); they are "
        "offered 10 A at most, as IEC 61851-1 annex A has it",
    )
    wake_up: bool = option(
        False,
        help="whether a car that does not ask for power within 30 s is woken, once, as if it had been plugged in again",
    )
    phase_switching: bool = option(
        False,
        help="whether the station may change between one and three phases; needs `phase_contactor`, and takes effect "
        "once a charging profile asks for one phase. Some cars are damaged by it: ask their makers",
    )
    phase_pause_s: float = option(
        10.0, minimum=10.0, maximum=600.0, help="how long nothing is offered after the phases were switched"
    )


@dataclass(frozen=True, slots=True)
class StationMeter:
    """A meter of the whole station: `main` counts what the building takes, `pv` what its panels give."""

    role: str  # main, pv
    table: Mapping[str, Any]  # the driver's


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """The page and the local API. Leave the table out for no page; the commands work all the same."""

    listen: str = option("127.0.0.1:8080", help="address:port; port 0 picks a free one; 0.0.0.0 is every network")
    password_file: Path | None = option(
        None,
        help="a file that holds the page's password and nothing else, 8 characters or more; any user name goes with "
        "it. Without one, a page that others can reach asks for the setup code of the station's label once, and lets "
        "its owner choose the password",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttConfig:
    """A broker of the home, for Home Assistant and energy managers. Leave the table out and nothing of it is loaded."""

    url: str = option(
        help="the broker: mqtt://host or mqtts://host (encrypted), and :port where it is not the usual one"
    )
    username: str = option("", help="the station's user at the broker")
    password_file: Path | None = option(None, help="a file that holds that user's password and nothing else")
    ca_file: Path | None = option(
        None, help="certificates (PEM) the broker is checked against; without it, those of the operating system"
    )
    topic: str = option("chargepoint", help="all topics begin with this, then comes the identity")
    identity: str = option(
        "",
        help="the station's name in topics and in Home Assistant; empty: the back office's identity, else the serial "
        "number",
    )
    discovery_prefix: str = option(
        "homeassistant", help="where Home Assistant looks for devices; empty: it is told nothing"
    )
    control: bool = option(
        False,
        help="whether commands are taken from the broker: limit, pause, start, stop, unlock, in or out of service. "
        "Never beyond any other limit; but whoever may publish at the broker may then stop a session",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """What stands between this station and everything outside. Modem and addresses are the operating system's."""

    proxy: str = option(
        "",
        help="the HTTP proxy that back office, firmware and logs are reached through, such as "
        "http://proxy.example.com:3128; empty: none. Files by FTP and SFTP pass it by",
    )
    proxy_username: str = option("", help="the station's user at the proxy, where it asks for one")
    proxy_password_file: Path | None = option(None, help="a file that holds that user's password and nothing else")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorConfig:
    """For `chargepoint doctor`; nothing else reads it."""

    spare_line: int | str | None = option(
        None,
        help="a GPIO line to which nothing is wired: a process drives it and is killed, and its level afterwards tells "
        "what a contactor would do",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file."""

    station: StationConfig
    evses: tuple[EvseConfig, ...]
    supply: SupplyConfig = SupplyConfig()
    csms: CsmsConfig | None = None
    access: AccessConfig = AccessConfig()
    card_readers: tuple[Mapping[str, Any], ...] = ()
    meters: tuple[StationMeter, ...] = ()  # of the station, not of an EVSE
    displays: tuple[Mapping[str, Any], ...] = ()
    sensors: Mapping[str, Any] | None = None  # inputs that concern every EVSE
    settings: Mapping[str, str] = field(default_factory=dict)  # canonical setting name -> text
    web: WebConfig | None = None
    mqtt: MqttConfig | None = None
    network: NetworkConfig = NetworkConfig()
    doctor: DoctorConfig = DoctorConfig()
    firmware: FirmwareConfig = FirmwareConfig()
    update: UpdateConfig = UpdateConfig()
    maker: Maker = MAKER  # of the factory file
    path: Path | None = None
    written: str = ""  # the digest of the file's text alone
    digest: str = ""  # of the file's text: another one, another digest
    mock: bool = False  # every pilot and contactor is simulated
