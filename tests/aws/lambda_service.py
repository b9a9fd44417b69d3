"""Lambda for one function: the Invoke API in front, and the Runtime API behind, as AWS's emulator for
runtimes has both. Nothing of gatewire is in it."""

import json
import os
import queue
import subprocess
import tempfile
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gateway import KEY, REGION, SECRET

NAME = "chat"
ARN = f"arn:aws:lambda:{REGION}:000000000000:function:{NAME}"

RUNTIME = "/2018-06-01/runtime"


class Invocation:
    """An event on its way to the function, and its answer on the way back."""

    def __init__(self, event):
        self.id = str(uuid.uuid4())
        self.event = event
        #: The body, and whether it says that the function failed.
        self.answer = queue.Queue()


class LambdaService:
    """Answers at `endpoint` from the start; calls wait until there is a function."""

    def __init__(self):
        self.waiting = queue.Queue()
        self.running = {}
        self.refused = []
        self.log = tempfile.NamedTemporaryFile(mode="w+", suffix=".log")
        handler = type("Handler", (Handler,), {"service": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        self.endpoint = f"http://{self.address}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def start(self, command, directory, environment):
        """Starts the function's process, which handles one event after another."""
        told = {
            "AWS_LAMBDA_RUNTIME_API": self.address,
            "AWS_LAMBDA_FUNCTION_NAME": NAME,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "LAMBDA_TASK_ROOT": str(directory),
            "_HANDLER": "app.handler",
        }
        self.process = subprocess.Popen(
            command,
            cwd=directory,
            env=os.environ | told | environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def read_log(self):
        """What the function has printed so far."""
        with open(self.log.name) as file:
            return file.read()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.server.shutdown()
        self.server.server_close()
        self.log.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path != f"{RUNTIME}/invocation/next":
            return self.reply(404, {"errorMessage": self.path})
        invocation = self.service.waiting.get()
        self.service.running[invocation.id] = invocation
        self.reply(
            200,
            invocation.event,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 20_000),
                "Lambda-Runtime-Invoked-Function-Arn": ARN,
            },
        )

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        if self.path.startswith(RUNTIME):
            *_, id, verb = self.path.split("/")
            invocation = self.service.running.pop(id)
            invocation.answer.put((body, verb == "error"))
            return self.reply(202, {"status": "OK"})
        problem = self.problem_of_invoke(body)
        if problem is not None:
            self.service.refused.append(problem)
            return self.reply(403, {"Message": problem}, {"x-amzn-ErrorType": "AccessDeniedException"})
        invocation = Invocation(body)
        self.service.waiting.put(invocation)
        answer, failed = invocation.answer.get(timeout=60)
        self.reply(200, answer, {"X-Amz-Function-Error": "Unhandled"} if failed else {})

    def problem_of_invoke(self, body):
        """What Lambda would have against this call."""
        if unquote(self.path) != f"/2015-03-31/functions/{ARN}/invocations":
            return f"no function is at {self.path}"
        if self.headers["x-amz-invocation-type"] != "RequestResponse":
            return f"the type is {self.headers['x-amz-invocation-type']}"
        signature = self.headers["authorization"].rpartition("Signature=")[2]
        return None if signature == self.signature(body) else "the signature is another one"

    def signature(self, body):
        """What boto3 would have signed this request with."""
        names = self.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
        headers = {name: self.headers[name] for name in names.split(";")}
        url = f"{self.service.endpoint}{self.path}"
        request = AWSRequest("POST", url, headers=headers, data=body)
        request.context["timestamp"] = self.headers["x-amz-date"]
        signer = SigV4Auth(Credentials(KEY, SECRET), "lambda", REGION)
        return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)

    def reply(self, status, body, headers={}):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
