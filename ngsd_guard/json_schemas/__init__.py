"""JSON schemas made ready for a grammar: checked, and without endless recursion.

::

    check_schema(schema)           refuses a malformed schema; the error names the place
    enforceable_schema(schema)     the schema that a grammar can hold an answer to
    inlined_schema(schema)         the same schema without references, to be shown to a model
    shortest_answer(schema)        length of a short answer, in bytes
    longest_remainder(schema)      length that the rest of an unfinished answer may need, in bytes
"""

from ngsd_guard.json_schemas._check import check_schema
from ngsd_guard.json_schemas._enforcing import enforceable_schema
from ngsd_guard.json_schemas._inlining import inlined_schema
from ngsd_guard.json_schemas._sizes import longest_remainder, shortest_answer

__all__ = [
    "check_schema",
    "enforceable_schema",
    "inlined_schema",
    "longest_remainder",
    "shortest_answer",
]
