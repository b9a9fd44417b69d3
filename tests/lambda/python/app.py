"""A chat's backend behind API Gateway."""

import json

import boto3


def handler(event, context):
    route = event["requestContext"]["routeKey"]
    return ROUTES[route](event, event["requestContext"])


def connect(event, request):
    if "user" not in event.get("queryStringParameters", {}):
        return {"statusCode": 401}
    response = {"statusCode": 200}
    headers = {name.lower(): value for name, value in event["headers"].items()}
    offered = headers.get("sec-websocket-protocol", "")
    if "chat.v1" in [name.strip() for name in offered.split(",")]:
        response["headers"] = {"Sec-WebSocket-Protocol": "chat.v1"}
    return response


def post(event, request):
    endpoint = f"https://{request['domainName']}/{request['stage']}"
    client = boto3.client("apigatewaymanagementapi", endpoint_url=endpoint)
    data = json.dumps({"posted": json.loads(event["body"])["data"]})
    client.post_to_connection(ConnectionId=request["connectionId"], Data=data.encode())
    return {"statusCode": 200}


def ask(event, request):
    answer = {"answer": json.loads(event["body"])["data"], "stage": request["stage"]}
    return {"statusCode": 200, "body": json.dumps(answer)}


def fail(event, request):
    raise ValueError("as asked")


def disconnect(event, request):
    print("goodbye", request["connectionId"], request["disconnectStatusCode"])
    return {"statusCode": 200}


ROUTES = {
    "$connect": connect,
    "post": post,
    "ask": ask,
    "fail": fail,
    "$disconnect": disconnect,
}
