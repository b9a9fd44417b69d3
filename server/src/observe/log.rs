//! The access log: a line for each request, written by a thread of its own.
//!
//! A connection never waits for a disk: a line that finds no room is dropped, counted and told.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use super::{Ended, format::Format};

/// How many lines may wait for the writer; about a second's worth at 10,000 requests a second.
const WAITING: usize = 10_000;

/// How many bytes are gathered at most before they are written.
const BATCH: usize = 64 * 1024;

/// Where one stage's lines go, and what they look like.
#[derive(Clone, Debug)]
pub(crate) struct AccessLog {
    format: Format,
    lines: Lines,
}

/// The way to a [`Writer`].
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    waiting: SyncSender<String>,
    /// Since it was last told.
    dropped: Arc<AtomicU64>,
}

/// The thread that writes. It ends when nobody can give it lines any more.
#[derive(Debug)]
pub(crate) struct Writer(JoinHandle<()>);

impl AccessLog {
    pub(crate) fn new(format: Format, lines: Lines) -> Self {
        Self { format, lines }
    }

    /// Logs a request. Returns whether there was room for its line.
    pub(crate) fn log(&self, ended: &Ended<'_>) -> bool {
        let mut line = self.format.line(ended);
        line.push('\n');
        self.lines.push(line)
    }
}

impl Lines {
    fn push(&self, line: String) -> bool {
        let taken = self.waiting.try_send(line).is_ok();
        if !taken {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }
}

impl Writer {
    /// Appends to this file, which is made if there is none; without one, to standard output.
    pub(crate) fn open(file: Option<&Path>) -> io::Result<(Lines, Self)> {
        match file {
            Some(file) => {
                let file: File = OpenOptions::new().create(true).append(true).open(file)?;
                Self::start(file, WAITING)
            }
            None => Self::start(io::stdout(), WAITING),
        }
    }

    fn start(target: impl Write + Send + 'static, room: usize) -> io::Result<(Lines, Self)> {
        let (waiting, lines) = sync_channel(room);
        let dropped = Arc::new(AtomicU64::new(0));
        let missing = dropped.clone();
        let write = move || write(target, &lines, &missing);
        let thread = thread::Builder::new().name("access-log".to_owned()).spawn(write)?;
        Ok((Lines { waiting, dropped }, Self(thread)))
    }

    /// Whether it has written everything, and nobody can give it more.
    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Waits until everything is written. All [`Lines`] to it must be gone, or it never is.
    pub(crate) fn finish(self) {
        if self.0.join().is_err() {
            tracing::error!("the access log's writer has panicked");
        }
    }
}

/// One write for all lines that wait, so that lines of several writers to one file never mix.
fn write(mut target: impl Write, lines: &Receiver<String>, dropped: &AtomicU64) {
    while let Ok(first) = lines.recv() {
        let mut batch = first;
        while batch.len() < BATCH
            && let Ok(next) = lines.try_recv()
        {
            batch.push_str(&next);
        }
        if let Err(error) = target.write_all(batch.as_bytes()).and_then(|()| target.flush()) {
            tracing::error!(%error, lines = batch.lines().count(), "the access log loses lines");
        }
        let dropped = dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(dropped, "the access log is too slow; lines are dropped");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::mpsc};

    use super::*;

    #[test]
    fn lines_are_appended_and_all_of_them_are_there_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("access.log");
        for round in ["first", "second"] {
            let (lines, writer) = Writer::open(Some(&file)).unwrap();
            for number in 0..1_000 {
                assert!(lines.push(format!("{round} {number}\n")));
            }
            drop(lines);
            writer.finish();
        }
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count(), 2_000);
        assert_eq!(text.lines().next(), Some("first 0"));
        assert_eq!(text.lines().last(), Some("second 999"));
    }

    /// A disk that waits for leave.
    struct Slow(mpsc::Receiver<()>, mpsc::Sender<()>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _gone = self.1.send(());
            let _gone = self.0.recv();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_without_room_is_dropped_and_counted() {
        let (leave, asked) = mpsc::channel();
        let (told, writing) = mpsc::channel();
        let (lines, writer) = Writer::start(Slow(asked, told), 2).unwrap();
        assert!(lines.push("1\n".to_owned()));
        writing.recv().unwrap(); // the first is with the disk, so two have room
        let taken = [(); 4].map(|()| lines.push("x\n".to_owned()));
        assert_eq!(taken, [true, true, false, false]);
        assert_eq!(lines.dropped.load(Ordering::Relaxed), 2);
        drop((leave, lines));
        writer.finish();
    }
}
