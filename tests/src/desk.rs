//! A desk to work at: a virtual display of its own and WebKit's driver on it, both gone with the test.
//!
//! The driver is spoken to directly. `tauri-driver` on Linux only renames one option on the way to it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Width and height of the virtual display, more than any window needs.
const SCREEN: &str = "1600x1100x24";

/// How long the driver may take to start.
const STARTING: Duration = Duration::from_secs(60);
/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// A display with a driver.
pub struct Desk {
    display: String,
    port: u16,
    programs: Vec<Child>,
}

impl Desk {
    /// Sets one up.
    ///
    /// # Panics
    /// Where `Xvfb` or `WebKitWebDriver` is not installed.
    #[must_use]
    pub fn new() -> Self {
        let mut xvfb = start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"])
                .stdout(Stdio::piped()),
            "Xvfb (package xvfb)",
        );
        // Xvfb prints its number once it takes windows.
        let number = first_line(xvfb.stdout.take());
        let display = format!(":{number}");
        let port = free_port();
        let driver = start(
            Command::new("WebKitWebDriver")
                .args(["--host=127.0.0.1", &format!("--port={port}")])
                .env("DISPLAY", &display)
                .env_remove("WAYLAND_DISPLAY")
                .env("GDK_BACKEND", "x11")
                .env("TAURI_AUTOMATION", "true")
                .env("TAURI_WEBVIEW_AUTOMATION", "true")
                .env("REGULARS_SECRETS", "file")
                // A display without a graphics card.
                .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
                .env("LIBGL_ALWAYS_SOFTWARE", "1")
                .env("NO_AT_BRIDGE", "1")
                .env("LC_ALL", "en_US.UTF-8")
                .env("LANG", "en_US.UTF-8")
                .stdout(Stdio::null()),
            "WebKitWebDriver (package webkit2gtk-driver)",
        );
        Self {
            display,
            port,
            programs: vec![driver, xvfb],
        }
    }

    /// Where the driver listens.
    #[must_use]
    pub fn driver(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until the driver listens.
    ///
    /// # Panics
    /// Where it never does.
    pub async fn listening(&self) {
        let start = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(start.elapsed() < STARTING, "WebKitWebDriver does not listen");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The display's name, such as `:7`.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in &mut self.programs {
            // The whole group: the driver's own children (the app) end with it.
            let group = format!("-{}", child.id());
            let _ = Command::new("kill")
                .args(["-KILL", "--", &group])
                .stderr(Stdio::null())
                .status();
            let _ = child.wait();
        }
    }
}

fn start(command: &mut Command, what: &str) -> Child {
    command.process_group(0).stdin(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap_or_else(|e| panic!("can't start {what}: {e}"))
}

fn first_line(out: Option<impl std::io::Read>) -> String {
    let mut line = String::new();
    BufReader::new(out.expect("its output is a pipe"))
        .read_line(&mut line)
        .expect("it prints a line");
    line.trim().to_owned()
}

/// A port nobody has now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a loopback port")
        .port()
}
