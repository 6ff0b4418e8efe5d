"""Screens as lines of text, for displays of so many columns and lines. Pure.

What has just happened has the whole display for its seconds. Otherwise every EVSE has a line that begins with its
status (those that say the same share one), and below them is room for prompts first and figures then.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace

from hw.api import Screen
from hw.displays.words import Words, facts_of


def page(screens: Sequence[Screen], words: Words, columns: int, lines: int) -> list[str]:
    """Exactly `lines` lines of at most `columns` letters."""
    notice = next((screen.notice for screen in screens if screen.notice), "")
    told = _notice(notice, words, columns, lines) if notice else _overview(screens, words, columns, lines)
    return [line[:columns] for line in (told + [""] * lines)[:lines]]


def _notice(notice: str, words: Words, columns: int, lines: int) -> list[str]:
    told = wrapped(notice, words, columns, lines)
    above = (lines - len(told)) // 2
    return [""] * above + [line.center(columns).rstrip() for line in told]


def _overview(screens: Sequence[Screen], words: Words, columns: int, lines: int) -> list[str]:
    groups = grouped(screens)
    if len(groups) == 1:
        return _one(groups[0][1], words, columns, lines)
    told = [headline(f"{label} ", screen, words, columns)[0] for label, screen in groups[:lines]]
    return told + _prompts(screens, words, columns, lines - len(told))


def _one(screen: Screen, words: Words, columns: int, lines: int) -> list[str]:
    if lines > 2:
        head, figures = words.fitting(screen.status, columns)[:columns], facts_of(screen)
    else:
        head, figures = headline("", screen, words, columns)
    return [head, *_prompts([screen], words, columns, lines - 1), *joined(figures, columns, len)]


def headline(label: str, screen: Screen, words: Words, columns: int) -> tuple[str, list[str]]:
    """Label and status, and the first figure where it still fits; and the figures that are left."""
    status = label + words.fitting(screen.status, columns - len(label))
    figures = facts_of(screen)
    both = " ".join([status, *figures[:1]])
    return (both, figures[1:]) if len(both) <= columns else (status[:columns], figures)


def _prompts(screens: Sequence[Screen], words: Words, columns: int, lines: int) -> list[str]:
    """Each prompt once, in the order of importance, as many as there are lines for."""
    told: list[str] = []
    for prompt in dict.fromkeys(prompt for screen in screens for prompt in screen.messages):
        told += wrapped(prompt, words, columns, lines - len(told))
    return told


def wrapped(message: str, words: Words, columns: int, lines: int) -> list[str]:
    """The message in no more than `lines` lines: its longest variant that fits there, else cut short."""
    if lines <= 0:
        return []
    full = textwrap.wrap(words.full(message), columns)
    if len(full) <= lines:
        return full
    return textwrap.wrap(words.fitting(message, columns), columns, max_lines=lines, placeholder="...")


def joined(figures: Sequence[str], room: int, width: Callable[[str], int]) -> list[str]:
    """Figures side by side in lines, as far as they fit; one that is too wide has a line of its own."""
    told: list[str] = []
    for figure in figures:
        both = f"{told[-1]}  {figure}" if told else figure
        if told and width(both) <= room:
            told[-1] = both
        else:
            told.append(figure)
    return told


def grouped(screens: Sequence[Screen]) -> list[tuple[str, Screen]]:
    """What there is to tell apart, with the EVSEs' numbers: "1-3", or "" for the only one."""
    groups: list[list[Screen]] = []
    for screen in screens:
        same = groups and replace(screen, evse=0) == replace(groups[-1][-1], evse=0)
        groups[-1].append(screen) if same else groups.append([screen])
    labels = [f"{g[0].evse}-{g[-1].evse}" if len(g) > 1 else f"{g[0].evse}" for g in groups]
    return [(label, group[0]) for label, group in zip(labels, groups, strict=True)]
