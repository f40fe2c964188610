"""Answers constrained by a JSON schema, regular expression or Lark grammar; extra `grammar`."""

from ngsd_guard.grammar._grammar import Grammar, GrammarConstraint, compile_grammar

__all__ = ["Grammar", "GrammarConstraint", "compile_grammar"]
