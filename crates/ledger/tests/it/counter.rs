//! What happens at the counter: enrol, credit, redeem, reverse, adjust, each with its refusals.

use ledger::{Actor, Error, Key, NewMember, Pepper, StaffEdit};
use loyalty::rules::Move;
use loyalty::{Code, Role};

use crate::support::{by, manager, phone, refused, sale, shop};

#[test]
fn a_day_at_the_counter() {
    let s = shop();
    let store = &s.store;
    let (maria, new) = store
        .enrol(store.new_op(), by(), NewMember::with_phone(phone(123)))
        .unwrap();
    assert!(new);
    assert_eq!(
        store
            .enrol(store.new_op(), by(), NewMember::with_phone(phone(123)))
            .unwrap(),
        (maria, false)
    );

    let first = store
        .credit(store.new_op(), by(), sale(store, "1", 123, "99.99"))
        .unwrap();
    assert_eq!((first.move_, first.points, first.balance), (Move::Add, 99, 99));
    let small = store
        .credit(store.new_op(), by(), sale(store, "2", 123, "1.99"))
        .unwrap();
    assert_eq!((small.move_, small.points), (Move::Skip, 0));
    assert_eq!(
        refused(store.redeem(store.new_op(), by(), maria, "Free coffee".into())),
        Code::NotEnoughPoints
    );
    let reached = store.credit(store.new_op(), by(), sale(store, "3", 123, "2")).unwrap();
    assert_eq!(
        (reached.move_, reached.balance, reached.announces.as_deref()),
        (Move::AddReward, 101, Some("Free coffee"))
    );

    let coffee = store.redeem(store.new_op(), by(), maria, "free COFFEE".into()).unwrap();
    assert_eq!(
        (coffee.points, coffee.balance, coffee.reward.as_deref()),
        (-100, 1, Some("Free coffee"))
    );
    assert_eq!(
        refused(store.redeem(store.new_op(), by(), maria, "A yacht".into())),
        Code::UnknownReward
    );
    let back = store.reverse(store.new_op(), manager(), coffee.entry).unwrap();
    assert_eq!((back.points, back.balance), (100, 101));
    assert_eq!(
        refused(store.reverse(store.new_op(), manager(), coffee.entry)),
        Code::AlreadyReversed
    );
    assert_eq!(
        refused(store.reverse(store.new_op(), manager(), back.entry)),
        Code::NotReversible
    );

    assert_eq!(
        store
            .adjust(store.new_op(), manager(), maria, -101, "Mistake".into())
            .unwrap()
            .balance,
        0
    );
    assert_eq!(
        refused(store.adjust(store.new_op(), manager(), maria, -1, "Mistake".into())),
        Code::NotEnoughPoints
    );
    assert_eq!(
        refused(store.adjust(store.new_op(), manager(), maria, 5, "  ".into())),
        Code::ReasonMissing
    );

    let verified = store.verify().unwrap();
    assert!(verified.ok, "{verified:?}");
    let stats = store.stats().unwrap();
    assert_eq!(
        (
            stats.members,
            stats.sales,
            stats.points_issued,
            stats.points_redeemed,
            stats.points_outstanding
        ),
        (1, 3, 0, 0, 0)
    );
    let kinds: Vec<&str> = store
        .lines_of(maria, 10)
        .unwrap()
        .iter()
        .rev()
        .map(|l| l.kind.as_str())
        .collect();
    assert_eq!(kinds, ["earn", "earn", "earn", "redeem", "reverse", "adjust"]);
}

