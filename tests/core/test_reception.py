"""Who may charge and where: every answer with its reason, questions on the way, cards that wait."""

import pytest

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Card, Verdict
from chargepoint.core.evse import EvseSpec
from chargepoint.core.facts import (
    ChargingState,
    Deauthorized,
    StopReason,
    Token,
    TokenAccepted,
    TokenRefused,
    TransactionEnded,
    TransactionStarted,
    Trigger,
)
from chargepoint.core.reception import RemoteStart
from chargepoint.core.wishes import AskAuthorization
from tests.core.site import NOON, Site

CARD, FAMILY = Token("CARD1", "ISO14443"), Token("FAMILY")


def two(**options: object) -> Site:
    return Site(EvseSpec(1), EvseSpec(2), **options)  # type: ignore[arg-type]


def silent() -> Site:
    """The back office does not answer by itself."""
    site = Site()
    site.csms_answers = False
    return site


def set_(site: Site, setting: known.Setting[object], text: str) -> None:
    assert site.settings.change(setting, text, "local").accepted


def answer(site: Site, verdict: Verdict | None) -> None:
    [*_, wish] = site.wished(AskAuthorization)
    assert isinstance(wish, AskAuthorization)
    site.station.authorization_answered(wish.question, verdict, site.now)
    site.settle()


# --- taps -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_s", "permitted_a"), [(1.9, 16.0), (2.0, 0.0)])
def test_two_seconds_make_another_tap(after_s: float, permitted_a: float) -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    site.card("CARD1", after_s=after_s)
    assert site.permit_a() == permitted_a


def test_another_card_is_another_tap() -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    site.card("CARD2", after_s=0.5)
    assert [refused.token for refused in site.told(TokenRefused)] == [Token("CARD2")]


# --- whose word -------------------------------------------------------------------------------------------------------


def test_a_card_of_the_local_list_is_admitted_on_its_word_with_its_group() -> None:
    site = Site(online=False)
    site.cards.replace_list(1, [Card(CARD, group=FAMILY)])
    site.plug()
    site.card("CARD1")
    assert site.told(TokenAccepted) == [TokenAccepted(1, "id-1", CARD, "local list")]
    session = site.evse().session
    assert session is not None
    assert session.group == FAMILY


def test_a_card_that_our_own_rules_refuse_is_told_with_the_reason() -> None:
    site = Site(online=False)
    site.plug()
    site.card("CARD1")
    why = "this card is not known here, and the back office cannot be reached"
    assert site.told(TokenRefused) == [TokenRefused(0, CARD, why)]
    assert site.station.start(1, Token("CARD2"), site.now) == why


def test_a_dated_card_is_refused_while_nobody_vouches_for_the_clock() -> None:
    site = Site(online=False)
    site.cards.replace_list(1, [Card(CARD, expires_at=NOON.replace(year=2030))])
    site.station.trust_clock(False)
    site.plug()
    site.card("CARD1")
    assert site.permit_a() == 0.0
    site.station.trust_clock(True)
    site.card("CARD1")
    assert site.permit_a() == 16.0


def test_what_the_back_office_says_is_remembered() -> None:
    site = Site()
    site.plug()
    site.card("CARD1")
    card = site.cards.find(CARD)
    assert card is not None
    assert card.source == "cache"


def test_a_refusal_of_the_back_office_names_card_and_evse() -> None:
    site = Site()
    site.verdicts["CARD1"] = Verdict("Blocked")
    site.plug()
    assert site.station.start(1, CARD, site.now) is None
    site.settle()
    assert site.told(TokenRefused) == [TokenRefused(1, CARD, "Blocked")]


# --- questions on the way ---------------------------------------------------------------------------------------------


def test_our_own_rules_refuse_with_their_reason_while_nobody_answers() -> None:
    site = silent()
    site.plug()
    site.card("CARD1")
    answer(site, None)
    why = "this card is not known here, and the back office cannot be reached"
    assert site.told(TokenRefused) == [TokenRefused(0, CARD, why)]


