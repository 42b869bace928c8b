//! Amazon SNS: whether a message is Amazon's, by the signature over the documented string and the certificate that the
//! message names, which must be at SNS's own host; and whether it is of the shop's topic. What SES says in it is in `ses`.
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use loyalty::UtcMs;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use std::sync::Arc;
use url::Url;

use super::Hooks;
use super::open::NotOpen;

/// SNS tries for an hour; what is a day old is no news.
const OLDEST_MS: i64 = UtcMs::DAY_MS;
/// How far Amazon's clock may be ahead.
const AHEAD_MS: i64 = 5 * 60_000;

/// A message as it is posted.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Message {
    r#type: String,
    /// The same when it is sent again.
    pub message_id: String,
    topic_arn: String,
    /// What is told.
    pub message: String,
    subject: Option<String>,
    token: Option<String>,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    cert_url: String,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
}

/// What a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It tells something.
    Notification,
    /// It asks whether messages are wanted: say so at this address.
    Subscribe(Url),
    /// The shop gets no more of them.
    Unsubscribed,
}

/// Why a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    /// It is not one.
    NotOne(&'static str),
    /// It is not Amazon's, or not of this topic. The word is for the log.
    NotBelieved(&'static str),
    /// Amazon could not be asked.
    Later(NotOpen),
}

/// A topic's name, taken apart: `arn:aws:sns:us-east-1:123456789012:bounces`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    host: String,
}

impl Topic {
    /// Reads it.
    #[must_use]
    pub fn read(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", partition, "sns", region, account, name] = parts[..] else {
            return None;
        };
        let end = match partition {
            "aws" | "aws-us-gov" => "amazonaws.com",
            "aws-cn" => "amazonaws.com.cn",
            _ => return None,
        };
        let label = |text: &str| {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            (3..=32).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-') && !text.ends_with('-')
        };
        let account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let named = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let name = (1..=256).contains(&name.len()) && name.bytes().all(named);
        (label(region) && account && name).then(|| Self {
            host: format!("sns.{region}.{end}"),
        })
    }

    /// Whether an address is at SNS, in the topic's own region, and nowhere else.
    fn pinned(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
        (url.scheme() == "https" && plain && url.host_str() == Some(&self.host)).then_some(url)
    }
}

/// A certificate's key, and when it is good.
pub struct Certificate {
    key: Vec<u8>,
    from: i64,
    until: i64,
}

impl Certificate {
    /// Reads one (PEM).
    #[must_use]
    pub fn read(pem: &[u8]) -> Option<Self> {
        let (_, pem) = x509_parser::pem::parse_x509_pem(pem).ok()?;
        let certificate = pem.parse_x509().ok()?;
        let validity = certificate.validity();
        Some(Self {
            key: certificate.public_key().subject_public_key.data.to_vec(),
            from: validity.not_before.timestamp().saturating_mul(1000),
            until: validity.not_after.timestamp().saturating_mul(1000),
        })
    }

    fn is_good(&self, now: UtcMs) -> bool {
        (self.from..=self.until).contains(&now.0)
    }
}

impl Message {
    /// Reads one.
    ///
    /// # Errors
    /// [`No::NotOne`].
    pub fn read(body: &[u8]) -> Result<Self, No> {
        serde_json::from_slice(body).map_err(|_| No::NotOne("not SNS's JSON"))
    }

