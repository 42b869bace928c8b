//! A friend's phone: the machine's own Chromium, without a display, dressed as a phone, and its driver. Both go with it.

use serde_json::json;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::browser::Window;

const AGENT: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36";

/// Chromium's driver, which starts the browser.
pub struct Phone {
    driver: Child,
    /// Kept open: the driver ends when it can't write.
    _says: BufReader<ChildStdout>,
    port: u16,
}

impl Phone {
    /// Starts the driver on a port that it chooses.
    ///
    /// # Panics
    /// Where `chromedriver` is not installed.
    #[must_use]
    pub fn new() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("can't start chromedriver (package chromium-driver): {e}"));
        // "… was started successfully on port 41235."
        let mut says = BufReader::new(driver.stdout.take().expect("its output is a pipe"));
        let port = says
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.rsplit_once("successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .parse()
                    .ok()
            })
            .expect("the driver says where it listens");
        Self {
            driver,
            _says: says,
            port,
        }
    }

    /// Opens the browser on a page.
    ///
    /// # Panics
    /// Where it does not come up.
    pub async fn open(&self, address: &str) -> Window {
        let screen = json!({"deviceMetrics": {"width": 412, "height": 915, "pixelRatio": 2.0}, "userAgent": AGENT});
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ];
        let options = json!({"goog:chromeOptions": {"args": args, "mobileEmulation": screen}});
        let driver = format!("http://127.0.0.1:{}", self.port);
        let window = Window::connect(&driver, options).await;
        window.client.goto(address).await.expect("the page is loaded");
        window
    }
}

impl Default for Phone {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        // The whole group: the browser ends with its driver.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
        let _ = self.driver.wait();
    }
}
