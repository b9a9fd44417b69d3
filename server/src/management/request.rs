//! A request that may be answered.

use std::sync::Arc;

use axum::{
    body::BodyDataStream,
    extract::{FromRequest, FromRequestParts, OriginalUri, RawPathParams, Request},
    http::{Uri, request::Parts},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

#[cfg(feature = "serve")]
use super::signed::Signer;
use super::{Access, Problem, access, target::Target};
use crate::node::Node;

/// How much of a refused body is read and thrown away, in bytes. A caller who still writes when the
/// socket closes may lose the answer. The figure is ours.
const DISCARDED: usize = 8 * 1024 * 1024;

/// What a caller who may ask for it has asked for.
pub(super) struct Admitted<T> {
    pub(super) target: T,
    /// As it came over the wire.
    pub(super) uri: Uri,
    pub(super) body: Bytes,
}

impl<T: Target> FromRequest<Arc<Node>> for Admitted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, node: &Arc<Node>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let name = name(&mut parts).await;
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(&mut parts, &()).await;
        parts.uri = uri; // without the path of a router above taken away
        let mut body = body.into_data_stream();
        let admitted = admit::<T>(node, &parts, name.as_deref(), &mut body).await;
        if admitted.is_err() {
            discard(&mut body).await;
        }
        let (target, body) = admitted?;
        Ok(Self { target, uri: parts.uri, body })
    }
}

async fn admit<T: Target>(
    node: &Node,
    parts: &Parts,
    name: Option<&str>,
    body: &mut BodyDataStream,
) -> Result<(T, Bytes), Problem> {
    let limit = node.settings.load().limits.message;
    let name = name.unwrap_or_default();
    let body = match &*node.access.load_full() {
        Access::Loopback if access::is_neighbour(parts) => read(body, limit).await?,
        Access::Loopback => return Err(Problem::Forbidden),
        #[cfg(feature = "serve")]
        Access::Signed(keys) => {
            // First who it might be: nothing of a stranger's body is kept.
            let stage = node.stage.load_full();
            let signer = Signer::read(keys, parts, &stage)?;
            let body = read(body, limit).await?;
            signer.admit::<T>(&body, name)?;
            body
        }
    };
    Ok((T::parse(name)?, body))
}

/// The last segment of the path, decoded once; `None` when that is not UTF-8. A router above may
/// have parameters of its own.
async fn name(parts: &mut Parts) -> Option<String> {
    let parameters = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    parameters.iter().last().map(|(_, name)| name.to_owned())
}

async fn read(body: &mut BodyDataStream, limit: usize) -> Result<Bytes, Problem> {
    let mut read = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Problem::CutOff)?;
        if read.len() + chunk.len() > limit {
            return Err(Problem::TooLarge { limit });
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.freeze())
}

async fn discard(body: &mut BodyDataStream) {
    let mut discarded = 0;
    while let Some(Ok(chunk)) = body.next().await {
        discarded += chunk.len();
        if discarded > DISCARDED {
            return;
        }
    }
}
