"""The bridge as one long-lived task of the daemon. Nothing here is expensive to import: the library comes later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from chargepoint.mqtt.bridge import Bridge
from chargepoint.mqtt.commands import Orders
from chargepoint.mqtt.discovery import Outlet, Plate, announcement
from chargepoint.mqtt.line import Connect
from chargepoint.mqtt.topics import Topics, plain
from chargepoint.web.api import routes

if TYPE_CHECKING:
    from chargepoint.config import Config, MqttConfig
    from chargepoint.web.controls import Controls


async def keep_told(controls: Controls, mqtt: MqttConfig) -> None:
    """For ever."""
    await asyncio.to_thread(import_module, "chargepoint.mqtt.broker")  # else the loop would stand for 0.1 s
    from chargepoint.mqtt.broker import Address, connector

    controls.tally.broker = False
    bridge = bridge_of(controls, mqtt)
    address = Address.of(mqtt.url, mqtt.username, mqtt.password_file, mqtt.ca_file)
    connect = connector(address, f"chargepoint-{bridge.topics.identity}", bridge.topics.availability)
    await bridge.run(cast(Connect, connect))


def bridge_of(controls: Controls, mqtt: MqttConfig) -> Bridge:
    topics = topics_of(controls.config, mqtt)
    orders = Orders(controls, routes(controls))
    return Bridge(controls, topics, orders, _announced(controls, topics, control=mqtt.control), control=mqtt.control)


def topics_of(config: Config, mqtt: MqttConfig) -> Topics:
    identity = mqtt.identity or plain(config.csms.identity if config.csms else config.station.serial_number)
    return Topics(mqtt.topic, identity, mqtt.discovery_prefix)


def _announced(controls: Controls, topics: Topics, *, control: bool) -> Callable[[], Mapping[str, Any] | None]:
    """Made once: nothing in it changes while the program runs."""
    if not topics.discovery_prefix:
        return lambda: None
    config = controls.config
    plate = Plate(config.station.vendor, config.station.model, config.station.serial_number, controls.firmware)
    outlets = [
        Outlet(spec.id, spec.max_current_a, spec.phases, spec.lock is not None, spec.meter is not None)
        for spec in config.evses
    ]
    free, office = config.access.mode == "free", config.csms is not None
    told = announcement(topics, plate, outlets, control=control, free=free, office=office)
    return lambda: told
