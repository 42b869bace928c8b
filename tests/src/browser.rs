//! The app's window through WebDriver: pressing, typing, reading, and waiting for what should come.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::desk::Desk;
use crate::programs;

/// How long anything may take before a test gives up: generous, because nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a window may take to come up, on a machine that starts one for the first time.
const OPENING: Duration = Duration::from_secs(150);
/// Held by the first window of a run until it is up.
static FIRST: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
static OPENED: AtomicBool = AtomicBool::new(false);
/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// WebDriver's code points for keys.
pub mod key {
    /// Enter.
    pub const ENTER: char = '\u{e007}';
    /// Escape.
    pub const ESCAPE: char = '\u{e00c}';
    /// Tab.
    pub const TAB: char = '\u{e004}';
    /// Arrow right.
    pub const RIGHT: char = '\u{e014}';
    /// The function key F2.
    pub const F2: char = '\u{e032}';
    /// Arrow down.
    pub const DOWN: char = '\u{e015}';
    /// Shift, left.
    pub const SHIFT: char = '\u{e008}';
    /// Control, left.
    pub const CONTROL: char = '\u{e009}';
    /// Backspace.
    pub const BACKSPACE: char = '\u{e003}';
}

/// The app's window.
pub struct Window {
    /// The WebDriver client, for what is not here.
    pub client: Client,
}

impl Window {
    /// Starts the app on a data folder.
    ///
    /// # Panics
    /// Where it does not come up.
    pub async fn open(desk: &Desk, data: &Path) -> Self {
        Self::open_program(desk, &programs::built("regulars"), &json!(["--data", data])).await
    }

    /// Starts a program with a window that has a page with something in `#app`.
    ///
    /// # Panics
    /// Where it does not come up.
    pub async fn open_program(desk: &Desk, binary: &Path, args: &Value) -> Self {
        let options = json!({ "webkitgtk:browserOptions": { "binary": binary, "args": args } });
        // The first window of a run reads every library from the disk and makes the caches of fonts and the like: it
        // comes up alone. Those after it find all that.
        let first = FIRST.lock().await;
        let alone = (!OPENED.load(Ordering::Acquire)).then_some(first);
        desk.listening().await;
        let window = Self::connect(&desk.driver(), options).await;
        // A script that is asked of the empty page before this one would never be answered.
        window.find_within("#app *", OPENING).await;
        OPENED.store(true, Ordering::Release);
        drop(alone);
        window
    }

    /// Asks a driver for a window, once only: an app that is slow to come up would still be there, and be in the way
    /// of a second.
    pub(crate) async fn connect(driver: &str, options: Value) -> Self {
        let http = hyper_util::client::legacy::connect::HttpConnector::new();
        let capabilities = options.as_object().expect("an object").clone();
        let mut builder = ClientBuilder::new(http);
        let connecting = builder.capabilities(capabilities).connect(driver);
        match tokio::time::timeout(OPENING, connecting).await {
            Ok(Ok(client)) => Self { client },
            Ok(Err(e)) => panic!("the window does not open: {e}"),
            Err(_) => panic!("the driver does not answer for {} s", OPENING.as_secs()),
        }
    }

    /// Closes the app.
    ///
    /// # Panics
    /// Where the driver is gone.
    pub async fn close(self) {
        self.client.close().await.expect("the window closes");
    }

    /// Waits for the element with this `data-testid`.
    ///
    /// # Panics
    /// When patience runs out.
    pub async fn see(&self, id: &str) -> Element {
        self.find(&format!("[data-testid=\"{id}\"]")).await
    }

    /// Waits for what this CSS selector names, shown.
    ///
    /// # Panics
    /// When patience runs out.
    pub async fn find(&self, css: &str) -> Element {
        self.find_within(css, PATIENCE).await
    }

