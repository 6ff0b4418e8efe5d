"""Who may charge, online and offline, by list, cache, local cards and groups."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core import authorization, catalogue
from chargepoint.core.authorization import (
    CACHE,
    LIST,
    LOCAL,
    SOURCES,
    Accept,
    Ask,
    Card,
    Cards,
    Decision,
    Refuse,
    Verdict,
    is_master,
)
from chargepoint.core.facts import Moment, Token
from chargepoint.core.setting import Setting
from chargepoint.core.settings import Settings

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
ANNA = Token("04A1B2C3D4E5F6", "ISO14443")
BERT = Token("DEADBEEF", "ISO14443")
FLEET = Token("FLEET-7", "Central")
TOMORROW, YESTERDAY = NOON + timedelta(days=1), NOON - timedelta(days=1)


def moment(at: datetime = NOON) -> Moment:
    return Moment(1000.0, at)


class Desk:
    """A station's cards and settings, in the words of whoever asks."""

    def __init__(self) -> None:
        self.cards = Cards()
        self.settings = Settings()

    def set(self, setting: Setting[bool] | Setting[int] | Setting[str], text: str) -> None:
        assert self.settings.change(setting, text, "csms").accepted

    def heard(self, token: Token, status: str = "Accepted", at: datetime = NOON, **more: object) -> None:
        verdict = Verdict(status, more.get("group"), more.get("expires_at"))  # type: ignore[arg-type]
        self.cards.learn(token, verdict, moment(at), self.settings)

    def listed(self, token: Token, status: str = "Accepted", **more: object) -> None:
        self.cards.add_local(Card(token, status, source=LIST, **more))  # type: ignore[arg-type]

    def asks(
        self, token: Token, *, online: bool, mode: str = "ocpp", at: datetime = NOON, clock_trusted: bool = True
    ) -> Decision:
        return self.cards.decide(
            token, online=online, mode=mode, settings=self.settings, now=moment(at), clock_trusted=clock_trusted
        )

    def online(self, token: Token, at: datetime = NOON) -> Decision:
        return self.asks(token, online=True, at=at)

    def offline(self, token: Token, at: datetime = NOON, clock_trusted: bool = True) -> Decision:
        return self.asks(token, online=False, at=at, clock_trusted=clock_trusted)


@pytest.fixture
def desk() -> Desk:
    return Desk()


# --- online -----------------------------------------------------------------------------------------------------------


def test_online_an_unknown_card_is_asked_about(desk: Desk) -> None:
    assert desk.online(ANNA) == Ask()


@pytest.mark.parametrize("know", [Desk.listed, Desk.heard], ids=["local list", "cache"])
def test_online_a_known_card_is_asked_about_unless_pre_authorization_is_on(desk: Desk, know: object) -> None:
    know(desk, ANNA)  # type: ignore[operator]
    assert desk.online(ANNA) == Ask()
    desk.set(catalogue.LOCAL_PRE_AUTHORIZE, "true")
    assert desk.online(ANNA) == Accept("local list" if know is Desk.listed else "cache")


@pytest.mark.parametrize("status", ["Blocked", "Expired", "Invalid"])
@pytest.mark.parametrize("know", [Desk.listed, Desk.heard], ids=["local list", "cache"])
def test_online_a_card_remembered_as_refused_is_asked_about_again(desk: Desk, know: object, status: str) -> None:
    """C10.FR.03, C14.FR.03: it may have been paid for since."""
    know(desk, ANNA, status)  # type: ignore[operator]
    desk.set(catalogue.LOCAL_PRE_AUTHORIZE, "true")
    assert desk.online(ANNA) == Ask()


def test_asking_again_can_be_switched_off(desk: Desk) -> None:
    desk.heard(ANNA, "Blocked")
    desk.set(catalogue.DISABLE_POST_AUTHORIZE, "true")
    assert desk.online(ANNA) == Refuse("the back office said Blocked before")


def test_a_card_that_the_list_refuses_is_asked_about_although_asking_again_is_switched_off(desk: Desk) -> None:
    """DisablePostAuthorize is about the cache."""
    desk.set(catalogue.DISABLE_POST_AUTHORIZE, "true")
    desk.listed(ANNA, "Blocked")
    assert desk.online(ANNA) == Ask()


