"""`python -m mcp_ngsd`: the same as the program `ngsd-mcp`."""

from mcp_ngsd._cli import app

if __name__ == "__main__":
    app()