    /// The string that is signed: names and values, a line each, in this order.
    fn signed(&self) -> Option<String> {
        let optional = |name: &'static str, value: &Option<String>| value.clone().map(|value| (name, value));
        let all = match self.r#type.as_str() {
            "Notification" => vec![
                Some(("Message", self.message.clone())),
                Some(("MessageId", self.message_id.clone())),
                optional("Subject", &self.subject),
                Some(("Timestamp", self.timestamp.clone())),
                Some(("TopicArn", self.topic_arn.clone())),
                Some(("Type", self.r#type.clone())),
            ],
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => vec![
                Some(("Message", self.message.clone())),
                Some(("MessageId", self.message_id.clone())),
                Some(("SubscribeURL", self.subscribe_url.clone()?)),
                Some(("Timestamp", self.timestamp.clone())),
                Some(("Token", self.token.clone()?)),
                Some(("TopicArn", self.topic_arn.clone())),
                Some(("Type", self.r#type.clone())),
            ],
            _ => return None,
        };
        let lines = all.into_iter().flatten();
        Some(lines.map(|(name, value)| format!("{name}\n{value}\n")).collect())
    }

    /// Believes it: of this topic, signed with a certificate from SNS itself, and not old.
    ///
    /// # Errors
    /// [`No`].
    pub async fn believe(&self, hooks: &Hooks, topic: &str, now: UtcMs) -> Result<Purpose, No> {
        // Before anything is fetched: whoever does not know the topic makes the relay ask nobody.
        if self.topic_arn != topic {
            return Err(No::NotBelieved("topic"));
        }
        let place = Topic::read(topic).ok_or(No::NotBelieved("topic"))?;
        let signed = self.signed().ok_or(No::NotOne("type"))?;
        let algorithm: &dyn VerificationAlgorithm = match self.signature_version.as_str() {
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(No::NotBelieved("signature version")),
        };
        let at = chrono::DateTime::parse_from_rfc3339(&self.timestamp).map_err(|_| No::NotBelieved("time"))?;
        if !(now.0 - OLDEST_MS..=now.0 + AHEAD_MS).contains(&at.timestamp_millis()) {
            return Err(No::NotBelieved("time"));
        }
        let url = place.pinned(&self.cert_url).filter(is_certificate);
        let url = url.ok_or(No::NotBelieved("certificate's host"))?;
        let certificate = certificate(hooks, &url).await?;
        let signature = STANDARD
            .decode(&self.signature)
            .map_err(|_| No::NotBelieved("signature"))?;
        let key = UnparsedPublicKey::new(algorithm, &certificate.key);
        if !certificate.is_good(now) || key.verify(signed.as_bytes(), &signature).is_err() {
            return Err(No::NotBelieved("signature"));
        }
        match (self.r#type.as_str(), &self.subscribe_url) {
            ("Notification", _) => Ok(Purpose::Notification),
            ("SubscriptionConfirmation", Some(url)) => {
                let url = place.pinned(url).ok_or(No::NotBelieved("subscription's host"))?;
                Ok(Purpose::Subscribe(url))
            }
            _ => Ok(Purpose::Unsubscribed),
        }
    }
}

/// Whether an address at SNS can be a certificate's.
fn is_certificate(url: &Url) -> bool {
    let file = url.path().strip_prefix("/SimpleNotificationService-");
    let file = file.and_then(|rest| rest.strip_suffix(".pem"));
    let good = file.is_some_and(|id| id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    good && url.query().is_none() && url.fragment().is_none()
}

async fn certificate(hooks: &Hooks, url: &Url) -> Result<Arc<Certificate>, No> {
    if let Some(kept) = hooks.certificates.get(url.as_str()) {
        return Ok(kept);
    }
    let pem = hooks.open.get(url).await.map_err(No::Later)?;
    let read = Certificate::read(&pem).ok_or(No::Later(NotOpen("no certificate")))?;
    let read = Arc::new(read);
    hooks.certificates.insert(url.to_string(), read.clone());
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    const ARN: &str = "arn:aws:sns:us-east-1:123456789012:bounces";

    #[test]
    fn topics_are_read_and_name_their_host() {
        let host = |arn: &str| Topic::read(arn).map(|topic| topic.host);
        assert_eq!(host(ARN).as_deref(), Some("sns.us-east-1.amazonaws.com"));
        let china = host("arn:aws-cn:sns:cn-north-1:123456789012:b");
        assert_eq!(china.as_deref(), Some("sns.cn-north-1.amazonaws.com.cn"));
        for wrong in [
            "",
            "bounces",
            "arn:aws:sqs:us-east-1:123456789012:bounces",
            "arn:aws:sns:us-east-1.evil.example:123456789012:bounces",
            "arn:aws:sns:us-east-1:1234:bounces",
            "arn:aws:sns:us-east-1:123456789012:a:b",
            "arn:elsewhere:sns:us-east-1:123456789012:bounces",
            "arn:aws:sns:-x-:123456789012:bounces",
        ] {
            assert_eq!(host(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn no_address_but_sns_own_is_opened() {
        let topic = Topic::read(ARN).unwrap();
        let file = "SimpleNotificationService-0123abcd.pem";
        let good = format!("https://sns.us-east-1.amazonaws.com/{file}");
        assert!(topic.pinned(&good).is_some_and(|url| is_certificate(&url)));
        for wrong in [
            format!("http://sns.us-east-1.amazonaws.com/{file}"),
            format!("https://sns.us-east-1.amazonaws.com.evil.example/{file}"),
            format!("https://evil.example/sns.us-east-1.amazonaws.com/{file}"),
            format!("https://sns.us-east-1.amazonaws.com@evil.example/{file}"),
            format!("https://a:b@sns.us-east-1.amazonaws.com/{file}"),
            format!("https://sns.us-east-1.amazonaws.com:8443/{file}"),
            format!("https://sns.eu-west-1.amazonaws.com/{file}"),
            format!("https://sns.us-east-1.amazonaws.com.cn/{file}"),
            format!("https://sns-us-east-1.s3.amazonaws.com/{file}"),
            format!("https://sns.us-east-1.amazonaws.com\\@evil.example/{file}"),
            "https://sns.us-east-1.amazonaws.com/other.pem".to_owned(),
            format!("https://sns.us-east-1.amazonaws.com/x/{file}"),
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-a/../../x.pem".to_owned(),
            format!("{good}?x=1"),
        ] {
            assert!(!topic.pinned(&wrong).is_some_and(|url| is_certificate(&url)), "{wrong}");
        }
    }

    #[test]
    fn what_is_signed_is_the_documented_string() {
        let text = r#"{"Type":"Notification","MessageId":"22b80b92","TopicArn":"arn:x","Subject":"My First Message",
            "Message":"Hello world!","Timestamp":"2012-05-02T00:54:06.655Z","SignatureVersion":"1","Signature":"EXAMPLE=",
            "SigningCertURL":"https://x","UnsubscribeURL":"https://y"}"#;
        let said = "Message\nHello world!\nMessageId\n22b80b92\nSubject\nMy First Message\n\
                    Timestamp\n2012-05-02T00:54:06.655Z\nTopicArn\narn:x\nType\nNotification\n";
        assert_eq!(Message::read(text.as_bytes()).unwrap().signed().as_deref(), Some(said));
        let without = text.replace("\"Subject\":\"My First Message\",", "");
        let said = said.replace("Subject\nMy First Message\n", "");
        assert_eq!(Message::read(without.as_bytes()).unwrap().signed(), Some(said));
        let asks = r#"{"Type":"SubscriptionConfirmation","MessageId":"165545c9","Token":"2336412f","TopicArn":"arn:x",
            "Message":"You have chosen","SubscribeURL":"https://s","Timestamp":"2012-04-26T20:45:04.751Z",
            "SignatureVersion":"1","Signature":"EXAMPLE=","SigningCertURL":"https://x"}"#;
        let said = "Message\nYou have chosen\nMessageId\n165545c9\nSubscribeURL\nhttps://s\n\
                    Timestamp\n2012-04-26T20:45:04.751Z\nToken\n2336412f\nTopicArn\narn:x\nType\nSubscriptionConfirmation\n";
        assert_eq!(Message::read(asks.as_bytes()).unwrap().signed().as_deref(), Some(said));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_readers_panic(text in "\\PC{0,80}", arn in "arn:aws(-cn)?:sns:[a-z0-9-]{0,9}:[0-9]{10,13}:[a-z]{0,4}") {
            let _ = Message::read(text.as_bytes());
            let _ = Certificate::read(text.as_bytes());
            let _ = Certificate::read(format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----").as_bytes());
            if let Some(topic) = Topic::read(&arn) {
                prop_assert!(topic.pinned(&text).is_none());
                prop_assert!(topic.host.ends_with(".amazonaws.com") || topic.host.ends_with(".amazonaws.com.cn"));
            }
        }
    }
}
