//! A relay in memory: the shop's order, the chains it checks, and the operations it answers with where tills did
//! something twice. It is what a relay must do, without a network, a database or a second device's rights to see it.

use ledger::{Foreign, Stored};
use loyalty::book::Book;
use loyalty::op::{Body, By, Operation, Private};
use loyalty::settle::{self, Holder};
use loyalty::{EntryId, Hlc, MemberId, OpId, Origin, ShopId, UtcMs, chain, effect};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

pub struct Relay {
    shop: ShopId,
    pub origin: Origin,
    log: Vec<Stored>,
    heads: HashMap<Origin, (i64, [u8; 32])>,
    claims: HashMap<String, Holder>,
    phones: BTreeMap<MemberId, (Hlc, OpId, String)>,
    erased: HashSet<MemberId>,
    clock: Hlc,
    ids: u128,
    /// When it writes what it writes.
    pub at: UtcMs,
    /// What it knows of rights.
    pub folded: Book,
}

pub fn read(op: &Operation, kept: Option<&([u8; 16], String)>) -> (Body, Private) {
    let private = kept
        .map(|(_, json)| serde_json::from_str(json).unwrap())
        .unwrap_or_default();
    (serde_json::from_str(&op.body_json).unwrap(), private)
}

impl Relay {
    pub fn new(shop: ShopId) -> Self {
        Self {
            shop,
            origin: Origin(Uuid::from_u128(7)),
            log: Vec::new(),
            heads: HashMap::new(),
            claims: HashMap::new(),
            phones: BTreeMap::new(),
            erased: HashSet::new(),
            clock: Hlc::default(),
            // Neither the oldest nor the newest of ids.
            ids: 0x8000 << 112,
            at: UtcMs(1),
            folded: Book::new(),
        }
    }

    pub fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    /// What the relay has of an origin.
    pub fn head(&self, origin: Origin) -> i64 {
        self.heads.get(&origin).map_or(0, |h| h.0)
    }

    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// The operations after `cursor`, at most `n` looked at, without `origin`'s own; and the new cursor.
    pub fn after(&self, cursor: usize, n: usize, origin: Origin) -> (Vec<Foreign>, usize) {
        let end = self.log.len().min(cursor + n);
        let foreign = self.log[cursor..end]
            .iter()
            .filter(|(op, _)| op.origin != origin)
            .map(|(op, kept)| {
                let (body, private) = read(op, kept.as_ref());
                Foreign {
                    op: op.clone(),
                    body,
                    private,
                    kept: kept.clone(),
                }
            });
        (foreign.collect(), end)
    }

    /// Takes a till's operations; what it has is passed over.
    pub fn push(&mut self, ops: &[Stored]) {
        for (op, kept) in ops {
            if op.origin_seq > self.head(op.origin) {
                self.append(op.clone(), kept.clone());
            }
        }
    }

    fn append(&mut self, op: Operation, kept: Option<([u8; 16], String)>) {
        let head = self.heads.entry(op.origin).or_default();
        assert_eq!((op.origin_seq, op.prev), (head.0 + 1, head.1), "a gap or a fork");
        assert_eq!(op.hash, chain::hash(&op));
        *head = (op.origin_seq, op.hash);
        let (body, private) = read(&op, kept.as_ref());
        let effects = effect::effects(&op, &body);
        self.folded.apply(&op, &private, &effects).unwrap();
        self.clock = self.clock.max(body.clock().unwrap_or_default());
        let erased = body.subject().is_some_and(|who| self.erased.contains(&MemberId(who)));
        self.log.push((op.clone(), kept.filter(|_| !erased)));
        if let Body::MemberErased { member } = &body {
            self.erase(*member);
        }
        let asked = settle::looks_at(&body);
        let holders: Vec<Holder> = asked
            .iter()
            .filter_map(|c| self.claims.get(&c.text()).cloned())
            .collect();
        let line = EntryId(self.id());
        if let Some(settled) = settle::settle(op.op_id, &body, &holders, line) {
            self.write(&settled);
        } else {
            if let Some((claim, holder)) = settle::frees(&body, &holders)
                && self.claims.get(&claim.text()).is_some_and(|h| h.op_id == holder)
            {
                self.claims.remove(&claim.text());
            }
            for claim in settle::claims(&body) {
                let holder = Holder {
                    claim: claim.clone(),
                    op_id: op.op_id,
                    body: body.clone(),
                };
                self.claims.entry(claim.text()).or_insert(holder);
            }
        }
        if let (Body::MemberEnrolled { member, .. } | Body::MemberChanged { member, .. }, Some(phone), false) =
            (&body, private.phone, erased)
        {
            self.phone(*member, phone, Hlc::of(body.clock().unwrap_or_default(), 0), op.op_id);
        }
    }

    fn phone(&mut self, member: MemberId, phone: String, clock: Hlc, op: OpId) {
        if self.phones.get(&member).is_some_and(|(c, o, _)| (*c, *o) > (clock, op)) {
            return;
        }
        self.phones.insert(member, (clock, op, phone.clone()));
        let others: Vec<MemberId> = self
            .phones
            .iter()
            .filter(|(_, p)| p.2 == phone)
            .map(|(m, _)| *m)
            .collect();
        self.clock = Hlc(self.clock.0 + 1);
        if let Some(merged) = settle::merge(member, &others, self.clock) {
            self.write(&merged);
        }
    }

    fn erase(&mut self, member: MemberId) {
        self.erased.insert(member);
        self.phones.remove(&member);
        for (op, kept) in &mut self.log {
            let body: Body = serde_json::from_str(&op.body_json).unwrap();
            if body.subject() == Some(member.0) {
                *kept = None;
            }
        }
    }

    pub fn write(&mut self, body: &Body) {
        let (seq, prev) = self.heads.get(&self.origin).copied().unwrap_or_default();
        let mut op = Operation {
            op_id: OpId(self.id()),
            shop: self.shop,
            origin: self.origin,
            origin_seq: seq + 1,
            at: self.at,
            by: By::Job("relay".into()),
            body_json: serde_json::to_string(body).unwrap(),
            private_digest: None,
            prev,
            hash: [0; 32],
        };
        op.hash = chain::hash(&op);
        self.append(op, None);
    }

    /// A till goes on under another origin.
    pub fn renew(&mut self, was: Origin, now: Origin) {
        self.write(&Body::TillRenewed { was, now });
    }

    /// Rules as an app of another age writes them.
    pub fn publish(&mut self, version: i64, text: &str) {
        let (text, clock) = (text.to_owned(), self.clock);
        self.write(&Body::RulesPublished { version, text, clock });
    }

    /// The whole log in shop order, folded into the book.
    pub fn book(&self) -> Book {
        let mut book = Book::new();
        for (op, kept) in &self.log {
            let (body, private) = read(op, kept.as_ref());
            book.apply(op, &private, &effect::effects(op, &body))
                .unwrap_or_else(|e| panic!("{body:?}: {e}"));
        }
        book
    }
}
