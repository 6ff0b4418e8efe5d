"""Lets others listen to the conversation with the back office: as it is on the wire, masked by whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

from chargepoint.ocpp.conversation import Conversation
from chargepoint.timing import Clock
from chargepoint.web.controls import Direction, FrameListener


def hear_frames(conversation: Conversation, clock: Clock, listener: FrameListener) -> Callable[[], None]:
    """Every frame from now on, with its time. Returns how to stop that."""

    def seen(direction: str, frame: str | bytes) -> None:
        words: Direction = "in" if direction == "in" else "out"
        listener(clock.now().at, words, frame if isinstance(frame, str) else "")  # OCPP-J speaks in text only

    return conversation.on_raw_frame(seen)
