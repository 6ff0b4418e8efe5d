"""Who may charge: cards, the cache, the local list, reservations."""

from __future__ import annotations

from chargepoint.core.kinds import DAY_S, READ_ONLY, boolean, integer, string

# --- who may charge ---------------------------------------------------------------------------------------------------

AUTHORIZATION_CACHE_ENABLED = boolean(
    "AuthorizationCacheEnabled", "AuthCacheCtrlr.Enabled", True, "Remember what the back office said about a card."
)
AUTH_CACHE_LIFE_TIME = integer(
    None, "AuthCacheCtrlr.LifeTime", 30 * DAY_S,
    "How long a remembered answer without an expiry date of its own stays good; 0 is for ever.", unit="s",
)  # fmt: skip
DISABLE_POST_AUTHORIZE = boolean(
    None, "AuthCacheCtrlr.DisablePostAuthorize", False,
    "Do not ask again about a card that was refused before.",
)  # fmt: skip
LOCAL_AUTHORIZE_OFFLINE = boolean(
    "LocalAuthorizeOffline", "AuthCtrlr.LocalAuthorizeOffline", True,
    "Without connection, accept cards known from local list or cache.",
)  # fmt: skip
LOCAL_PRE_AUTHORIZE = boolean(
    "LocalPreAuthorize", "AuthCtrlr.LocalPreAuthorize", False,
    "Start at once with a card known from local list or cache, without waiting for the back office.",
)  # fmt: skip
ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID = boolean(
    "AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled", False,
    "Without connection, accept cards nobody knows.",
)  # fmt: skip
AUTHORIZE_REMOTE_TX_REQUESTS = boolean(
    "AuthorizeRemoteTxRequests", "AuthCtrlr.AuthorizeRemoteStart", False,
    "Treat a remote start like a card that is shown: ask whether it may charge.",
)  # fmt: skip
MASTER_PASS_GROUP_ID = string(
    None, "AuthCtrlr.MasterPassGroupId", "",
    "Cards of this group may stop any transaction, and start none.", max_length=36,
)  # fmt: skip

# --- the local list ---------------------------------------------------------------------------------------------------

LOCAL_AUTH_LIST_ENABLED = boolean(
    "LocalAuthListEnabled", "LocalAuthListCtrlr.Enabled", True, "Use the back office's list of cards."
)
LOCAL_AUTH_LIST_MAX_LENGTH = integer(
    "LocalAuthListMaxLength", None, 10_000, "Cards that fit into that list.", writable=READ_ONLY
)
SEND_LOCAL_LIST_MAX_LENGTH = integer(
    "SendLocalListMaxLength", "LocalAuthListCtrlr.ItemsPerMessage", 10_000, "Cards in one message.", writable=READ_ONLY
)

# --- reservations -----------------------------------------------------------------------------------------------------

RESERVATION_ENABLED = boolean(
    None, "ReservationCtrlr.Enabled", True, "Let the back office keep an EVSE free for a driver."
)
RESERVE_CONNECTOR_ZERO_SUPPORTED = boolean(
    "ReserveConnectorZeroSupported", "ReservationCtrlr.NonEvseSpecific", True,
    "Reservations may leave open at which EVSE.", writable=READ_ONLY, by_installer=True,
)  # fmt: skip
