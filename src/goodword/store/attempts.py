"""How often something is tried. Apart from the tables: a process that decides a part of a backtest is given its part
before Django knows of any."""

from __future__ import annotations

MAX_ATTEMPTS = 3
"""How often the engine tries an event or timer that makes it fail, before it is set aside."""
