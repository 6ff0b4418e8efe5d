"""What a generated validator raises. Apart from everything else, so that a validator imports nothing but this."""

from __future__ import annotations


class Invalid(Exception):
    """A payload breaks its schema.

    `path` is where ("data.chargingSchedule.duration"), `rule` the JSON schema keyword that is broken, `message` a
    sentence that repeats names but no values of the payload.
    """

    def __init__(self, message: str, *, name: str, rule: str) -> None:
        super().__init__(message)
        self.message, self.path, self.rule = message, name, rule
