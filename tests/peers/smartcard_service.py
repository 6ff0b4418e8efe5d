"""The service pcscd as pyscard shows it: readers, and a card on the first of them."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from types import ModuleType

MODULES = (
    "smartcard",
    "smartcard.System",
    "smartcard.Exceptions",
    "smartcard.pcsc",
    "smartcard.pcsc.PCSCExceptions",
)


class SmartcardException(Exception):
    """pyscard's base of what goes wrong with a card."""


class NoCardException(SmartcardException):
    """Nothing lies there."""


class BaseSCardException(Exception):
    """pyscard's base of what the service complains about."""


class SmartCardService:
    def __init__(self) -> None:
        self.readers: list[str] = []
        self.running = True
        self.card: bytes | None = None
        self.atr = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")  # MIFARE Classic 1K
        self.status = (0x90, 0x00)
        self.asked: list[list[int]] = []

    def modules(self) -> dict[str, ModuleType]:
        modules = {name: ModuleType(name) for name in MODULES}
        for name, module in modules.items():
            module.__spec__ = ModuleSpec(name, None)
        vars(modules["smartcard.System"])["readers"] = self._readers
        vars(modules["smartcard.Exceptions"])["SmartcardException"] = SmartcardException
        vars(modules["smartcard.pcsc.PCSCExceptions"])["BaseSCardException"] = BaseSCardException
        return modules

    def _readers(self) -> list[Reader]:
        if not self.running:
            raise BaseSCardException("Service not available.")
        return [Reader(name, self) for name in self.readers]


class Reader:
    def __init__(self, name: str, service: SmartCardService) -> None:
        self._name, self._service = name, service

    def __str__(self) -> str:
        return self._name

    def createConnection(self) -> Connection:  # noqa: N802 - pyscard's name
        return Connection(self._service)


class Connection:
    def __init__(self, service: SmartCardService) -> None:
        self._service = service

    def connect(self) -> None:
        if self._service.card is None:
            raise NoCardException("Unable to connect: no card")

    def transmit(self, apdu: list[int]) -> tuple[list[int], int, int]:
        if self._service.card is None:
            raise SmartcardException("Card was removed.")
        self._service.asked.append(apdu)
        return list(self._service.card), *self._service.status

    def getATR(self) -> list[int]:  # noqa: N802 - pyscard's name
        return list(self._service.atr)

    def disconnect(self) -> None: ...
