"""Talking to the back office: the line, messages, retries, resets."""

from __future__ import annotations

from chargepoint.core.kinds import DAY_S, ONLY_1_6, READ_ONLY, csl, integer

HEARTBEAT_INTERVAL = integer(
    "HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval", 300,
    "Silence after which a Heartbeat is sent. The interval in the answer to BootNotification replaces it.",
    unit="s", minimum=1,
)  # fmt: skip
WEB_SOCKET_PING_INTERVAL = integer(
    "WebSocketPingInterval", "OCPPCommCtrlr.WebSocketPingInterval", 30,
    "Time between WebSocket pings; 0 switches them off.", unit="s",
)  # fmt: skip
MESSAGE_TIMEOUT = integer(
    "MessageTimeout", "OCPPCommCtrlr.MessageTimeout[Default]", 30,
    "How long to wait for an answer before the message counts as lost.",
    unit="s", minimum=1, maximum=600, writable=ONLY_1_6,
)  # fmt: skip
TRANSACTION_MESSAGE_ATTEMPTS = integer(
    "TransactionMessageAttempts", "OCPPCommCtrlr.MessageAttempts[TransactionEvent]", 5,
    "How often a message about a transaction is sent before it is put aside. Being offline does not count.",
    minimum=1, maximum=100,
)  # fmt: skip
TRANSACTION_MESSAGE_RETRY_INTERVAL = integer(
    "TransactionMessageRetryInterval", "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]", 60,
    "Wait before sending it again, times the number of earlier tries.", unit="s", maximum=DAY_S,
)  # fmt: skip
OFFLINE_THRESHOLD = integer(
    None, "OCPPCommCtrlr.OfflineThreshold", 600,
    "After an interruption longer than this the status of every connector is reported, else only changed ones.",
    unit="s",
)  # fmt: skip
RETRY_BACK_OFF_WAIT_MINIMUM = integer(
    "RetryBackOffWaitMinimum", "OCPPCommCtrlr.RetryBackOffWaitMinimum", 10,
    "Wait before the first new try to connect; doubled after each failure.", unit="s", minimum=1, maximum=3600,
)  # fmt: skip
RETRY_BACK_OFF_RANDOM_RANGE = integer(
    "RetryBackOffRandomRange", "OCPPCommCtrlr.RetryBackOffRandomRange", 10,
    "A random time up to this is added to each wait, so that not all stations return at once.",
    unit="s", maximum=3600,
)  # fmt: skip
RETRY_BACK_OFF_REPEAT_TIMES = integer(
    "RetryBackOffRepeatTimes", "OCPPCommCtrlr.RetryBackOffRepeatTimes", 5,
    "How often the wait is doubled; from then on it stays.", maximum=10,
)  # fmt: skip
RESET_RETRIES = integer(
    "ResetRetries", "OCPPCommCtrlr.ResetRetries", 3, "Tries of a reset that does not succeed.", maximum=100
)
MINIMUM_STATUS_DURATION = integer(
    "MinimumStatusDuration", "ChargingStation.MinimumStatusDuration", 0,
    "How long a status must last before it is reported.", unit="s", maximum=3600,
)  # fmt: skip
NETWORK_CONFIGURATION_PRIORITY = csl(
    None, "OCPPCommCtrlr.NetworkConfigurationPriority", ["1"],
    "Order of the network profiles. The one in the configuration file is profile 1.",
    choices=["1"], at_least=1, ordered=True,
)  # fmt: skip
NETWORK_PROFILE_CONNECTION_ATTEMPTS = integer(
    None, "OCPPCommCtrlr.NetworkProfileConnectionAttempts", 3,
    "Tries with one network profile, or with a new password, before the turn of the next, or of what was before.",
    minimum=1, maximum=100,
)  # fmt: skip
ACTIVE_NETWORK_PROFILE = integer(
    None, "OCPPCommCtrlr.ActiveNetworkProfile", 1, "Network profile in use.", writable=READ_ONLY
)
SUPPORTED_FILE_TRANSFER_PROTOCOLS = csl(
    "SupportedFileTransferProtocols", "OCPPCommCtrlr.FileTransferProtocols", [], "Protocols for logs and firmware.",
    choices=["FTP", "FTPS", "HTTP", "HTTPS", "SFTP"], writable=READ_ONLY,
)  # fmt: skip
