"""What must fit together in the [mqtt] table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chargepoint.config.csms import UNKNOWN
from hw.discovery import Mistake

if TYPE_CHECKING:
    from chargepoint.config import MqttConfig
    from chargepoint.config.rules import Draft

LEVEL = 64  # characters of a name in a topic


def broker(draft: Draft) -> Iterator[Mistake]:
    if draft.mqtt is None:
        return
    if draft.mqtt.url != UNKNOWN:
        yield from _url(draft.mqtt.url)
    for key in ("topic", "identity", "discovery_prefix"):
        yield from _name(key, getattr(draft.mqtt, key))
    if not draft.mqtt.topic:
        yield Mistake("mqtt", "topic is empty", 'Write topic = "chargepoint", or leave it out.', "topic")
    if draft.mqtt.password_file and not draft.mqtt.username:
        yield Mistake("mqtt", "password_file is of no use without username", "Add username.", "password_file")
    if not _is_installed():
        fix = "Install it: pip install 'chargepoint[mqtt]'; the Debian package brings it."
        yield Mistake("mqtt", "needs the library aiomqtt, which is not installed", fix)


def _url(url: str) -> Iterator[Mistake]:
    what = f'url = "{url}"'
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError for a port that is no number
    except ValueError:
        yield Mistake("mqtt", f"{what} is not an address", 'Write "mqtt://broker" or "mqtts://broker:8883".', "url")
        return
    if parts.scheme not in ("mqtt", "mqtts") or "://" not in url:
        fix = 'Write "mqtt://broker", or "mqtts://broker" where it takes encrypted connections.'
        yield Mistake("mqtt", f"{what} is not the address of a broker", fix, "url")
    elif parts.username or parts.password:
        fix = "Take them out of it: username and password_file hold them."
        yield Mistake("mqtt", "url holds a user or a password", fix, "url")
    elif not parts.hostname or url.split() != [url]:
        yield Mistake("mqtt", f"{what} names no broker", 'Write "mqtt://broker".', "url")
    elif parts.path.strip("/") or parts.query or parts.fragment:
        yield Mistake("mqtt", f"{what} holds more than broker and port", 'Write "mqtt://broker:1883".', "url")


def _name(key: str, name: str) -> Iterator[Mistake]:
    levels = name.split("/")
    odd = sorted({letter for letter in name if letter in "+#$" or letter.isspace() or not letter.isprintable()})
    if odd:
        words = " and ".join(map(repr, odd))
        yield Mistake("mqtt", f'{key} = "{name}" has {words} in it', "Use letters, digits and - _ . only.", key)
    elif name and ("" in levels or max(map(len, levels)) > LEVEL or (key == "identity" and len(levels) > 1)):
        yield Mistake("mqtt", f'{key} = "{name}" is no name for a topic', "Write a short name without /.", key)


def _is_installed() -> bool:
    from importlib.util import find_spec  # only a station with a broker pays for it

    return find_spec("aiomqtt") is not None


def readable_on_the_way(draft: Draft) -> Iterator[Mistake]:
    """A password that anybody in the network can read."""
    if draft.mqtt and draft.mqtt.password_file and draft.mqtt.url.startswith("mqtt://") and not _is_here(draft.mqtt):
        what = "url begins with mqtt://: the password can be read on its way"
        yield Mistake("mqtt", what, "Write mqtts:// where the broker takes encrypted connections.", "url")


def _is_here(mqtt: MqttConfig) -> bool:
    try:
        host = urlsplit(mqtt.url).hostname or ""
    except ValueError:
        return False
    return host == "localhost" or host.startswith("127.") or host == "::1"