def test_online_an_expired_entry_of_the_list_is_asked_about(desk: Desk) -> None:
    desk.set(catalogue.LOCAL_PRE_AUTHORIZE, "true")
    desk.listed(ANNA, expires_at=YESTERDAY)
    assert desk.online(ANNA) == Ask()


def test_a_switched_off_cache_is_neither_asked_nor_filled(desk: Desk) -> None:
    desk.set(catalogue.LOCAL_PRE_AUTHORIZE, "true")
    desk.heard(ANNA)
    desk.set(catalogue.AUTHORIZATION_CACHE_ENABLED, "false")
    assert desk.online(ANNA) == Ask()
    desk.heard(BERT)
    desk.set(catalogue.AUTHORIZATION_CACHE_ENABLED, "true")
    assert desk.online(BERT) == Ask()


# --- offline ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("know", "by"), [(Desk.listed, "local list"), (Desk.heard, "cache")], ids=["local list", "cache"]
)
def test_offline_a_known_card_is_accepted_unless_that_is_switched_off(desk: Desk, know: object, by: str) -> None:
    know(desk, ANNA, group=FLEET)  # type: ignore[operator]
    assert desk.offline(ANNA) == Accept(by, FLEET)
    desk.set(catalogue.LOCAL_AUTHORIZE_OFFLINE, "false")
    assert desk.offline(ANNA) == Refuse("the back office cannot be reached")


@pytest.mark.parametrize("know", [Desk.listed, Desk.heard], ids=["local list", "cache"])
def test_offline_a_card_known_as_refused_is_refused_even_where_strangers_are_let_in(desk: Desk, know: object) -> None:
    """1.6 section 3.5.4: unknown is not the same as refused."""
    desk.set(catalogue.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID, "true")
    know(desk, ANNA, "Blocked")  # type: ignore[operator]
    assert isinstance(desk.offline(ANNA), Refuse)


def test_offline_an_expired_entry_of_the_list_is_refused(desk: Desk) -> None:
    desk.set(catalogue.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID, "true")
    desk.listed(ANNA, expires_at=NOON)
    assert desk.offline(ANNA) == Refuse("this card has expired")
    assert desk.offline(ANNA, at=NOON - timedelta(seconds=1)) == Accept("local list")


def test_the_local_list_outranks_the_cache(desk: Desk) -> None:
    desk.heard(ANNA)
    desk.listed(ANNA, "Blocked")
    assert desk.offline(ANNA) == Refuse("this card is Blocked")


def test_a_stranger_is_let_in_offline_only_where_that_is_allowed_and_is_not_remembered(desk: Desk) -> None:
    assert isinstance(desk.offline(BERT), Refuse)
    desk.set(catalogue.ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID, "true")
    assert desk.offline(BERT) == Accept("offline rule")
    assert desk.cards.entries() == []  # C15.FR.08


def test_cards_compare_without_case_and_an_entry_without_a_type_matches_every_type(desk: Desk) -> None:
    desk.listed(Token("04a1b2c3d4e5f6"))
    assert desk.offline(ANNA) == Accept("local list")
    desk.heard(BERT)
    assert desk.offline(Token("deadbeef", "iso14443")) == Accept("cache")
    assert isinstance(desk.offline(Token("deadbeef", "KeyCode")), Refuse)


def test_a_start_button_asks_nobody(desk: Desk) -> None:
    button = Token("", "NoAuthorization")
    assert desk.online(button) == desk.offline(button) == Accept("no authorization")


# --- dates and clocks -------------------------------------------------------------------------------------------------


def test_a_dated_entry_is_refused_while_the_clock_may_be_wrong(desk: Desk) -> None:
    desk.listed(ANNA, expires_at=TOMORROW)
    desk.heard(BERT)
    in_1970 = datetime(1970, 1, 1, tzinfo=UTC)
    assert desk.offline(ANNA, in_1970, clock_trusted=False) == Refuse(
        "this card has an expiry date, and the station does not know the date"
    )
    assert desk.offline(BERT, in_1970, clock_trusted=False) == Accept("cache")


def test_a_cached_answer_lives_until_its_own_date(desk: Desk) -> None:
    desk.set(catalogue.AUTH_CACHE_LIFE_TIME, "60")
    desk.heard(ANNA, expires_at=TOMORROW)
    assert desk.offline(ANNA, TOMORROW - timedelta(seconds=1)) == Accept("cache")
    assert isinstance(desk.offline(ANNA, TOMORROW), Refuse)
    assert desk.cards.entries() == []


