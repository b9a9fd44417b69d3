//! Answers the drill and counts aloud, so that whoever listens can tell what was lost. A benchmark
//! asks it not to count, and not to hurry whoever is silent meanwhile.
//!
//! In its data folder it keeps what it ran (`ran`, a line each: the action and its number) and how
//! far it has counted (`counted`).

use std::{
    error::Error,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use clap::Parser;
use drill::{Done, Drill, Keep, Note, Tick, Work};
use gatewire::{ConnectionId, Context, Handle, Outbox, Result};
use gatewire_server::{Fifo, Gateway, Store, serve, shutdown_signal};
use tokio::{net::TcpListener, time::interval};

/// Everybody is in it.
const EVERYBODY: &str = "everybody";

/// How fast it counts.
const BEAT: Duration = Duration::from_millis(20);

/// As short as clients take, so that a socket which is half open is found out soon.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The server of the fault test.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder for the store and the notes; it must be there.
    #[arg(long)]
    data: PathBuf,
    /// Tells nobody anything, and has the usual heartbeat.
    #[arg(long)]
    quiet: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { data, quiet } = Arguments::parse();
    let store = Store::open(data.join("store.redb"))?;
    let app = App { ran: Arc::new(Notes::open(&data.join("ran"))?) };
    let gateway = Gateway::<Drill>::new(app)
        .store(&store)
        .forward::<Keep>(Fifo::queue("keep").group_by(|keep| &keep.lane))
        .on_connect(async |cx: Context<Drill>| Ok(cx.join(EVERYBODY).await?));
    let gateway = if quiet { gateway } else { gateway.heartbeat(HEARTBEAT) }.start()?;
    let counting = (!quiet).then(|| tokio::spawn(count(data.join("counted"), gateway.outbox())));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?; // whoever waits for the line reads it through a pipe
    let stop = async { drop(shutdown_signal().await) };
    serve(listener, gateway.router("/ws"), &gateway, stop).await?;
    match counting {
        Some(counting) => Ok(counting.await??),
        None => Ok(()),
    }
}

struct App {
    ran: Arc<Notes>,
}

impl Handle<Work> for App {
    async fn handle(&self, work: Work, _: Context<Drill>) -> Result<Done> {
        self.ran.note("work", work.number)?;
        Ok(Done { number: work.number })
    }
}

impl Handle<Keep> for App {
    async fn handle(&self, keep: Keep, _: Context<Drill>) -> Result<Done> {
        self.ran.note("keep", keep.number)?;
        Ok(Done { number: keep.number })
    }
}

impl Handle<Note> for App {
    async fn handle(&self, note: Note, _: Context<Drill>) -> Result<Note> {
        Ok(note)
    }
}

/// What was run, in a file that a killed process leaves whole.
struct Notes(Mutex<File>);

impl Notes {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(OpenOptions::new().create(true).append(true).open(path)?)))
    }

    fn note(&self, action: &str, number: u32) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{action} {number}\n").as_bytes()) // one write, so it is whole
    }
}

/// Tells everybody the next number, until the gateway stops. A number is noted before it is told, so
/// that a process which is killed in between leaves a hole, and never tells a number twice; one that
/// was not taken is left to the next process.
async fn count(path: PathBuf, outbox: Arc<dyn Outbox>) -> io::Result<()> {
    let told = fs::read_to_string(&path).unwrap_or_default();
    let mut number: u32 = told.parse().unwrap_or(0);
    let draft = path.with_extension("draft");
    // The connection is nobody's: only the group is used.
    let cx = Context::<Drill>::new(ConnectionId::from_bytes([0; 11]), outbox);
    let mut beat = interval(BEAT);
    loop {
        beat.tick().await;
        number += 1;
        fs::write(&draft, number.to_string())?;
        fs::rename(&draft, &path)?;
        if cx.post_to_group(EVERYBODY, Tick { number }).await.is_err() {
            return fs::write(&path, (number - 1).to_string());
        }
    }
}
