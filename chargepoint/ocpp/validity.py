"""The dates of certificates, where the system's clock is known to be wrong.

A clock that starts in 1970 makes every certificate "not valid yet", and the back office that would tell the time could
never be reached. OpenSSL takes no other time from Python than the system's, but can be told to leave the dates to us.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

NO_CHECK_TIME = ssl.VerifyFlags(0x20_0000)  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which `ssl` does not name
NOT_YET_VALID, EXPIRED = 9, 10  # X509_V_ERR_*

Certificate = Mapping[str, Any]  # as `getpeercert()` tells it


def mistake(chain: Iterable[Certificate], now: datetime, floor: datetime) -> int | None:
    """OpenSSL's number for what is wrong with the dates; None: nothing.

    `floor` is the earliest that it can be. A station that believes it is earlier knows nothing but that: what had
    expired by then is refused, and what begins later may have begun.
    """
    known = now >= floor
    earliest = now if known else floor
    for certificate in chain:
        if _date(certificate["notAfter"]) < earliest:
            return EXPIRED
        if known and _date(certificate["notBefore"]) > now:
            return NOT_YET_VALID
    return None


def chain_of(secured: ssl.SSLObject) -> list[Certificate]:
    """From the server's certificate to the root, as verified.

    Python 3.13 has a public way to the same, which tells the bytes only; here the dates are taken apart already.
    """
    inner: Any = secured._sslobj  # type: ignore[attr-defined]
    return [certificate.get_info() for certificate in inner.get_verified_chain()]


def chain_in_pem(secured: ssl.SSLObject) -> list[str]:
    """The same, as text that can be kept and compared."""
    inner: Any = secured._sslobj  # type: ignore[attr-defined]
    return [str(certificate.public_bytes()) for certificate in inner.get_verified_chain()]


def _date(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
