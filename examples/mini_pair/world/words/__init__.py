"""Wordings, stories and lists of values of the skills; nothing here draws."""
