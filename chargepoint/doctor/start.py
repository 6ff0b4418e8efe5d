"""Builds what the examination of the back office needs, without starting a daemon or changing what it remembers."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import ssl

from chargepoint.app import connector
from chargepoint.building import build
from chargepoint.core import catalogue as known
from chargepoint.doctor.network import Network
from chargepoint.doctor.office import Office
from chargepoint.doctor.station import Station
from chargepoint.modem import PROGRAM, mmcli
from chargepoint.ocpp.link import tls_context
from chargepoint.proxy import proxy_of
from chargepoint.security.access import StationAccess
from chargepoint.store.certificates import CertificateFiles
from chargepoint.store.glance import Glance
from chargepoint.timing import Clock, boot_id


def opened_office(station: Station) -> Office | None:
    """None where the station needs no back office. While a daemon runs it alone logs in."""
    csms = station.config.csms
    memory = Glance(station.state / "chargepoint.db")
    certificates = CertificateFiles(station.state / "certificates")
    built = build(station.config, memory, certificates)
    if csms is None or built.networks is None:
        return None
    access = StationAccess(csms, built.networks, certificates)
    csms = dataclasses.replace(
        csms, url=built.networks.profile.url or csms.url
    )  # the back office may have raised the profile

    def context() -> ssl.SSLContext:
        return tls_context(access.endpoint())

    settings = built.settings
    ask = mmcli if shutil.which(PROGRAM) is not None else None
    plain = Office(
        csms=csms, context=context, connector=None,
        network=Network(ask_modem=ask, ping_s=settings[known.WEB_SOCKET_PING_INTERVAL]),
        proxy=lambda: proxy_of(station.config.network),
    )  # fmt: skip
    if station.status is not None:
        return dataclasses.replace(plain, daemon_says=str(station.status["csms"]["state"]))
    clock = Clock(asyncio.get_running_loop().time, boot_id())
    clock.look()
    return Office(
        csms=csms, context=context, connector=connector(station.config, built.settings, clock, memory, access)
    )
