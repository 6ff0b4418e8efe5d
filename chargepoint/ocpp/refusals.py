"""Why there is no link: for each cause the sentence that tells an installer what to look at."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence

from chargepoint.core.security import Event

CLOSED_AFTER_TLS = "the server closed right after TLS: check the client certificate"
NO_HTTP = "{} does not answer in HTTP: check the port, and whether it wants wss://"
NO_WEBSOCKET = "{} does not speak WebSocket ({}): check the path in url"
BAD_NEGOTIATION = "the back office chose something that was not offered ({}): check its OCPP version"
NO_COMMON_VERSION = "the back office picked none of {}: check versions, and its OCPP version"
UNREADABLE_CERTIFICATES = "certificates cannot be read ({}): check ca_file, certificate_file and key_file"
WILDCARD = "the server's certificate has only a wildcard name: get one with the full name, or set AllowCSMSTLSWildcards"

UNREADABLE_PROXY_PASSWORD = "the proxy's password cannot be read ({}): check proxy_password_file"
NO_PROXY = "{} does not answer as an HTTP proxy does: check proxy in [network]"

PROXY_STATUSES = {
    403: "the proxy does not let this station through to {} (403): have that name and port allowed there",
    405: "the proxy carries no connections for others (405): check proxy in [network]",
    407: "the proxy refuses the password (407): check proxy_username and proxy_password_file",
    502: "the proxy does not reach {} (502): check the host in url, and the proxy's own line",
    503: "the proxy does not reach {} (503): check the host in url, and the proxy's own line",
    504: "{} does not answer the proxy in time (504): check the host in url, and the proxy's own line",
}
OTHER_PROXY_STATUS = "the proxy answers {} instead of carrying us to {}: ask whoever runs it"

STATUSES = {
    400: "the back office does not understand the handshake (400): check its OCPP version; {} is offered",
    401: "the back office refuses the password (401): check identity and password_file",
    403: "the back office refuses this station (403): check identity, and that it is activated there",
    404: "the back office does not know this station (404): check url and identity",
    429: "the back office has too many connections (429): it will be tried again",
}
REDIRECT = "the back office answers with a redirect ({}), which is not followed: put the final address into url"
OUT_OF_ORDER = "the back office is out of order ({}): it will be tried again"
OTHER_STATUS = "{} comes back instead of a WebSocket: check url, and whether a filter on the way lets WebSocket through"

# OpenSSL's X509_V_ERR_* numbers
VERIFICATION = {
    9: "the server's certificate is not valid yet: check the station's clock",
    10: "the server's certificate has expired: check the station's clock, then tell the back office",
    18: "the server's certificate is self-signed and not in ca_file: check ca_file",
    19: "the server's certificate ends in a root that is not trusted: check ca_file",
    20: "the server's certificate is from an issuer that is not trusted: check ca_file",
    21: "the server's certificate is from an issuer that is not trusted: check ca_file",
    62: "the server's certificate is for another name: check the host in url",
    64: "the server's certificate is for another address: check the host in url",
}

BAD_SERVER, BAD_VERSION = Event.INVALID_CSMS_CERTIFICATE, Event.INVALID_TLS_VERSION
BAD_CIPHER, UNWELCOME = Event.INVALID_TLS_CIPHER_SUITE, Event.FAILED_TO_AUTHENTICATE_AT_CSMS
STATUS_EVENTS = {401: UNWELCOME}

NOT_ADMITTED = (401, 403, 404)
"""HTTP answers that say: not you."""

# What OpenSSL calls it, or the server's alert
_CERTIFICATE_REASONS = ("CERTIFICATE", "UNKNOWN_CA")  # ours: what the server says of it is an alert
_VERSION_REASONS = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL")
_CIPHER_REASONS = ("HANDSHAKE_FAILURE", "WRONG_CIPHER", "NO_CIPHER", "UNKNOWN_CIPHER", "INSUFFICIENT_SECURITY")


def event_of(mistake: Exception) -> str:
    """What security calls this failure of TLS; "" where it is none."""
    if isinstance(mistake, ssl.SSLCertVerificationError):
        return BAD_SERVER
    reason = (mistake.reason or "").upper() if isinstance(mistake, ssl.SSLError) else ""
    if any(each in reason for each in _VERSION_REASONS):
        return BAD_VERSION
    if "ALERT" in reason and any(each in reason for each in _CERTIFICATE_REASONS):
        return UNWELCOME
    return BAD_CIPHER if any(each in reason for each in _CIPHER_REASONS) else ""


def may_be_ours(mistake: Exception) -> bool:
    """Has the server left a TLS handshake, as it does where it refuses the station's certificate?"""
    if isinstance(mistake, ssl.SSLCertVerificationError):  # it is we who have left
        return False
    return isinstance(mistake, ssl.SSLError | ConnectionResetError)


def of_status(status: int, subprotocols: Sequence[str]) -> str:
    """The server's HTTP answer was no WebSocket."""
    if status in STATUSES:
        return STATUSES[status].format(", ".join(subprotocols))
    if 300 <= status < 400:
        return REDIRECT.format(status)
    return (OUT_OF_ORDER if status >= 500 else OTHER_STATUS).format(status)


def of_proxy(status: int, host: str) -> str:
    """The proxy's answer to CONNECT was no yes."""
    if status in PROXY_STATUSES:
        return PROXY_STATUSES[status].format(host)
    return OTHER_PROXY_STATUS.format(status, host)


def of_network(mistake: Exception, host: str, *, secure: bool) -> str:
    """TLS, TCP or name resolution failed."""
    match mistake:
        case ssl.SSLCertVerificationError() if mistake.verify_code:
            other = f"the server's certificate is refused ({mistake.verify_message})"
            return VERIFICATION.get(mistake.verify_code, other)
        case ssl.SSLError():
            return _of_tls(mistake, host)
        case socket.gaierror() | UnicodeError():
            return f"{host} cannot be found: check the name, and the station's name server"
        case ConnectionRefusedError():
            return f"nothing listens at {host}: check host and port"
        case TimeoutError():
            return f"{host} does not answer in time: check network and firewall"
        case ConnectionResetError() if secure:
            return f"{host} closed the connection during TLS: check the port, and the client certificate"
        case ConnectionResetError():
            return f"{host} closed the connection at once: check the port, and whether it wants wss://"
        case _:
            return f"{host} cannot be reached ({mistake}): check the network"


def _of_tls(mistake: ssl.SSLError, host: str) -> str:
    reason = mistake.reason or str(mistake)
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return f"{host} does not speak TLS on this port: check the port"
    if "ALERT" in reason and "CERTIFICATE" in reason:
        return f"the server refuses the client certificate ({reason}): check certificate_file and key_file"
    return f"TLS with {host} failed ({reason}): check that it offers TLS 1.2 or newer, and the client certificate"
