//! A chat's backend behind API Gateway.

use aws_lambda_events::apigw::{
    ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest,
    ApiGatewayWebsocketProxyRequestContext as Context,
};
use aws_sdk_apigatewaymanagement::{Client, config, primitives::Blob};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}

async fn handle(
    event: LambdaEvent<ApiGatewayWebsocketProxyRequest>,
) -> Result<ApiGatewayProxyResponse, Error> {
    let event = event.payload;
    let request = event.request_context.clone();
    match request.route_key.as_deref() {
        Some("$connect") => Ok(connect(&event)),
        Some("post") => post(&event, &request).await,
        Some("ask") => ask(&event, &request),
        Some("fail") => Err("as asked".into()),
        Some("$disconnect") => Ok(disconnect(&request)),
        other => Err(format!("there is no route {other:?}").into()),
    }
}

fn connect(event: &ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    if event.query_string_parameters.first("user").is_none() {
        return status(401);
    }
    let mut response = status(200);
    let offered = event.headers.get("sec-websocket-protocol").and_then(|value| value.to_str().ok());
    if offered.is_some_and(|names| names.split(',').any(|name| name.trim() == "chat.v1")) {
        response.headers.insert("sec-websocket-protocol", "chat.v1".parse().expect("it is ASCII"));
    }
    response
}

async fn post(
    event: &ApiGatewayWebsocketProxyRequest,
    request: &Context,
) -> Result<ApiGatewayProxyResponse, Error> {
    let domain = request.domain_name.as_deref().unwrap_or_default();
    let stage = request.stage.as_deref().unwrap_or_default();
    let shared = aws_config::load_from_env().await;
    let endpoint = format!("https://{domain}/{stage}");
    let client = Client::from_conf(config::Builder::from(&shared).endpoint_url(endpoint).build());
    let data = json!({ "posted": data(event)? }).to_string();
    client
        .post_to_connection()
        .set_connection_id(request.connection_id.clone())
        .data(Blob::new(data))
        .send()
        .await?;
    Ok(status(200))
}

fn ask(
    event: &ApiGatewayWebsocketProxyRequest,
    request: &Context,
) -> Result<ApiGatewayProxyResponse, Error> {
    let answer = json!({ "answer": data(event)?, "stage": request.stage });
    let mut response = status(200);
    response.body = Some(answer.to_string().into());
    Ok(response)
}

fn disconnect(request: &Context) -> ApiGatewayProxyResponse {
    let id = request.connection_id.as_deref().unwrap_or_default();
    println!("goodbye {id} {}", request.disconnect_status_code.unwrap_or_default());
    status(200)
}

fn data(event: &ApiGatewayWebsocketProxyRequest) -> Result<Value, Error> {
    let body: Value = serde_json::from_str(event.body.as_deref().unwrap_or_default())?;
    Ok(body["data"].clone())
}

fn status(status: i64) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status;
    response
}
