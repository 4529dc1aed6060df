"""The clockwork: alarms, outbox, watches."""
