"""`@connections` over TLS with real signatures, by boto3, the AWS CLI and both SDKs for JavaScript."""

import struct
import unittest

from callers import Boto3, Cli, Node
from gateway import LOOKING, TEMPORARY, TOKEN, Gateway

ROUTES = """
[stages.prod]
[stages.test]
[routes."$default"]
integration = "who"
reply = true
[integrations.who]
type = "mock"
[[integrations.who.responses]]
key = "$default"
templates = { "$default" = "$context.connectionId" }
"""

#: Of the form of an id, and nobody's.
NOBODY = "Yk3nQcX9IAMCJ2g="

#: More than every buffer between here and a socket that does not read.
MANY = 4000


class Suite:
    """What every client has to see; the classes below say which."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(ROUTES)
        cls.client = cls.caller(cls.gateway.authority)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        code = cls.gateway.stop()
        assert code == 0, f"gatewire serve ended with {code}"

    def setUp(self):
        self.socket = self.gateway.connect()
        self.socket.send("who")
        self.me = self.socket.recv()
        self.addCleanup(self.socket.close)

    def call(self, operation, id=None, data=None, stage="/prod", **how):
        return self.client.call(operation, self.gateway.endpoint(stage), id or self.me, data, **how)

    def fails(self, code, status, *call, **how):
        got = self.call(*call, **how)
        # The command line does not print the status.
        self.assertIn(got, [(code, status), [code, status], (code, None)])

    def test_post(self):
        for data in ["té", b"bytes", b'{"a":1}', b""]:
            self.assertEqual(self.call("post", data=data)[0], "ok")
            text = data if isinstance(data, str) else data.decode()
            self.assertEqual(self.socket.recv_data(), (1, text.encode()), "always a text frame")

    def test_get_and_delete(self):
        code, answer = self.call("get")
        self.assertEqual(code, "ok")
        self.assertIn("127.0.0.1", str(answer))
        self.assertLessEqual({"ConnectedAt", "LastActiveAt"}, {*answer})
        self.assertEqual(self.call("delete")[0], "ok")
        close = struct.pack("!H", 1000) + b"Connection Closed Normally"
        self.assertEqual(self.socket.recv_data(), (8, close))
        for operation in ["post", "get", "delete"]:
            data = "x" if operation == "post" else None
            self.fails("GoneException", 410, operation, data=data)

    def test_ids(self):
        self.fails("GoneException", 410, "post", NOBODY, "x")
        self.fails("BadRequestException", 400, "post", "non/sense+", "x")
        self.fails("GoneException", 410, "post", data="x", stage="/test")

    def test_sizes(self):
        self.assertEqual(self.call("post", data=b"x" * 131_072)[0], "ok")
        self.assertEqual(len(self.socket.recv()), 131_072)
        self.fails("PayloadTooLargeException", 413, "post", data=b"x" * 131_073)

    def test_who_may(self):
        self.fails("MissingAuthenticationTokenException", 403, "post", data="x", how="unsigned")
        self.fails("InvalidSignatureException", 403, "post", data="x", secret="another")
        self.fails("UnrecognizedClientException", 403, "post", data="x", key="AKIDNOBODY")
        self.fails("AccessDeniedException", 403, "post", data="x", key=LOOKING)
        self.assertEqual(self.call("get", key=LOOKING)[0], "ok")
        self.fails("ForbiddenException", 403, "post", data="x", stage="/nowhere")
        self.fails("InvalidSignatureException", 403, "post", data="x", how="tampered")

    def test_temporary_credentials(self):
        self.assertEqual(self.call("post", data="x", key=TEMPORARY, token=TOKEN)[0], "ok")
        self.assertEqual(self.socket.recv(), "x")
        for other in [None, "another"]:
            self.fails("UnrecognizedClientException", 403, "post", data="x", key=TEMPORARY, token=other)
        # A key that is not temporary has no token.
        self.fails("UnrecognizedClientException", 403, "post", data="x", token=TOKEN)

    def test_throttled(self):
        """A socket that does not read: its buffer is full at some time."""
        text, endpoint = b"x" * 131_072, self.gateway.endpoint("/prod")
        filler = Boto3(self.gateway.authority)
        for _ in range(MANY):
            if filler.call("post", endpoint, self.me, text)[0] == "ok":
                continue
            # What the network took meanwhile makes room for another.
            got = self.call("post", data=text)
            if got[0] != "ok":
                break
        self.assertIn(tuple(got), [("LimitExceededException", 429), ("LimitExceededException", None)])


class Boto3Test(Suite, unittest.TestCase):
    caller = Boto3


class CliTest(Suite, unittest.TestCase):
    caller = Cli


class JavaScriptV3Test(Suite, unittest.TestCase):
    caller = staticmethod(lambda authority: Node(authority, "v3"))


class JavaScriptV2Test(Suite, unittest.TestCase):
    caller = staticmethod(lambda authority: Node(authority, "v2"))


if __name__ == "__main__":
    unittest.main()