#[test]
fn the_same_thing_twice_happens_once() {
    let s = shop();
    let store = &s.store;
    let op = store.new_op();
    let first = store.credit(op, by(), sale(store, "A-1", 1, "120")).unwrap();
    for op in [op, store.new_op()] {
        let again = store.credit(op, by(), sale(store, "A-1", 1, "120.00")).unwrap();
        assert_eq!(
            (again.entry, again.points, again.balance, again.before.is_some()),
            (first.entry, 120, 120, true)
        );
    }
    assert_eq!(
        refused(store.credit(store.new_op(), by(), sale(store, "A-1", 1, "121"))),
        Code::SaleDiffers
    );
    assert_eq!(
        refused(store.credit(store.new_op(), by(), sale(store, "A-1", 2, "120"))),
        Code::SaleDiffers
    );
    assert_eq!(store.stats().unwrap().members, 1, "a refused sale enrols nobody");

    let member = first.member.unwrap();
    let op = store.new_op();
    let one = store.redeem(op, by(), member, "Free coffee".into()).unwrap();
    assert_eq!(store.redeem(op, by(), member, "Free coffee".into()).unwrap(), one);
    let op = store.new_op();
    let back = store.reverse(op, manager(), one.entry).unwrap();
    assert_eq!(store.reverse(op, manager(), one.entry).unwrap().entry, back.entry);
    assert_eq!(
        refused(store.redeem(op, by(), member, "Free coffee".into())),
        Code::SaleDiffers,
        "an id is for one thing"
    );
    assert!(store.verify().unwrap().ok);
}

#[test]
fn taking_back_a_sale_takes_back_the_visit() {
    let s = shop();
    let store = &s.store;
    let first = store.credit(store.new_op(), by(), sale(store, "1", 1, "10")).unwrap();
    let at = store.now();
    s.clock.pass(86_400_000);
    let second = store.credit(store.new_op(), by(), sale(store, "2", 1, "10")).unwrap();
    store.reverse(store.new_op(), manager(), second.entry.unwrap()).unwrap();
    let member = store.member(Key::Id(first.member.unwrap())).unwrap().unwrap();
    assert_eq!((member.visits, member.last_visit_at, member.balance), (1, Some(at), 10));
    assert!(
        store
            .credit(store.new_op(), by(), sale(store, "2", 1, "10"))
            .unwrap()
            .reversed,
        "and its number stays used"
    );
    assert!(store.verify().unwrap().ok);
}

#[test]
fn staff_roles_and_pins() {
    let s = shop();
    let store = &s.store;
    let pepper = Pepper::new([3; 32]);
    let add = |role: Role, actor: Role| {
        let pin_hash = Some(pepper.hash("1234", store.salt()).unwrap());
        let edit = StaffEdit {
            staff_id: None,
            name: "Ana".into(),
            role,
            active: true,
            pin_hash,
        };
        store.edit_staff(store.new_op(), Actor { by: by(), role: actor }, edit)
    };
    let owner = add(Role::Owner, Role::Owner).unwrap();
    let ana = add(Role::Cashier, Role::Manager).unwrap();
    assert_eq!(refused(add(Role::Manager, Role::Manager)), Code::NotAllowed);
    assert_eq!(refused(add(Role::Cashier, Role::Cashier)), Code::NotAllowed);
    let gone = StaffEdit {
        staff_id: Some(owner),
        name: "Ana".into(),
        role: Role::Manager,
        active: true,
        pin_hash: None,
    };
    assert_eq!(
        refused(store.edit_staff(
            store.new_op(),
            Actor {
                by: by(),
                role: Role::Owner
            },
            gone
        )),
        Code::LastOwner
    );

    assert_eq!(store.sign_in(ana, "1234", &pepper).unwrap(), Role::Cashier);
    let wrong = |pin: &str| match store.sign_in(ana, pin, &pepper) {
        Err(Error::Refused(r)) if r.code == Code::WrongPin => r.number.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong("0000"), 1000);
    assert_eq!(wrong("1234"), 1000, "the right PIN must wait too");
    s.clock.pass(1000);
    assert_eq!(wrong("0000"), 2000);
    s.clock.pass(2000);
    assert_eq!(store.sign_in(ana, "1234", &pepper).unwrap(), Role::Cashier);
    assert!(store.verify().unwrap().ok);
}

#[test]
fn a_cashier_takes_back_only_their_own() {
    let s = shop();
    let store = &s.store;
    let line = store
        .credit(store.new_op(), by(), sale(store, "1", 1, "10"))
        .unwrap()
        .entry
        .unwrap();
    let other = Actor {
        by: loyalty::op::By::Job("other".into()),
        role: Role::Cashier,
    };
    assert_eq!(refused(store.reverse(store.new_op(), other, line)), Code::NotAllowed);
    let own = Actor {
        by: by(),
        role: Role::Cashier,
    };
    assert_eq!(store.reverse(store.new_op(), own, line).unwrap().balance, 0);
}
