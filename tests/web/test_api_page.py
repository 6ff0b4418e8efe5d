"""docs/api.md names every request that is answered, and no other."""

import re
from pathlib import Path

from chargepoint.web.api import routes
from chargepoint.web.entering import EntryRoutes
from chargepoint.web.texts import TextRoutes
from tests.web.fake_station import FakeControls

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
STREAM = ("GET", "/api/v1/events")  # answered by the server itself


def test_every_request_is_named() -> None:
    own = (EntryRoutes(None, lambda: 0.0).table, TextRoutes("en").table)
    answered = {*routes(FakeControls(), *own).known(), STREAM}
    named = set(re.findall(r"^\| `([A-Z]+) (/[^`?]*)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert answered - named == set(), "docs/api.md does not name"
    assert named - answered == set(), "docs/api.md names what is not there"
