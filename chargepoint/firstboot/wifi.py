"""`wifi.toml`: the name and password of a wireless network, and what NetworkManager wants to read instead."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chargepoint.firstboot.wording import Trouble

KEYS = ("ssid", "password", "hidden")
LONGEST_SSID = 32  # bytes, IEEE 802.11
PASSWORD_LENGTHS = (8, 63)  # characters of a WPA passphrase, IEEE 802.11i

CONNECTION = """\
[connection]
id=wifi
uuid=9b1dbb5c-8d8f-4f5b-9d2e-5a1f6c0e7c11
type=wifi
autoconnect=true
autoconnect-retries=0

[wifi]
mode=infrastructure
ssid={ssid}
hidden={hidden}
{security}
[ipv4]
method=auto

[ipv6]
method=auto
"""

SECURITY = """\

[wifi-security]
key-mgmt={key_mgmt}
psk={psk}
"""


@dataclass(frozen=True, slots=True)
class Wifi:
    """A network as its owner knows it. No password: an open one."""

    ssid: str
    password: str = ""
    hidden: bool = False


def connection(name: str, content: bytes) -> str:
    """A NetworkManager keyfile. Raises Trouble, about the file of that name."""
    network = read(name, content)
    security = SECURITY.format(key_mgmt="wpa-psk", psk=_escaped(network.password)) if network.password else ""
    ssid = "".join(f"{byte};" for byte in network.ssid.encode())  # as bytes: a ; or \ in it means nothing then
    return CONNECTION.format(ssid=ssid, hidden=str(network.hidden).lower(), security=security)


def read(name: str, content: bytes) -> Wifi:
    """What the file says. Raises Trouble."""
    try:
        document = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise Trouble(name, "a letter in it is not UTF-8", 'Save the file as "UTF-8" in the editor.') from None
    except (ValueError, RecursionError) as error:
        fix = 'Write it like this: ssid = "name", and on the next line password = "word".'
        raise Trouble(name, f"it cannot be read: {error}", fix) from None
    for what, fix in _mistakes(document):
        raise Trouble(name, what, fix)
    return Wifi(**document)


def _mistakes(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, remedy); in the order they are worth telling."""
    found = []
    for key in document.keys() - set(KEYS):
        found.append((f'"{key}" is not known here', f"Known here: {', '.join(KEYS)}."))
    for key in {"ssid", "password"} & document.keys():
        if not isinstance(document[key], str) or not document[key].isprintable():
            found.append((f"{key} is not a word in quotes", f'Write {key} = "…".'))
    if not isinstance(document.get("hidden", False), bool):
        found.append(("hidden is neither true nor false", "Write hidden = true, or take it away."))
    return found or _wrong_lengths(document)


def _wrong_lengths(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    ssid, password = document.get("ssid", ""), document.get("password", "")
    least, most = PASSWORD_LENGTHS
    if not 0 < len(ssid.encode()) <= LONGEST_SSID:
        found.append(("ssid is missing, or longer than 32 bytes", "Write the network's name as the router shows it."))
    if password and not least <= len(password) <= most:
        found.append((f"password has {len(password)} characters", f"Wi-Fi passwords have {least} to {most}."))
    return found


def _escaped(text: str) -> str:
    """In a keyfile a backslash begins an escape, and a space at the ends would be lost."""
    text = text.replace("\\", "\\\\")
    return "\\s" + text[1:] if text.startswith(" ") else text
