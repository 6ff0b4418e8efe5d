"""What can go wrong with hardware.

Fixable
├── DeviceLost       the device does not answer; it may come back by itself
├── DriverMissing    no such driver, or one that cannot be loaded here
└── OptionsWrong     the driver's table in the configuration is wrong

Refused              simulated hardware cannot do what was asked
"""


class Fixable(Exception):
    """Something an installer can put right: what is wrong, where, and the next thing to try."""

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(f"{where}: {what}. {fix}")
        self.what, self.where, self.fix = what, where, fix


class DeviceLost(Fixable):
    """The device does not answer. Raised by every read or write; the caller waits and tries again."""


class DriverMissing(Fixable):
    """The configuration names a driver that is not installed or does not load."""


class OptionsWrong(Fixable):
    """A driver's options cannot be used as they stand."""


class Refused(Exception):
    """Simulated hardware cannot do what was asked: the sentence says why."""
