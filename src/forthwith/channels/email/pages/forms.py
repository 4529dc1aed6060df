"""The forms of these pages. They check shape; `connect.py` decides what can be connected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.channels.email.connect import PORTS, Choice
from forthwith.channels.email.consent import TENANT
from forthwith.channels.email.imap import Broken, Folder
from forthwith.channels.email.oauth import Grant
from forthwith.record.mailboxes import Mailbox
from forthwith.ui.said import refusal

ALLOWED_PORTS = (993, 143)
LONGEST_IMPORT_DAYS = 3650
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9.])?|[0-9A-Fa-f:.]{2,45}", re.ASCII)
_SECRET = {"autocomplete": "new-password", "spellcheck": "false"}


def _printable(text: str) -> None:
    """Commands of IMAP end with their line: no line may begin within what is typed here."""
    if not all(c.isprintable() for c in text):
        raise ValidationError(_("This has a sign in it that cannot be typed: please type it again."))


class PasswordForm(forms.Form):
    """Where a mailbox is, and the password that opens it."""

    use_required_attribute = False

    host = forms.CharField(
        label=gettext_lazy("Mail server"), max_length=255, help_text=gettext_lazy("Such as imap.example.org.")
    )
    security = forms.ChoiceField(
        label=gettext_lazy("Encryption"),
        choices=[(Mailbox.TLS, gettext_lazy("TLS (most servers)")), (Mailbox.STARTTLS, "STARTTLS")],
        initial=Mailbox.TLS,
    )
    port = forms.IntegerField(label=gettext_lazy("Port"), required=False, min_value=1, max_value=65535)
    user = forms.CharField(
        label=gettext_lazy("User"),
        max_length=320,
        validators=[_printable],
        help_text=gettext_lazy("Mostly the mail address."),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=1000,
        validators=[_printable],
        widget=forms.PasswordInput(attrs=_SECRET),
    )

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["port"].help_text = _("Empty: 993 with TLS, 143 with STARTTLS.")

    def clean_host(self) -> str:
        """A name or an address, and nothing more: no port, no path."""
        host: str = self.cleaned_data["host"]
        if not _HOST.fullmatch(host):
            raise ValidationError(_("This is no name of a server: write it as imap.example.org, without port or path."))
        return host.lower()

    def clean_port(self) -> int | None:
        """Only where IMAP is at home: the desk shall not be sent to knock at other doors of its network."""
        port: int | None = self.cleaned_data["port"]
        if port and port not in ALLOWED_PORTS:
            said = _("Mail is fetched from port %(port)s or %(other)s. For another, use `forthwith mailbox add`.")
            port, other = ALLOWED_PORTS
            raise ValidationError(said % {"port": port, "other": other})
        return port

    def mailbox(self) -> Mailbox:
        """What the form says, once it is valid; without the secret."""
        said = self.cleaned_data
        port = said["port"] or PORTS[said["security"]]
        return Mailbox(host=said["host"], port=port, security=said["security"], user=said["user"])

    def broken(self, broken: Broken) -> None:
        """Say beside its field what the server did not like."""
        about = {"secret": "password", "folder": "host"}.get(broken.about, broken.about)
        words = refusal(broken)
        if broken.refused:
            words = f"{words} {_('Where people sign in with a second factor, an app password is needed.')}"
        self.add_error(about if about in self.fields else None, words)


class NewPasswordForm(forms.Form):
    """Another password for a mailbox that is connected."""

    use_required_attribute = False

    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        max_length=1000,
        validators=[_printable],
        widget=forms.PasswordInput(attrs=_SECRET),
    )


class ProviderForm(forms.Form):
    """Whose mailbox it is at a provider, and as which application the desk asks there."""

    use_required_attribute = False

    user = forms.CharField(label=gettext_lazy("Mail address"), max_length=320, validators=[_printable])
    client_id = forms.CharField(label=gettext_lazy("Application (client) ID"), max_length=300, validators=[_printable])
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        max_length=1000,
        validators=[_printable],
        widget=forms.PasswordInput(attrs=_SECRET),
        help_text=gettext_lazy("The secret's value. It is stored encrypted, and never shown again."),
    )
    tenant = forms.CharField(
        label=gettext_lazy("Directory (tenant) ID"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Empty: any account. An application of one organisation only needs its ID or domain."),
    )

    def __init__(self, data: Any = None, *, provider: str, known: Grant | None = None, user: str = "") -> None:
        said = {"client_id": known.client_id, "tenant": known.tenant} if known else {}
        super().__init__(data, initial={**said, "user": user})
        self.known = known
        if said.get("tenant") == "common":
            self.initial["tenant"] = ""
        if provider != "microsoft":
            del self.fields["tenant"]
        if user:
            del self.fields["user"]
        if known and known.client_secret:
            self.fields["client_secret"].help_text = _("Empty: the one that was stored stays in use.")

    def clean_tenant(self) -> str:
        """It becomes a part of the provider's address."""
        tenant: str = self.cleaned_data["tenant"]
        if tenant and not TENANT.fullmatch(tenant):
            raise ValidationError(_("This is neither an ID nor a domain, such as example.org."))
        return tenant

    def grant(self) -> Grant:
        """The application without any token yet, once the form is valid."""
        said = self.cleaned_data
        secret = said["client_secret"]
        if not secret and self.known and self.known.client_id == said["client_id"]:
            secret = self.known.client_secret
        tenant = said.get("tenant") or "common"
        return Grant(client_id=said["client_id"], refresh_token="", client_secret=secret, tenant=tenant)


