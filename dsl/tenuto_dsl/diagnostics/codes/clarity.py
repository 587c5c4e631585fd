"""TEN7xx: clarity: what is not used, not meant, or hard to read."""

from __future__ import annotations

CLARITY: dict[str, str] = {
    "TEN701": "an import that is not used",
    "TEN702": "a declaration that is not used",
    "TEN703": "a variable that nobody reads",
    "TEN704": "a `let` that is not used",
    "TEN705": "an `as` that is not used",
    "TEN706": "a parameter that is not used",
    "TEN720": "a condition that is always the same",
    "TEN721": "both sides of an operator are the same",
    "TEN722": "a condition that was asked before in the same chain",
    "TEN723": "two branches that do the same",
    "TEN724": "an assignment that changes nothing",
    "TEN725": "fractions compared for equality",
    "TEN726": "money kept as `double` or `string`",
    "TEN727": "the type `any`",
    "TEN728": "a calendar kept in hours",
    "TEN729": "a schedule that never fires, or skips a day",
    "TEN730": "the same thing twice in a list of choices",
    "TEN731": "data in the workflow",
    "TEN750": "a name against the custom",
    "TEN760": "work that is too much for one block",
    "TEN770": "a workflow without a description",
    "TEN771": "a file of workflows without a test",
}
