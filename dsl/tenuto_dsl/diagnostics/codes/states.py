"""TEN3xx: the state machine."""

from __future__ import annotations

STATES: dict[str, str] = {
    "TEN301": "an unknown state",
    "TEN302": "an ambiguous state",
    "TEN303": "a target that cannot be entered from here",
    "TEN304": "a state declared twice",
    "TEN305": "no initial state",
    "TEN306": "two initial states",
    "TEN307": "a final state with more than its ending",
    "TEN308": "a final state without an ending",
    "TEN309": "a nested final state with an ending",
    "TEN310": "a state that is never reached",
    "TEN311": "a `done` that never fires",
    "TEN312": "a transition without a reaction",
    "TEN313": "a `when` that cannot work",
    "TEN314": "a step that takes time in an instant",
    "TEN316": "a reply to nobody",
    "TEN317": "not exactly one reply",
    "TEN318": "a yield outside of a loop",
    "TEN319": "states beside regions",
    "TEN320": "a workflow without a beginning, or with two",
    "TEN321": "nested too deeply",
    "TEN322": "an ending in an instant",
    "TEN323": "an ending outside of a final state",
    "TEN325": "a workflow that may end without its value",
    "TEN326": "a yield that nobody takes",
    "TEN327": "a step that is never reached",
    "TEN329": "history of a state without states",
}
