"""Provides what the tests need beside Python, runs a command with it, and takes it away again.

    python tools/provision.py --postgresql --dovecot --chromium -- COMMAND ...

The command finds a PostgreSQL server in `FORTHWITH_TEST_POSTGRES_URL`, an IMAP server in `FORTHWITH_TEST_IMAP` and a
browser in `FORTHWITH_TEST_CHROMIUM`. Each variable, when set beforehand, is taken as it is. Otherwise the servers are
throw-away ones in temporary folders, reached on 127.0.0.1 alone with a random password, and gone when the command
ends. Missing programs are installed by apt-get where that is possible (root on Debian or Ubuntu).
Without a command it prints the variables and keeps the server until Ctrl-C. Standard library only.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import functools
import grp
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlencode

POSTGRES_VARIABLE = "FORTHWITH_TEST_POSTGRES_URL"
CHROMIUM_VARIABLE = "FORTHWITH_TEST_CHROMIUM"
IMAP_VARIABLE = "FORTHWITH_TEST_IMAP"
SERVER_PROGRAMS = ("initdb", "postgres", "pg_ctl", "createdb")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing in a throw-away cluster is worth waiting for a disk.
SERVER_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
}


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


class Unavailable(Exception):
    """Something is missing; the message says what, and what to do about it."""


def say(text: str) -> None:
    print(f"provision: {text}", file=sys.stderr, flush=True)


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


@functools.cache
def refresh_package_lists() -> None:
    run_quietly(["apt-get", "-qq", "update"], what="apt-get update")


def install(*packages: str) -> None:
    say(f"installing {' '.join(packages)}")
    refresh_package_lists()
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    run_quietly(command, what=f"apt-get install {' '.join(packages)}")


def run_quietly(command: Sequence[str], *, what: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise Unavailable(f"{what} failed with exit code {done.returncode}:\n{last}")


def works(folder: Path) -> bool:
    """True when `folder` holds every server program and each of them starts: a stray one is no server."""
    for name in SERVER_PROGRAMS:
        program = folder / name
        if not os.access(program, os.X_OK):
            return False
        done = subprocess.run([program, "--version"], capture_output=True, check=False)
        if done.returncode:
            return False
    return True


def release(folder: Path) -> tuple[int, ...]:
    """`/usr/lib/postgresql/15/bin` -> (15,), for the newest first."""
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


def server_folder() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=release, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if works(folder)), None)


def server_programs() -> Path:
    folder = server_folder()
    if folder is None and can_install():
        install("postgresql")
        folder = server_folder()
    if folder is None:
        raise Unavailable(
            "PostgreSQL's server programs are neither in /usr/lib/postgresql nor on PATH; install them "
            f"(on Debian and Ubuntu: apt-get install postgresql), or set {POSTGRES_VARIABLE} to a server "
            "where you may create databases, such as postgresql://user:password@127.0.0.1:5432/forthwith"
        )
    return folder


def server_account() -> pwd.struct_passwd:
    """The account that runs the server: this one, or for root a powerless one, as PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable(
        "PostgreSQL does not run as root, and there is neither a 'postgres' nor a 'nobody' account; "
        f"run as another account, or set {POSTGRES_VARIABLE}"
    )


