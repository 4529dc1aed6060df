"""Mail that a provider received for the desk and hands over by HTTP: Mailgun, Postmark, Amazon SES, SendGrid."""
