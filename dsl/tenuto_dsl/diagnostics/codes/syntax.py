"""TEN1xx: what cannot be read."""

from __future__ import annotations

SYNTAX: dict[str, str] = {
    "TEN101": "unexpected word or sign",
    "TEN102": "a character that means nothing here",
    "TEN103": "a string that is not closed",
    "TEN104": "a bracket that is not closed",
    "TEN105": "an escape that does not exist",
    "TEN106": "a number that is too large",
    "TEN107": "a string that is nothing but one interpolation",
    "TEN108": "a file that is too large",
    "TEN109": "nested too deeply",
    "TEN110": "a file that is not UTF-8 text",
    "TEN111": "given twice",
    "TEN112": "positional and named arguments mixed",
    "TEN113": "an interpolation where there can be none",
    "TEN114": "something in a place that is not its own",
    "TEN120": "YAML that cannot be read",
    "TEN121": "the format marker is missing or of another version",
    "TEN122": "a key that is not known here",
    "TEN123": "a key given twice",
    "TEN124": "a value of the wrong kind",
    "TEN125": "not exactly one verb",
    "TEN126": "a YAML feature that is refused",
    "TEN127": "a key that is missing",
    "TEN130": "a file of an unknown kind",
    "TEN131": "a file that cannot be read",
    "TEN140": "a suppression without a reason",
    "TEN141": "a suppression that is not understood",
    "TEN142": "a suppression that silences nothing",
    "TEN190": "not supported yet",
}
