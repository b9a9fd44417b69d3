//! Plain HTTP, as curl speaks it.

use crate::support::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find_map(|(key, value)| (key == name).then_some(value))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

/// Sends the request line and headers of `head`, and the body.
pub(crate) async fn request(server: &Server, head: &str, body: impl AsRef<[u8]>) -> Response {
    let mut socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let body = body.as_ref();
    let length = body.len();
    let request = format!(
        "{head}\r\nhost: {}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n",
        server.address
    );
    socket.write_all(&[request.as_bytes(), body].concat()).await.unwrap();
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Response { status, head: head.to_owned(), body: body.to_owned() }
}
