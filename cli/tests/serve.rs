//! `gatewire serve`, as a process: what it prints, how it answers, how it ends.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

const FILE: &str = r#"
[server]
listen = "127.0.0.1:0"
drain = "1s"
[stages.prod]
[routes."$connect"]
integration = "door"
[integrations.door]
type = "mock"
request_templates = { "$default" = '{"statusCode":403}' }
[[integrations.door.responses]]
key = "$default"
"#;

struct Served {
    child: Child,
    output: BufReader<ChildStdout>,
    folder: TempDir,
    address: String,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("gateway.toml"), FILE).unwrap();
        let mut child = Command::new(cargo_bin("gatewire"))
            .arg("serve")
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert!(output.read_line(&mut line).unwrap() > 0, "it ended without an address");
            if let Some((_, rest)) = line.split_once("ws://") {
                break rest.split('/').next().unwrap().to_owned();
            }
        };
        Self { child, output, folder, address }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// The status of a handshake at the stage.
    fn handshake(&self) -> String {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        let request = "GET /prod HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                       Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: q2J0bW5vcHFyc3R1dnd4eQ==\r\n\r\n";
        socket.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(socket).read_line(&mut line).unwrap();
        line.split(' ').nth(1).unwrap().to_owned()
    }

    fn log_line_with(&mut self, words: &str) -> String {
        let log = self.child.stderr.as_mut().unwrap();
        for line in BufReader::new(log).lines() {
            let line = line.unwrap();
            if line.contains(words) {
                return line;
            }
        }
        panic!("the log ended without {words:?}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn it_serves_until_it_is_asked_to_end() {
    let mut served = Served::start();
    assert_eq!(served.handshake(), "403");
    served.signal("-TERM");
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    served.output.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("/@connections/"), "{rest}");
}

#[test]
fn a_hangup_has_the_file_read_again_and_a_wrong_file_changes_nothing() {
    let mut served = Served::start();
    let file = served.folder.path().join("gateway.toml");
    fs::write(&file, FILE.replace("403", "401")).unwrap();
    served.signal("-HUP");
    served.log_line_with("the file is taken over");
    assert_eq!(served.handshake(), "401");
    fs::write(&file, FILE.replace("mock", "mick")).unwrap();
    served.signal("-HUP");
    served.log_line_with("the file is not taken over");
    assert_eq!(served.handshake(), "401");
}

#[test]
fn it_refuses_to_start_on_a_file_with_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("gateway.toml"), FILE.replace("mock", "mick")).unwrap();
    let ended =
        Command::new(cargo_bin("gatewire")).arg("serve").current_dir(folder.path()).output();
    let ended = ended.unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let log = String::from_utf8(ended.stderr).unwrap();
    assert!(log.contains("gateway.toml:9: integrations.door.type"), "{log}");
}
