"""The MQTT broker: does it let this station in? Nothing is said there that anybody would notice."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from hw.doctor import Findings, failed, ok
from hw.errors import Fixable

if TYPE_CHECKING:
    from chargepoint.config import Config

STEP, PROVES = "mqtt.broker", "broker lets this station in"
WITHIN_S = 25.0


async def broker_steps(config: Config) -> Findings:
    """Nothing where no broker is configured."""
    mqtt = config.mqtt
    if mqtt is None:
        return
    from chargepoint.mqtt.broker import Address, connector
    from chargepoint.mqtt.task import topics_of

    topics = topics_of(config, mqtt)
    address = Address.of(mqtt.url, mqtt.username, mqtt.password_file, mqtt.ca_file)
    connect: Any = connector(address, f"chargepoint-doctor-{topics.identity}", f"{topics.root}/doctor")
    try:
        async with asyncio.timeout(WITHIN_S):
            link: AbstractAsyncContextManager[Any] = connect()
            async with link as line:
                await line.subscribe(topics.commands if mqtt.control else [topics.availability])
    except Fixable as fault:
        yield failed(STEP, PROVES, fault.what, fault.fix)
    except TimeoutError:
        yield failed(STEP, PROVES, f"{address.shown} does not answer", "Check url of [mqtt], and the broker.")
    else:
        yield ok(STEP, PROVES, f"{address.shown}{', encrypted' if address.encrypted else ''}; topics {topics.root}/...")
