"""What the meter has signed goes where the settings say, with its key where they say, and each signature once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.facts import BeginMetered, MetersSampled, Sample, TransactionEnded, TransactionStarted
from chargepoint.core.facts import TransactionUpdated as Updated
from chargepoint.core.recovery import Recovery
from chargepoint.core.register import Reading
from chargepoint.core.setting import Setting
from chargepoint.core.signing import holds_both
from chargepoint.core.transaction import METER_WITHIN_S
from chargepoint.core.wishes import EndMetering, SignReading, Wish
from tests.core.site import Site

BETWEEN = (
    known.SAMPLED_DATA_SIGN_UPDATED_READINGS,
    known.ALIGNED_DATA_SIGN_READINGS,
    known.ALIGNED_DATA_SIGN_UPDATED_READINGS,
)


def a_record(*codes: str, wh: float = 0.0) -> str:
    data = json.dumps({"RD": [{"TX": code, "RV": wh} for code in codes]})
    return f'OCMF|{data}|{{"SD":"00"}}'


class SigningSite(Site):
    """Its meter signs what it is asked to, and goes on being read without a signature between."""

    ends = ("E",)

    def __init__(self, signing: str = "any") -> None:
        super().__init__()
        self.evse().signing = signing

    def measured(self, evse: int) -> Reading | None:
        if not self.meter_works:
            return None
        tx = self.evse(evse).transaction
        codes = ("B",) if tx is None or tx.seq_no == 0 else ("C",) if tx.open else self.ends
        return replace(self.reading(evse), signed=a_record(*codes, wh=self.register_wh[evse]), public_key="3059")

    def set(self, setting: Setting[bool] | Setting[str], value: str) -> None:
        assert self.settings.change(setting, value, "csms").accepted


def session(site: Site) -> None:
    site.charge()
    site.read(wh=1000.0)
    site.wait(70)
    site.card("CARD1")
    site.opened()


def codes(samples: tuple[Sample, ...]) -> list[str]:
    """Of each sample: the codes of its record, with a star where the key is told; "" where nothing is signed."""
    return [_codes(sample) + ("*" if sample.public_key else "") for sample in samples]


def _codes(sample: Sample) -> str:
    if not sample.signed:
        return ""
    return "".join(reading["TX"] for reading in json.loads(sample.signed.split("|")[1])["RD"])


def started(site: Site) -> list[str]:
    return codes(site.told(TransactionStarted)[0].samples)


def updated(site: Site) -> set[str]:
    return {code for update in site.told(Updated) for code in codes(update.samples)}


def ended(site: Site) -> list[str]:
    return codes(site.told(TransactionEnded)[0].samples)


def test_begin_and_end_are_signed_unless_somebody_does_not_want_it() -> None:
    site = SigningSite()
    session(site)
    assert (started(site), updated(site), ended(site)) == (["B*"], {""}, ["B*", "E*"])


MATRIX = [  # section 5.1: sampled, started, updated -> start, between, end
    ("false", "true", "true", [""], {""}, ["", ""]),
    ("true", "false", "false", [""], {""}, ["B*", "E*"]),
    ("true", "true", "false", ["B*"], {""}, ["B*", "E*"]),
    ("true", "true", "true", ["B*"], {"C*"}, ["B*", "E*"]),
    ("true", "false", "true", [""], {"C*"}, ["B*", "E*"]),
]


@pytest.mark.parametrize(("sampled", "start", "update", "begun", "between", "end"), MATRIX)
def test_each_setting_decides_about_its_message(
    sampled: str, start: str, update: str, begun: list[str], between: set[str], end: list[str]
) -> None:
    site = SigningSite()
    site.set(known.SAMPLED_DATA_SIGN_READINGS, sampled)
    site.set(known.SAMPLED_DATA_SIGN_STARTED_READINGS, start)
    site.set(known.SAMPLED_DATA_SIGN_UPDATED_READINGS, update)
    session(site)
    assert (started(site), updated(site), ended(site)) == (begun, between, end)


@pytest.mark.parametrize(("at_once", "told"), [("false", {""}), ("true", {"C*"})])
def test_values_of_fixed_times_have_settings_of_their_own(at_once: str, told: set[str]) -> None:
    site = SigningSite()
    for setting, value in (
        (known.ALIGNED_DATA_SIGN_READINGS, "true"),
        (known.ALIGNED_DATA_SIGN_UPDATED_READINGS, at_once),
        (known.CLOCK_ALIGNED_DATA_INTERVAL, "60"),
        (known.ALIGNED_TX_ENDED_INTERVAL, "60"),
        (known.METER_VALUE_SAMPLE_INTERVAL, "0"),
    ):
        assert site.settings.change(setting, value, "csms").accepted
    assert site.settings.change(known.STOP_TXN_ALIGNED_DATA, "Energy.Active.Import.Register", "csms").accepted
    session(site)
    assert updated(site) - {""} == told - {""}
    first, *kept, last = ended(site)
    assert (first, set(kept), last) == ("B*", {"C*"}, "E*")


def test_outside_a_transaction_they_are_signed_too() -> None:
    site = SigningSite()
    site.set(known.ALIGNED_DATA_SIGN_READINGS, "true")
    site.set(known.ALIGNED_DATA_SIGN_UPDATED_READINGS, "true")
    assert site.settings.change(known.CLOCK_ALIGNED_DATA_INTERVAL, "60", "csms").accepted
    site.wait(60)
    assert [codes(fact.samples) for fact in site.told(MetersSampled)] == [["B*"]]


def test_a_meter_that_signs_only_begin_and_end_is_asked_for_nothing_else() -> None:
    site = SigningSite("ends")
    for setting in BETWEEN:
        site.set(setting, "true")
    session(site)
    assert site.wished(SignReading) == []
    assert (updated(site), ended(site)) == ({""}, ["B*", "E*"])


def test_a_value_that_could_not_be_signed_is_told_as_it_is() -> None:
    site = SigningSite()
    site.set(known.SAMPLED_DATA_SIGN_UPDATED_READINGS, "true")
    site.charge()
    site.meter_works = False
    site.wait(60)
    [update] = [update for update in site.told(Updated) if update.samples]
    assert codes(update.samples) == [""]


def test_a_meter_that_is_lost_is_not_waited_for() -> None:
    site = SigningSite()
    site.set(known.SAMPLED_DATA_SIGN_UPDATED_READINGS, "true")
    site.charge()
    site.station.meter_lost(1, "no answer", site.now)
    site.wait(600)
    assert site.wished(SignReading) == []


KEYS = [
    ("Never", ["B"], ["B", "E"]),
    ("OncePerTransaction", ["B"], ["B*", "E"]),
    ("EveryMeterValue", ["B*"], ["B*", "E*"]),
]


@pytest.mark.parametrize(("policy", "start", "end"), KEYS)
def test_the_key_goes_with_the_values_that_the_setting_says(policy: str, start: list[str], end: list[str]) -> None:
    site = SigningSite()
    site.set(known.PUBLIC_KEY_WITH_SIGNED_METER_VALUE, policy)
    session(site)
    assert (started(site), ended(site)) == (start, end)


def test_an_end_that_proves_the_begin_as_well_stands_alone() -> None:
    site = SigningSite()
    site.ends = ("B", "E")
    site.set(known.PUBLIC_KEY_WITH_SIGNED_METER_VALUE, "OncePerTransaction")
    session(site)
    assert ended(site) == ["", "BE*"]
    assert [sample.context for sample in site.told(TransactionEnded)[0].samples] == [
        "Transaction.Begin",
        "Transaction.End",
    ]


def test_what_is_signed_is_told_even_where_no_register_is_asked_for() -> None:
    site = SigningSite()
    assert site.settings.change(known.STOP_TXN_SAMPLED_DATA, "", "csms").accepted
    session(site)
    assert ended(site) == ["B*", "E*"]
    told = site.told(TransactionEnded)[0].samples
    assert {quantity.measurand for sample in told for quantity in sample.quantities} == {known.REGISTER[0]}


def test_the_begin_goes_by_itself_where_that_is_asked_for() -> None:
    site = SigningSite()
    assert site.settings.change(known.START_TXN_SAMPLED_DATA, "Energy.Active.Import.Register", "csms").accepted
    session(site)
    [begin] = site.told(BeginMetered)
    assert codes(begin.samples) == ["B*"]
    order = [type(fact) for fact in site.facts if isinstance(fact, TransactionStarted | BeginMetered | Updated)]
    assert order[:2] == [TransactionStarted, BeginMetered]
    assert begin.transaction == site.told(TransactionStarted)[0].transaction


def test_without_being_asked_for_it_goes_with_the_start_alone() -> None:
    site = Site()
    session(site)
    assert site.told(BeginMetered) == []


@pytest.mark.parametrize("start", ["true", "false"])
@pytest.mark.parametrize(
    ("key", "end"),
    [(known.EVERY_METER_VALUE, ["B*", "E*"]), (known.ONCE_PER_TRANSACTION, ["B*", "E"]), (known.NEVER, ["B", "E"])],
)
def test_a_restart_keeps_the_begin_for_the_end(start: str, key: str, end: list[str]) -> None:
    """With its signature and its key, wherever else these were to be told."""
    before, after = SigningSite(), SigningSite()
    for site in (before, after):
        site.set(known.SAMPLED_DATA_SIGN_STARTED_READINGS, start)
        site.set(known.PUBLIC_KEY_WITH_SIGNED_METER_VALUE, key)
    before.charge()
    kept = [record for record in before.records() if isinstance(record.fact, TransactionStarted | Updated)]
    after.evse().known = False
    after.station.recover([Recovery(kept, same_boot=True, resume_after_power_loss=False)])
    after.see(1, before.evse().seen)
    after.read(wh=1000.0)
    after.station.stop(1, after.now)
    after.opened()
    assert ended(after) == end


class SilentAtTheEnd(SigningSite):
    def grant(self, wish: Wish) -> None:
        if not isinstance(wish, EndMetering):
            super().grant(wish)


def test_an_end_that_the_meter_did_not_give_is_proven_by_nothing_older() -> None:
    """The latest reading is still the signed begin."""
    site = SilentAtTheEnd()
    site.charge()
    site.card("CARD1")
    site.opened()
    site.wait(METER_WITHIN_S + 1)
    assert ended(site) == ["B*", ""]


def test_a_meter_that_does_not_sign_has_nothing_signed() -> None:
    site = Site()
    session(site)
    assert (started(site), updated(site), ended(site)) == ([""], {""}, ["", ""])


@pytest.mark.parametrize(
    ("record", "both"),
    [
        (a_record("B", "E"), True),
        (a_record("B", "C", "L"), True),
        (a_record("B"), False),
        (a_record("E"), False),
        ("OCMF|not json|{}", False),
        ("OCMF|{}|{}", False),
        ('OCMF|{"RD":[1]}|{}', False),
        ("", False),
    ],
)
def test_a_record_is_looked_into(record: str, both: bool) -> None:
    assert holds_both(record) is both
