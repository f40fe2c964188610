"""A guard in front of another API."""
