"""Changes a request between its signature and the wire; also as a plugin of the AWS CLI."""

BEFORE_SEND = "before-send.apigatewaymanagementapi"


def tamper(request, **_):
    request.body = b"something else"


def awscli_initialize(events):
    """What the CLI calls in a plugin."""
    events.register(BEFORE_SEND, tamper)