class ChoiceForm(forms.Form):
    """What is wanted of a mailbox whose folders are known."""

    use_required_attribute = False

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        validators=[_printable],
        help_text=gettext_lazy("What the desk calls it."),
    )
    folders = forms.MultipleChoiceField(
        label=gettext_lazy("Folders to fetch"), error_messages={"required": gettext_lazy("Choose one at least.")}
    )
    afterwards = forms.ChoiceField(
        label=gettext_lazy("Mail that was fetched is"),
        choices=[
            (Mailbox.SEEN, gettext_lazy("left where it is, marked as read")),
            (Mailbox.MOVE, gettext_lazy("moved to the folder named below")),
            (Mailbox.DELETE, gettext_lazy("deleted from the mailbox; the desk keeps it")),
        ],
        widget=forms.RadioSelect,
        initial=Mailbox.SEEN,
    )
    move_to = forms.CharField(
        label=gettext_lazy("Folder to move to"),
        max_length=255,
        required=False,
        validators=[_printable],
        help_text=gettext_lazy("Only for moving. It is made if it is missing."),
    )
    old = forms.ChoiceField(
        label=gettext_lazy("Mail that is in it already"),
        choices=[
            ("leave", gettext_lazy("is left alone: mail is fetched from now on")),
            ("import", gettext_lazy("is imported silently, as far back as said below: nobody is answered or notified")),
        ],
        widget=forms.RadioSelect,
        initial="leave",
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days to import"),
        required=False,
        min_value=1,
        max_value=LONGEST_IMPORT_DAYS,
        help_text=gettext_lazy("Only for importing."),
    )

    def __init__(self, data: Any = None, *, folders: Sequence[Folder], user: str) -> None:
        inbox = [folder.name for folder in folders if folder.name.upper() == "INBOX"]
        super().__init__(data, initial={"name": user[:120], "folders": inbox})
        self.found = folders
        offered: Any = self.fields["folders"]
        offered.choices = [(folder.name, folder.name) for folder in folders]

    def folder_lines(self) -> list[tuple[Folder, bool]]:
        """Every folder, and whether it is ticked now."""
        ticked = set(self["folders"].value() or ())
        return [(folder, folder.name in ticked) for folder in self.found]

    def clean(self) -> dict[str, Any]:
        """An import needs its days, a move its folder."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("old") == "import" and not cleaned.get("days") and "days" not in self.errors:
            self.add_error("days", _("Say how many days back, such as 30."))
        return cleaned

    def choice(self) -> Choice:
        """What the form says, once it is valid."""
        said = self.cleaned_data
        days = said["days"] if said["old"] == "import" else None
        return Choice(said["name"], tuple(said["folders"]), said["afterwards"], said["move_to"], days)
