//! The hash chain of an origin's operations: what is hashed, in which order. Walking a stored chain is the store's.
//!
//! `hash = SHA-256("regulars-op-1" ‖ op_id ‖ shop ‖ origin ‖ origin_seq ‖ at ‖ len(by) ‖ by ‖ len(body) ‖ body ‖ p ‖ prev)`,
//! numbers as 8 bytes big-endian; `p` is a zero byte without private data, else a one byte and its digest, which is
//! `SHA-256("regulars-private-1" ‖ salt ‖ json)`.

use sha2::{Digest, Sha256};

use crate::op::Operation;

/// The digest of private data with its salt.
#[must_use]
pub fn private_digest(salt: &[u8; 16], json: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"regulars-private-1")
        .chain_update(salt)
        .chain_update(json)
        .finalize()
        .into()
}

/// The hash an operation must carry, from all its other fields.
#[must_use]
pub fn hash(op: &Operation) -> [u8; 32] {
    let text = |h: Sha256, t: &str| h.chain_update((t.len() as u64).to_be_bytes()).chain_update(t);
    let mut h = Sha256::new()
        .chain_update(b"regulars-op-1")
        .chain_update(op.op_id.0)
        .chain_update(op.shop.0)
        .chain_update(op.origin.0)
        .chain_update(op.origin_seq.to_be_bytes())
        .chain_update(op.at.0.to_be_bytes());
    h = text(h, &op.by.to_string());
    h = text(h, &op.body_json);
    h = match op.private_digest {
        Some(digest) => h.chain_update([1]).chain_update(digest),
        None => h.chain_update([0]),
    };
    h.chain_update(op.prev).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{OpId, Origin, ShopId};
    use crate::op::By;
    use crate::time::UtcMs;
    use uuid::Uuid;

    #[test]
    fn every_field_is_sealed() {
        let op = Operation {
            op_id: OpId(Uuid::from_u128(1)),
            shop: ShopId(Uuid::from_u128(2)),
            origin: Origin(Uuid::from_u128(3)),
            origin_seq: 4,
            at: UtcMs(5),
            by: By::Job("import".into()),
            body_json: "{}".into(),
            private_digest: None,
            prev: [0; 32],
            hash: [0; 32],
        };
        let changed = [
            Operation {
                op_id: OpId(Uuid::from_u128(9)),
                ..op.clone()
            },
            Operation {
                shop: ShopId(Uuid::from_u128(9)),
                ..op.clone()
            },
            Operation {
                origin: Origin(Uuid::from_u128(9)),
                ..op.clone()
            },
            Operation {
                origin_seq: 9,
                ..op.clone()
            },
            Operation {
                at: UtcMs(9),
                ..op.clone()
            },
            Operation {
                by: By::Member,
                ..op.clone()
            },
            Operation {
                body_json: "{ }".into(),
                ..op.clone()
            },
            Operation {
                private_digest: Some([0; 32]),
                ..op.clone()
            },
            Operation {
                prev: [1; 32],
                ..op.clone()
            },
        ];
        for other in &changed {
            assert_ne!(hash(other), hash(&op), "{other:?}");
        }
        // The vector was made by another program (Python's hashlib).
        let hex: String = hash(&op).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "562bae092707b81243b07451cf1b852cd4cfa18a9fe0061b310d9b26a85fa1d4");
    }
}
