//! Pebble, Let's Encrypt's test server: an ACME server of our own for one test, and what it needs
//! around it.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener as Probe},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    process::{Child, Command},
    sync::watch,
};

use crate::tls::install_provider;

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A running server. It looks for every name at [`Door`]'s port of this machine, and forgets
/// everything with its end.
pub(super) struct Pebble {
    child: Child,
    folder: TempDir,
    port: u16,
    management: u16,
}

impl Pebble {
    pub(super) async fn start(door: &Door) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed([LOOPBACK.to_string()]).unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("cert.pem"), made.cert.pem()).unwrap();
        fs::write(file("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let names = serve_names().await;
        // It cannot be told to take any port that is free, so another may be faster.
        loop {
            let [port, management] = free_ports();
            let config = json!({ "pebble": {
                "listenAddress": format!("{LOOPBACK}:{port}"),
                "managementListenAddress": format!("{LOOPBACK}:{management}"),
                "certificate": file("cert.pem"),
                "privateKey": file("key.pem"),
                "httpPort": 1,
                "tlsPort": door.port,
            }});
            fs::write(file("config.json"), config.to_string()).unwrap();
            let mut child = Command::new("pebble")
                .args(["-config", "config.json", "-dnsserver", &names.to_string()])
                .current_dir(folder.path())
                .env("PEBBLE_VA_NOSLEEP", "1")
                // By default chance decides about both.
                .env("PEBBLE_WFE_NONCEREJECT", "0")
                .env("PEBBLE_AUTHZREUSE", "100")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .unwrap_or_else(|error| panic!("{}", no_pebble(&error)));
            if both_listen(&mut child, [port, management]).await {
                return Self { child, folder, port, management };
            }
        }
    }

    pub(super) fn directory(&self) -> String {
        format!("https://{LOOPBACK}:{}/dir", self.port)
    }

    /// The certificate that it shows itself, to be trusted by those who ask it.
    pub(super) fn own_certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// The root of the certificates that it gives, in PEM.
    pub(super) async fn root(&self) -> Vec<u8> {
        let own = fs::read(self.own_certificate()).unwrap();
        let own = reqwest::Certificate::from_pem(&own).unwrap();
        install_provider();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([own]).build().unwrap();
        let url = format!("https://{LOOPBACK}:{}/roots/0", self.management);
        client.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
    }

    pub(super) async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}

fn no_pebble(error: &io::Error) -> String {
    format!(
        "Pebble, the test server for ACME, does not start ({error}); \
         `./dev test` installs it, or `apt-get install pebble`"
    )
}

fn free_ports() -> [u16; 2] {
    let probes = [(); 2].map(|()| Probe::bind((LOOPBACK, 0)).unwrap());
    probes.each_ref().map(|probe| probe.local_addr().unwrap().port())
}

/// Whether it listens; else it has ended.
async fn both_listen(child: &mut Child, ports: [u16; 2]) -> bool {
    for port in ports {
        while TcpStream::connect((LOOPBACK, port)).await.is_err() {
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            // Its log tells of both ports before they are open: there is nothing to wait for.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    child.try_wait().unwrap().is_none()
}

/// The port that the server looks for names at. Who comes is let through to the gateway, or turned
/// away as long as there is none.
pub(super) struct Door {
    port: u16,
    gateway: watch::Sender<Option<SocketAddr>>,
}

impl Door {
    pub(super) async fn closed() -> Self {
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (gateway, open) = watch::channel(None);
        tokio::spawn(async move {
            loop {
                let (mut visitor, _) = listener.accept().await.unwrap();
                let Some(gateway) = *open.borrow() else { continue };
                tokio::spawn(async move {
                    let mut gateway = TcpStream::connect(gateway).await.unwrap();
                    tokio::io::copy_bidirectional(&mut visitor, &mut gateway).await
                });
            }
        });
        Self { port, gateway }
    }

    pub(super) fn open(&self, gateway: SocketAddr) {
        self.gateway.send_replace(Some(gateway));
    }
}

/// A DNS server to which every name is this machine (RFC 1035, section 4).
async fn serve_names() -> SocketAddr {
    const HEADER: usize = 12;
    let socket = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 512];
        loop {
            let (length, asker) = socket.recv_from(&mut packet).await.unwrap();
            let name = packet[HEADER..length].iter().position(|byte| *byte == 0).unwrap();
            let question = &packet[HEADER..HEADER + name + 5];
            let is_for_ipv4 = question[name + 1..name + 3] == [0, 1];
            let mut answer = packet[..2].to_vec(); // its number
            answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_for_ipv4), 0, 0, 0, 0]);
            answer.extend(question);
            if is_for_ipv4 {
                // The name of the question, IPv4, for a minute, four bytes.
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
                answer.extend(LOOPBACK.octets());
            }
            socket.send_to(&answer, asker).await.unwrap();
        }
    });
    address
}
