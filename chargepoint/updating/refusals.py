"""Why RAUC does not install something, in words that help whoever wants to. Pure."""

from __future__ import annotations

import re

from chargepoint.installing import InstallFailed, InstallRefused

_TABLE: tuple[tuple[str, type[InstallFailed], str], ...] = (
    # RAUC itself
    (
        r"not provided by any \.service files|Could not connect|NoReply|[Cc]onnection is closed",
        InstallFailed,
        "RAUC's service does not run on this machine: is the package rauc-service installed?",
    ),
    (r"AccessDenied|Rejected send message|not allowed to send", InstallFailed,
     "RAUC does not listen to this user: say it with sudo"),
    (
        r"Failed to load system config|no system configuration",
        InstallFailed,
        "this machine has no slots: /etc/rauc/system.conf is missing or broken",
    ),
    (
        r"[Aa]lready processing",
        InstallFailed,
        "another installation is under way",
    ),
    # what it is for
    (
        r"Compatible mismatch: Expected '(?P<ours>[^']*)' but bundle manifest has '(?P<theirs>[^']*)'",
        InstallRefused,
        "it is for other hardware ({theirs}), and this is {ours}",
    ),
    (r"[Ee]xpected at least (version )?'?(?P<least>[^'\s]+?)'?[.)]*$", InstallRefused,
     "it is older than this station may go back to: {least} at least"),
    (r"[Bb]undle format '?(?P<format>plain|verity|crypt)'? not (allowed|supported)", InstallRefused,
     "it is a bundle of the format {format}, which this station does not take"),
    # who has signed it
    (
        r"self-signed certificate|self signed certificate|unable to get (local )?issuer|unable to verify the first"
        r"|certificate signature failure|unsuitable certificate purpose|certificate revoked",
        InstallRefused,
        "it is signed by somebody whom this station does not trust",
    ),
    (r"certificate has expired|certificate is not yet valid", InstallRefused,
     "the certificate it is signed with was not valid on that day"),
    # whether it is whole
    (r"is corrupted|Input/output error|verity", InstallRefused, "it was changed after it was signed, or is damaged"),
    (r"signature verification failed|CMS|digest failure|[Cc]hecksum|[Ii]nvalid signature", InstallRefused,
     "it was changed after it was signed"),
    (r"[Ii]nvalid bundle format|[Ii]nvalid identifier|[Ss]ignature size|[Mm]anifest", InstallRefused,
     "it is not a bundle, or a part of it is missing"),
    # where it goes
    (r"No space left|too (small|large|big)|exceeds|does not fit", InstallFailed, "there is no room for it"),
    (r"Failed mounting bundle: (?P<why>.*)", InstallFailed, "this machine cannot open bundles: {why}"),
    (r"^No such file", InstallFailed, "the file is not there"),
    (r"Permission denied", InstallFailed, "the file cannot be read"),
)  # fmt: skip


def meaning(said: str) -> InstallFailed:
    """What RAUC's last words mean. `InstallRefused` where the bundle is to blame: another try would end the same."""
    last = _last(said)
    for pattern, kind, words in _TABLE:
        found = re.search(pattern, last)
        if found is not None:
            return kind(words.format(**found.groupdict()))
    return InstallFailed(f"RAUC says: {last[:200]}" if last else "RAUC does not say why")


def _last(said: str) -> str:
    """The sentence with the reason: what RAUC names as its last error, or else the last line that is no message."""
    named = re.findall(r"^LastError: (.+)$", said, re.MULTILINE)
    if named:
        return str(named[-1]).strip()
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [
        line
        for line in lines
        if not re.match(
            r"rauc-Message|\s*\d+%|idle$|Installing .* failed$|installing$|D-Bus error while installing", line
        )
    ]
    return (told or lines or [""])[-1]
