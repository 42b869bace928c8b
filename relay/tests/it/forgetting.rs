//! A relay that was restored from a backup of before a till paired: that till pairs again as who it was, and nothing is
//! lost. What a restored relay gets back from tills that it knows is in `surviving`.

use loyalty::Origin;
use loyalty::op::Body;
use loyalty::rules::Move;
use sync::wire::Brings;

use crate::acquiring::held;
use crate::harness::Place;
use crate::on_both;
use crate::till::{Till, id, pair_request};

on_both! { a_till_that_the_backup_does_not_know_pairs_again }

fn a_till_that_the_backup_does_not_know_pairs_again(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let mut one = Till::pair(&relay, &code);
    let member = one.enrols("+14155550100");
    one.sells("before", Some(member), 100, Move::Add);
    one.gives_back(member, 100);
    one.syncs(&relay).unwrap();
    assert!(relay.stop().0);
    let backup = place.copy();
    let relay = place.serve();
    let mut two = Till::pair(&relay, &place.code(&shop));
    two.syncs(&relay).unwrap();
    // One hears of the first sale, and of nothing that follows.
    two.sells("heard", Some(member), 5, Move::Add);
    two.syncs(&relay).unwrap();
    one.syncs(&relay).unwrap();
    assert_eq!(two.acquires(&relay, id(), member, 100).unwrap().granted, 100);
    two.sells("unheard", Some(member), 5, Move::Add);
    two.syncs(&relay).unwrap();
    assert!(relay.stop().0);
    backup.run(&["restored"]).unwrap();
    let relay = backup.serve();
    two.sells("unsent", Some(member), 5, Move::Add);
    assert_eq!(two.once(&relay).unwrap_err().code, "unknown_device");
    one.syncs(&relay).unwrap();
    let brings = |origin| Brings {
        shop: two.shop,
        origin,
        facts: two.facts.clone(),
    };
    let pairs = |origin| {
        let code = backup.code(&shop);
        Till::pair_as(&relay, &pair_request(&code, "Till", Some(brings(origin))))
    };
    // Nobody becomes a till that is known, or a relay, in this way.
    let granted = two.all.iter().find(|op| op.body.contains("rights_granted")).unwrap();
    for origin in [one.origin, granted.origin] {
        assert_eq!(pairs(origin).err().unwrap().code, "wrong_shop");
    }
    let again = pairs(two.origin).unwrap();
    assert_eq!(again.origin, two.origin);
    two.credential = again.credential;
    two.syncs(&relay).unwrap();
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let mut late = Till::pair(&relay, &backup.code(&shop));
    late.syncs(&relay).unwrap();
    let sales = |till: &Till| {
        let all = till.got.iter().map(|got| &got.2);
        all.filter(|body| matches!(body, Body::SaleRecorded { .. })).count()
    };
    assert_eq!((sales(&one), sales(&late)), (3, 4), "nothing is lost");
    assert_eq!((held(&backup, two.origin), held(&backup, Origin::RELAY)), (115, 0));
    // The relay has heard everybody, and grants again.
    two.gives_back(member, 50);
    two.syncs(&relay).unwrap();
    assert_eq!(late.acquires(&relay, id(), member, 50).unwrap().granted, 50);
}
