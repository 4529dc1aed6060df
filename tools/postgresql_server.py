"""A throw-away PostgreSQL server, or the one that a variable names."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from installing import Unavailable, can_install, free_port, install, say, server_account

POSTGRES_VARIABLE = "FORTHWITH_TEST_POSTGRES_URL"
SERVER_PROGRAMS = ("initdb", "postgres", "pg_ctl", "createdb")
# Nothing in a throw-away cluster is worth waiting for a disk.
SERVER_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
}


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
