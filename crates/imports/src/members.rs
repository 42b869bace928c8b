//! A row of a file of members. Whoever is known already keeps what is known of them; blanks are filled in.
//!
//! An opening balance is given once a member: its operation's id is made from the member's, so that the same file
//! again finds it done.

use ledger::{Key, Member, MemberEdit, NewMember, Tx};
use loyalty::{MemberId, OpId};
use pos::file::MemberRow;
use sha2::{Digest, Sha256};

use crate::run::{Tally, by};

/// Records a row.
pub fn apply(tx: &Tx<'_>, row: &MemberRow, tally: &mut Tally) -> ledger::Result<()> {
    let new = NewMember {
        phone: row.phone.clone(),
        name: row.name.clone().unwrap_or_default(),
        email: row.email.clone().unwrap_or_default(),
        email_consent: row.consent.unwrap_or(false),
        birthday: row.birthday,
    };
    let (id, created) = tx.enrol(tx.new_op(), &by(), &new)?;
    let mut changed = !created && fill_in(tx, &tx.member(Key::Id(id))?, &new, row.consent)?;
    if row.balance != 0 {
        let before = tx.balance(id)?;
        let moved = tx.open_balance(opening_op(tx, id), &by(), id, row.balance)?;
        // A balance that was brought along before is not brought again.
        if moved.balance != before {
            tally.points += row.balance;
            changed = true;
        }
    }
    match (created, changed) {
        (true, _) => tally.members_created += 1,
        (false, true) => tally.members_updated += 1,
        (false, false) => tally.duplicates += 1,
    }
    Ok(())
}

/// Fills in what is not known yet. A file does not bring back a consent that may have been withdrawn; it may give one
/// with the address it is for, and it may take one.
fn fill_in(tx: &Tx<'_>, known: &Member, new: &NewMember, consent: Option<bool>) -> ledger::Result<bool> {
    let pick = |old: &String, new: &String| if old.is_empty() { new.clone() } else { old.clone() };
    let (name, email) = (pick(&known.name, &new.name), pick(&known.email, &new.email));
    let consent = match consent {
        Some(false) => false,
        Some(true) if known.email.is_empty() => true,
        _ => known.email_consent,
    } && !email.is_empty();
    let birthday = known.birthday.or(new.birthday);
    let edit = MemberEdit {
        name,
        email,
        email_consent: consent,
        birthday,
    };
    let same = edit.name == known.name && edit.email == known.email && birthday == known.birthday;
    if same && consent == known.email_consent {
        return Ok(false);
    }
    tx.edit_member(tx.new_op(), &by(), known.member_id, &edit)?;
    Ok(true)
}

/// The same for the same member, whenever and however often it is asked for.
fn opening_op(tx: &Tx<'_>, member: MemberId) -> OpId {
    let digest = Sha256::digest(format!("opening balance\n{}\n{member}", tx.shop().shop_id));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    OpId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
