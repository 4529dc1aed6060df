"""The agent's counter."""
