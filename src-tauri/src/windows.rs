//! The two windows: how they are made, and what they may show. What they may call is in `capabilities/`.

use std::sync::Arc;

use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent, Wry};

use crate::app::{Answer, App};
use crate::views::Failure;

const TILL: &str = "till";
const OWNER: &str = "owner";

/// Opens the counter. Closing it ends the app.
///
/// # Errors
/// Where the system gives no window.
pub fn open_till(handle: &AppHandle) -> tauri::Result<()> {
    let window = build(handle, TILL, "index.html", "Regulars")?;
    let handle = handle.clone();
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Destroyed) {
            handle.exit(0);
        }
    });
    Ok(())
}

/// Opens the owner's window, or brings it to the front.
///
/// # Errors
/// Where the system gives no window.
pub fn open_owner(handle: &AppHandle) -> Answer<()> {
    if let Some(window) = handle.get_webview_window(OWNER) {
        return window.unminimize().and_then(|()| window.set_focus()).map_err(failed);
    }
    let window = build(handle, OWNER, "owner.html", "Regulars: owner").map_err(failed)?;
    let app = Arc::clone(handle.state::<Arc<App>>().inner());
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Destroyed) {
            app.owner_closed();
        }
    });
    Ok(())
}

/// Closes the owner's window, if it is open.
///
/// # Errors
/// Where the system refuses.
pub fn close_owner(handle: &AppHandle) -> Answer<()> {
    handle
        .get_webview_window(OWNER)
        .map_or(Ok(()), |window| window.close().map_err(failed))
}

fn build(handle: &AppHandle, label: &str, page: &str, title: &str) -> tauri::Result<WebviewWindow<Wry>> {
    WebviewWindowBuilder::new(handle, label, WebviewUrl::App(page.into()))
        .title(title)
        .inner_size(1280.0, 800.0)
        .min_inner_size(1024.0, 768.0)
        // Files dropped on a page are the page's: the import screen takes them.
        .disable_drag_drop_handler()
        .on_navigation(is_ours)
        .build()
}

/// Whether a window may go to `url`: only to the pages inside the app.
fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: tauri::Error) -> Failure {
    Failure::io("", &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_stays_inside_the_app() {
        for (url, ours) in [
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/owner.html", true),
            ("https://example.com/", false),
            ("http://localhost:5173/", false),
            ("tauri://elsewhere/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,hello", false),
        ] {
            assert_eq!(is_ours(&url.parse().unwrap()), ours, "{url}");
        }
    }
}
