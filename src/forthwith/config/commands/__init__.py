"""One module for each command: `run(asked) -> exit code`."""
