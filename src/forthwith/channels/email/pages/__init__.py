"""The pages on which an administrator connects mailboxes and keeps them. They live with their channel."""
