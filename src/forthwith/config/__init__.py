"""Settings, addresses, and the `forthwith` command."""