    async fn find_within(&self, css: &str, patience: Duration) -> Element {
        let start = Instant::now();
        loop {
            if let Ok(element) = self.client.find(Locator::Css(css)).await
                && element.is_displayed().await.unwrap_or(false)
            {
                return element;
            }
            if start.elapsed() > patience {
                panic!("no {css} on the page; it shows:\n{}", self.page().await);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Whether the element with this `data-testid` is on the page now.
    pub async fn has(&self, id: &str) -> bool {
        self.client
            .find(Locator::Css(&format!("[data-testid=\"{id}\"]")))
            .await
            .is_ok()
    }

    /// Waits until the element with this `data-testid` says nothing, or is gone.
    ///
    /// # Panics
    /// When patience runs out.
    pub async fn silent(&self, id: &str) {
        let start = Instant::now();
        while !self.text(id).await.is_empty() {
            assert!(
                start.elapsed() < PATIENCE,
                "{id} stays; the page shows:\n{}",
                self.page().await
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the text of the element with this `data-testid` holds `words`.
    ///
    /// # Panics
    /// When patience runs out.
    pub async fn reads(&self, id: &str, words: &str) {
        let start = Instant::now();
        loop {
            let text = self.text(id).await;
            if text.contains(words) {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{id} does not say {words:?} but {text:?}; the page shows:\n{}",
                self.page().await
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the number at the beginning of the element with this `data-testid` is `number`: 112 is no 12.
    ///
    /// # Panics
    /// When patience runs out.
    pub async fn counts(&self, id: &str, number: &str) {
        let start = Instant::now();
        while self.text(id).await.split_whitespace().next() != Some(number) {
            assert!(
                start.elapsed() < PATIENCE,
                "{id} is not {number}; the page shows:\n{}",
                self.page().await
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The text of the element with this `data-testid` now; empty where it is not there. Asked of the page itself: the
    /// driver takes text that may be cut off with an ellipsis for hidden.
    pub async fn text(&self, id: &str) -> String {
        let script = "return document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.innerText ?? ''";
        let text = self.client.execute(script, vec![json!(id)]).await;
        text.ok()
            .and_then(|t| t.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Presses the button with this `data-testid`.
    ///
    /// # Panics
    /// Where there is none to press.
    pub async fn press(&self, id: &str) {
        let start = Instant::now();
        loop {
            let element = self.see(id).await;
            match element.click().await {
                Ok(()) => return,
                // It moved or was drawn anew between being seen and being pressed.
                Err(e) => assert!(start.elapsed() < PATIENCE, "can't press {id}: {e}"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Replaces the text of the field with this `data-testid`.
    ///
    /// # Panics
    /// Where it takes none.
    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.see(id).await;
        field.clear().await.expect("the field is cleared");
        // The driver refuses to type nothing.
        if text.is_empty() {
            return;
        }
        field.send_keys(text).await.expect("the field takes text");
    }

    /// Types on the keyboard, to whatever has the focus.
    ///
    /// # Panics
    /// Where the driver refuses.
    pub async fn keys(&self, keys: &str) {
        self.keys_every(keys, Duration::from_millis(60)).await;
    }

    /// Types with this pause behind each key: short as a scanner's, or long as a person's.
    ///
    /// # Panics
    /// Where the driver refuses.
    pub async fn keys_every(&self, keys: &str, pause: Duration) {
        let mut actions = KeyActions::new("keyboard".into());
        for value in keys.chars() {
            actions = actions
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value })
                .then(KeyAction::Pause { duration: pause });
        }
        self.client.perform_actions(actions).await.expect("the keyboard works");
    }

    /// Presses a key while Control is held.
    ///
    /// # Panics
    /// Where the driver refuses.
    pub async fn control(&self, value: char) {
        let actions = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value: key::CONTROL })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: key::CONTROL });
        self.client.perform_actions(actions).await.expect("the keyboard works");
    }

    /// Calls a command of the app as a page would; answers `{ok: …}` or `{err: …}`.
    ///
    /// # Panics
    /// Where scripts can't run.
    pub async fn invoke(&self, command: &str, args: Value) -> Value {
        let script = "const [command, args, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, args).then((ok) => done({ ok }), (err) => done({ err }));";
        self.client
            .execute_async(script, vec![json!(command), args])
            .await
            .expect("the page runs scripts")
    }

    /// Runs a script's body; answers what it returns.
    ///
    /// # Panics
    /// Where it throws.
    pub async fn run(&self, script: &str, args: Vec<Value>) -> Value {
        self.client.execute(script, args).await.expect("the script runs")
    }

    /// Goes to the other window, once there is one.
    ///
    /// # Panics
    /// When patience runs out.
    pub async fn other_window(&self) {
        let here = self.client.window().await.expect("this window");
        let start = Instant::now();
        loop {
            let all = self.client.windows().await.expect("windows");
            if let Some(other) = all.into_iter().find(|w| *w != here) {
                return self.client.switch_to_window(other).await.expect("the other window");
            }
            assert!(
                start.elapsed() < PATIENCE,
                "there is no other window; this one shows:\n{}",
                self.page().await
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Sets the window's size.
    ///
    /// # Panics
    /// Where the driver refuses.
    pub async fn size(&self, width: u32, height: u32) {
        self.client
            .set_window_size(width, height)
            .await
            .expect("the window can be sized");
    }

    /// Keeps a picture of the window where `REGULARS_SCREENSHOTS` asks for them.
    ///
    /// # Panics
    /// Where it can't be written.
    pub async fn picture(&self, name: &str) {
        let Some(dir) = std::env::var_os("REGULARS_SCREENSHOTS").map(PathBuf::from) else {
            return;
        };
        std::fs::create_dir_all(&dir).expect("a folder for pictures");
        // The driver waits for the next frame, and a page on which nothing moves never paints one: a dot that nobody
        // sees changes while it waits.
        let start = "const dot = document.body.appendChild(document.createElement('i'));
            dot.id = 'frame-maker';
            dot.style.cssText = 'position: fixed; left: 0; top: 0; width: 1px; height: 1px';
            let n = 0;
            window.frameMaker = setInterval(() => { dot.style.background = `rgb(128 128 128 / ${1 + (++n % 2)}%)` }, 30);";
        self.run(start, vec![]).await;
        let png = self.client.screenshot().await.expect("a picture");
        let end = "clearInterval(window.frameMaker); document.getElementById('frame-maker').remove()";
        self.run(end, vec![]).await;
        std::fs::write(dir.join(format!("{name}.png")), png).expect("a picture is written");
    }

    async fn page(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(e) => format!("(nothing: {e})"),
        }
    }
}