def test_our_own_rules_admit_with_source_and_group_while_nobody_answers() -> None:
    site = silent()
    site.cards.replace_list(1, [Card(CARD, group=FAMILY)])
    site.plug()
    site.card("CARD1")
    answer(site, None)
    assert site.told(TokenAccepted) == [TokenAccepted(1, "id-1", CARD, "local list")]
    session = site.evse().session
    assert session is not None
    assert session.group == FAMILY


def let_in_by_our_own_rules(group: Token | None = None) -> Site:
    site = silent()
    site.cards.replace_list(1, [Card(CARD, group=group)])
    site.plug()
    site.card("CARD1")
    answer(site, None)
    site.draw()
    return site


def test_a_station_that_asks_says_so_until_it_has_heard() -> None:
    site = silent()
    assert not site.station.reception.asking
    site.plug()
    site.card("CARD1")
    site.wait(3)
    site.card("CARD2")
    assert site.station.reception.asking
    site.station.authorization_answered(1, None, site.now)
    assert site.station.reception.asking
    site.station.authorization_answered(2, None, site.now)
    assert not site.station.reception.asking


def test_a_late_no_ends_what_our_own_rules_let_in_and_says_why() -> None:
    site = let_in_by_our_own_rules()
    answer(site, Verdict("Blocked"))
    assert site.told(Deauthorized) == [Deauthorized(1, "id-1", "Blocked")]


@pytest.mark.parametrize(("before", "group"), [(None, Token("CLUB")), (FAMILY, FAMILY)])
def test_a_late_yes_adds_the_group_where_there_was_none(before: Token | None, group: Token) -> None:
    site = let_in_by_our_own_rules(before)
    answer(site, Verdict("Accepted", group=Token("CLUB")))
    session = site.evse().session
    assert session is not None
    assert (session.group, len(site.told(TokenAccepted))) == (group, 1)


def test_a_late_no_for_an_earlier_visit_does_not_end_this_one() -> None:
    site = let_in_by_our_own_rules()
    [question] = site.wished(AskAuthorization)
    assert isinstance(question, AskAuthorization)
    site.unplug()
    site.around.online = False
    site.charge()
    site.station.authorization_answered(question.question, Verdict("Blocked"), site.now)
    assert site.permit_a() == 16.0


def test_a_card_shown_again_after_our_own_rules_have_spoken_is_asked_about_again() -> None:
    site = silent()
    site.plug()
    site.card("CARD1")
    answer(site, None)
    site.card("CARD1")
    assert len(site.wished(AskAuthorization)) == 2


def test_a_card_that_our_own_rules_let_in_is_asked_about_again_for_its_next_visit() -> None:
    site = let_in_by_our_own_rules()
    site.unplug()
    site.plug()
    site.card("CARD1")
    assert len(site.wished(AskAuthorization)) == 2


def test_a_question_belongs_to_the_evse_it_was_asked_for() -> None:
    site = two()
    site.csms_answers = False
    site.plug(1)
    site.wait(1)
    site.plug(2)
    assert site.station.start(1, CARD, site.now) is None
    site.settle()
    assert site.wished(AskAuthorization) == [AskAuthorization(1, 1, CARD)]
    answer(site, Verdict("Accepted"))
    assert (site.permit_a(1), site.permit_a(2)) == (16.0, 0.0)


def test_a_question_for_a_free_evse_is_answered_there_although_a_car_waits_elsewhere() -> None:
    site = two()
    site.csms_answers = False
    assert site.station.start(1, CARD, site.now) is None
    site.settle()
    site.plug(2)
    answer(site, Verdict("Accepted"))
    assert (site.permit_a(2), site.evse(1).taken) == (0.0, True)


def test_an_answer_about_a_car_that_has_left_names_card_and_evse() -> None:
    site = silent()
    site.plug()
    assert site.station.start(1, CARD, site.now) is None
    site.settle()
    site.unplug()
    answer(site, Verdict("Accepted"))
    assert site.told(TokenRefused) == [TokenRefused(1, CARD, "unplugged meanwhile")]


