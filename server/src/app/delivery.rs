//! From a queue to the function or the URL that takes its messages: what Lambda's event source
//! mapping does for SQS.
//!
//! Messages travel as Lambda's SQS event, up to ten in one. The consumer may name those that failed
//! (`batchItemFailures`); of a group, everything after its first failure is delivered again, too, so
//! that its order stays. A consumer that fails altogether gets the whole batch again, later and
//! later; the queue's `max_receive_count` decides when that ends in its dead-letter queue.

use std::{collections::HashSet, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use axum::http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::functions::Functions;
use crate::{
    lambda::Invocation,
    queue::{
        MAX_RECEIVE, MAX_WAIT, Message, Queue,
        consume::{self, AFTER_FAILURE, retry_after},
    },
    reasons::reasons,
    trace::{Batch, TraceContext, Traced},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How long a batch may take that goes to a URL; a function has a timeout of its own.
const LONGEST: Duration = Duration::from_mins(15);

/// Who takes the messages of a queue.
#[derive(Clone)]
pub(super) enum Consumer {
    /// A Lambda function, by its name: a reload may replace it.
    Function(Arc<ArcSwap<Functions>>, String),
    /// A URL, which gets the same event by `POST`, and answers with a status of 2xx.
    Url(reqwest::Client, String),
}

/// Empties one queue into its consumer.
pub(super) struct Delivery {
    pub(super) name: String,
    /// What events call the queue.
    pub(super) arn: String,
    pub(super) region: String,
    pub(super) queue: Arc<dyn Queue>,
    pub(super) visibility: Duration,
    pub(super) consumer: Consumer,
    pub(super) tracer: Traced,
}

/// What a consumer answers: the messages that are to come again.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Delivery {
    /// Works until it is stopped; the batch in hand is finished.
    pub(super) async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let received = tokio::select! {
                () = stop.cancelled() => return,
                received = self.queue.receive(MAX_RECEIVE, MAX_WAIT) => received,
            };
            match received {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => self.deliver(&messages).await,
                Err(error) => {
                    tracing::error!(queue = self.name, %error, "the queue cannot be read");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(AFTER_FAILURE) => {}
                    }
                }
            }
        }
    }

    async fn deliver(&self, messages: &[Message]) {
        let queue = &*self.queue;
        let batch = Batch::begin(&self.tracer, &self.name, messages);
        let answered = tokio::select! {
            answered = self.ask(messages, batch.context()) => answered,
            never = consume::keep_in_flight(queue, &self.name, messages.iter(), self.visibility) => {
                match never {}
            }
        };
        batch.end(answered.as_ref(), messages);
        let (done, again) = match answered {
            Ok(failed) => split(messages, &failed),
            Err(problem) => {
                tracing::warn!(queue = self.name, problem, "a batch failed; it comes again");
                (Vec::new(), messages.iter().collect())
            }
        };
        for message in done {
            if let Err(error) = self.queue.delete(&message.receipt).await {
                tracing::error!(queue = self.name, message = message.message_id, %error, "a delivered message stays in its queue");
            }
        }
        for message in again {
            let wait = retry_after(message.receive_count);
            consume::set_visibility(queue, &self.name, message, wait).await;
        }
    }

    /// Gives the batch to the consumer, and returns the ids of the messages that are to come again.
    async fn ask(
        &self,
        messages: &[Message],
        trace: Option<&TraceContext>,
    ) -> Result<HashSet<String>, String> {
        let event = Bytes::from(self.event(messages).to_string());
        let answer = match &self.consumer {
            Consumer::Function(functions, name) => {
                let function = functions.load().find(name);
                let function = function.ok_or_else(|| format!("no function is called {name}"))?;
                let invocation = Invocation::new(LONGEST);
                let invocation = match trace {
                    Some(trace) => invocation.trace_id(&trace.x_ray()),
                    None => invocation,
                };
                function.invoke(event, invocation).await.map_err(|error| error.to_string())?
            }
            Consumer::Url(client, url) => post(client, url, event, trace).await?,
        };
        read_answer(&answer, messages)
    }

    fn event(&self, messages: &[Message]) -> Value {
        let records = messages.iter().map(|message| {
            let attributes = message.attributes.iter().map(|(name, value)| {
                (name.clone(), json!({ "stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": "String" }))
            });
            let mut system = json!({
                "ApproximateReceiveCount": message.receive_count.to_string(),
                "SentTimestamp": message.sent_at.to_string(),
                "SequenceNumber": format!("{:020}", message.sequence_number),
                "MessageGroupId": message.group.as_str(),
            });
            if let Some(trace) = TraceContext::from_attributes(&message.attributes) {
                system["AWSTraceHeader"] = trace.x_ray().into();
            }
            json!({
                "messageId": message.message_id,
                "receiptHandle": message.receipt.as_str(),
                "body": &*message.body,
                "attributes": system,
                "messageAttributes": attributes.collect::<serde_json::Map<_, _>>(),
                "eventSource": "aws:sqs",
                "eventSourceARN": self.arn,
                "awsRegion": self.region,
            })
        });
        json!({ "Records": records.collect::<Vec<_>>() })
    }
}

