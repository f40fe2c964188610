"""Answers that follow a JSON schema, a regular expression or a Lark grammar; extra `grammar`."""

from ngsd_guard.grammar._grammar import Grammar, GrammarConstraint, compile_grammar

__all__ = ["Grammar", "GrammarConstraint", "compile_grammar"]
