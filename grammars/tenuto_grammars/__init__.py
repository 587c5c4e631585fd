"""The grammar of the language as data: `workflow.lark` and the parse tables that Lark makes of it.

Lark is the parser generator: it is imported only when the tables are not in the cache. What drives the tables lives
with the parser, in the room that knows the language.
"""

from tenuto_grammars.cache import load_tables
from tenuto_grammars.tables import Rule, Tables, compile_tables, grammar_text

__all__ = ["Rule", "Tables", "compile_tables", "grammar_text", "load_tables"]