def test_a_cached_answer_without_a_date_lives_as_long_as_the_setting_says(desk: Desk) -> None:
    desk.set(catalogue.AUTH_CACHE_LIFE_TIME, "60")
    desk.heard(ANNA)
    assert desk.offline(ANNA, NOON + timedelta(seconds=60)) == Accept("cache")
    desk.heard(ANNA, at=NOON + timedelta(seconds=30))  # C10.FR.08: from the last update on
    assert desk.offline(ANNA, NOON + timedelta(seconds=90)) == Accept("cache")
    assert isinstance(desk.offline(ANNA, NOON + timedelta(seconds=91)), Refuse)


def test_a_life_time_of_0_is_for_ever(desk: Desk) -> None:
    desk.set(catalogue.AUTH_CACHE_LIFE_TIME, "0")
    desk.heard(ANNA)
    assert desk.offline(ANNA, NOON + timedelta(days=3650)) == Accept("cache")


def test_a_wrong_clock_does_not_empty_the_cache(desk: Desk) -> None:
    desk.set(catalogue.AUTH_CACHE_LIFE_TIME, "60")
    desk.heard(ANNA)
    far = datetime(2038, 1, 1, tzinfo=UTC)
    assert desk.offline(ANNA, far, clock_trusted=False) == Accept("cache")
    assert desk.offline(ANNA) == Accept("cache")


# --- learning ---------------------------------------------------------------------------------------------------------


def test_the_latest_answer_counts(desk: Desk) -> None:
    desk.heard(ANNA)
    desk.heard(ANNA, "Blocked")
    assert desk.offline(ANNA) == Refuse("the back office said Blocked before")
    desk.heard(ANNA, group=FLEET)
    assert desk.offline(ANNA) == Accept("cache", FLEET)


def test_an_answer_that_has_expired_already_removes_the_card(desk: Desk) -> None:
    desk.heard(ANNA)
    desk.heard(ANNA, expires_at=YESTERDAY)
    assert desk.cards.entries() == []


def test_cards_of_the_local_list_are_not_cached(desk: Desk) -> None:
    desk.listed(ANNA)
    desk.heard(ANNA, "Blocked")
    assert [card.source for card in desk.cards.entries()] == [LIST]


def test_a_new_local_list_drops_its_cards_from_the_cache(desk: Desk) -> None:
    desk.heard(ANNA)
    desk.heard(BERT)
    desk.cards.replace_list(4, [Card(ANNA, "Blocked")])
    assert desk.cards.list_version == 4
    assert [(card.token, card.source) for card in desk.cards.entries()] == [(ANNA, LIST), (BERT, CACHE)]


@pytest.mark.parametrize("status", ["ConcurrentTx", "NotAtThisTime", "NotAtThisLocation", "NotAllowedTypeEVSE"])
def test_a_refusal_of_the_moment_is_not_held_against_the_card(desk: Desk, status: str) -> None:
    desk.heard(ANNA)
    desk.heard(ANNA, status)
    assert desk.offline(ANNA) == Accept("cache")


def test_a_start_button_is_not_remembered(desk: Desk) -> None:
    desk.heard(Token("", "NoAuthorization"))
    assert desk.cards.entries() == []


def test_a_card_put_into_the_cache_by_hand_has_no_age(desk: Desk) -> None:
    desk.set(catalogue.AUTH_CACHE_LIFE_TIME, "60")
    desk.cards.add_local(Card(ANNA, source=CACHE))
    assert desk.offline(ANNA) == Accept("cache")


def test_the_cache_holds_a_thousand_cards_however_they_came(desk: Desk) -> None:
    for number in range(1001):
        desk.heard(Token(f"{number}"))
    assert (len(desk.cards.entries()), desk.cards.find(Token("0"))) == (1000, None)
    desk.cards.add_local(Card(Token("by hand"), source=CACHE))
    assert len(desk.cards.entries()) == 1000


def test_a_card_is_found_wherever_it_is_known_the_list_first(desk: Desk) -> None:
    assert desk.cards.find(ANNA) is None
    desk.heard(ANNA)
    assert desk.cards.find(ANNA) == Card(ANNA, source=CACHE, learnt_at=NOON)
    desk.cards.add_local(Card(ANNA))
    assert desk.cards.find(ANNA) == Card(ANNA)
    desk.cards.replace_list(1, [Card(ANNA)])
    assert desk.cards.find(ANNA) == Card(ANNA, source=LIST)


