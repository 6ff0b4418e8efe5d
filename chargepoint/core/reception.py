"""Who may charge, and at which EVSE: cards, remote starts and the CSMS's answers about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Accept, Ask, Cards, Refuse, is_master
from chargepoint.core.books import Cause
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import Evse
from chargepoint.core.facts import Moment, StopReason, Token, TokenRefused, Trigger
from chargepoint.core.reservation import Reservations
from chargepoint.core.session import GRANTED
from chargepoint.core.wishes import AskAuthorization

if TYPE_CHECKING:
    from chargepoint.core.authorization import Verdict
    from chargepoint.core.profile import Profile

FREE = Token("", "NoAuthorization")
"""The token of a station that asks nobody (OCPP 2.0.1 C02: NoAuthorization, empty idToken)."""

FORGET_S = 600.0
"""A question is not waited for any longer than that: the visit it was about is over."""

SAME_TAP_S = 2.0
"""The same card again within this time is the same tap."""


@dataclass(slots=True)
class Question:
    """A token that the CSMS has been asked about. `session`: the visit it was meant for, if one had begun."""

    token: Token
    evse: int  # 0: whichever fits when the answer comes
    session: str | None
    cause: Cause
    asked_s: float  # monotonic
    refused: bool = False  # for now, by our own rules
    let_in: str | None = None  # the session that our own rules have authorized for now


@dataclass(frozen=True, slots=True)
class Waiting:
    """An accepted card whose driver has not plugged in yet, where several EVSEs are free."""

    token: Token
    group: Token | None
    by: str
    until_s: float  # monotonic


@dataclass(slots=True)
class RemoteStart:
    """The answer to a remote start; `transaction` where one runs already."""

    accepted: bool
    transaction: str | None = None
    why: str = ""


@dataclass(slots=True)
class Reception:
    """Cards and remote starts of all EVSEs; asks, decides, assigns."""

    evses: Mapping[int, Evse]
    around: Circumstances
    cards: Cards
    mode: str = "ocpp"  # ocpp | local | free
    reservations: Reservations = field(init=False)
    waiting: list[Waiting] = field(default_factory=list)  # cards that take the next plugs, the first first
    _questions: dict[int, Question] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _last_tap: tuple[Token, float] | None = None

    def __post_init__(self) -> None:
        self.reservations = Reservations(self.evses, self.around)

    @property
    def asking(self) -> bool:
        """Does somebody stand there and wait for the back office's answer?"""
        return any(not _told(question) for question in self._questions.values())

    # --- a card at the reader -----------------------------------------------------------------------------------------

    def card(self, token: Token, now: Moment) -> None:
        if self._same_tap(token, now):
            return
        if self._stop_own(token, now):
            return
        self._judge(token, 0, Cause(Trigger.AUTHORIZED, token=token), now)

    def start(self, evse: Evse, token: Token, cause: Cause, now: Moment) -> str:
        """Somebody wants to charge here; "" when that is under way or done, else why not."""
        why = self.why_not(evse, token)
        if why:
            return why
        return self._judge(token, evse.id, cause, now)

    def why_not(self, evse: Evse, token: Token, group: Token | None = None, *, sure: bool = False) -> str:
        """Why this token cannot charge there; `sure`: its group is known by now."""
        if why := evse.unfit() or self.reservations.bars(evse, token, group, sure=sure):
            return why
        if evse.taken:
            return f"EVSE {evse.id} is in use"
        if self._user_of(token):
            return "this token is charging already"
        return ""

    def _same_tap(self, token: Token, now: Moment) -> bool:
        last, self._last_tap = self._last_tap, (token, now.mono_s)
        return last is not None and last[0] == token and now.mono_s - last[1] < SAME_TAP_S

    def _user_of(self, token: Token) -> Evse | None:
        for evse in self.evses.values():
            if evse.session and evse.session.token == token and evse.session.state in GRANTED:
                return evse
        return None

    def _stop_own(self, token: Token, now: Moment) -> bool:
        """A card that charges ends its session; one whose cable is held gets it back."""
        if evse := self._user_of(token):
            self._stop(evse, token, now)
            return True
        for evse in self.evses.values():
            if evse.session and evse.session.hold_lock and evse.session.token == token:
                evse.visit.let_cable_go()
                return True
        return False

    def _stop(self, evse: Evse, token: Token, now: Moment) -> None:
        evse.visit.release(Cause(Trigger.STOP_AUTHORIZED, StopReason.LOCAL, token), now)

    # --- the decision -------------------------------------------------------------------------------------------------

    def _judge(self, token: Token, evse: int, cause: Cause, now: Moment) -> str:
        match self._decide(token, self.around.online, now):
            case Accept(by, group):
                return self._admit(token, group, by, evse, cause, now)
            case Refuse(why):
                self.around.emit(TokenRefused(evse, token, why))
                return why
            case Ask():
                self._ask(token, evse, cause, now)
                return ""

    def _decide(self, token: Token, online: bool, now: Moment) -> Accept | Refuse | Ask:
        return self.cards.decide(
            token, online=online, mode=self.mode, settings=self.around.settings, now=now,
            clock_trusted=self.around.clock_trusted,
        )  # fmt: skip

    def _ask(self, token: Token, evse: int, cause: Cause, now: Moment) -> None:
        if any(question.token == token for question in self._questions.values() if not _told(question)):
            return  # the card has been shown before, and the answer is still to come
        number = next(self._numbers)
        target = self.evses.get(evse) or self._plugged()
        session = target.session.id if target and target.session else None
        self._questions[number] = Question(token, evse, session, cause, now.mono_s)
        self.around.emit(AskAuthorization(evse, number, token))

    def answered(self, number: int, verdict: Verdict | None, now: Moment) -> None:
        """The CSMS's answer; None: none within the time, so our own rules decide until it comes after all."""
        question = self._questions.get(number)
        if question is None:
            return
        if verdict is None:
            self._answer_ourselves(question, now)
            return
        del self._questions[number]
        self.cards.learn(question.token, verdict, now, self.around.settings)
        if question.let_in is not None:
            self._confirm(question, verdict, now)
        elif not verdict.accepted:
            self.around.emit(TokenRefused(question.evse, question.token, verdict.status))
        else:
            self._arrive(question, verdict.group, "csms", now)

    def _answer_ourselves(self, question: Question, now: Moment) -> None:
        match self._decide(question.token, False, now):
            case Accept(by, group):
                self._arrive(question, group, by, now)
                user = self._user_of(question.token)
                question.let_in = user.session.id if user is not None and user.session is not None else ""
            case Refuse(why):
                question.refused = True
                self.around.emit(TokenRefused(question.evse, question.token, why))
            case Ask():
                question.refused = True
                self.around.emit(TokenRefused(question.evse, question.token, "the back office does not answer"))

    def _confirm(self, question: Question, verdict: Verdict, now: Moment) -> None:
        """A late answer ends what our own rules let in, if that still goes on; a late yes has nothing to add."""
        user = self._user_of(question.token)
        if user is None or user.session is None or user.session.id != question.let_in:
            return
        if not verdict.accepted:
            user.visit.deauthorize(verdict.status, now)
        else:
            user.session.group = user.session.group or verdict.group

    def _arrive(self, question: Question, group: Token | None, by: str, now: Moment) -> None:
        """Act on an answer at the visit it was asked for; one that has ended, or waited too long, is nobody's."""
        token, target = question.token, question.evse
        if question.session is not None:
            target = next((e.id for e in self.evses.values() if e.session and e.session.id == question.session), 0)
            if not target:
                self.around.emit(TokenRefused(question.evse, token, "unplugged meanwhile"))
                return
        elif question.refused and now.mono_s - question.asked_s > self.around.settings[known.CONNECTION_TIME_OUT]:
            return
        if self._user_of(token) is None:
            self._admit(token, group, by, target, question.cause, now)

    # --- to an EVSE ---------------------------------------------------------------------------------------------------

    def _admit(self, token: Token, group: Token | None, by: str, evse: int, cause: Cause, now: Moment) -> str:
        """An accepted token: it starts at the EVSE that waits for one, else stops its group's session, else waits."""
        target = self.evses[evse] if evse else self._meant(token, group)
        if target is not None and not self.why_not(target, token, group, sure=True) and not self._master(group):
            self._let_in(target, token, group, by, cause, now)
            return ""
        if group is not None and (mate := self._mate(group)) is not None:
            self._stop(mate, token, now)
            return ""
        if evse or self._master(group):
            full = self.why_not(self.evses[evse], token, group, sure=True) if evse else ""
            why = "this card may only stop" if self._master(group) else full
            self.around.emit(TokenRefused(evse, token, why))
            return why
        return self._wait_for_plug(token, group, by, cause, now)

    def _let_in(self, evse: Evse, token: Token, group: Token | None, by: str, cause: Cause, now: Moment) -> None:
        reservation = self.reservations.claim(evse, token, group)
        evse.visit.authorize(token, by, replace(cause, reservation_id=reservation), now, group)

    def _meant(self, token: Token, group: Token | None) -> Evse | None:
        """The EVSE that is kept for this driver, else the one plugged in last."""
        reservation = self.reservations.for_token(token, group)
        kept = self.evses.get(reservation.evse) if reservation is not None else None
        return kept if kept is not None and not kept.taken else self._plugged()

    def _wait_for_plug(self, token: Token, group: Token | None, by: str, cause: Cause, now: Moment) -> str:
        fit = [evse for evse in self.evses.values() if not self.why_not(evse, token, group, sure=True)]
        free = [evse for evse in fit if evse.session is None]
        if len(free) == 1:
            self._let_in(free[0], token, group, by, cause, now)
        elif free:
            until_s = now.mono_s + self.around.settings[known.CONNECTION_TIME_OUT]
            self.waiting = [other for other in self.waiting if other.token != token]
            self.waiting.append(Waiting(token, group, by, until_s))
        else:
            refusals = (self.why_not(evse, token, group, sure=True) for evse in self.evses.values())
            why = next(filter(None, refusals), "no EVSE is free")
            self.around.emit(TokenRefused(0, token, why))
            return why
        return ""

    def plugged(self, evse: Evse, now: Moment) -> None:
        """An EV is there that nobody has been accepted for: does somebody wait for it, or is nobody asked here?"""
        if not evse.awaits_token or evse.unfit():
            return
        if self.mode == "free":
            if evse.is_fresh:  # who has stopped it here does not want it started again
                evse.visit.authorize(FREE, "free", Cause(Trigger.AUTHORIZED, token=FREE), now)
        elif self.waiting and evse.is_fresh:
            fit = (each for each in self.waiting if not self.why_not(evse, each.token, each.group, sure=True))
            first = next(fit, None)
            if first is None:
                return
            self.waiting.remove(first)
            cause = Cause(Trigger.AUTHORIZED, token=first.token)
            self._let_in(evse, first.token, first.group, first.by, cause, now)

    def _plugged(self) -> Evse | None:
        """The EVSE a card means when it does not say: the one plugged in last that waits for its first token.

        A car whose driver has stopped is meant only where there is nothing else to mean.
        """
        waiting = [evse for evse in self.evses.values() if evse.awaits_token and not evse.unfit()]
        fresh = [evse for evse in waiting if evse.is_fresh]
        candidates = fresh if fresh or self._free() else waiting
        return max(candidates, key=lambda evse: evse.plugged_at_s, default=None)

    def _mate(self, group: Token) -> Evse | None:
        for evse in self.evses.values():
            session = evse.session
            if session and session.state in GRANTED and (session.group == group or self._master(group)):
                return evse
        return None

    def _master(self, group: Token | None) -> bool:
        return is_master(group, self.around.settings)

    # --- the back office starts ---------------------------------------------------------------------------------------

    def remote_start(
        self, evse: int | None, token: Token, remote_start_id: int | None, now: Moment, profile: Profile | None = None
    ) -> RemoteStart:
        target = self.evses.get(evse) if evse else self._meant(token, None) or self._free(token)
        if target is None:
            return RemoteStart(False, why="no EVSE is free" if not evse else f"there is no EVSE {evse}")
        card = self.cards.find(token)
        group = card.group if card else None
        asks = self.around.settings[known.AUTHORIZE_REMOTE_TX_REQUESTS] or self._may_be_kept_for(target, token)
        if why := self.why_not(target, token, group, sure=not asks):
            return RemoteStart(False, why=why)
        cause = Cause(Trigger.REMOTE_START, token=token, remote_start_id=remote_start_id, profile=profile)
        if asks:
            why = self._judge(token, target.id, cause, now)
        else:
            self._let_in(target, token, group, "remote start", cause, now)
            why = ""
        running = target.transaction
        started = running.id if running is not None and running.seq_no > 0 else None
        return RemoteStart(not why, started, why)

    def _may_be_kept_for(self, evse: Evse, token: Token) -> bool:
        """Is it reserved for a group, and does only the back office know whether this token is of it (1.6, 5.13)?"""
        bars = self.reservations.bars
        strange = self.cards.find(token) is None
        return strange and bool(bars(evse, token, None, sure=True)) and not bars(evse, token, None, sure=False)

    def _free(self, token: Token | None = None) -> Evse | None:
        """One that nobody uses, and that nobody else has reserved."""
        for evse in self.evses.values():
            if evse.session is None and not (self.why_not(evse, token) if token else evse.unfit()):
                return evse
        return None

    def tick(self, now: Moment) -> None:
        for waiting in [each for each in self.waiting if now.mono_s >= each.until_s]:
            self.waiting.remove(waiting)
            self.around.emit(TokenRefused(0, waiting.token, "no vehicle was plugged in"))
        self._questions = {n: q for n, q in self._questions.items() if now.mono_s - q.asked_s < FORGET_S}
        if self.mode == "free":
            for evse in self.evses.values():
                self.plugged(evse, now)


def _told(question: Question) -> bool:
    """Have our own rules spoken meanwhile?"""
    return question.refused or question.let_in is not None
