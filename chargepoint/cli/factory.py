"""What the maker has written about this station, for commands that read its configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chargepoint.config.factory import Factory

FILE = "factory.toml"


def factory_of(state: Path) -> Factory | None:
    """None on a station nobody has provisioned, which then pays for no more than a look.

    Raises:
        ConfigMistakes: the factory file is damaged.
    """
    if not os.path.exists(state / FILE):  # False too where this user may not look
        return None
    from chargepoint.config.factory import factory_of as read

    return read(state)


def hint(state: Path) -> str:
    """For a user who may not look whether there is such a file; "" for all others."""
    if not os.path.isdir(state) or os.access(state, os.X_OK):
        return ""
    return f"This user may not look into {state}: on a station that its maker has provisioned, use sudo."
