"""Types of the language and those of Python: annotations read as types, types written as pydantic models.

`annotations` reads what functions and classes are annotated with; `agreement` compares an activity's function with its
declaration; `models` makes pydantic models, as classes or as a source. The types themselves and JSON Schema are the
affair of `tenuto_dsl.types`.
"""
