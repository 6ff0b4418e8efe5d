"""Passwords, certificates, security profiles."""

from __future__ import annotations

from chargepoint.core.certificatekind import SHELVES
from chargepoint.core.kinds import ONLY_1_6, READ_ONLY, boolean, integer, read_key, read_password, string
from chargepoint.core.setting import Coding, Setting

MOST_CERTIFICATES = 20
"""Kept at a time: each is looked at when one is installed or named, and somebody must have sent all of them."""

AUTHORIZATION_KEY: Setting[bytes] = Setting(
    name_1_6="AuthorizationKey",
    name_2_x="SecurityCtrlr.BasicAuthPassword",
    kind="string",
    default=b"",
    coding=Coding(bytes.fromhex, bytes.hex),
    coding_1_6=Coding(read_key, bytes.hex),
    coding_2_x=Coding(read_password, lambda key: key.decode("utf-8", "replace")),
    about="Password of the station at the back office: hexadecimal under its 1.6 name, plain under its 2.x name.",
    max_length=40,
    readable=False,
)
CPO_NAME = string(
    "CpoName", "SecurityCtrlr.OrganizationName", "",
    "Operator named in the station's certificate; without it none can be asked for.", max_length=64,
)  # fmt: skip
SECURITY_PROFILE = integer(
    "SecurityProfile", "SecurityCtrlr.SecurityProfile", 0,
    "Security profile in use: 0 nothing, 1 password, 2 password and TLS, 3 TLS with certificates of both. It can only "
    "be raised.",
    maximum=3, writable=ONLY_1_6,
)  # fmt: skip
IDENTITY = string(
    None, "SecurityCtrlr.Identity", "", "The station's name at the back office.", max_length=48, writable=READ_ONLY
)
CERTIFICATE_ENTRIES = integer(
    None,
    "SecurityCtrlr.CertificateEntries",
    0,
    "Certificates installed.",
    maximum=MOST_CERTIFICATES * len(SHELVES),
    writable=READ_ONLY,
)
CERTIFICATE_STORE_MAX_LENGTH = integer(
    "CertificateStoreMaxLength",
    None,
    MOST_CERTIFICATES,
    "Certificates that can be installed, those of vehicles apart.",
    writable=READ_ONLY,
)
CERTIFICATE_SIGNED_MAX_CHAIN_SIZE = integer(
    "CertificateSignedMaxChainSize", "SecurityCtrlr.MaxCertificateChainSize", 10_000,
    "Size of a signed certificate with its chain.", writable=READ_ONLY,
)  # fmt: skip
ADDITIONAL_ROOT_CERTIFICATE_CHECK = boolean(
    "AdditionalRootCertificateCheck", "SecurityCtrlr.AdditionalRootCertificateCheck", False,
    "Only one root of the back office at a time: a new one must be signed by the one that it replaces, which may be "
    "that in ca_file.",
    writable=READ_ONLY, by_installer=True,
)  # fmt: skip
CERT_SIGNING_WAIT_MINIMUM = integer(
    "CertSigningWaitMinimum", "SecurityCtrlr.CertSigningWaitMinimum", 60,
    "Wait for a certificate that was asked for before it is asked for again; doubled after each time.",
    unit="s", minimum=1, maximum=86_400,
)  # fmt: skip
CERT_SIGNING_REPEAT_TIMES = integer(
    "CertSigningRepeatTimes", "SecurityCtrlr.CertSigningRepeatTimes", 5,
    "How often a certificate that does not come is asked for again.", maximum=20,
)  # fmt: skip
ALLOW_CSMS_TLS_WILDCARDS = boolean(
    "AllowCentralSystemTLSWildcards", "SecurityCtrlr.AllowCSMSTLSWildcards", False,
    "Accept a server certificate whose name is a wildcard.",
)  # fmt: skip
