//! The decoder takes anything and panics at nothing; a page is taken only where every hash and link of it fits.

use loyalty::op::{Body, By, Operation};
use loyalty::{EntryId, Hlc, MemberId, OpId, Origin, ShopId, UtcMs, chain};
use proptest::prelude::*;
use std::collections::HashMap;
use sync::bytes::{Fixed, Hash};
use sync::limits::{BODY_BYTES_MAX, PAGE_OPS_MAX};
use sync::page::{check_one, check_push};
use sync::wire::{PairRequest, SyncAnswer, SyncRequest, TillsRequest, WireOp, WirePrivate};
use sync::{PROTOCOL, ProblemCode, decode};
use uuid::Uuid;

const SHOP: ShopId = ShopId(Uuid::from_u128(1));
const TILL: Origin = Origin(Uuid::from_u128(2));

fn log(n: i64) -> Vec<WireOp> {
    let mut prev = [0; 32];
    (1..=n)
        .map(|seq| {
            let body = Body::MemberChanged {
                member: MemberId(Uuid::from_u128(9)),
                clock: Hlc(seq),
            };
            let data = format!(r#"{{"name":"Ana {seq}"}}"#);
            let mut op = Operation {
                op_id: OpId(Uuid::from_u128(100 + u128::try_from(seq).unwrap())),
                shop: SHOP,
                origin: TILL,
                origin_seq: seq,
                at: UtcMs(seq),
                by: By::Job("test".into()),
                body_json: serde_json::to_string(&body).unwrap(),
                private_digest: Some(chain::private_digest(&[7; 16], &data)),
                prev,
                hash: [0; 32],
            };
            op.hash = chain::hash(&op);
            prev = op.hash;
            WireOp::of(&op, Some(([7; 16], data)))
        })
        .collect()
}

fn request(ops: Vec<WireOp>) -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        app_version: "0.1.0".into(),
        origin: TILL,
        own_seq: 3,
        cursor: 0,
        incarnation: None,
        ops,
        again: Vec::new(),
        pending: 0,
        held_points: 0,
        at: UtcMs(1),
        take_max: None,
    }
}

fn code(found: Result<Vec<sync::page::Checked>, sync::Problem>) -> (ProblemCode, Option<i64>) {
    let problem = found.unwrap_err();
    (problem.code, problem.expected_seq)
}

#[test]
fn a_page_survives_the_wire_and_is_known_the_second_time() {
    let sent = request(log(3));
    let heard: SyncRequest = decode(&serde_json::to_vec(&sent).unwrap()).unwrap();
    assert_eq!(heard, sent);
    let new = check_push(SHOP, TILL, (0, [0; 32]), &heard.ops).unwrap();
    assert_eq!(new.len(), 3);
    assert_eq!(new[2].private.name.as_deref(), Some("Ana 3"));
    let head = (3, new[2].op.hash);
    assert!(check_push(SHOP, TILL, head, &heard.ops).unwrap().is_empty());
    let head = (2, new[1].op.hash);
    assert_eq!(check_push(SHOP, TILL, head, &heard.ops).unwrap().len(), 1);
}

#[test]
fn what_does_not_fit_is_refused_with_its_number() {
    let start = (0, [0; 32]);
    let push = |ops: &[WireOp]| code(check_push(SHOP, TILL, start, ops));
    let good = log(4);
    assert_eq!(push(&good[1..]), (ProblemCode::Gap, Some(1)));
    assert_eq!(push(&[good[0].clone(), good[2].clone()]), (ProblemCode::Gap, Some(2)));
    let other_past = code(check_push(SHOP, TILL, (1, [5; 32]), &good));
    assert_eq!(other_past, (ProblemCode::BrokenChain, Some(2)));
    let changed = |change: &dyn Fn(&mut WireOp)| {
        let mut ops = log(4);
        change(&mut ops[2]);
        code(check_push(SHOP, TILL, start, &ops))
    };
    let forged = (ProblemCode::Forged, Some(3));
    assert_eq!(
        changed(&|op| op.body = op.body.replace("member_changed", "member_changed ")),
        forged
    );
    assert_eq!(changed(&|op| op.at = UtcMs(99)), forged);
    assert_eq!(changed(&|op| op.by = "member".into()), forged);
    assert_eq!(changed(&|op| op.origin = Origin(Uuid::nil())), forged);
    assert_eq!(changed(&|op| op.digest = None), forged);
    let salt = Fixed([7; 16]);
    assert_eq!(
        changed(&|op| op.private = Some(WirePrivate {
            salt,
            data: "{}".into()
        })),
        forged
    );
    assert_eq!(
        changed(&|op| op.by = "nobody".into()),
        (ProblemCode::BadOperation, Some(3))
    );
    let elsewhere = code(check_push(ShopId(Uuid::nil()), TILL, start, &good));
    assert_eq!(elsewhere, (ProblemCode::Forged, Some(1)));
}

