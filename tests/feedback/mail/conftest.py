"""A mailbox at a real server: Debian's Dovecot, on loopback, in a folder of its own."""

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from imapclient import IMAPClient

from tests.ports import free_port

PASSWORD = "s3cret"

COMMON = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
default_internal_user = {inner}
default_internal_group = {inner_group}
default_login_user = {login}
first_valid_uid = 1
auth_failure_delay = 0
ssl = yes
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
OLD = """
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""
NEW = """
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""


class Dovecot:
    def __init__(self, folder, certificate, key):
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self._certificate, self._key = certificate, key
        self._process = None

    def start(self):
        said = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True)
        version = said.stdout.split()[0]
        is_new = tuple(map(int, version.split(".")[:2])) >= (2, 4)
        head = f"dovecot_config_version = {version}\ndovecot_storage_version = {version}\n"
        me = getpass.getuser()
        # Nobody reads mail as root, not even here.
        reader = pwd.getpwnam("nobody" if os.getuid() == 0 else me)
        inner = "dovecot" if os.getuid() == 0 else me
        values = {
            "folder": self.folder,
            "certificate": self._certificate,
            "key": self._key,
            "password": PASSWORD,
            "port": self.port,
            "tls_port": self.tls_port,
            "uid": reader.pw_uid,
            "gid": reader.pw_gid,
            "inner": inner,
            "inner_group": inner if os.getuid() == 0 else "",
            "login": "dovenull" if os.getuid() == 0 else me,
        }
        (self.folder / "mail").mkdir(exist_ok=True)
        if os.getuid() == 0:
            os.chown(self.folder / "mail", reader.pw_uid, reader.pw_gid)
        text = (head if is_new else "") + (COMMON + (NEW if is_new else OLD)).format(**values)
        file = self.folder / "dovecot.conf"
        file.write_text(text)
        self._process = subprocess.Popen(["dovecot", "-F", "-c", str(file)])
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None


class Account:
    """One user's mailbox, as his mail program sees it."""

    def __init__(self, server, user):
        self.server = server
        self.user = user

    def program(self):
        client = IMAPClient("127.0.0.1", self.server.port, ssl=False, timeout=20)
        client.login(self.user, PASSWORD)
        return client

    def put(self, *mails):
        """Delivered into the inbox."""
        with self.program() as client:
            for mail in mails:
                raw = mail if isinstance(mail, bytes) else mail.as_bytes()
                client.append("INBOX", raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def folder(self, name="INBOX"):
        """Subjects and flags, in the order of arrival."""
        with self.program() as client:
            if not client.folder_exists(name):
                return []
            client.select_folder(name, readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]", "FLAGS"])
        subject = b"BODY[HEADER.FIELDS (SUBJECT)]"
        return [
            (message_from_bytes(one[subject], policy=default)["subject"], set(one[b"FLAGS"]))
            for _, one in sorted(found.items())
        ]


@pytest.fixture(scope="session")
def dovecot(certificate):
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    cert, key = folder / "cert.pem", folder / "key.pem"
    for source, target in zip(certificate, (cert, key), strict=True):
        shutil.copy(source, target)
    server = Dovecot(folder, cert, key)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def account(dovecot, request):
    """Empty, and nobody else's."""
    _made.append(None)
    return Account(dovecot, f"user{os.getpid()}-{len(_made)}")


_made = []


class Smtp:
    """Takes every mail that is handed to it."""

    def __init__(self):
        self.mails = []
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def smtp():
    smtp = Smtp()
    smtp.controller.start()
    yield smtp
    smtp.controller.stop()
