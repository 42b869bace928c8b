//! A till as the relay sees one: it appends to its own chain, sends pages, and checks every page that it gets.

use loyalty::hlc::Hlc;
use loyalty::op::{Body, By, Kind, Operation, Private};
use loyalty::rules::Move;
use loyalty::{EntryId, MemberId, OpId, Origin, Points, ShopId, UtcMs, chain};
use reqwest::blocking::{Client, Response};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use sync::PROTOCOL;
use sync::page::{Head, check_one};
use sync::pairing::PairCode;
use sync::wire::{Brings, OriginHead, PairAnswer, PairRequest, ShopFacts, SyncAnswer, SyncRequest, WireOp};
use uuid::Uuid;

use crate::harness::Relay;

/// A refusal: the status and the code.
#[derive(Debug, PartialEq, Eq)]
pub struct No {
    pub status: u16,
    pub code: String,
    pub expected_seq: Option<i64>,
    pub number: Option<i64>,
}

/// A test's own ids: different in every call, and in order.
pub fn id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    uuid::Builder::from_unix_timestamp_millis(1_700_000_000_000 + next, &[7; 10]).into_uuid()
}

#[derive(Clone)]
pub struct Till {
    pub http: Client,
    pub shop: ShopId,
    pub origin: Origin,
    pub credential: String,
    pub facts: ShopFacts,
    pub opens: bool,
    /// The time of its operations: about when it was paired, by its own clock.
    pub began: i64,
    pub head: Head,
    /// Its own operations.
    pub own: Vec<WireOp>,
    pub acked: i64,
    pub cursor: i64,
    pub incarnation: Option<i64>,
    pub heads: HashMap<Origin, Head>,
    /// What it got from others, in shop order.
    pub got: Vec<(i64, OpId, Body, Private)>,
    pub last: Option<SyncAnswer>,
    /// All it has, in the order in which it came.
    pub all: Vec<WireOp>,
    /// What a restored relay has.
    pub forgot: Vec<OriginHead>,
}

pub fn pair_request(code: &str, name: &str, brings: Option<Brings>) -> PairRequest {
    PairRequest {
        protocol: PROTOCOL,
        proof: PairCode::read(code).unwrap().derive().proof,
        attempt: id(),
        till_name: name.into(),
        app_version: "0.1.0".into(),
        brings,
    }
}

/// Sends a message: the answer, or the no.
pub fn post<T: serde::de::DeserializeOwned>(
    http: &Client,
    url: &str,
    credential: &str,
    message: &impl Serialize,
) -> Result<T, No> {
    let request = http.post(url).json(message);
    let request = if credential.is_empty() {
        request
    } else {
        request.bearer_auth(credential)
    };
    read(request.send().map_err(gone)?)
}

fn gone(error: reqwest::Error) -> No {
    No {
        status: 0,
        code: error.to_string(),
        expected_seq: None,
        number: None,
    }
}

pub fn read<T: serde::de::DeserializeOwned>(response: Response) -> Result<T, No> {
    let status = response.status().as_u16();
    if status == 200 {
        return response.json().map_err(gone);
    }
    let said: Value = response.json().map_err(gone)?;
    Err(No {
        status,
        code: said["code"].as_str().unwrap_or_default().into(),
        expected_seq: said["expected_seq"].as_i64(),
        number: said["number"].as_i64(),
    })
}

impl Till {
    pub fn pair(relay: &Relay, code: &str) -> Self {
        Self::pair_as(relay, &pair_request(code, "Till", None)).unwrap()
    }

    pub fn pair_as(relay: &Relay, request: &PairRequest) -> Result<Self, No> {
        let http = Client::builder().timeout(crate::harness::PATIENCE).build().unwrap();
        let answer: PairAnswer = post(&http, &format!("{}/v1/pair", relay.url), "", request)?;
        Ok(Self {
            http,
            shop: answer.shop,
            origin: answer.till,
            credential: answer.credential,
            facts: answer.facts,
            opens: answer.opens,
            began: 1_700_000_000_000,
            head: Head::default(),
            own: Vec::new(),
            acked: 0,
            cursor: 0,
            incarnation: None,
            heads: HashMap::new(),
            got: Vec::new(),
            last: None,
            all: Vec::new(),
            forgot: Vec::new(),
        })
    }

    /// Appends to its own log.
    pub fn does(&mut self, body: &Body, private: &Private) -> OpId {
        let op_id = OpId(id());
        let kept = (!private.is_empty()).then(|| ([9; 16], serde_json::to_string(private).unwrap()));
        let mut op = Operation {
            op_id,
            shop: self.shop,
            origin: self.origin,
            origin_seq: self.head.0 + 1,
            at: UtcMs(self.began + self.head.0),
            by: By::Job("test".into()),
            body_json: serde_json::to_string(body).unwrap(),
            private_digest: kept.as_ref().map(|(salt, data)| chain::private_digest(salt, data)),
            prev: self.head.1,
            hash: [0; 32],
        };
        op.hash = chain::hash(&op);
        self.head = (op.origin_seq, op.hash);
        self.own.push(WireOp::of(&op, kept));
        self.all.extend(self.own.last().cloned());
        op_id
    }

    pub fn enrols(&mut self, phone: &str) -> MemberId {
        let member = MemberId(id());
        let private = Private {
            phone: Some(phone.into()),
            name: Some("Nadia Quill".into()),
            ..Private::default()
        };
        self.does(
            &Body::MemberEnrolled {
                member,
                code: "X".into(),
            },
            &private,
        );
        member
    }

