//! Queues, and who takes their messages.

use super::{
    Importer, Properties, draft::Keys, functions::Callee, functions::SAM_LOCAL, value::Value,
};

/// What takes messages from a queue says about it besides; none of it is carried over.
fn consumer_reason(key: &str) -> &'static str {
    match key {
        "BatchSize" | "MaximumBatchingWindowInSeconds" => "gatewire chooses the batches",
        "FunctionResponseTypes" => "whether a part of a batch failed is always asked",
        "FilterCriteria" => "every message is delivered",
        _ => "gatewire has nothing like it",
    }
}

impl Importer {
    /// `Events` of a SAM function: of them, queues alone lead to it here.
    pub(super) fn read_events(&mut self, callee: &Callee, events: Properties) {
        let path = events.path.clone();
        for (name, event) in events.into_entries() {
            let mut event = Properties::new(format!("{path}.{name}"), event);
            let kind = event.text("Type", &mut self.report).unwrap_or_default();
            if kind != "SQS" {
                let reason = format!("{kind}: nothing but routes and queues leads to functions");
                self.report.omit(event.line, event.path, reason);
                continue;
            }
            let Some(mut properties) = event.table("Properties") else { continue };
            if properties.get("Enabled").is_some_and(Value::is_true) {
                properties.pass_over(&["Enabled"]);
            }
            if let Some(queue) = properties.take("Queue").as_ref().and_then(Value::resource) {
                self.deliver(queue, callee);
            }
            properties.finish(&mut self.report, consumer_reason);
        }
    }

    /// The name of a queue that is carried over, by its logical id. Reads it when it is first asked
    /// for. A queue whose messages nobody takes is none.
    pub(super) fn queue(&mut self, id: &str) -> Option<String> {
        if let Some(name) = self.queues.get(id) {
            return name.clone();
        }
        self.read_consumers(id);
        let name = self.read_queue(id, false);
        self.queues.insert(id.to_owned(), name.clone());
        name
    }

    /// Functions that take messages from a queue.
    fn read_consumers(&mut self, queue: &str) {
        let ids: Vec<String> = self.resources.keys().cloned().collect();
        for id in ids {
            let Some(resource) = self.resources.get(&id) else { continue };
            let source = match resource.kind.as_str() {
                "AWS::Lambda::EventSourceMapping" => {
                    resource.properties.get("EventSourceArn").and_then(Value::resource)
                }
                "AWS::Serverless::Function" => {
                    let takes = resource.properties.get("Events").is_some_and(|events| {
                        events.clone().into_entries().iter().any(|(_, event)| {
                            let source = event.get("Properties").and_then(|all| all.get("Queue"));
                            source.and_then(Value::resource) == Some(queue)
                        })
                    });
                    if takes {
                        let _ = self.callee(&id);
                    }
                    continue;
                }
                _ => continue,
            };
            if source == Some(queue)
                && let Some(mut mapping) = self.resources.remove(&id)
            {
                let function = mapping.properties.take("FunctionName");
                mapping.properties.pass_over(&["EventSourceArn"]);
                if mapping.properties.get("Enabled").is_some_and(Value::is_true) {
                    mapping.properties.pass_over(&["Enabled"]);
                }
                mapping.properties.finish(&mut self.report, consumer_reason);
                let callee = function.as_ref().and_then(Value::resource);
                match callee.and_then(|id| self.callee(id)) {
                    Some(callee) => self.deliver(queue, &callee),
                    None => self.report.omit(mapping.line, id, "its function is not known"),
                }
            }
        }
    }

    fn deliver(&mut self, queue: &str, callee: &Callee) {
        let target = match callee {
            Callee::Hosted(name) => ("function", name.clone()),
            Callee::Elsewhere(id) => {
                ("url", format!("{SAM_LOCAL}/2015-03-31/functions/{id}/invocations"))
            }
        };
        let line = self.resources.get(queue).map_or(1, |resource| resource.line);
        if self.deliveries.insert(queue.to_owned(), target).is_some() {
            self.report.omit(line, queue, "a queue has one consumer; the last is carried over");
        }
    }

    fn read_queue(&mut self, id: &str, is_letter: bool) -> Option<String> {
        let mut resource = self.resources.remove(id)?;
        if resource.kind != "AWS::SQS::Queue" {
            self.resources.insert(id.to_owned(), resource);
            return None;
        }
        let delivery = self.deliveries.get(id).cloned();
        if delivery.is_none() && !is_letter {
            self.report.omit(resource.line, id, "nothing in the template takes its messages");
            return None;
        }
        let name = self.names.get(id).cloned().unwrap_or_else(|| id.to_owned());
        let properties = &mut resource.properties;
        properties.pass_over(&["QueueName", "Tags"]);
        match properties.take("FifoQueue") {
            Some(fifo) if fifo.is_true() => {}
            _ => self.report.omit(
                resource.line,
                id,
                "it becomes a FIFO queue: messages of one group are delivered in order",
            ),
        }
        let mut keys = Keys::default();
        for (theirs, ours) in
            [("VisibilityTimeout", "visibility_timeout"), ("MessageRetentionPeriod", "retention")]
        {
            let seconds = properties.number(theirs, &mut self.report);
            keys.maybe(ours, seconds.map(|seconds| format!("{seconds}s")));
        }
        if let Some(mut redrive) = properties.table("RedrivePolicy") {
            keys.maybe("max_receive_count", redrive.number("maxReceiveCount", &mut self.report));
            let line = redrive.line;
            let letter = redrive.take("deadLetterTargetArn");
            let letter = letter.as_ref().and_then(Value::resource).map(str::to_owned);
            let letter = letter.and_then(|letter| self.dead_letter(&letter));
            if letter.is_none() {
                let reason = "its dead-letter queue is not in the template";
                self.report.omit(line, redrive.path.clone(), reason);
            }
            keys.maybe("dead_letter", letter);
            redrive.finish(&mut self.report, |_| "gatewire has nothing like it");
        }
        if let Some((kind, target)) = delivery {
            keys.set("deliver_to", toml::Table::from_iter([(kind.to_owned(), target.into())]));
        }
        resource.properties.finish(&mut self.report, |key| match key {
            "ContentBasedDeduplication" | "DeduplicationScope" => {
                "message_deduplication_id of the integration says which messages are one"
            }
            _ => "gatewire has nothing like it",
        });
        self.draft.queues.push((name.clone(), keys));
        Some(name)
    }

    /// A queue for what was delivered too often; nobody has to take from it.
    fn dead_letter(&mut self, id: &str) -> Option<String> {
        if let Some(name) = self.queues.get(id) {
            return name.clone();
        }
        self.read_consumers(id);
        let name = self.read_queue(id, true);
        self.queues.insert(id.to_owned(), name.clone());
        name
    }
}
