//! Hearing of news the moment another till's operation is committed: the relay's stream of events. It only says when to
//! sync; whatever is missed, the next sync tells.

use std::io::{BufRead, BufReader, Read};
use std::time::Duration;
use sync::wire::{LIVE_BEAT_S, LiveEvent};

use crate::{Client, Result};

/// A stream that is silent for so long is dead.
const SILENCE: Duration = Duration::from_secs(2 * LIVE_BEAT_S);
/// No event is longer; what is, is none of ours.
const LINE_BYTES_MAX: u64 = 4096;

/// Listens from `cursor` on until the stream ends or `hear` answers false.
///
/// # Errors
/// `Offline` where there is no stream.
pub fn listen(client: &Client, cursor: i64, hear: impl FnMut(LiveEvent) -> bool) -> Result<()> {
    let stream = client.stream(&format!("/v1/live?cursor={cursor}"), SILENCE)?;
    each(BufReader::new(stream), hear);
    Ok(())
}

/// Hands each event of a stream of server-sent events on, until its end, a cut, or a line that is too long.
fn each(mut stream: impl BufRead, mut hear: impl FnMut(LiveEvent) -> bool) {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = stream.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if read.is_err() || line.last() != Some(&b'\n') {
            return;
        }
        if let Some(event) = event(&line)
            && !hear(event)
        {
            return;
        }
    }
}

/// The event in a line; none in a comment, an empty line, or one that only a newer relay knows.
fn event(line: &[u8]) -> Option<LiveEvent> {
    serde_json::from_slice(line.strip_prefix(b"data:")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &[u8]) -> Vec<LiveEvent> {
        let mut all = Vec::new();
        each(text, |event| {
            all.push(event);
            all.len() < 3
        });
        all
    }

    #[test]
    fn hears_what_it_knows_and_passes_over_the_rest() {
        let text = b": hello\n\nevent: x\ndata: {\"event\":\"moved\",\"shop_seq\":7}\r\n\ndata: {\"event\":\"sung\"}\n\ndata:{\"event\":\"revoked\"}\n";
        assert_eq!(heard(text), [LiveEvent::Moved { shop_seq: 7 }, LiveEvent::Revoked]);
        assert_eq!(heard(b"data: {\"event\":\"revoked\"}"), [], "cut before its end");
        let many = b"data: {\"event\":\"revoked\"}\n".repeat(9);
        assert_eq!(heard(&many).len(), 3, "until it is told to stop");
    }

    #[test]
    fn whatever_comes_it_ends() {
        let mut endless = b"data: ".to_vec();
        endless.resize(1 << 20, b'a');
        assert_eq!(heard(&endless), []);
        let mut state = 1_u64;
        for _ in 0..2_000 {
            let mut noise = b"data:".to_vec();
            for _ in 0..50 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                noise.extend_from_slice(&state.to_be_bytes()[..2]);
            }
            heard(&noise);
        }
    }
}