class Cluster:
    """One PostgreSQL cluster in `folder`, run by `account`."""

    def __init__(self, programs: Path, folder: Path, account: pwd.struct_passwd) -> None:
        self.programs = programs
        self.folder = folder
        self.account = account
        self.password = secrets.token_urlsafe(18)
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"postgresql://forthwith:{self.password}@127.0.0.1:{self.port}/forthwith"

    def start(self) -> None:
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.folder, password_file):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        # C.UTF-8 sorts alike everywhere and knows every letter; only glibc is sure to have it.
        locale = ["--locale=C.UTF-8"] if sys.platform == "linux" else []
        self._run(
            "initdb",
            f"--pgdata={self._data}",
            f"--pwfile={password_file}",
            "--username=forthwith",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-sync",
            *locale,
        )
        settings = {**SERVER_SETTINGS, "port": str(self.port), "unix_socket_directories": str(self.folder)}
        with (self._data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self._run("pg_ctl", "start", f"--pgdata={self._data}", "--wait", f"--log={self._log}")
        self._run("createdb", "--host=127.0.0.1", f"--port={self.port}", "--username=forthwith", "forthwith")

    def stop(self) -> None:
        with contextlib.suppress(Unavailable):
            self._run("pg_ctl", "stop", f"--pgdata={self._data}", "--mode=immediate", "--wait")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _run(self, program: str, *arguments: str) -> None:
        """Runs one of PostgreSQL's programs as the server's account.

        In a session of its own: Ctrl-C is for the command that uses the server, which is stopped after it.
        """
        root = os.geteuid() == 0
        # pg_ctl leaves its output open for the server, so a pipe would never end.
        output = self.folder / f"{program}.output"
        with output.open("w") as target:
            done = subprocess.run(
                [self.programs / program, *arguments],
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": self.password},
                stdin=subprocess.DEVNULL,
                stdout=target,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=False,
                user=self.account.pw_uid if root else None,
                group=self.account.pw_gid if root else None,
                extra_groups=[] if root else None,
            )
        if done.returncode:
            log = self._log.read_text() if self._log.exists() else ""
            last = "\n".join((output.read_text() + log).strip().splitlines()[-15:])
            raise Unavailable(f"{self.programs / program} failed with exit code {done.returncode}:\n{last}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server whose user may create databases."""
    given = os.environ.get(POSTGRES_VARIABLE)
    if given:
        yield given
        return
    programs, account = server_programs(), server_account()
    with tempfile.TemporaryDirectory(prefix="forthwith-postgresql-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(programs, Path(folder), account)
        try:
            cluster.start()
            say(f"PostgreSQL from {programs} at 127.0.0.1:{cluster.port}, run by {account.pw_name}")
            yield cluster.url
        finally:
            cluster.stop()


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


def chromium() -> str:
    """The path of a browser that the tests can drive."""
    given = os.environ.get(CHROMIUM_VARIABLE)
    if given:
        return given
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and can_install():
        # Without a font every letter is an empty box.
        install("chromium", "fonts-dejavu-core")
        found = shutil.which("chromium")
    if found is None:
        raise Unavailable(
            "no Chromium on PATH; install it (on Debian: apt-get install chromium), "
            f"or set {CHROMIUM_VARIABLE} to the browser's path"
        )
    say(f"Chromium at {found}")
    return found


def run(command: Sequence[str], environment: dict[str, str]) -> int:
    """The exit code of `command`; a SIGTERM is handed on to it, and waited for."""
    process = subprocess.Popen(command, env={**os.environ, **environment})

    def hand_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGTERM, hand_on)
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue
        return code if code >= 0 else 128 - code


def stay(environment: dict[str, str]) -> int:
    for name, value in environment.items():
        print(f"export {name}={value}", flush=True)
    say("Ctrl-C ends it")
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--postgresql", action="store_true", help=f"a server, in {POSTGRES_VARIABLE}")
    parser.add_argument("--dovecot", action="store_true", help=f"an IMAP server, in {IMAP_VARIABLE}")
    parser.add_argument("--chromium", action="store_true", help=f"a browser, in {CHROMIUM_VARIABLE}")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- and the command with its arguments")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    command = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
    environment = {}
    with contextlib.ExitStack() as stack:
        if asked.chromium:
            environment[CHROMIUM_VARIABLE] = chromium()
        if asked.postgresql:
            environment[POSTGRES_VARIABLE] = stack.enter_context(postgresql())
        if asked.dovecot:
            environment[IMAP_VARIABLE] = stack.enter_context(dovecot())
        return run(command, environment) if command else stay(environment)


def end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    # Until a command runs, an end by signal must still take the server down.
    signal.signal(signal.SIGTERM, end)
    try:
        sys.exit(main())
    except Unavailable as missing:
        sys.exit(f"provision: {missing}")
    except KeyboardInterrupt:
        sys.exit(130)
