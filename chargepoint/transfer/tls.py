"""Whose certificates are believed where files come from and go to: those by which the back office is."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Sequence

from chargepoint.transfer.address import Trust
from chargepoint.transfer.errors import TransferFailed

log = logging.getLogger(__name__)


def context(trust: Trust) -> ssl.SSLContext:
    """TLS 1.2 or newer, server verified by chain and name. An installed root counts even where another has signed it.

    Raises:
        TransferFailed: the installer's certificates cannot be read.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies chain and name
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    roots = trust.roots()
    if not (trust.superseded() and roots):
        _believe_installer(made, trust)
    _believe_installed(made, roots)
    made.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST
    return made


def _believe_installer(made: ssl.SSLContext, trust: Trust) -> None:
    """`ca_file`, or the system's where there is none."""
    try:
        if trust.ca_file is None:
            made.load_default_certs()
        else:
            made.load_verify_locations(trust.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise TransferFailed(f"certificates cannot be read: {error}") from error


def _believe_installed(made: ssl.SSLContext, roots: Sequence[str]) -> None:
    """A file that has gone bad must not cost the roots beside it."""
    for root in roots:
        try:
            made.load_verify_locations(cadata=root)
        except (ssl.SSLError, ValueError) as mistake:
            log.error("an installed root certificate cannot be read and counts for nothing: %s", mistake)
