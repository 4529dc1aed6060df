"""SPF, DKIM and DMARC, checked here: for a desk to which senders' servers hand over their mail directly."""
