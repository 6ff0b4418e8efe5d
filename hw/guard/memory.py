"""Keeps the guard's pages in memory: a tick that has to wait for the storage card is a late one."""

from __future__ import annotations

import os
import resource

MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4  # mlockall(2); on fault: what is never touched takes no memory
FLAGS = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT


def lock_memory() -> str:
    """Where the service's limits allow it; elsewhere it is nobody's wish. Returns what went wrong, in a sentence."""
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY:
        return ""
    try:
        import ctypes  # a guard that nobody has given the right need not carry it

        if ctypes.CDLL(None, use_errno=True).mlockall(FLAGS) == 0:
            return ""
        why = os.strerror(ctypes.get_errno())
    except (ImportError, MemoryError, OSError, AttributeError) as error:
        why = str(error)
    return f"the guard's memory cannot be locked ({why}): its ticks may have to wait for the storage card"
