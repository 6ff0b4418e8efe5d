"""Where the back office is, and what must fit together in the [csms] table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chargepoint.config import CsmsConfig
from hw.discovery import Mistake

if TYPE_CHECKING:
    from chargepoint.config.rules import Draft

IDENTITY_LENGTH = 48  # OCPP 2.0.1 part 4: identifierString[48]
UNKNOWN = "?"
"""Stands in a draft for a needed text that the file does not have, or has wrongly; rules pass over it."""


def server(csms: CsmsConfig, security_profile: int) -> str:
    """Where the station connects with that profile; "" where nobody has said.

    A server that takes unencrypted links on a port of its own takes encrypted ones on another, which only `secure_url`
    can tell; without a port both schemes have the usual one.
    """
    encrypted = urlsplit(csms.url).scheme == "wss"
    if security_profile < 2:
        return "" if encrypted else csms.url
    if encrypted or csms.secure_url:
        return csms.url if encrypted else csms.secure_url
    return "" if urlsplit(csms.url).port else csms.url.replace("ws://", "wss://", 1)


def address(draft: Draft) -> Iterator[Mistake]:
    if draft.csms is None:
        return
    if draft.csms.url != UNKNOWN:
        plain = "ws" if draft.csms.security_profile < 2 else "wss"
        yield from _address("url", draft.csms.url, ("ws", "wss"), draft.csms.identity, plain)
    if draft.csms.secure_url:
        yield from _address("secure_url", draft.csms.secure_url, ("wss",), draft.csms.identity)


def _address(key: str, url: str, schemes: Sequence[str], name: str, plain: str = "wss") -> Iterator[Mistake]:
    """`plain`: the scheme to take instead of http, as the security profile wants it."""
    what = f'{key} = "{url}"'
    scheme, host, clean = _parts(url)
    if url.split() != [url]:
        yield Mistake("csms", f"{key} has blanks or line breaks in it", "Write the address in one piece.", key)
    elif scheme not in schemes:
        instead = plain if scheme == "http" else "wss"
        rest, kind = url.split("://", 1)[-1], "a WebSocket" if "ws" in schemes else "an encrypted WebSocket"
        yield Mistake("csms", f"{what} is not {kind} address", f'Write "{instead}://{rest}".', key)
    elif not host:
        yield Mistake("csms", f"{what} names no server", 'Write "wss://server/path".', key)
    elif not clean:
        fix = "Take user, password, ? and # out of it: identity and password_file hold the first two."
        yield Mistake("csms", f"{key} holds more than server and path", fix, key)
    elif url.rstrip("/").endswith(f"/{name}") and name:
        fix = "Take it away: the station adds it by itself."
        yield Mistake("csms", f"{what} ends with the identity", fix, key)


def _parts(url: str) -> tuple[str, str, bool]:
    """Scheme, host, and whether there is nothing else but port and path."""
    try:
        split = urlsplit(url)
        _ = split.port  # ValueError for a port that is no number
    except ValueError:
        return url.partition(":")[0].lower(), "", True
    clean = not (split.query or split.fragment or split.username or split.password)
    return split.scheme if "://" in url else "", split.hostname or "", clean


def identity(draft: Draft) -> Iterator[Mistake]:
    if draft.csms is None or draft.csms.identity == UNKNOWN:
        return
    name = draft.csms.identity
    if not name:
        yield Mistake("csms", "identity is empty", "Ask the back office for this station's name.", "identity")
    odd = sorted({letter for letter in name if letter in ":/?#%" or letter.isspace() or not letter.isprintable()})
    if odd:
        what = f'identity = "{name}" has {" and ".join(repr(letter) for letter in odd)} in it'
        yield Mistake(
            "csms",
            what,
            "It is part of a web address and a user name: use letters, digits and - _ . @ only.",
            "identity",
        )
    if len(name) > IDENTITY_LENGTH:
        what = f'identity = "{name}" has {len(name)} characters'
        yield Mistake("csms", what, f"OCPP has room for {IDENTITY_LENGTH}: ask the back office.", "identity")


def versions(draft: Draft) -> Iterator[Mistake]:
    if draft.csms and not draft.csms.versions:
        yield Mistake("csms", "versions is empty", 'Write versions = ["2.0.1", "1.6"], or leave it out.', "versions")


def profile(draft: Draft) -> Iterator[Mistake]:
    """A security profile never falls silently: what the address says and what the profile says must agree."""
    csms = draft.csms
    if csms is None:
        return
    number, scheme = csms.security_profile, _parts(csms.url)[0]
    if number >= 2 and scheme == "ws" and not csms.secure_url:
        fix = "Write wss:// in url; or security_profile = 1 for a line that is private anyway."
        what = f"security_profile = {number} needs encryption, and url begins with ws://"
        yield Mistake("csms", what, fix, "security_profile")
    if number < 2 and scheme == "wss":
        what = f"security_profile = {number} is without encryption, and url begins with wss://"
        yield Mistake("csms", what, "Write security_profile = 2.", "url")
    if scheme == "wss" and csms.secure_url:
        what = "secure_url is of no use: url is encrypted already"
        yield Mistake("csms", what, "Take one of them away.", "secure_url")
    if number in (1, 2) and csms.password_file is None:
        what = f"security_profile = {number} needs a password_file"
        fix = 'Put the back office\'s password into a file and add password_file = "/path/to/it".'
        yield Mistake("csms", what, fix, "password_file")
    yield from _own_certificate(csms)


def _own_certificate(csms: CsmsConfig) -> Iterator[Mistake]:
    if (csms.certificate_file is None) != (csms.key_file is None):
        there, missing = ("certificate_file", "key_file") if csms.key_file is None else ("key_file", "certificate_file")
        fix = f'Add {missing} = "/path/to/it", or take {there} away.'
        yield Mistake("csms", f"{there} is of no use without {missing}", fix, there)
