"""The functions of `tests/lambda`, unchanged, behind `gatewire serve`: hosted by the Runtime API, and
called by the Invoke API."""

import json
import os
import sys
import time
import unittest

import websocket

from gateway import KEY, ROOT, SECRET, Gateway
from lambda_service import ARN, LambdaService

FUNCTIONS = ROOT / "tests/lambda"

ROUTES = """
[stages.prod]
[routes."$connect"]
integration = "chat"
[routes."$disconnect"]
integration = "chat"
[routes.post]
integration = "chat"
[routes.ask]
integration = "chat"
reply = true
[routes.fail]
integration = "chat"
[integrations.chat]
type = "lambda"
"""

#: How long a function may take to be heard of, in seconds.
PATIENCE = 60


class Suite:
    """What each of them does, as its README says."""

    @classmethod
    def tearDownClass(cls):
        code = cls.gateway.stop()
        assert code == 0, f"gatewire serve ended with {code}"

    def connect(self, user="ada", **options):
        socket = self.gateway.connect(f"/prod?user={user}", **options)
        self.addCleanup(socket.close)
        return socket

    def ask(self, socket, data):
        socket.send(json.dumps({"action": "ask", "data": data}))
        self.assertEqual(json.loads(socket.recv()), {"answer": data, "stage": "prod"})

    def fail_once(self, socket):
        """Returns the error frame."""
        socket.send(json.dumps({"action": "fail"}))
        return json.loads(socket.recv())

    def test_connect_takes_who_says_a_name(self):
        socket = self.connect(subprotocols=["chat.v1"])
        self.assertEqual(socket.subprotocol, "chat.v1")
        self.assertIsNone(self.connect().subprotocol)

    def test_connect_refuses_everybody_else(self):
        with self.assertRaises(websocket.WebSocketBadStatusException) as refused:
            self.gateway.connect()
        self.assertEqual(refused.exception.status_code, 401)

    def test_a_route_answers_through_connections(self):
        socket = self.connect()
        socket.send(json.dumps({"action": "post", "data": "té"}))
        self.assertEqual(json.loads(socket.recv()), {"posted": "té"})

    def test_a_two_way_route_answers(self):
        self.ask(self.connect(), [1, {"a": None}])

    def test_a_route_that_throws_is_an_error_frame(self):
        socket = self.connect()
        frame = self.fail_once(socket)
        self.assertEqual(frame["message"], "Internal server error")
        self.assertEqual(frame.keys(), {"message", "connectionId", "requestId"})
        self.ask(socket, "and it goes on")

    def test_disconnect_hears_how_it_ended(self):
        socket = self.connect()
        me = self.fail_once(socket)["connectionId"]
        socket.close(4001)
        goodbye = f"goodbye {me} 4001"
        other = self.connect("bob")
        deadline = time.monotonic() + PATIENCE
        while goodbye not in self.said() and time.monotonic() < deadline:
            self.ask(other, 1)  # it says goodbye meanwhile
        self.assertIn(goodbye, self.said())


class Hosted(Suite):
    """By the Runtime API: `gatewire serve` runs the function itself."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(ROUTES + f"""
function = "chat"
[functions.chat]
command = {json.dumps(cls.command)}
directory = "{FUNCTIONS / cls.folder}"
handler = "app.handler"
timeout = "20s"
environment = {{ AWS_ACCESS_KEY_ID = "{KEY}", AWS_SECRET_ACCESS_KEY = "{SECRET}" }}
""")

    @classmethod
    def said(cls):
        """What the function has printed so far, wherever it prints."""
        return cls.gateway.read_log()


class Invoked(Suite):
    """By the Invoke API: the function runs elsewhere."""

    @classmethod
    def setUpClass(cls):
        cls.service = LambdaService()
        cls.gateway = Gateway(ROUTES + f"""
uri = "{ARN}"
endpoint = "{cls.service.endpoint}"
credentials = {{ access_key_id = "{KEY}", secret_access_key = "{SECRET}" }}
""")
        environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        for name in ["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]:
            environment[name] = cls.gateway.authority
        cls.service.start(cls.command, FUNCTIONS / cls.folder, environment)

    @classmethod
    def tearDownClass(cls):
        try:
            super().tearDownClass()
        finally:
            cls.service.stop()
        assert cls.service.refused == [], cls.service.refused

    @classmethod
    def said(cls):
        return cls.service.read_log()


class Python:
    folder, command = "python", [sys.executable, "-m", "awslambdaric", "app.handler"]


class Node:
    folder, command = "node", ["node", "runtime.mjs"]


class Rust:
    folder, command = "rust", [os.environ.get("RUST_FUNCTION")]


class PythonHosted(Python, Hosted, unittest.TestCase):
    pass


class PythonInvoked(Python, Invoked, unittest.TestCase):
    pass


class NodeHosted(Node, Hosted, unittest.TestCase):
    pass


class NodeInvoked(Node, Invoked, unittest.TestCase):
    pass


needs_rust = unittest.skipUnless(Rust.command[0], "RUST_FUNCTION names no binary")


@needs_rust
class RustHosted(Rust, Hosted, unittest.TestCase):
    pass


@needs_rust
class RustInvoked(Rust, Invoked, unittest.TestCase):
    pass


if __name__ == "__main__":
    unittest.main()
