"""The types of the language and JSON Schema, both ways; and declarations as sources.

    document = schema_document(TypeTable(types, docs))     # a JSON Schema with a definition for each type
    imported = types_from_schema(document, "Order")        # types from somebody's schema, and what could not be said
    text = declarations_text(imported.table)                # `type Order = …`

`to_schema` says exactly what the reader of values accepts. `from_schema` reads what others write, and tells with the
place and the reason what the language has no type for. `compare` finds where values of one type do not fit another.
"""

from tenuto_dsl.types.compare import Mismatch, mismatch
from tenuto_dsl.types.from_schema import Imported, types_from_schema
from tenuto_dsl.types.source import declarations_text, type_source
from tenuto_dsl.types.table import Problem, TypeTable, table_of
from tenuto_dsl.types.to_schema import Draft, schema_document, schema_of

__all__ = [
    "Draft",
    "Imported",
    "Mismatch",
    "Problem",
    "TypeTable",
    "declarations_text",
    "mismatch",
    "schema_document",
    "schema_of",
    "table_of",
    "type_source",
    "types_from_schema",
]
