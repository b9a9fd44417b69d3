"""The clients that people have for `@connections`, each called in the same way.

A call returns what came of it: `("ok", answer)`, or the error's type, as this client names it, and the
status.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from gateway import KEY, REGION, SECRET
from tamper import BEFORE_SEND, tamper

HERE = Path(__file__).resolve().parent


class Boto3:
    operations = {
        "post": "post_to_connection",
        "get": "get_connection",
        "delete": "delete_connection",
    }

    def __init__(self, authority):
        self.authority = authority

    def call(self, operation, endpoint, id, data=None, key=KEY, secret=SECRET, token=None, how="signed"):
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            signature_version=UNSIGNED if how == "unsigned" else None,
        )
        client = boto3.client(
            "apigatewaymanagementapi",
            endpoint_url=endpoint,
            region_name=REGION,
            verify=self.authority,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=config,
        )
        if how == "tampered":
            client.meta.events.register(BEFORE_SEND, tamper)
        arguments = {"ConnectionId": id} | ({} if data is None else {"Data": data})
        try:
            answer = getattr(client, self.operations[operation])(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            modelled = {"GoneException", "ForbiddenException", "LimitExceededException"}
            if code in modelled | {"PayloadTooLargeException"}:
                assert type(error).__name__ == code, type(error)
            return code, error.response["ResponseMetadata"]["HTTPStatusCode"]
        finally:
            client.close()
        answer.pop("ResponseMetadata")
        return "ok", {name: str(value) for name, value in answer.items()}

    def close(self):
        pass


class Cli:
    operations = {"post": "post-to-connection", "get": "get-connection", "delete": "delete-connection"}

    def __init__(self, authority):
        self.environment = os.environ | {
            "AWS_CA_BUNDLE": authority,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": os.devnull,
            "PYTHONPATH": str(HERE),
        }
        self.command = str(Path(sys.executable).parent / "aws")

    def call(self, operation, endpoint, id, data=None, key=KEY, secret=SECRET, token=None, how="signed"):
        with tempfile.NamedTemporaryFile() as file, tempfile.NamedTemporaryFile("w") as settings:
            arguments = ["apigatewaymanagementapi", self.operations[operation]]
            arguments += ["--endpoint-url", endpoint, "--connection-id", id]
            if data is not None:
                file.write(data if isinstance(data, bytes) else data.encode())
                file.flush()
                arguments += ["--data", f"fileb://{file.name}"]
            if how == "unsigned":
                arguments.append("--no-sign-request")
            secrets = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
            secrets |= {"AWS_SESSION_TOKEN": token} if token else {}
            if how == "tampered":
                settings.write("[plugins]\ntamper = tamper\n")
                settings.flush()
                secrets["AWS_CONFIG_FILE"] = settings.name
            ended = subprocess.run(
                [self.command, *arguments],
                env=self.environment | secrets,
                capture_output=True,
                text=True,
            )
        if ended.returncode == 0:
            return "ok", json.loads(ended.stdout) if ended.stdout.strip() else {}
        found = re.search(r"An error occurred \((\w+)\)", ended.stderr)
        return found.group(1) if found else ended.stderr, None

    def close(self):
        pass


class Node:
    """The two SDKs for JavaScript: `sdk.mjs` takes a call a line, and answers with one."""

    def __init__(self, authority, version):
        self.version = version
        quiet = {
            "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1",
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
        }
        self.process = subprocess.Popen(
            ["node", "sdk.mjs", version],
            cwd=HERE,
            env=os.environ | {"NODE_EXTRA_CA_CERTS": authority} | quiet,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, operation, endpoint, id, data=None, key=KEY, secret=SECRET, token=None, how="signed"):
        call = dict(operation=operation, endpoint=endpoint, id=id, key=key, secret=secret, token=token, how=how)
        if isinstance(data, str):
            call["text"] = data
        elif data is not None:
            call["bytes"] = base64.b64encode(data).decode()
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()
        code, answer = json.loads(self.process.stdout.readline())
        return code, answer

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()
