"""What the skills are told with: wordings, stories and lists of values, and nothing that draws."""
