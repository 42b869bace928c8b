//! AWS's signature of a request, version 4: of the method, the path, the query, the signed headers and the body, for one
//! day, region and service.

use hmac::{Hmac, Mac};
use loyalty::UtcMs;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// With what and for what is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    /// The key's id.
    pub key_id: &'a str,
    /// The key.
    pub secret: &'a str,
    /// `us-east-1`.
    pub region: &'a str,
    /// `bedrock`.
    pub service: &'a str,
    /// When.
    pub at: UtcMs,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hmac(key: &[u8], said: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of this kind can have any length");
    mac.update(said.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A text as a part of a path has it; with `slashes`, those stay.
#[must_use]
pub fn encoded(text: &str, slashes: bool) -> String {
    text.bytes().fold(String::new(), |mut to, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => to.push(char::from(byte)),
            b'/' if slashes => to.push('/'),
            // Writing to a text can't fail.
            _ => drop(write!(to, "%{byte:02X}")),
        }
        to
    })
}

impl Signing<'_> {
    /// The moment, as the header has it: `20150830T123600Z`.
    #[must_use]
    pub fn date(&self) -> String {
        self.at.utc().format("%Y%m%dT%H%M%SZ").to_string()
    }

    /// What stands in the header `authorization`. `path` is as it is sent, `headers` are all that are signed: names in small
    /// letters, in the alphabet's order.
    #[must_use]
    pub fn authorization(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> String {
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}:{}\n", value.trim()))
            .collect();
        // What was encoded to be sent is encoded once more, for all services but S3.
        let canonical = format!(
            "{method}\n{}\n{query}\n{lines}\n{names}\n{}",
            encoded(path, true),
            hex(&Sha256::digest(body))
        );
        let date = self.date();
        let day = &date[..8];
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let signed = format!(
            "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
            hex(&Sha256::digest(canonical.as_bytes()))
        );
        let key = [self.region, self.service, "aws4_request"]
            .iter()
            .fold(hmac(format!("AWS4{}", self.secret).as_bytes(), day), |key, part| {
                hmac(&key, part)
            });
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            self.key_id,
            hex(&hmac(&key, &signed))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNING: Signing<'_> = Signing {
        key_id: "AKIDEXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        region: "us-east-1",
        service: "service",
        at: UtcMs(1_440_938_160_000),
    };

    /// Vectors of AWS's published test suite.
    #[test]
    fn published_vectors_come_out() {
        let headers = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
        let sign = |method: &str, path: &str, query: &str| SIGNING.authorization(method, path, query, &headers, b"");
        assert_eq!(SIGNING.date(), "20150830T123600Z");
        assert_eq!(
            sign("GET", "/", ""),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
        assert!(sign("POST", "/", "").ends_with("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
        // get-space: the suite's path is not encoded when it is sent.
        assert!(
            sign("GET", "/example space/", "")
                .ends_with("652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")
        );
        assert!(
            sign("GET", "/", "Param1=value1&Param2=value2")
                .ends_with("b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")
        );
    }

    #[test]
    fn a_models_name_stands_in_the_path() {
        assert_eq!(encoded("anthropic.model-v1:0", false), "anthropic.model-v1%3A0");
        assert_eq!(encoded("/model/a%3A0/converse", true), "/model/a%253A0/converse");
    }
}
