// The SDKs for JavaScript, version 2 or 3, as `callers.py` calls them: a call a line comes in as JSON, and
// its answer goes out as one: ["ok", answer], or [type of the error, status].
import { createInterface } from "node:readline";

const region = "us-east-1";
const operations = { post: "postToConnection", get: "getConnection", delete: "deleteConnection" };

async function v3() {
  const sdk = await import("@aws-sdk/client-apigatewaymanagementapi");
  return async ({ operation, endpoint, how, key, secret, token, ...rest }) => {
    const credentials = { accessKeyId: key, secretAccessKey: secret, ...(token && { sessionToken: token }) };
    const unsigned = how === "unsigned" && { signer: { sign: async (request) => request } };
    const client = new sdk.ApiGatewayManagementApi({ region, endpoint, credentials, maxAttempts: 1, ...unsigned });
    if (how === "tampered") {
      // After the signature, and before the request leaves.
      const tamper = (next) => (step) => {
        step.request.body = Buffer.from("something else");
        step.request.headers["content-length"] = "14";
        return next(step);
      };
      client.middlewareStack.add(tamper, { step: "finalizeRequest", priority: "low", name: "tamper" });
    }
    const { $metadata: _, ...answer } = await client[operations[operation]](input(rest));
    return answer;
  };
}

async function v2() {
  const { default: AWS } = await import("aws-sdk");
  return async ({ operation, endpoint, how, key, secret, token, ...rest }) => {
    const client = new AWS.ApiGatewayManagementApi({
      region,
      endpoint,
      accessKeyId: key,
      secretAccessKey: secret,
      ...(token && { sessionToken: token }),
      maxRetries: 0,
    });
    const name = operations[operation];
    const request =
      how === "unsigned" ? client.makeUnauthenticatedRequest(name, input(rest)) : client[name](input(rest));
    if (how === "tampered") request.on("sign", () => (request.httpRequest.body = "something else"));
    return request.promise();
  };
}

function input({ id, text, bytes }) {
  const data = text ?? (bytes === undefined ? undefined : Buffer.from(bytes, "base64"));
  return { ConnectionId: id, ...(data !== undefined && { Data: data }) };
}

const version = process.argv[2];
const call = await (version === "v2" ? v2() : v3());
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await call(JSON.parse(line)).then(
    (answer) => ["ok", answer],
    (error) =>
      version === "v2" ? [error.code, error.statusCode] : [error.name, error.$metadata?.httpStatusCode],
  );
  console.log(JSON.stringify(answer));
}
