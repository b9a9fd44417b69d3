"""The functions of `tests/lambda`, unchanged, behind `gatewire serve`: hosted by the Runtime API, and
called by the Invoke API."""

import json
import os
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import websocket

from gateway import KEY, ROOT, SECRET, Gateway

FUNCTIONS = ROOT / "tests/lambda"

ARN = "arn:aws:lambda:us-east-1:000000000000:function:chat"

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


def hosted(command, folder):
    return ROUTES + f"""
function = "chat"
[functions.chat]
command = {json.dumps(command)}
directory = "{FUNCTIONS / folder}"
handler = "app.handler"
timeout = "20s"
environment = {{ AWS_ACCESS_KEY_ID = "{KEY}", AWS_SECRET_ACCESS_KEY = "{SECRET}" }}
"""


class Suite:
    """What each of them does, as its README says."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(cls.routes())

    @classmethod
    def tearDownClass(cls):
        code = cls.gateway.stop()
        assert code == 0, f"gatewire serve ended with {code}"

    @classmethod
    def said(cls):
        """What the function has printed so far, wherever it prints."""
        return cls.gateway.read_log()

    def ask(self, socket, data):
        socket.send(json.dumps({"action": "ask", "data": data}))
        self.assertEqual(json.loads(socket.recv()), {"answer": data, "stage": "prod"})

    def test_the_function_decides_who_comes_in(self):
        with self.assertRaises(websocket.WebSocketBadStatusException) as refused:
            self.gateway.connect()
        self.assertEqual(refused.exception.status_code, 401)
        socket = self.gateway.connect("/prod?user=ada", subprotocols=["chat.v1"])
        self.assertEqual(socket.subprotocol, "chat.v1")
        socket.close()

    def test_it_posts_back_answers_throws_and_says_goodbye(self):
        socket = self.gateway.connect("/prod?user=ada")
        socket.send(json.dumps({"action": "post", "data": "té"}))
        self.assertEqual(json.loads(socket.recv()), {"posted": "té"})
        self.ask(socket, [1, {"a": None}])
        socket.send(json.dumps({"action": "fail"}))
        failed = json.loads(socket.recv())
        self.assertEqual(failed["message"], "Internal server error")
        self.ask(socket, "and it goes on")
        socket.close(4001)
        goodbye = f"goodbye {failed['connectionId']} 4001"
        other = self.gateway.connect("/prod?user=bob")
        for _ in range(2000):  # each asks the function once more; it says goodbye meanwhile
            if goodbye in self.said():
                break
            self.ask(other, 1)
        self.assertIn(goodbye, self.said())
        other.close()


class PythonHosted(Suite, unittest.TestCase):
    @classmethod
    def routes(cls):
        return hosted([sys.executable, "-m", "awslambdaric", "app.handler"], "python")


class NodeHosted(Suite, unittest.TestCase):
    @classmethod
    def routes(cls):
        return hosted(["node", "runtime.mjs"], "node")


@unittest.skipUnless(os.environ.get("RUST_FUNCTION"), "RUST_FUNCTION names no binary")
class RustHosted(Suite, unittest.TestCase):
    @classmethod
    def routes(cls):
        return hosted([os.environ["RUST_FUNCTION"]], "rust")


class PythonInvoked(Suite, unittest.TestCase):
    """By an endpoint that speaks the Invoke API, in this process."""

    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(FUNCTIONS / "python"))
        import app

        printed = cls.printed = []
        app.print = lambda *words: printed.append(" ".join(str(word) for word in words))

        class Invoke(BaseHTTPRequestHandler):
            def do_POST(self):
                event = json.loads(self.rfile.read(int(self.headers["content-length"])))
                error = None
                assert unquote(self.path) == f"/2015-03-31/functions/{ARN}/invocations", self.path
                assert "/lambda/aws4_request" in self.headers["authorization"]
                try:
                    answer = app.handler(event, None)
                except Exception as raised:
                    error = raised
                    answer = {"errorMessage": str(error), "errorType": type(error).__name__}
                body = json.dumps(answer).encode()
                self.send_response(200)
                if error:
                    self.send_header("X-Amz-Function-Error", "Unhandled")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        cls.server = ThreadingHTTPServer(("127.0.0.1", 0), Invoke)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        super().setUpClass()
        # The function runs in this process, which trusts the gateway's authority for it.
        os.environ["AWS_CA_BUNDLE"] = cls.gateway.authority
        os.environ |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.server.shutdown()
        cls.server.server_close()
        for name in ["AWS_CA_BUNDLE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"]:
            del os.environ[name]

    @classmethod
    def routes(cls):
        port = cls.server.server_address[1]
        return ROUTES + f"""
uri = "{ARN}"
endpoint = "http://127.0.0.1:{port}"
credentials = {{ access_key_id = "{KEY}", secret_access_key = "{SECRET}" }}
"""

    @classmethod
    def said(cls):
        return "\n".join(cls.printed)


if __name__ == "__main__":
    unittest.main()
