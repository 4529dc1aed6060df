"""Where the mail providers post."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from forthwith.channels.email.webhooks.mailgun import MailgunEndpoint
from forthwith.channels.email.webhooks.postmark import PostmarkEndpoint
from forthwith.channels.email.webhooks.sendgrid import SendGridEndpoint
from forthwith.channels.email.webhooks.ses import SesEndpoint

app_name = "webhooks"
# No form of ours posts here, and none of these posts has a session: a signature is what counts.
_mailgun = csrf_exempt(MailgunEndpoint.as_view())
urlpatterns = [
    path("mailgun/", _mailgun, name="mailgun"),
    # Mailgun looks at the end of an address, and sends whole mails only to one that ends in "mime".
    path("mailgun/mime", _mailgun, name="mailgun_mime"),
    path("postmark/", csrf_exempt(PostmarkEndpoint.as_view()), name="postmark"),
    path("sendgrid/", csrf_exempt(SendGridEndpoint.as_view()), name="sendgrid"),
    path("ses/", csrf_exempt(SesEndpoint.as_view()), name="ses"),
]
