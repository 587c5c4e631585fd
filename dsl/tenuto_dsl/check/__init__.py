"""The checker: from a syntax tree to facts. Names found, types inferred, states resolved, assignment proved.

`files` is its front door, `expressions` the checker of expressions, `rules` holds one rule to a file, `assignment`
follows variables through the states. `scopes` joins statements with expressions; `facts` is what comes out.
"""
