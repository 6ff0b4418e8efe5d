"""What RAUC says, word for word (1.8 of Debian 12 unless it is said), and what the installer of a station reads."""

from __future__ import annotations

import pytest

from chargepoint.installing import InstallRefused
from chargepoint.updating.refusals import meaning

REFUSED = [
    ("signature verification failed: Verify error: self-signed certificate", "whom this station does not trust"),
    ("signature verification failed: Verify error: unable to get local issuer certificate", "does not trust"),
    ("signature verification failed: Verify error: certificate has expired", "not valid on that day"),
    ("signature verification failed: error:1700009E:CMS routines::verification failure", "changed after it was signed"),
    ("Installation error: Compatible mismatch: Expected 'acme-wall' but bundle manifest has 'other-board'",
     "it is for other hardware (other-board), and this is acme-wall"),
    # RAUC 1.13
    ("Installation error: Version check failed: Bundle version '2026.10.0' is too old. Expected at least '2026.11.0'",
     "it is older than this station may go back to: 2026.11.0 at least"),
    ("Installation error: Expected at least 2026.11.0", "2026.11.0 at least"),
    ("Failed updating slot rootfs.1: failed to copy: Input/output error", "or is damaged"),
    ("Invalid bundle format: Signature size (5901391665266878445) exceeds bundle size", "not a bundle, or a part"),
    ("Invalid bundle format: Signature size is 0", "not a bundle, or a part"),
    ("Invalid bundle format: Failed to seek to end of bundle: Error seeking in file: Invalid argument",
     "not a bundle, or a part"),
    ("Bundle format 'plain' not allowed", "a bundle of the format plain"),
]  # fmt: skip

FAILED = [
    ("The name de.pengutronix.rauc was not provided by any .service files", "RAUC's service does not run"),
    ("Error creating proxy: Could not connect: No such file or directory", "RAUC's service does not run"),
    ("GDBus.Error:org.freedesktop.DBus.Error.AccessDenied: Rejected send message", "does not listen to this user"),
    ("Failed to initialize context: Failed to load system config (/etc/rauc/system.conf): No such file or directory",
     "this machine has no slots"),
    ("Failed updating slot rootfs.1: error writing to slot: No space left on device", "there is no room for it"),
    ("Failed mounting bundle: Failed to open /dev/loop-control: No such file or directory",
     "this machine cannot open bundles: Failed to open /dev/loop-control"),
    ("No such file: /tmp/x.raucb", "the file is not there"),
    ("error calling D-Bus method \"GetSlotStatus\": Rejected send message, 3 matched rules; type=\"method_call\"",
     "does not listen to this user"),
    ("Already processing a different method", "another installation is under way"),
    ("something new", "RAUC says: something new"),
    ("", "RAUC does not say why"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "told"), [*REFUSED, *FAILED])
def test_every_reason_has_plain_words(said: str, told: str) -> None:
    failure = meaning(said)
    assert told in str(failure)
    assert isinstance(failure, InstallRefused) is ((said, told) in REFUSED)


def test_the_reason_is_found_among_all_that_is_printed() -> None:
    said = """\
installing
  0% Installing
 20% Verifying signature
 40% Verifying signature failed.
100% Installing failed.
LastError: signature verification failed: Verify error: self-signed certificate
idle
Installing `/tmp/foreign.raucb` failed
"""
    assert "does not trust" in str(meaning(said))


def test_and_among_its_messages() -> None:
    said = """\
rauc-Message: 01:37:04.961: Reading bundle: /tmp/foreign.raucb
rauc-Message: 01:37:04.963: Verifying bundle signature...
signature verification failed: Verify error: self-signed certificate
"""
    assert "does not trust" in str(meaning(said))