@pytest.mark.parametrize(("after_s", "waits"), [(60.0, True), (61.0, False)])
def test_a_late_yes_finds_the_driver_who_was_refused_for_as_long_as_he_would_wait(after_s: float, waits: bool) -> None:
    site = silent()
    site.card("CARD1")
    answer(site, None)
    site.wait(after_s)
    answer(site, Verdict("Accepted"))
    assert site.evse().taken is waits


def test_a_slow_yes_counts_however_late_while_nobody_has_refused() -> None:
    site = silent()
    site.card("CARD1")
    site.wait(120)
    answer(site, Verdict("Accepted"))
    assert site.evse().taken


@pytest.mark.parametrize(("after_s", "asked"), [(599.0, 1), (600.0, 2)])
def test_a_question_is_waited_for_ten_minutes(after_s: float, asked: int) -> None:
    site = silent()
    site.plug()
    site.card("CARD1")
    site.wait(after_s)
    site.card("CARD1", after_s=0.0)
    assert len(site.wished(AskAuthorization)) == asked


def test_a_yes_for_a_card_that_charges_elsewhere_by_now_starts_nothing() -> None:
    site = two()
    site.csms_answers = False
    site.card("CARD1")
    site.station.remote_start(2, CARD, 1, site.now)
    site.settle()
    answer(site, Verdict("Accepted"))
    assert (len(site.told(TokenAccepted)), site.evse(1).session) == (1, None)
    assert site.told(TokenRefused) == []


# --- where ------------------------------------------------------------------------------------------------------------


def test_a_card_shown_twice_waits_for_one_plug() -> None:
    site = two()
    site.card("CARD1")
    site.card("CARD1")
    site.plug(1)
    site.plug(2)
    assert (site.permit_a(1), site.permit_a(2)) == (16.0, 0.0)


def test_a_card_that_waited_starts_with_its_source_its_group_and_its_trigger() -> None:
    site = two()
    site.verdicts["CARD1"] = Verdict("Accepted", group=FAMILY)
    set_(site, known.TX_START_POINT, "Authorized")
    site.card("CARD1")
    site.wait(30)
    site.plug(2)
    assert site.told(TokenAccepted) == [TokenAccepted(2, "id-1", CARD, "csms")]
    [start] = site.told(TransactionStarted)
    assert (start.trigger, start.token) == (Trigger.AUTHORIZED, CARD)
    session = site.evse(2).session
    assert session is not None
    assert session.group == FAMILY


def test_a_card_at_the_only_free_evse_has_its_source_and_its_group() -> None:
    site = Site()
    site.verdicts["CARD1"] = Verdict("Accepted", group=FAMILY)
    site.card("CARD1")
    assert site.told(TokenAccepted) == [TokenAccepted(1, "id-1", CARD, "csms")]
    session = site.evse().session
    assert session is not None
    assert session.group == FAMILY


def test_a_card_that_waits_in_vain_is_told_by_name_after_exactly_its_time() -> None:
    site = two()
    site.card("CARD1")
    site.wait(59)
    assert site.told(TokenRefused) == []
    site.wait(1)
    assert site.told(TokenRefused) == [TokenRefused(0, CARD, "no vehicle was plugged in")]


def test_a_waiting_card_does_not_take_a_car_whose_driver_has_stopped() -> None:
    site = two()
    site.charge("A", 1)
    site.card("A")
    site.opened(1)
    site.fault("MREC14PilotFault", evse=1)
    site.card("B")
    site.see(1, faults=())
    site.see(1)
    assert site.permit_a(1) == 0.0


def test_a_waiting_card_does_not_take_an_evse_that_is_out_of_service() -> None:
    site = Site(EvseSpec(1), EvseSpec(2), EvseSpec(3))
    site.card("CARD1")
    site.station.change_availability(1, False, site.now)
    site.plug(1)
    assert site.permit_a(1) == 0.0
    site.plug(2)
    assert site.permit_a(2) == 16.0


def test_a_card_does_not_mean_a_car_at_an_evse_that_is_out_of_service() -> None:
    site = two()
    site.plug(1)
    site.station.change_availability(1, False, site.now)
    site.card("CARD1")
    assert site.told(TokenAccepted)[0].evse == 2


