"""Builds what the examination of the back office needs, without starting a daemon or changing what it remembers."""

from __future__ import annotations

import asyncio
import ssl

from chargepoint.app import connector
from chargepoint.building import build
from chargepoint.doctor.office import Office
from chargepoint.doctor.station import Station
from chargepoint.ocpp.link import Endpoint, tls_context
from chargepoint.store.glance import Glance
from chargepoint.timing import Clock, boot_id


def opened_office(station: Station) -> Office | None:
    """None where the station needs no back office. While a daemon runs it alone logs in."""
    csms = station.config.csms
    if csms is None:
        return None
    endpoint = Endpoint(
        url=csms.url, identity=csms.identity, security_profile=csms.security_profile, ca_file=csms.ca_file
    )

    def context() -> ssl.SSLContext:
        return tls_context(endpoint)

    if station.status is not None:
        return Office(csms=csms, context=context, connector=None, daemon_says=str(station.status["csms"]["state"]))
    memory = Glance(station.state / "chargepoint.db")
    clock = Clock(asyncio.get_running_loop().time, boot_id())
    clock.look()
    settings = build(station.config, memory).settings
    return Office(csms=csms, context=context, connector=connector(station.config, settings, clock, memory))
