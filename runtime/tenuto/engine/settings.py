"""The numbers an engine runs by. Each says why it is what it is; none is needed for correctness."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    lanes: int = 2
    """Lanes of a process: while one waits for its commit, the other uses the interpreter lock."""
    threads: int = 64
    """Sync activities at once; more wait in a queue."""
    ttl_ms: int = 10_000
    """The lease: how long the others wait before they take over from a process that has stopped beating."""
    claim_limit: int = 64
    """Runs of one claim: few enough that several processes share a burst, enough to fill a flush."""
    max_runs: int = 2_000
    """Runs a lane holds at once; beyond that it leaves them to others, and to later."""
    events_per_turn: int = 200
    """Events of one run in one flush, so that a run with ten thousand signals does not hold up its neighbours."""
    checkpoint_events: int = 500
    """A run's row is rewritten after so many events, so that a takeover never reads a long tail."""
    linger_s: float = 0.1
    """How long an idle run is kept: an answer that comes at once then costs no release and no claim."""
    hold_timer_s: float = 2.0
    """A run whose timer falls due this soon is kept."""
    gather_s: float = 0.001
    """The longest a lane waits for more outcomes to share its next commit, and only while they keep coming."""
    poll_min_s: float = 0.02
    poll_max_s: float = 1.0
    """Between polls: at least ten times the cost of the last one, and within these bounds. Hints come in between."""
    reap_s: float = 2.0
    clock_s: float = 10.0
    """How often the store's clock is read again."""
    careful_s: float = 1.0
    """How often runs with strikes are looked for. They run alone."""
    careful_alone_s: float = 5.0
    """How long the process keeps other runs away from a run with strikes."""
    grace_s: float = 25.0
    """How long a drain waits for activities in flight."""
    exact_clock: bool = False
    """Ask the store for the time at every turn (virtual time in tests) instead of every `clock_s`."""
