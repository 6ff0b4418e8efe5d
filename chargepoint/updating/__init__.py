"""Two systems on one medium: a new one is written beside the one that runs, tried once, and kept if it works.

`rauc` is the only module that runs RAUC's program; `slots`, `refusals`, `versions` and `trial` are pure; the daemon's
task is `chargepoint.tasks.trial`. A machine without RAUC loads none of it.
"""
