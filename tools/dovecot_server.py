"""A throw-away IMAP server, or the one that a variable names."""

from __future__ import annotations

import base64
import contextlib
import grp
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from installing import Unavailable, can_install, free_port, install, run_quietly, say, server_account

IMAP_VARIABLE = "FORTHWITH_TEST_IMAP"
OAUTH_SETTINGS = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""
DOVECOT_SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_max_userip_connections = 100
mail_fsync = never
mail_location = maildir:{folder}/mail/%u
auth_mechanisms = plain xoauth2
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/tokens.conf
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
"""


def dovecot_program() -> str:
    places = (os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin")
    found = shutil.which("dovecot", path=os.pathsep.join(places))
    if found is None and can_install():
        install("dovecot-imapd")
        found = shutil.which("dovecot", path=os.pathsep.join(places))
    if found is None:
        raise Unavailable(
            "no Dovecot on PATH or in /usr/sbin; install it (on Debian and Ubuntu: apt-get install dovecot-imapd), "
            f"or set {IMAP_VARIABLE} to a server, as imap://host:port/?imaps=PORT&ca=FILE&password=WORD"
        )
    return found


class Dovecot:
    """An IMAP server in `folder`, run by `account`, that lets every user in with one password.

    With XOAUTH2 it takes tokens (JWT, HS256) that are signed with the same password.
    """

    def __init__(self, program: str, folder: Path, account: pwd.struct_passwd) -> None:
        self.program = program
        self.folder = folder
        self.account = account
        self.password = secrets.token_urlsafe(18)
        self.port, self.imaps = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        more = {"imaps": self.imaps, "ca": self.folder / "certificate.pem", "password": self.password}
        return f"imap://127.0.0.1:{self.port}/?{urlencode(more)}"

    def start(self) -> None:
        subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
        files = ["-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "certificate.pem")]
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        run_quietly(["openssl", "req", "-x509", *curve, *files, *subject], what="openssl req")
        keys = self.folder / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_text(base64.b64encode(self.password.encode()).decode())
        (self.folder / "tokens.conf").write_text(OAUTH_SETTINGS.format(folder=self.folder))
        (self.folder / "dovecot.conf").write_text(self._settings())
        root = os.geteuid() == 0
        if root:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
            self.folder.chmod(0o755)
        # In the foreground, and in a session of its own: Ctrl-C is for the command that uses it.
        self._process = subprocess.Popen(
            [self.program, "-F", "-c", self.folder / "dovecot.conf"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=self.account.pw_uid if root else None,
            group=self.account.pw_gid if root else None,
            extra_groups=[] if root else None,
        )
        self._await()

    def _await(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until and self._process and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        log = self.folder / "log"
        last = "\n".join(log.read_text().splitlines()[-15:]) if log.exists() else "it wrote no log"
        raise Unavailable(f"{self.program} does not answer:\n{last}")

    def _settings(self) -> str:
        group = grp.getgrgid(self.account.pw_gid).gr_name
        values = {"folder": self.folder, "user": self.account.pw_name, "group": group, "password": self.password}
        return DOVECOT_SETTINGS.format(**values, port=self.port, imaps=self.imaps)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)


@contextlib.contextmanager
def dovecot() -> Iterator[str]:
    """The URL of an IMAP server that lets every user in."""
    given = os.environ.get(IMAP_VARIABLE)
    if given:
        yield given
        return
    program, account = dovecot_program(), server_account()
    # A short name: the paths of its sockets may have a hundred letters.
    with tempfile.TemporaryDirectory(prefix="fw-imap-", ignore_cleanup_errors=True) as folder:
        server = Dovecot(program, Path(folder), account)
        try:
            server.start()
            say(f"Dovecot at 127.0.0.1:{server.port}, run by {account.pw_name}")
            yield server.url
        finally:
            server.stop()
