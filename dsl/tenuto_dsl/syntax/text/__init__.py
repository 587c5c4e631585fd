"""The text form: from characters to the syntax tree.

`scanner` makes tokens, `brackets` settles which bracket belongs to which, `machine` drives the parse tables, `parser`
feeds it, `recovery` goes on after mistakes with `repair` and `expectations`, and `actions` builds the nodes.
"""
