"""The doors in: each channel is whole in its own folder and hands one frozen message to the steps."""
