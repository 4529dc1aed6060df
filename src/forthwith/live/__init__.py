"""The tail of the record, streamed to open pages."""
