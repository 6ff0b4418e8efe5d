"""Whose certificates are believed where files come from and go to: those by which the back office is."""

from __future__ import annotations

import ssl

from chargepoint.transfer.address import Trust
from chargepoint.transfer.errors import TransferFailed


def context(trust: Trust) -> ssl.SSLContext:
    """TLS 1.2 or newer, server verified by chain and name. An installed root counts even where another has signed it.

    Raises:
        TransferFailed: a certificate cannot be read.
    """
    try:
        made = ssl.create_default_context(cafile=str(trust.ca_file) if trust.ca_file else None)
        for root in trust.roots():
            made.load_verify_locations(cadata=root)
    except (OSError, ssl.SSLError) as error:
        raise TransferFailed(f"certificates cannot be read: {error}") from error
    made.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    return made
