//! The spans of a queue's messages, in whatever process they are worked on.

#[cfg(feature = "serve")]
use std::collections::HashSet;

use gatewire::{Error, Result};

use super::{Kind, NewSpan, Parent, Span, TraceContext, Traced};
use crate::queue::Message;

/// One message that is worked on.
pub(crate) struct Consumption {
    span: Option<Box<dyn Span>>,
    context: Option<TraceContext>,
}

impl Consumption {
    /// The work on this message begins. It is part of the trace that the message carries.
    pub(crate) fn begin(tracer: &Traced, queue: &str, message: &Message) -> Self {
        Self::linked(tracer, queue, message, None)
    }

    fn linked(
        tracer: &Traced,
        queue: &str,
        message: &Message,
        batch: Option<TraceContext>,
    ) -> Self {
        let carried = TraceContext::from_attributes(&message.attributes);
        let span = tracer.as_ref().map(|tracer| {
            tracer.begin(
                NewSpan::messaging(Kind::Consumer, "process", queue)
                    .child_of(carried.clone().map(Parent::Remote))
                    .linked(batch)
                    .with("messaging.message.id", message.message_id.clone())
                    .with("gatewire.message.group", message.group.to_string())
                    .with("gatewire.message.receive_count", i64::from(message.receive_count)),
            )
        });
        let context = span.as_ref().and_then(|span| span.context().cloned()).or(carried);
        Self { span, context }
    }

    /// The place in the trace for whoever works on it.
    pub(crate) fn context(&self) -> Option<&TraceContext> {
        self.context.as_ref()
    }

    /// This has come of it.
    pub(crate) fn end<T>(mut self, result: &Result<T>) {
        if let Err(error) = result {
            self.fail(error);
        }
    }

    fn fail(&mut self, error: &Error) {
        if let Some(span) = &mut self.span {
            span.set("error.type", error.code().to_owned().into());
            span.fail(error.message());
        }
    }
}

/// Messages that one consumer gets together. Each is part of its own trace; several together are a
/// trace of their own, which is linked with those.
#[cfg(feature = "serve")]
pub(crate) struct Batch {
    each: Vec<Consumption>,
    whole: Option<Box<dyn Span>>,
}

#[cfg(feature = "serve")]
impl Batch {
    /// The work on these messages begins.
    pub(crate) fn begin(tracer: &Traced, queue: &str, messages: &[Message]) -> Self {
        let whole = tracer.as_ref().filter(|_| messages.len() > 1).and_then(|tracer| {
            let carried = messages
                .iter()
                .filter_map(|message| TraceContext::from_attributes(&message.attributes))
                .filter(TraceContext::is_sampled);
            let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
            let span = NewSpan::messaging(Kind::Consumer, "process", queue)
                .linked(carried)
                .with("messaging.batch.message_count", count);
            // A batch in which nothing is recorded is not recorded itself.
            (!span.links.is_empty()).then(|| tracer.begin(span))
        });
        let batch = whole.as_ref().and_then(|span| span.context().cloned());
        let each = messages
            .iter()
            .map(|message| Consumption::linked(tracer, queue, message, batch.clone()))
            .collect();
        Self { each, whole }
    }

    /// The place in a trace for who gets them; none for several that nobody records.
    pub(crate) fn context(&self) -> Option<&TraceContext> {
        match (&self.whole, &*self.each) {
            (Some(whole), _) => whole.context(),
            (None, [message]) => message.context(),
            (None, _) => None,
        }
    }

    /// This has come of it: the ids of the messages that failed, or why all did.
    pub(crate) fn end(mut self, answered: Result<&HashSet<String>, &String>, messages: &[Message]) {
        for (consumption, message) in self.each.iter_mut().zip(messages) {
            match answered {
                Ok(failed) if !failed.contains(&message.message_id) => {}
                Ok(_) => {
                    consumption.fail(&Error::new("batchItemFailure", "it was named as failed"));
                }
                Err(problem) => consumption.fail(&Error::new("batchFailure", problem.clone())),
            }
        }
        if let (Err(problem), Some(whole)) = (answered, &mut self.whole) {
            whole.set("error.type", "batchFailure".into());
            whole.fail(problem);
        }
    }
}
