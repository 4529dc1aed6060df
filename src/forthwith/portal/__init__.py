"""The requester's counter."""