def test_a_full_cache_lets_refused_cards_go_first_and_then_the_oldest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authorization, "CACHE_ENTRIES", 3)
    for name, status in [("A", "Accepted"), ("B", "Blocked"), ("C", "Accepted"), ("D", "Accepted")]:
        desk.heard(Token(name), status)
    assert [card.token.value for card in desk.cards.entries()] == ["A", "C", "D"]
    desk.heard(Token("A"))
    desk.heard(Token("E"))
    assert [card.token.value for card in desk.cards.entries()] == ["D", "A", "E"]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["Accepted", "Blocked"])), max_size=40))
def test_the_cache_never_outgrows_its_room_and_keeps_the_latest(answers: list[tuple[str, str]]) -> None:
    desk = Desk()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authorization, "CACHE_ENTRIES", 4)
        for name, status in answers:
            desk.heard(Token(name), status)
            assert len(desk.cards.entries()) <= 4
    if answers and answers[-1][1] == "Accepted":
        assert desk.cards.find(Token(answers[-1][0])) is not None


def test_clearing_the_cache_leaves_the_list_and_the_local_cards(desk: Desk) -> None:
    desk.listed(ANNA)
    desk.heard(BERT)
    desk.cards.add_local(Card(FLEET))
    desk.cards.clear_cache()
    assert [card.source for card in desk.cards.entries()] == [LIST, LOCAL]


# --- local and free access --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("online", [True, False])
def test_local_access_knows_only_the_cards_added_on_site(desk: Desk, online: bool) -> None:
    desk.cards.add_local(Card(ANNA, group=FLEET))
    desk.listed(BERT)
    assert desk.asks(ANNA, online=online, mode="local") == Accept("local card", FLEET)
    assert desk.asks(BERT, online=online, mode="local") == Refuse("this card is not known here")


def test_local_cards_expire_and_can_be_blocked(desk: Desk) -> None:
    desk.cards.add_local(Card(ANNA, expires_at=YESTERDAY))
    desk.cards.add_local(Card(BERT, "Blocked"))
    assert desk.asks(ANNA, online=True, mode="local") == Refuse("this card has expired")
    assert desk.asks(BERT, online=True, mode="local") == Refuse("this card is Blocked")


def test_cards_added_on_site_mean_nothing_where_the_back_office_decides(desk: Desk) -> None:
    desk.cards.add_local(Card(ANNA))
    assert desk.online(ANNA) == Ask()
    assert isinstance(desk.offline(ANNA), Refuse)


def test_free_access_accepts_everybody(desk: Desk) -> None:
    desk.listed(ANNA, "Blocked")
    assert desk.asks(ANNA, online=False, mode="free") == Accept("free")


# --- groups -----------------------------------------------------------------------------------------------------------


def test_the_master_pass_is_recognised_by_its_group(desk: Desk) -> None:
    assert not is_master(Token(""), desk.settings)
    desk.set(catalogue.MASTER_PASS_GROUP_ID, "fleet-7")
    assert is_master(FLEET, desk.settings)
    assert not is_master(ANNA, desk.settings)
    assert not is_master(None, desk.settings)


# --- keeping ----------------------------------------------------------------------------------------------------------


def test_everything_survives_a_restart(desk: Desk) -> None:
    desk.cards.replace_list(7, [Card(ANNA, "Blocked", FLEET, TOMORROW)])
    desk.heard(BERT, group=FLEET)
    desk.cards.add_local(Card(Token("LOCAL")))
    again = Cards()
    for source in SOURCES:
        again.load(source, json.loads(json.dumps(desk.cards.dump(source))))
    assert again.entries() == desk.cards.entries()
    assert again.list_version == 7