async fn post(
    client: &reqwest::Client,
    url: &str,
    event: Bytes,
    trace: Option<&TraceContext>,
) -> Result<Bytes, String> {
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON)]);
    if let Some(trace) = trace {
        trace.write(&mut headers);
    }
    let request = client.post(url).headers(headers).timeout(LONGEST);
    let response = request.body(event).send().await.map_err(|error| reasons(&error))?;
    if !response.status().is_success() {
        return Err(format!("{url} answered {}", response.status()));
    }
    response.bytes().await.map_err(|error| reasons(&error))
}

/// Which messages failed. An answer that names an id that is not in the batch, or an empty one,
/// fails all, as on Lambda.
fn read_answer(answer: &[u8], messages: &[Message]) -> Result<HashSet<String>, String> {
    let answer: Option<Answer> = match answer.trim_ascii() {
        b"" => None,
        // Whatever else a consumer answers is no list of failures.
        text => serde_json::from_slice::<Value>(text)
            .ok()
            .filter(Value::is_object)
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| format!("its batchItemFailures cannot be read: {error}"))?,
    };
    let failures = answer.unwrap_or_default().batch_item_failures;
    let failed: HashSet<_> = failures.into_iter().map(|failure| failure.item_identifier).collect();
    match failed.iter().find(|id| messages.iter().all(|message| message.message_id != **id)) {
        Some(unknown) => Err(format!("{unknown:?} is not in the batch")),
        None => Ok(failed),
    }
}

/// What is done, and what comes again: of each group everything from its first failure on.
fn split<'a>(
    messages: &'a [Message],
    failed: &HashSet<String>,
) -> (Vec<&'a Message>, Vec<&'a Message>) {
    let mut broken = HashSet::new();
    messages.iter().partition(|message| {
        if failed.contains(&message.message_id) {
            broken.insert(message.group.as_str());
        }
        !broken.contains(message.group.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{GroupId, ReceiptHandle};

    fn message(id: &str, group: &str) -> Message {
        Message {
            message_id: id.to_owned(),
            sequence_number: 7,
            group: GroupId::new(group).unwrap(),
            body: "{}".into(),
            attributes: [("connectionId".to_owned(), "abc=".to_owned())].into(),
            receive_count: 1,
            sent_at: 1_795_341_600_123,
            receipt: ReceiptHandle("r".to_owned()),
        }
    }

    #[test]
    fn a_failure_brings_back_what_follows_it_in_its_group_and_nothing_else() {
        let batch = [message("1", "a"), message("2", "b"), message("3", "a"), message("4", "a")];
        let failed = read_answer(br#"{"batchItemFailures":[{"itemIdentifier":"3"}]}"#, &batch);
        let (done, again) = split(&batch, &failed.unwrap());
        let ids = |messages: Vec<&Message>| -> Vec<String> {
            messages.into_iter().map(|message| message.message_id.clone()).collect()
        };
        assert_eq!(ids(done), ["1", "2"]);
        assert_eq!(ids(again), ["3", "4"]);
    }

    #[tokio::test]
    async fn a_consumer_that_is_not_there_is_told_with_the_cause() {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jobs", free.local_addr().unwrap());
        drop(free);
        let client = crate::integration::http::http_client().unwrap();
        let problem = post(&client, &url, Bytes::new(), None).await.unwrap_err();
        assert!(problem.contains(&url) && problem.contains("refused"), "{problem}");
    }

    #[test]
    fn who_answers_nothing_in_particular_has_taken_everything() {
        let batch = [message("1", "a")];
        for answer in ["", "null", "[1]", "fine", "{}", r#"{"statusCode":200}"#] {
            assert_eq!(read_answer(answer.as_bytes(), &batch), Ok(HashSet::new()), "{answer}");
        }
        let unknown = r#"{"batchItemFailures":[{"itemIdentifier":"9"}]}"#;
        assert!(read_answer(unknown.as_bytes(), &batch).is_err());
        assert!(read_answer(br#"{"batchItemFailures":[{}]}"#, &batch).is_err());
    }
}
