"""Checks payloads against the schemas of their OCPP version, with code made ahead of time by `compile_schemas`."""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chargepoint.ocpp.invalid import Invalid
from chargepoint.ocpp.rpc import Payload, Reason

log = logging.getLogger(__name__)

Formats = Mapping[str, Callable[[str], bool]]
Validate = Callable[[Any, Formats], object]

LONGEST_SENTENCE = 200  # characters; a misspelt payload may have thousands of fields

# What a broken JSON schema keyword means (timing notes 4.1). A date-time or URI that is none is a string of the right
# type with an impossible value, hence PropertyConstraintViolation.
REASONS = {
    "required": Reason.MISSING,
    "additionalProperties": Reason.EXTRA,
    "type": Reason.WRONG_TYPE,
    "maxLength": Reason.WRONG_TYPE,
    "minLength": Reason.WRONG_TYPE,
    "minItems": Reason.MISSING,
    "maxItems": Reason.MISSING,
    "enum": Reason.WRONG_VALUE,
    "minimum": Reason.WRONG_VALUE,
    "maximum": Reason.WRONG_VALUE,
    "multipleOf": Reason.WRONG_VALUE,
    "format": Reason.WRONG_VALUE,
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a payload. `sentence` names fields, never their values."""

    reason: Reason
    path: str
    sentence: str


_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def is_date_time(text: str) -> bool:
    """RFC 3339, section 5.6: date, T, time, and an offset that may not be missing."""
    return is_date_time_of_sorts(text) and _TIME.fullmatch(text)[3] is not None  # type: ignore[index]


def is_date_time_of_sorts(text: str) -> bool:
    """The same, but the offset may be missing: some back offices do so in their answers, and mean UTC."""
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    date, time, offset = found.groups()
    if time.endswith(":60"):  # a leap second
        time = time[:-2] + "59"
    try:
        datetime.fromisoformat(f"{date}T{time}{(offset or 'Z').upper()}")
    except ValueError:  # a 30th of February, an hour of 25
        return False
    return True


_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f]+")


def is_uri(text: str) -> bool:
    """Has a scheme and no blanks. What may be fetched is for whoever fetches to say."""
    return _URI.fullmatch(text) is not None


STRICT: Formats = {"date-time": is_date_time, "uri": is_uri}
LENIENT: Formats = {"date-time": is_date_time_of_sorts, "uri": is_uri}


@dataclass(slots=True)
class Schemas:
    """The validators of one version; `package` is a folder of the `ocpp` package: "v16", "v201"."""

    package: str
    _validators: dict[str, Validate] = field(default_factory=dict)
    _tolerated: set[str] = field(default_factory=set)  # actions whose answers were remarked upon

    def check_request(self, action: str, payload: Payload) -> Flaw | None:
        return self._check(f"{action}Request", payload, STRICT)

    def check_response(self, action: str, payload: Payload) -> Flaw | None:
        return self._check(f"{action}Response", payload, STRICT)

    def check_their_response(self, action: str, payload: Payload) -> Flaw | None:
        """As `check_response`, but lets pass what some back offices do and what harms nobody: a time without offset,
        fields that the standard does not know. A bill must not stay undelivered for those."""
        flaw = self._check(f"{action}Response", payload, LENIENT)
        if flaw is None or flaw.reason is not Reason.EXTRA:
            return flaw
        if action not in self._tolerated:
            self._tolerated.add(action)
            log.info("the back office's answer to %s has fields too many: %s", action, flaw.sentence)
        return None

    def _check(self, name: str, payload: Payload, formats: Formats) -> Flaw | None:
        validate = self._validators.get(name)
        if validate is None:
            validate = self._validators[name] = _load(self.package, name)
        try:
            validate(payload, formats)
        except Invalid as invalid:
            reason = REASONS.get(invalid.rule, Reason.GENERIC)
            return Flaw(reason, invalid.path, invalid.message[:LONGEST_SENTENCE])
        return None


def _load(package: str, name: str) -> Validate:
    try:
        module = importlib.import_module(f"chargepoint.ocpp.generated.{package}.{name}")
    except ModuleNotFoundError:
        return _compile(package, name)
    validate: Validate = module.validate
    return validate


_told = False


def _compile(package: str, name: str) -> Validate:
    global _told
    from chargepoint.ocpp import compile_schemas  # and with it fastjsonschema, only where nothing was generated

    if not _told:
        _told = True
        log.warning(
            "no generated validators: compiling as needed (mend it: python -m chargepoint.ocpp.compile_schemas)"
        )
    return compile_schemas.in_memory(package, name)