def test_what_is_kept_is_plain_json(desk: Desk) -> None:
    desk.cards.replace_list(7, [Card(ANNA, "Blocked", FLEET, TOMORROW)])
    desk.heard(BERT)
    desk.cards.add_local(Card(Token("LOCAL")))
    anna = {
        "id": "04A1B2C3D4E5F6", "type": "ISO14443", "status": "Blocked", "group": ["FLEET-7", "Central"],
        "expires_at": "2024-05-02T12:00:00+00:00",
    }  # fmt: skip
    bert = {"id": "DEADBEEF", "type": "ISO14443", "learnt_at": "2024-05-01T12:00:00+00:00"}
    assert desk.cards.dump(LIST) == {"version": 7, "cards": [anna]}
    assert desk.cards.dump(LOCAL) == {"cards": [{"id": "LOCAL", "type": ""}]}
    assert desk.cards.dump(CACHE) == {"cards": [bert]}
    again = Cards()
    for source in SOURCES:
        again.load(source, desk.cards.dump(source))
    assert [again.dump(source) for source in SOURCES] == [desk.cards.dump(source) for source in SOURCES]
    kinds = [(card.token.kind, card.group.kind if card.group else "") for card in again.entries()]
    assert kinds == [("ISO14443", "Central"), ("", ""), ("ISO14443", "")]


def test_a_memory_of_nothing_is_no_list(desk: Desk) -> None:
    for source in SOURCES:
        desk.cards.load(source, {})
    assert (desk.cards.list_version, desk.cards.entries()) == (0, [])


def test_a_card_given_another_type_matches_that_type_only(desk: Desk) -> None:
    desk.cards.add_local(Card(Token("deadbeef")))
    desk.cards.add_local(Card(Token("DEADBEEF", "KeyCode")))
    assert len(desk.cards.entries()) == 1
    assert isinstance(desk.asks(BERT, online=False, mode="local"), Refuse)


def test_an_outlived_answer_is_forgotten_for_good(desk: Desk) -> None:
    desk.heard(ANNA, expires_at=TOMORROW)
    told: list[str] = []
    desk.cards.on_change = told.append
    desk.offline(ANNA, TOMORROW)
    assert told == [CACHE]


def test_a_card_put_into_the_local_list_leaves_the_cache_and_makes_a_list(desk: Desk) -> None:
    desk.heard(ANNA)
    desk.cards.add_local(Card(BERT))
    assert desk.cards.list_version == 0
    desk.listed(ANNA)
    assert desk.cards.list_version == 1
    assert [card.source for card in desk.cards.entries()] == [LIST, LOCAL]


def test_removing_a_card_says_whether_there_was_one(desk: Desk) -> None:
    desk.cards.add_local(Card(ANNA))
    told: list[str] = []
    desk.cards.on_change = told.append
    assert desk.cards.remove(Token(ANNA.value.lower()))
    assert told == [LOCAL]
    assert not desk.cards.remove(ANNA)
    assert told == [LOCAL]


@pytest.mark.parametrize("source", [LIST, CACHE, LOCAL])
def test_a_card_is_removed_from_every_shelf_or_the_one_that_is_named(desk: Desk, source: str) -> None:
    others = [each for each in (LIST, CACHE, LOCAL) if each != source]
    desk.cards.add_local(Card(ANNA, source=source))
    assert not desk.cards.remove(ANNA, others)
    assert desk.cards.remove(ANNA)
    assert desk.cards.entries() == []


def test_the_same_answer_again_is_news_once_an_hour(desk: Desk) -> None:
    desk.heard(ANNA)
    told: list[str] = []
    desk.cards.on_change = told.append
    desk.heard(ANNA, at=NOON + timedelta(minutes=59))
    assert told == []
    desk.heard(ANNA, "Blocked", at=NOON + timedelta(minutes=59))
    assert len(told) == 1
    for minutes in range(60, 240, 50):  # 13:00, 13:50, 14:40, 15:30
        desk.heard(ANNA, "Blocked", at=NOON + timedelta(minutes=minutes))
    assert len(told) == 4


def test_every_change_is_told_once(desk: Desk) -> None:
    told: list[str] = []
    desk.cards.on_change = told.append
    desk.cards.add_local(Card(ANNA))
    desk.heard(BERT)
    desk.cards.clear_cache()
    desk.cards.remove(ANNA)
    desk.cards.remove(ANNA)
    desk.cards.replace_list(1, [])
    assert told == [LOCAL, CACHE, CACHE, LOCAL, LIST]


def test_a_list_that_outranks_the_cache_changes_both(desk: Desk) -> None:
    desk.heard(ANNA)
    told: list[str] = []
    desk.cards.on_change = told.append
    desk.cards.replace_list(1, [Card(ANNA, source=LIST)])
    assert sorted(told) == sorted([CACHE, LIST])
