// A client of the Lambda Runtime API for functions in Node: runs the exported async function that
// _HANDLER names ("app.handler" is `handler` of app.mjs) in the folder LAMBDA_TASK_ROOT.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

const post = (path, body, headers = {}) =>
  fetch(base + path, { method: "POST", body: JSON.stringify(body ?? null), headers });

const reported = (error) => ({
  errorType: error?.name ?? "Error",
  errorMessage: error?.message ?? String(error),
  trace: error?.stack?.split("\n") ?? [],
});

async function load() {
  const [module, name] = process.env._HANDLER.split(".");
  const files = [`${module}.mjs`, `${module}.js`, `${module}.cjs`];
  const paths = files.map((file) => resolve(process.env.LAMBDA_TASK_ROOT, file));
  const path = paths.find(existsSync);
  if (path === undefined) throw new Error(`there is none of ${paths.join(", ")}`);
  const found = (await import(pathToFileURL(path)))[name];
  if (typeof found !== "function") throw new TypeError(`${path} exports no function ${name}`);
  return found;
}

async function next() {
  // A poll may last as long as it likes, but fetch gives up after five minutes: then ask again.
  for (;;) {
    try {
      return await fetch(`${base}/invocation/next`);
    } catch (error) {
      if (error.cause?.code !== "UND_ERR_HEADERS_TIMEOUT") throw error;
    }
  }
}

let handler;
try {
  handler = await load();
} catch (error) {
  await post("/init/error", reported(error));
  throw error;
}
for (;;) {
  const invocation = await next();
  if (!invocation.ok) break;
  const id = invocation.headers.get("lambda-runtime-aws-request-id");
  const deadline = Number(invocation.headers.get("lambda-runtime-deadline-ms"));
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    invokedFunctionArn: invocation.headers.get("lambda-runtime-invoked-function-arn"),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    const answer = await handler(await invocation.json(), context);
    await post(`/invocation/${id}/response`, answer);
  } catch (error) {
    await post(`/invocation/${id}/error`, reported(error));
  }
}
