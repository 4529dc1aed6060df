"""The cabinet: tickets, facts, messages, files and procedure revisions."""
