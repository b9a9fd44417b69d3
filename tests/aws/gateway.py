"""`gatewire serve` on a file, and sockets to it, for the tests of this folder."""

import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path

import websocket

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("GATEWIRE", str(ROOT / "target/debug/gatewire"))

REGION = "us-east-1"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#: May do everything.
KEY = "AKIDEXAMPLE"
#: May look, and nothing else.
LOOKING = "AKIDLOOKING"
#: A temporary one, good with its token.
TEMPORARY, TOKEN = "ASIATEMPORARY", "IQoJb3JpZ2luX2VjEXAMPLE+/="

FILE = f"""
[server]
listen = "127.0.0.1:0"
drain = "2s"
[server.tls]
mode = "development"
[management]
access = "signed"
[[management.credentials]]
access_key_id = "{KEY}"
secret_access_key = "{SECRET}"
[[management.credentials]]
access_key_id = "{LOOKING}"
secret_access_key = "{SECRET}"
policy = {{ Statement = [{{ Effect = "Allow", Action = "execute-api:ManageConnections", Resource = "arn:aws:execute-api:*:*:*/prod/GET/*" }}] }}
[[management.credentials]]
access_key_id = "{TEMPORARY}"
secret_access_key = "{SECRET}"
session_token = "{TOKEN}"
"""


class Gateway:
    """A process of `gatewire serve` with a development certificate, in a folder of its own."""

    def __init__(self, stages_and_routes):
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        (path / "gateway.toml").write_text(FILE + stages_and_routes)
        self.log = open(path / "log", "w+")
        self.process = subprocess.Popen(
            [BINARY, "serve"], cwd=path, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        for line in self.process.stdout:
            found = re.search(r"wss://([^/]+)/", line)
            if found:
                self.address = found.group(1)
                break
        else:
            raise RuntimeError(f"gatewire serve has ended: {self.read_log()}")
        self.authority = str(path / ".gatewire/tls/authority.pem")

    def connect(self, path="/prod", **options):
        trust = {"ca_certs": self.authority}
        return websocket.create_connection(
            f"wss://{self.address}{path}", sslopt=trust, timeout=60, **options
        )

    def endpoint(self, stage="/prod"):
        return f"https://{self.address}{stage}"

    def read_log(self):
        return (Path(self.folder.name) / "log").read_text()

    def stop(self):
        """Ends it as a supervisor does, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()
        return code