def test_a_card_with_nowhere_to_go_is_told_why() -> None:
    site = Site()
    site.charge("A")
    site.card("CARD1")
    assert site.told(TokenRefused) == [TokenRefused(0, CARD, "EVSE 1 is in use")]


def test_the_only_car_that_has_finished_is_meant_where_there_is_nothing_else_to_mean() -> None:
    site = two()
    site.charge("A", 1)
    site.card("A")
    site.opened(1)
    site.station.change_availability(2, False, site.now)
    site.card("CARD1")
    assert site.permit_a(1) == 16.0


def test_a_card_for_an_evse_that_is_taken_meanwhile_is_refused_with_the_reason() -> None:
    site = silent()
    assert site.station.start(1, CARD, site.now) is None
    site.settle()
    site.station.remote_start(1, Token("R"), 1, site.now)
    answer(site, Verdict("Accepted"))
    assert site.told(TokenRefused) == [TokenRefused(1, CARD, "EVSE 1 is in use")]


def test_a_card_known_here_and_started_by_hand_at_a_taken_evse_says_so() -> None:
    site = Site()
    site.charge("A")
    assert site.station.start(1, CARD, site.now) == "EVSE 1 is in use"


@pytest.mark.parametrize("last", [1, 2])
def test_a_card_means_the_car_that_was_plugged_in_last(last: int) -> None:
    site = two()
    site.plug(3 - last)
    site.wait(5)
    site.plug(last)
    site.card("CARD1")
    assert site.told(TokenAccepted)[0].evse == last


# --- groups -----------------------------------------------------------------------------------------------------------


def test_a_card_of_another_group_stops_nothing() -> None:
    site = Site()
    site.verdicts = {"HIS": Verdict("Accepted", group=FAMILY), "HERS": Verdict("Accepted", group=Token("OTHERS"))}
    site.charge("HIS")
    site.card("HERS")
    assert site.permit_a() == 16.0


def test_a_group_mate_stops_the_evse_that_charges_and_not_the_one_that_has_ended() -> None:
    site = two()
    site.verdicts = {uid: Verdict("Accepted", group=FAMILY) for uid in ("A", "B", "C")}
    site.charge("A", 1)
    site.card("A")
    site.opened(1)
    site.charge("B", 2)
    site.station.change_availability(1, False, site.now)
    site.card("C")
    site.opened(2)
    assert [(end.evse, end.token) for end in site.told(TransactionEnded)] == [(1, Token("A")), (2, Token("C"))]


def test_a_master_pass_with_nothing_to_stop_says_so() -> None:
    site = Site()
    set_(site, known.MASTER_PASS_GROUP_ID, "MASTER")
    site.verdicts["POLICE"] = Verdict("Accepted", group=Token("master"))
    site.card("POLICE")
    assert site.told(TokenRefused) == [TokenRefused(0, Token("POLICE"), "this card may only stop")]


def test_a_master_pass_does_not_wait_for_a_plug() -> None:
    site = two()
    set_(site, known.MASTER_PASS_GROUP_ID, "MASTER")
    site.verdicts["POLICE"] = Verdict("Accepted", group=Token("master"))
    site.card("POLICE")
    site.plug(1)
    assert site.permit_a(1) == 0.0


def test_a_master_pass_shown_at_an_evse_says_that_it_may_only_stop() -> None:
    site = Site(online=False)
    set_(site, known.MASTER_PASS_GROUP_ID, "MASTER")
    site.cards.replace_list(1, [Card(CARD, group=Token("master"))])
    site.plug()
    assert site.station.start(1, CARD, site.now) == "this card may only stop"


# --- free access ------------------------------------------------------------------------------------------------------


def test_free_access_is_the_plugs_own_authorization() -> None:
    site = Site(mode="free")
    set_(site, known.TX_START_POINT, "Authorized")
    site.plug()
    nobody = Token("", "NoAuthorization")
    [accepted], [start] = site.told(TokenAccepted), site.told(TransactionStarted)
    assert accepted == TokenAccepted(1, "id-1", nobody, "free")
    assert (start.trigger, start.token, start.state) == (Trigger.AUTHORIZED, nobody, ChargingState.EV_CONNECTED)
    assert (accepted.token.value, accepted.token.kind) == ("", "NoAuthorization")


