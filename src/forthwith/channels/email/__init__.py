"""E-mail: how a mail is received, what it says, and which ticket it belongs to (SOP 1.1, 1.2)."""
