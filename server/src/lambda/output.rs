//! What a function prints, line by line into the log.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// A line that is longer is logged in pieces, in bytes. Ours: what a process prints must not cost
/// more memory than this.
const LONGEST_LINE: usize = 8 * 1024;

/// Logs what comes from this stream of a function, until its end.
pub(super) async fn log(stream: impl AsyncRead + Unpin, which: &'static str, function: Arc<str>) {
    let write = |line: &str| {
        tracing::info!(target: "gatewire::function", %function, stream = which, "{line}");
    };
    if let Err(error) = lines(stream, write).await {
        tracing::debug!(%error, %function, stream = which, "the output cannot be read");
    }
}

/// Hands on every line, without its end; bytes that are no UTF-8 are replaced.
async fn lines(stream: impl AsyncRead + Unpin, mut write: impl FnMut(&str)) -> std::io::Result<()> {
    let mut stream = BufReader::with_capacity(LONGEST_LINE, stream);
    let mut line = Vec::new();
    loop {
        let read = stream.fill_buf().await?;
        if read.is_empty() {
            break;
        }
        let room = &read[..read.len().min(LONGEST_LINE - line.len())];
        let end = room.iter().position(|byte| *byte == b'\n');
        line.extend_from_slice(&room[..end.unwrap_or(room.len())]);
        let taken = end.map_or(room.len(), |end| end + 1);
        stream.consume(taken);
        if end.is_some() || line.len() == LONGEST_LINE {
            write_pieces(&line, &mut write);
            line.clear();
        }
    }
    if !line.is_empty() {
        write_pieces(&line, &mut write);
    }
    Ok(())
}

/// Runtimes put a carriage return where an error has a line end, so that it is one event on AWS.
fn write_pieces(line: &[u8], write: &mut impl FnMut(&str)) {
    String::from_utf8_lossy(line).trim_end_matches('\r').split('\r').for_each(write);
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Vec<String> {
        let mut all = Vec::new();
        lines(bytes, |line| all.push(line.to_owned())).await.unwrap();
        all
    }

    #[tokio::test]
    async fn lines_are_logged_whatever_they_hold() {
        assert_eq!(read(b"").await, [""; 0]);
        assert_eq!(read(b"one\ntwo\r\n\nlast").await, ["one", "two", "", "last"]);
        assert_eq!(read(b"ValueError\rTraceback\n").await, ["ValueError", "Traceback"]);
        assert_eq!(read(b"\xff\0\n").await, ["\u{fffd}\0"]);
    }

    #[tokio::test]
    async fn a_line_without_an_end_is_logged_in_pieces() {
        let mut text = vec![b'a'; 2 * LONGEST_LINE + 1];
        text.extend_from_slice(b"\nb\n");
        let lengths: Vec<usize> = read(&text).await.iter().map(String::len).collect();
        assert_eq!(lengths, [LONGEST_LINE, LONGEST_LINE, 1, 1]);
    }
}
