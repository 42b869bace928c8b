//! A shop whose rules and voice may be in documents elsewhere, and time that is handed in. The tests are in `documents` and
//! `documents_google`.

use loyalty::op::Body;
use loyalty::{ShopId, UtcMs};
use relay::documents::desk::Desk;
use relay::documents::fetch::Outside;
use relay::documents::kept::EVERY_MS;
use relay::documents::work;
use relay::mail::seal::Key;
use relay::serve::live::Live;
use relay::store::Db;
use sync::documents::{DocumentAnswer, DocumentRequest, DocumentState};

use crate::elsewhere::Elsewhere;
use crate::harness::Place;
use crate::mail_shop::{KEY, Shop, now, publishes};
use crate::smtp::Mode;

/// Rules that read well.
pub const GOOD: &str = "Earn 2 points per $1\nReward 50 points: Free tea\n";

/// A shop whose till has published rules, and what looks at its documents.
pub struct Kept<'a> {
    pub shop: Shop<'a>,
    pub id: ShopId,
    pub server: Elsewhere,
    pub outside: Outside,
    pub now: i64,
}

impl<'a> Kept<'a> {
    pub fn new(place: &'a Place) -> Self {
        let shop = Shop::new(place, Mode::Tls);
        let relay = shop.serve();
        let mut till = shop.till(&relay);
        publishes(&mut till);
        till.syncs(&relay).unwrap();
        assert!(relay.stop().0);
        let server = Elsewhere::start();
        Self {
            id: ShopId(shop.id.parse().unwrap()),
            outside: Outside::new(false).with_neighbour(server.at),
            shop,
            server,
            // Tomorrow: a relay that runs meanwhile, by the machine's clock, finds nothing due.
            now: now() + UtcMs::DAY_MS,
        }
    }

    /// What an owner does.
    pub fn asks(&self, request: DocumentRequest) -> DocumentAnswer {
        self.shop.within(async |db| {
            let key = Key::of(KEY);
            let desk = Desk {
                db,
                outside: &self.outside,
                key: Some(&key),
                shop: self.id,
                now: UtcMs(self.now),
            };
            desk.does(request).await.unwrap().0
        })
    }

    pub fn sets(&self, what: &str, address: &str) -> DocumentAnswer {
        self.asks(DocumentRequest::Set {
            document: what.into(),
            address: address.into(),
        })
    }

    pub fn state(&self, what: &str) -> DocumentState {
        let state = self.asks(DocumentRequest::Look).state.unwrap();
        let found = state.documents.into_iter().find(|one| one.document == what);
        found.unwrap_or_else(|| panic!("no {what}"))
    }

    /// A quarter of an hour later, whatever is due is looked at. Answers how many there were.
    pub fn later(&mut self) -> usize {
        self.now += EVERY_MS;
        self.shop
            .within(async |db| rounds(db, &self.outside, UtcMs(self.now)).await)
    }

    /// The rules that were published, in the shop's order: version, by whom, the text.
    pub fn rules(&self) -> Vec<(i64, String, String)> {
        let sql = "SELECT by_whom || '|' || body FROM ops WHERE substr(body, 1, 24) = '{\"body\":\"rules_published' ORDER BY shop_seq";
        let all = self.shop.place.texts(sql).into_iter().map(|row| {
            let (by, body) = row.split_once('|').unwrap();
            let Body::RulesPublished { version, text, .. } = serde_json::from_str(body).unwrap() else {
                panic!("{body}")
            };
            (version, by.to_owned(), text)
        });
        all.collect()
    }

    /// How many mails about documents there are.
    pub fn told(&self) -> i64 {
        let sql = "SELECT count(*) FROM mails WHERE event LIKE 'document:%'";
        self.shop.place.number(sql)
    }
}

/// Looks at all that is due. Answers how many there were.
pub async fn rounds(db: &Db, outside: &Outside, now: UtcMs) -> usize {
    let (live, key) = (Live::default(), Key::of(KEY));
    let mut looked = 0;
    while work::one(db, outside, Some(&key), &live, now).await.unwrap() {
        looked += 1;
    }
    looked
}