/// What was erased comes without its data, and its chain still holds.
#[test]
fn erased_data_leaves_a_chain_that_holds() {
    let mut ops = log(3);
    ops[1].private = None;
    assert_eq!(check_push(SHOP, TILL, (0, [0; 32]), &ops).unwrap().len(), 3);
}

#[test]
fn a_till_can_not_write_what_is_the_relays() {
    let body = Body::TillRenewed {
        was: TILL,
        now: Origin(Uuid::from_u128(3)),
    };
    let settled = Body::Settled {
        what: loyalty::op::Twice::Sale,
        first: OpId(Uuid::nil()),
        second: OpId(Uuid::nil()),
        undo: Some(loyalty::op::Undo {
            entry: EntryId(Uuid::nil()),
            reverses: EntryId(Uuid::nil()),
            member: MemberId(Uuid::nil()),
            points: 1_000_000,
            stamps: Vec::new(),
        }),
    };
    for body in [body, settled] {
        let mut op = log(1)[0].operation(SHOP).unwrap();
        (op.body_json, op.private_digest) = (serde_json::to_string(&body).unwrap(), None);
        op.hash = chain::hash(&op);
        let wire = WireOp::of(&op, None);
        let refused = code(check_push(SHOP, TILL, (0, [0; 32]), std::slice::from_ref(&wire)));
        assert_eq!(refused, (ProblemCode::BadOperation, Some(1)));
        // From the relay it is taken.
        assert!(check_one(SHOP, &mut HashMap::new(), &wire).unwrap().is_some());
    }
}

#[test]
fn too_much_is_refused_with_the_limit() {
    let limit = |body: &[u8]| {
        let problem = decode::<SyncRequest>(body).unwrap_err();
        (problem.code, problem.number)
    };
    let large = (ProblemCode::TooLarge, Some(i64::try_from(BODY_BYTES_MAX).unwrap()));
    assert_eq!(limit(&vec![b' '; BODY_BYTES_MAX + 1]), large);
    let many = serde_json::to_vec(&request(log(i64::try_from(PAGE_OPS_MAX).unwrap() + 1))).unwrap();
    assert_eq!(limit(&many).0, ProblemCode::TooLarge);
    let mut heavy = log(1);
    heavy[0].body = "x".repeat(sync::limits::OP_BYTES_MAX);
    assert_eq!(
        limit(&serde_json::to_vec(&request(heavy)).unwrap()).0,
        ProblemCode::TooLarge
    );
    let old = SyncRequest {
        protocol: 0,
        ..request(Vec::new())
    };
    assert_eq!(
        limit(&serde_json::to_vec(&old).unwrap()),
        (ProblemCode::ProtocolTooOld, Some(1))
    );
    let new = SyncRequest {
        protocol: 999,
        ..request(Vec::new())
    };
    assert_eq!(
        limit(&serde_json::to_vec(&new).unwrap()),
        (ProblemCode::ProtocolTooNew, Some(1))
    );
}

/// An answer of a newer relay may say more.
#[test]
fn an_older_till_reads_a_newer_answer() {
    let text = r#"{"protocol":1,"accepted":3,"ops":[],"cursor":3,"more":false,"shop_seq":3,"at":5,"incarnation":1,"news":{"a":1},
        "tills":[{"till":"00000000-0000-0000-0000-000000000002","name":"Till 1","mood":"fine"}]}"#;
    let answer: SyncAnswer = decode(text.as_bytes()).unwrap();
    assert_eq!((answer.accepted, answer.tills.len()), (3, 1));
}

#[test]
fn every_code_has_its_own_word() {
    for code in ProblemCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        assert!(code.status() >= 400 && code.sentence().ends_with('.'));
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode::<SyncRequest>(&bytes);
        let _ = decode::<SyncAnswer>(&bytes);
        let _ = decode::<PairRequest>(&bytes);
        let _ = decode::<TillsRequest>(&bytes);
        let _ = serde_json::from_slice::<Hash>(&bytes);
    }

    /// A good message with some bytes of it changed: it is refused, or what is taken of it still fits its hashes.
    #[test]
    fn a_changed_message_is_refused_or_the_same(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4)) {
        let good = serde_json::to_vec(&request(log(3))).unwrap();
        let mut bytes = good.clone();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(heard) = decode::<SyncRequest>(&bytes)
            && let Ok(taken) = check_push(SHOP, TILL, (0, [0; 32]), &heard.ops)
        {
            for (new, sent) in taken.iter().zip(log(3)) {
                prop_assert_eq!(Some(new.op.clone()), sent.operation(SHOP));
            }
        }
    }
}
