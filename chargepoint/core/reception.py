"""Who may charge, and at which EVSE: cards, remote starts and the CSMS's answers about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from chargepoint.core import catalogue as known
from chargepoint.core.authorization import Accept, Ask, Cards, Refuse, is_master
from chargepoint.core.books import Cause
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.evse import Evse
from chargepoint.core.facts import Moment, StopReason, Token, TokenRefused, Trigger
from chargepoint.core.session import GRANTED, State
from chargepoint.core.wishes import AskAuthorization

if TYPE_CHECKING:
    from chargepoint.core.authorization import Verdict

FREE = Token("", "NoAuthorization")
"""The token of a station that asks nobody (OCPP 2.0.1 C02: NoAuthorization, empty idToken)."""

SAME_TAP_S = 2.0
"""The same card again within this time is the same tap."""


@dataclass(slots=True)
class Question:
    """A token that the CSMS has been asked about. `session`: the visit it was meant for, if one had begun."""

    token: Token
    evse: int  # 0: whichever fits when the answer comes
    session: str | None
    cause: Cause
    answered: bool = False  # provisionally, by the offline rules


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
    waiting: tuple[Token, Token | None, str, float] | None = None  # token, group, by, until: takes the next plug
    _questions: dict[int, Question] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _last_tap: tuple[Token, float] | None = None

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

    def why_not(self, evse: Evse, token: Token) -> str:
        if why := evse.unfit():
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
                self._ask(token, evse, cause)
                return ""

    def _decide(self, token: Token, online: bool, now: Moment) -> Accept | Refuse | Ask:
        return self.cards.decide(
            token, online=online, mode=self.mode, settings=self.around.settings, now=now,
            clock_trusted=self.around.clock_trusted,
        )  # fmt: skip

    def _ask(self, token: Token, evse: int, cause: Cause) -> None:
        number = next(self._numbers)
        target = self.evses.get(evse) or self._plugged()
        session = target.session.id if target and target.session else None
        self._questions[number] = Question(token, evse, session, cause)
        self.around.emit(AskAuthorization(evse, number, token))

    def answered(self, number: int, verdict: Verdict | None, now: Moment) -> None:
        """The CSMS's answer; None: none within the time, so our own rules decide until it comes after all."""
        question = self._questions.get(number)
        if question is None:
            return
        if verdict is not None:
            del self._questions[number]
            self.cards.learn(question.token, verdict, now, self.around.settings)
        if verdict is None:
            self._answer_ourselves(question, now)
        elif question.answered:
            self._correct(question, verdict, now)
        elif verdict.accepted:
            self._arrive(question, verdict.group, "csms", now)
        else:
            self.around.emit(TokenRefused(question.evse, question.token, verdict.status))

    def _answer_ourselves(self, question: Question, now: Moment) -> None:
        question.answered = True
        match self._decide(question.token, False, now):
            case Accept(by, group):
                self._arrive(question, group, by, now)
            case Refuse(why):
                self.around.emit(TokenRefused(question.evse, question.token, why))
            case Ask():
                self.around.emit(TokenRefused(question.evse, question.token, "the back office does not answer"))

    def _correct(self, question: Question, verdict: Verdict, now: Moment) -> None:
        """A late answer counts: it ends what our own rules let in, or lets in what they refused."""
        user = self._user_of(question.token)
        if not verdict.accepted and user is not None:
            user.visit.deauthorize(verdict.status, now)
        elif verdict.accepted and user is None:
            self._arrive(question, verdict.group, "csms", now)

    def _arrive(self, question: Question, group: Token | None, by: str, now: Moment) -> None:
        """Act on an answer, unless the plug it was meant for has been taken away meanwhile."""
        if question.session is not None and not any(
            evse.session and evse.session.id == question.session for evse in self.evses.values()
        ):
            self.around.emit(TokenRefused(question.evse, question.token, "unplugged meanwhile"))
            return
        self._admit(question.token, group, by, question.evse, question.cause, now)

    # --- to an EVSE ---------------------------------------------------------------------------------------------------

    def _admit(self, token: Token, group: Token | None, by: str, evse: int, cause: Cause, now: Moment) -> str:
        """An accepted token: it starts at the EVSE that waits for one, else stops its group's session, else waits."""
        target = self.evses[evse] if evse else self._plugged()
        if target is not None and not self.why_not(target, token) and not self._master(group):
            target.visit.authorize(token, by, cause, now, group)
            return ""
        if group is not None and (mate := self._mate(group)) is not None:
            self._stop(mate, token, now)
            return ""
        if evse or self._master(group):
            why = self.why_not(self.evses[evse], token) if evse else "this card may only stop"
            self.around.emit(TokenRefused(evse, token, why))
            return why
        return self._wait_for_plug(token, group, by, cause, now)

    def _wait_for_plug(self, token: Token, group: Token | None, by: str, cause: Cause, now: Moment) -> str:
        free = [evse for evse in self.evses.values() if not self.why_not(evse, token) and evse.session is None]
        if len(free) == 1:
            free[0].visit.authorize(token, by, cause, now, group)
        elif free:
            self.waiting = (token, group, by, now.mono_s + self.around.settings[known.CONNECTION_TIME_OUT])
        else:
            why = next((w for evse in self.evses.values() if (w := self.why_not(evse, token))), "no EVSE is free")
            self.around.emit(TokenRefused(0, token, why))
            return why
        return ""

    def plugged(self, evse: Evse, now: Moment) -> None:
        """An EV has just been connected: does somebody wait for it?"""
        if not evse.awaits_token or evse.unfit():
            return
        if self.mode == "free":
            evse.visit.authorize(FREE, "free", Cause(Trigger.AUTHORIZED, token=FREE), now)
        elif self.waiting is not None and now.mono_s < self.waiting[3]:
            token, group, by, _ = self.waiting
            self.waiting = None
            evse.visit.authorize(token, by, Cause(Trigger.AUTHORIZED, token=token), now, group)

    def _plugged(self) -> Evse | None:
        """The EVSE a card means when it does not say: the one plugged in last that waits for a token."""
        waiting = [evse for evse in self.evses.values() if evse.awaits_token and not evse.unfit()]
        return max(waiting, key=lambda evse: evse.plugged_at_s, default=None)

    def _mate(self, group: Token) -> Evse | None:
        for evse in self.evses.values():
            session = evse.session
            if session and session.state in GRANTED and (session.group == group or self._master(group)):
                return evse
        return None

    def _master(self, group: Token | None) -> bool:
        return is_master(group, self.around.settings)

    # --- the back office starts ---------------------------------------------------------------------------------------

    def remote_start(self, evse: int | None, token: Token, remote_start_id: int | None, now: Moment) -> RemoteStart:
        target = self.evses.get(evse) if evse else self._plugged() or self._free()
        if target is None:
            return RemoteStart(False, why="no EVSE is free" if not evse else f"there is no EVSE {evse}")
        if why := self.why_not(target, token):
            return RemoteStart(False, why=why)
        cause = Cause(Trigger.REMOTE_START, token=token, remote_start_id=remote_start_id)
        if self.around.settings[known.AUTHORIZE_REMOTE_TX_REQUESTS]:
            why = self._judge(token, target.id, cause, now)
        else:
            target.visit.authorize(token, "remote start", cause, now)
            why = ""
        running = target.transaction
        started = running.id if running is not None and running.seq_no > 0 else None
        return RemoteStart(not why, started, why)

    def _free(self) -> Evse | None:
        return next((evse for evse in self.evses.values() if evse.session is None and not evse.unfit()), None)

    def tick(self, now: Moment) -> None:
        if self.waiting is not None and now.mono_s >= self.waiting[3]:
            self.around.emit(TokenRefused(0, self.waiting[0], "no vehicle was plugged in"))
            self.waiting = None
        for evse in self.evses.values():
            if self.mode == "free" and evse.session and evse.session.state is State.PLUGGED:
                self.plugged(evse, now)
