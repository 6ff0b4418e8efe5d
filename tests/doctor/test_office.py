"""The way to the back office without a network: names, who logs in, and each refusal with its remedy."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chargepoint.building import build
from chargepoint.config import CsmsConfig
from chargepoint.core.catalogue import SECURITY_PROFILE
from chargepoint.core.settings import Names
from chargepoint.doctor.office import LOGIN, NAME, TLS, Office, refused
from chargepoint.doctor.start import opened_office
from chargepoint.doctor.station import Station
from chargepoint.ocpp import refusals
from chargepoint.ocpp.transport import LinkRefused
from chargepoint.proxy import Proxy
from chargepoint.store.journal import Journal
from chargepoint.store.memory import Memory
from hw.doctor import Finding, Outcome
from tests.world import a_config


def csms(url: str = "ws://csms.invalid/ocpp") -> CsmsConfig:
    profile = 0 if url.startswith("ws:") else 2
    return CsmsConfig(url=url, identity="CP1", security_profile=profile)


def no_tls() -> ssl.SSLContext:
    raise AssertionError("no TLS here")


async def found(office: Office) -> dict[str, Finding]:
    return {finding.step: finding async for finding in office.steps()}


async def test_a_name_that_nobody_knows_ends_the_way() -> None:
    async def nobody(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    told = await found(Office(csms=csms(), context=no_tls, connector=None, resolve=nobody))
    assert list(told) == [NAME]
    assert told[NAME].seen == "csms.invalid:80 cannot be found"
    assert told[NAME].remedy == "Check the name, and the station's name server."


async def test_a_name_server_that_never_answers_is_given_up() -> None:

    async def silent(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(3600)
        return []

    told = await found(Office(csms=csms(), context=no_tls, connector=None, resolve=silent))
    assert told[NAME].seen == "csms.invalid:80 does not answer in time"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("wss://a.example/ocpp", "a.example", 443),
        ("ws://a.example", "a.example", 80),
        ("wss://a.example:8443/x", "a.example", 8443),
    ],
)
def test_host_and_port_are_those_of_the_url(url: str, host: str, port: int) -> None:
    office = Office(csms=csms(url), context=no_tls, connector=None)
    assert (office.host, office.port) == (host, port)


class Said:
    """A way to the back office that ends like this."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome
        self.closed = False
        self.offered: Sequence[str] = ()

    async def connect(self, subprotocols: Sequence[str]) -> Any:
        self.offered = subprotocols
        if isinstance(self._outcome, Exception):
            raise self._outcome
        self.subprotocol = self._outcome
        return self

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed = True


async def test_a_login_is_tried_once_and_closed_again() -> None:
    line = Said("ocpp2.0.1")
    told = await Office(csms=csms(), context=no_tls, connector=line)._login()  # type: ignore[arg-type]
    assert (told.outcome, told.seen) == (Outcome.OK, "as CP1, ocpp2.0.1")
    assert (line.closed, line.offered) == (True, ["ocpp2.0.1", "ocpp1.6"])


@pytest.mark.parametrize(
    ("sentence", "what", "remedy"),
    [
        (
            refusals.of_status(401, []),
            "the back office refuses the password (401)",
            "Check identity and password_file.",
        ),
        (
            refusals.of_status(404, []),
            "the back office does not know this station (404)",
            "Check url and identity.",
        ),
        (
            refusals.NO_COMMON_VERSION.format("ocpp2.0.1"),
            "the back office picked none of ocpp2.0.1",
            "Check versions, and its OCPP version.",
        ),
        (
            refusals.VERIFICATION[10],
            "the server's certificate has expired",
            "Check the station's clock, then tell the back office.",
        ),
        ("it is out of its mind", "it is out of its mind", "Check url in [csms]."),
    ],
)
def test_every_refusal_is_split_into_what_and_what_to_do(sentence: str, what: str, remedy: str) -> None:
    told = refused(LOGIN, str(LinkRefused(sentence)))
    assert (told.outcome, told.seen, told.remedy) == (Outcome.FAILED, what, remedy)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("accepted", Outcome.OK),
        ("pending", Outcome.OK),
        ("rejected", Outcome.FAILED),
        ("offline", Outcome.FAILED),
        ("connecting", Outcome.FAILED),
    ],
)
async def test_while_a_daemon_runs_it_is_believed_and_nobody_else_logs_in(state: str, outcome: Outcome) -> None:
    told = await Office(csms=csms(), context=no_tls, connector=None, daemon_says=state)._login()
    assert told.outcome is outcome


async def test_a_line_without_encryption_has_no_certificate() -> None:
    told = await Office(csms=csms(), context=no_tls, connector=None)._tls()
    assert (told.step, told.outcome) == (TLS, Outcome.SKIPPED)


async def test_the_office_is_sought_where_the_back_office_has_raised_the_station_to(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("the password of this station")
    (tmp_path / "ca.pem").write_text("a root")
    link = {"url": "ws://csms.example/ocpp", "security_profile": 1}
    files = {"password_file": tmp_path / "password", "ca_file": tmp_path / "ca.pem"}
    config = a_config("1.6", link={**link, **files})
    journal = Journal.open(tmp_path / "chargepoint.db", boot="boot", inline=True, has_csms=True)
    memory = Memory(journal.database)
    settings = build(config, memory).settings
    assert settings.change(SECURITY_PROFILE, "2", "csms", Names.OCPP_1_6).accepted
    await memory.flushed()
    await journal.close()

    office = opened_office(Station(config, tmp_path / "chargepoint.toml", tmp_path))

    assert office is not None
    assert (office.host, office.port, office.secure) == ("csms.example", 443, True)


# --- who stands in between --------------------------------------------------------------------------------------------


async def known(host: str, port: int) -> Sequence[str]:
    return ["192.0.2.7"]


async def a_portal(host: str) -> str:
    return f"this network sends whoever asks for {host} to a login page: log in there"


async def login(office: Office, error: Exception) -> Finding | None:
    return await office._between(LOGIN, error)


async def test_a_portal_is_named_where_plain_ws_comes_to_nothing() -> None:
    office = Office(csms=csms(), context=no_tls, connector=None, resolve=known, portal=a_portal)
    told = await login(office, LinkRefused("302 comes back", status=302))
    assert told is not None
    assert (told.seen, told.remedy) == (
        "this network sends whoever asks for csms.invalid to a login page",
        "Log in there.",
    )


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ws://csms.invalid/ocpp", LinkRefused("not admitted", status=401)),  # the back office itself has said so
        ("wss://csms.invalid/ocpp", LinkRefused("something", status=200)),  # its certificate was in order
        ("ws://127.0.0.1/ocpp", LinkRefused("something", status=200)),  # there is no network in between
    ],
)
async def test_nobody_in_between_is_accused_where_the_back_office_has_answered(url: str, error: Exception) -> None:
    office = Office(csms=csms(url), context=no_tls, connector=None, resolve=known, portal=a_portal)
    assert await login(office, error) is None


async def test_behind_a_proxy_the_proxy_is_what_has_to_be_reached() -> None:
    proxy = Proxy("http://127.0.0.1:9")
    told = await found(
        Office(csms=csms("wss://csms.invalid/ocpp"), context=no_tls, connector=None, proxy=lambda: proxy)
    )
    assert told[NAME].outcome is Outcome.SKIPPED
    assert told["csms.reach"].seen == "nothing listens at the proxy 127.0.0.1:9"