    /// Records a sale. Answers its operation and line.
    pub fn sells(&mut self, sale_id: &str, member: Option<MemberId>, points: Points, move_: Move) -> (OpId, EntryId) {
        let entry = EntryId(id());
        let body = Body::SaleRecorded {
            source: "pos".into(),
            sale_id: sale_id.into(),
            member,
            entry: member.filter(|_| move_ != Move::Hold).map(|_| entry),
            total_minor: 100 * points,
            tax_minor: 0,
            tip_minor: 0,
            items: Vec::new(),
            occurred_at: UtcMs(1_700_000_000_000),
            move_,
            points,
            rules_version: 1,
            reasons: vec!["1 a dollar".into()],
            stamps: Vec::new(),
        };
        (self.does(&body, &Private::default()), entry)
    }

    pub fn reverses(&mut self, line: EntryId, member: MemberId, points: Points) -> (OpId, EntryId) {
        let entry = EntryId(id());
        let body = Body::EntryReversed {
            entry,
            reverses: line,
            of: Kind::Earn,
            member,
            points: -points,
            sale: None,
            stamps: Vec::new(),
        };
        (self.does(&body, &Private::default()), entry)
    }

    pub fn changes_phone(&mut self, member: MemberId, phone: &str, clock: i64) {
        let private = Private {
            phone: Some(phone.into()),
            ..Private::default()
        };
        self.does(
            &Body::MemberChanged {
                member,
                clock: Hlc(clock),
            },
            &private,
        );
    }

    /// What it would send now.
    pub fn request(&self) -> SyncRequest {
        let unsent = usize::try_from(self.acked).unwrap();
        let mut ops: Vec<WireOp> = self.own[unsent..].iter().take(1000).cloned().collect();
        let again = self.beyond();
        if !again.is_empty() {
            ops.clear();
        }
        SyncRequest {
            protocol: PROTOCOL,
            app_version: "0.1.0".into(),
            origin: self.origin,
            own_seq: self.head.0,
            cursor: self.cursor,
            incarnation: self.incarnation,
            again,
            pending: i64::try_from(self.own.len() - unsent - ops.len()).unwrap(),
            ops,
            held_points: 0,
            at: UtcMs(1_700_000_000_000),
            take_max: None,
        }
    }

    /// What a restored relay forgot.
    fn beyond(&self) -> Vec<WireOp> {
        let end = |origin| {
            self.forgot
                .iter()
                .find(|head| head.origin == origin)
                .map_or(0, |head| head.seq)
        };
        let all = self
            .all
            .iter()
            .filter(|op| !self.forgot.is_empty() && op.origin_seq > end(op.origin));
        all.cloned().collect()
    }

    pub fn send(&self, relay: &Relay, request: &SyncRequest) -> Result<SyncAnswer, No> {
        self.send_to(&relay.url, request)
    }

    /// To an address: a relay's, or that of a bad network before it.
    pub fn send_to(&self, url: &str, request: &SyncRequest) -> Result<SyncAnswer, No> {
        post(&self.http, &format!("{url}/v1/sync"), &self.credential, request)
    }

    /// One page up and one down.
    pub fn once(&mut self, relay: &Relay) -> Result<bool, No> {
        let answer = self.send(relay, &self.request())?;
        self.takes(answer)
    }

    /// Takes an answer. Answers whether there is more to do.
    pub fn takes(&mut self, answer: SyncAnswer) -> Result<bool, No> {
        self.acked = self.acked.max(answer.accepted);
        self.forgot = answer.heads.clone();
        if !self.forgot.is_empty() {
            self.acked = answer.accepted;
        }
        for shop_op in &answer.ops {
            assert_ne!(shop_op.op.origin, self.origin, "its own came back");
            // An answer that comes late repeats what is known.
            if let Some(new) = check_one(self.shop, &mut self.heads, &shop_op.op).unwrap() {
                self.all.push(shop_op.op.clone());
                self.got.push((shop_op.shop_seq, new.op.op_id, new.body, new.private));
            }
        }
        if answer.cursor >= self.cursor || !self.forgot.is_empty() {
            self.cursor = answer.cursor;
        }
        let shown = self.beyond().is_empty();
        if shown {
            self.incarnation = Some(answer.incarnation);
        }
        let more = answer.more || self.acked < self.head.0 || !self.forgot.is_empty();
        self.last = Some(answer);
        Ok(more)
    }

    /// Until there is nothing left to send or to get.
    pub fn syncs(&mut self, relay: &Relay) -> Result<(), No> {
        while self.once(relay)? {}
        Ok(())
    }

    /// Takes the last operation back and appends it again, changed, so that its hash fits all the same.
    pub fn reseals(&mut self, change: impl FnOnce(&mut Operation)) {
        let wire = self.own.last_mut().unwrap();
        let mut op = wire.operation(self.shop).unwrap();
        change(&mut op);
        op.hash = chain::hash(&op);
        let private = wire.private.take().map(|private| (private.salt.0, private.data));
        *wire = WireOp::of(&op, private);
        self.head = (op.origin_seq, op.hash);
    }

    /// The bodies it got from the relay itself.
    pub fn relays_own(&self) -> Vec<Body> {
        let of_relay = |body: &&Body| body.is_of_relay() || matches!(body, Body::MemberMerged { .. });
        self.got
            .iter()
            .map(|(_, _, body, _)| body)
            .filter(of_relay)
            .cloned()
            .collect()
    }
}
