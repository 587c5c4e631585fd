"""The language server: the protocol, and nothing else. What it answers is found by `tenuto_dsl.editor`.

`documents` holds what the client has open, `convert` turns places and diagnostics into the protocol's, `publishing`
sends diagnostics when typing pauses, `queries` and `changes` answer, `server` puts them together.
"""
