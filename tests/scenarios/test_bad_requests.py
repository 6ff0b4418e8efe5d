"""Whatever the back office sends, a request of 1.6 is refused by the right word, and the station is as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.ocpp.v16 import DIALECT
from tests.ocpp.bent import bent, inlined, right
from tests.ocpp.rig import request_schema
from tests.scenarios.busy_station import a_busy_station

ACTIONS = sorted(DIALECT.requests)

CODES = {  # OCPP-J 4.2.3; of several that may be meant the first of the notes on timing, section 4.1
    "missing": "ProtocolError",
    "extra": "FormationViolation",
    "null": "TypeConstraintViolation",
    "mistyped": "TypeConstraintViolation",
    "too long": "TypeConstraintViolation",
    "unknown word": "PropertyConstraintViolation",
    "out of range": "PropertyConstraintViolation",
    "no date": "PropertyConstraintViolation",
    "no address": "PropertyConstraintViolation",
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_payload_that_is_wrong_in_one_place_is_refused_by_the_right_code(action: str, tmp_path: Path) -> None:
    schema = inlined(request_schema(action))
    jsonschema.validate(right(schema), schema)
    with a_busy_station(tmp_path) as station:
        before, wrong = station.state(), []
        for each in bent(schema):
            kind, _, *rest = station.ask(action, each.payload)
            if kind != 4 or rest[0] != CODES[each.how]:
                wrong.append((str(each), rest[:2]))
        assert wrong == []
        assert station.state() == before


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_payload_of_anything_is_refused_unless_the_schema_allows_it(action: str, tmp_path: Path) -> None:
    schema = inlined(request_schema(action))
    fields = sorted(schema["properties"]) or ["id"]
    payloads = st.dictionaries(st.sampled_from(fields), ANYTHING, max_size=len(fields)) | st.dictionaries(
        st.text(max_size=10) | st.sampled_from(fields), ANYTHING, max_size=3
    )
    checker = jsonschema.Draft6Validator(schema)
    with a_busy_station(tmp_path) as station:
        before = station.state()

        @given(payloads.filter(lambda payload: not checker.is_valid(payload)))
        @settings(max_examples=60)
        def refused(payload: dict[str, Any]) -> None:
            kind, _, code, why, details = station.ask(action, payload)
            assert (kind, code in set(CODES.values()), details) == (4, True, {})
            assert len(why) <= 255

        refused()
        assert station.state() == before