def test_free_access_authorizes_nobody_where_nothing_is_plugged() -> None:
    site = Site(mode="free")
    site.wait(5)
    assert site.told(TokenAccepted) == []


def test_free_access_charges_a_car_that_was_plugged_in_again_although_its_cable_stayed() -> None:
    site = Site(mode="free")
    site.plug()
    site.draw()
    site.station.stop(1, site.now)
    site.opened()
    site.leave_cable()
    site.see(1, pilot="B1", ev_connected=True)
    assert site.permit_a() == 16.0


def test_free_access_waits_for_an_evse_that_is_out_of_service() -> None:
    site = Site(mode="free")
    site.station.change_availability(1, False, site.now)
    site.plug()
    site.wait(5)
    assert (site.told(TokenAccepted), site.permit_a()) == ([], 0.0)


# --- remote starts ----------------------------------------------------------------------------------------------------


def test_a_remote_start_says_why_not() -> None:
    site = Site()
    assert site.station.remote_start(3, CARD, 1, site.now) == RemoteStart(False, why="there is no EVSE 3")
    site.charge("A")
    assert site.station.remote_start(1, CARD, 1, site.now) == RemoteStart(False, why="EVSE 1 is in use")
    assert site.station.remote_start(None, CARD, 1, site.now) == RemoteStart(False, why="no EVSE is free")


def test_a_remote_start_for_a_card_that_charges_already_is_refused() -> None:
    site = two()
    site.charge("CARD1", 1)
    assert site.station.remote_start(2, CARD, 1, site.now) == RemoteStart(False, why="this token is charging already")


def test_a_remote_start_without_an_evse_takes_the_first_that_is_fit_and_free() -> None:
    site = Site(EvseSpec(1), EvseSpec(2), EvseSpec(3))
    site.charge("A", 1)
    site.station.change_availability(2, False, site.now)
    assert site.station.remote_start(None, CARD, 1, site.now).accepted
    assert site.evse(3).taken


def test_a_remote_start_names_the_transaction_that_runs_already() -> None:
    site = Site()
    set_(site, known.TX_START_POINT, "EVConnected")
    site.plug()
    [start] = site.told(TransactionStarted)
    assert site.station.remote_start(1, CARD, 1, site.now) == RemoteStart(True, start.transaction)


def test_a_remote_start_names_no_transaction_that_nobody_has_heard_of() -> None:
    site = Site()
    site.plug()
    assert site.station.remote_start(1, CARD, 1, site.now) == RemoteStart(True)


def test_a_remote_start_that_must_be_asked_about_starts_as_a_remote_start_at_its_evse() -> None:
    site = two()
    set_(site, known.AUTHORIZE_REMOTE_TX_REQUESTS, "true")
    site.plug(1)
    site.wait(1)
    site.plug(2)
    assert site.station.remote_start(1, CARD, 77, site.now).accepted
    site.settle()
    [start] = site.told(TransactionStarted)
    assert (start.evse, start.trigger, start.remote_start_id) == (1, Trigger.REMOTE_START, 77)


def test_a_remote_start_that_our_own_rules_refuse_says_why() -> None:
    site = Site(online=False)
    set_(site, known.AUTHORIZE_REMOTE_TX_REQUESTS, "true")
    site.plug()
    why = "this card is not known here, and the back office cannot be reached"
    assert site.station.remote_start(1, CARD, 77, site.now) == RemoteStart(False, why=why)


def test_a_driver_who_stops_with_his_card_is_named_in_the_bill() -> None:
    site = Site()
    site.charge()
    site.card("CARD1")
    site.opened()
    [end] = site.told(TransactionEnded)
    assert (end.reason, end.token, end.trigger) == (StopReason.LOCAL, CARD, Trigger.STOP_AUTHORIZED)
