// A chat's backend behind API Gateway.
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";

export async function handler(event) {
  return routes[event.requestContext.routeKey](event, event.requestContext);
}

const routes = {
  $connect(event) {
    if (event.queryStringParameters?.user === undefined) return { statusCode: 401 };
    const headers = Object.entries(event.headers);
    const offered = headers.find(([name]) => name.toLowerCase() === "sec-websocket-protocol");
    const takes = offered?.[1].split(",").some((name) => name.trim() === "chat.v1");
    return { statusCode: 200, headers: takes ? { "Sec-WebSocket-Protocol": "chat.v1" } : {} };
  },

  async post(event, { domainName, stage, connectionId }) {
    const client = new ApiGatewayManagementApiClient({ endpoint: `https://${domainName}/${stage}` });
    const data = JSON.stringify({ posted: JSON.parse(event.body).data });
    await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: data }));
    return { statusCode: 200 };
  },

  ask(event, { stage }) {
    const answer = { answer: JSON.parse(event.body).data, stage };
    return { statusCode: 200, body: JSON.stringify(answer) };
  },

  fail() {
    throw new RangeError("as asked");
  },

  $disconnect(_event, { connectionId, disconnectStatusCode }) {
    console.log("goodbye", connectionId, disconnectStatusCode);
    return { statusCode: 200 };
  },
};
