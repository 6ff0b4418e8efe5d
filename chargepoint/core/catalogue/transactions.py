"""When a transaction starts and ends."""

from __future__ import annotations

from chargepoint.core.kinds import DAY_S, boolean, csl, integer

TX_POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
"""ParkingBayOccupancy needs a bay sensor, DataSigned a signing meter: not offered."""

CONNECTION_TIME_OUT = integer(
    "ConnectionTimeOut", "TxCtrlr.EVConnectionTimeOut", 60,
    "Time between card and plug after which the card is forgotten.", unit="s", minimum=1, maximum=DAY_S,
)  # fmt: skip
TX_START_POINT = csl(
    None, "TxCtrlr.TxStartPoint", ["PowerPathClosed"],
    "A transaction starts when one of these becomes true.", choices=TX_POINTS, at_least=1,
)  # fmt: skip
TX_STOP_POINT = csl(
    None, "TxCtrlr.TxStopPoint", ["PowerPathClosed"],
    "A transaction ends when one of these is no longer true.", choices=TX_POINTS, at_least=1,
)  # fmt: skip
TX_BEFORE_ACCEPTED_ENABLED = boolean(
    None, "TxCtrlr.TxBeforeAcceptedEnabled", True,
    "Allow transactions before the back office has accepted the station for the first time.",
)  # fmt: skip
STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT = boolean(
    "StopTransactionOnEVSideDisconnect", "TxCtrlr.StopTxOnEVSideDisconnect", True,
    "Unplugging the car ends the transaction; otherwise it is suspended until the car is back.",
)  # fmt: skip
UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT = boolean(
    "UnlockConnectorOnEVSideDisconnect", "OCPPCommCtrlr.UnlockOnEVSideDisconnect", True,
    "Unplugging the car releases the plug at the station too.",
)  # fmt: skip
STOP_TRANSACTION_ON_INVALID_ID = boolean(
    "StopTransactionOnInvalidId", "TxCtrlr.StopTxOnInvalidId", True,
    "End the transaction when the back office refuses the card afterwards; otherwise only the supply ends.",
)  # fmt: skip
MAX_ENERGY_ON_INVALID_ID = integer(
    "MaxEnergyOnInvalidId", "TxCtrlr.MaxEnergyOnInvalidId", 0,
    "Energy still supplied after such a refusal, where the transaction goes on.", unit="Wh",
)  # fmt: skip
