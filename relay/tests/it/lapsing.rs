//! Members who stay away: who is written to by the weekly look, once, by the rules and the owner's choices; and what ends
//! it. The state machine itself is tested where it is, in `loyalty::lapsing`.

use loyalty::hlc::Hlc;
use loyalty::lapsing::{Choice, Chosen, Usual};
use loyalty::op::{Body, Private};
use loyalty::rules::Move;
use loyalty::{MemberId, OpId, ShopId, UtcMs};
use relay::mail::jobs::{self, Job};
use relay::store::Db;

use crate::harness::{Place, Relay};
use crate::mail_shop::{MINUTE, Shop, now, read};
use crate::on_both;
use crate::smtp::Mode;
use crate::till::{Till, id};

on_both! {
    who_stays_away_is_written_to_as_often_as_the_rules_say,
    what_the_owner_chose_is_done_once_and_can_be_taken_back,
    whoever_came_back_is_missed_no_more,
    a_missed_look_is_caught_up_within_days
}

const RULES: &str = "Earn 1 point per $1\nReward 100 points: Free coffee\nLapsing after 60 days for members with 3 visits; nudge at most 2 times; then rest\n";
const DAY: i64 = UtcMs::DAY_MS;

/// A shop with three regulars who were here last in 2023: two get mail, one does not; and somebody who came once.
struct Quiet<'a> {
    shop: Shop<'a>,
    id: ShopId,
    relay: Option<Relay>,
    till: Till,
    nadia: MemberId,
    bea: MemberId,
}

fn quiet(place: &Place) -> Quiet<'_> {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    let clock = Hlc::at(UtcMs(now()));
    let text = RULES.to_owned();
    till.does(
        &Body::RulesPublished {
            version: 1,
            text,
            clock,
        },
        &Private::default(),
    );
    let nadia = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    let bea = shop.agrees(&mut till, "+16195550124", "bea@example.com");
    let once = shop.agrees(&mut till, "+16195550125", "once@example.com");
    let silent = till.enrols("+16195550126");
    for (n, member) in [nadia, nadia, nadia, bea, bea, bea, silent, silent, silent, once]
        .into_iter()
        .enumerate()
    {
        till.sells(&format!("sale {n}"), Some(member), 4, Move::Add);
    }
    // One that waits and one that was taken back are no visits.
    till.sells("held", Some(once), 4, Move::Hold);
    till.syncs(&relay).unwrap();
    for (member, email) in [
        (nadia, "nadia@example.com"),
        (bea, "bea@example.com"),
        (once, "once@example.com"),
    ] {
        shop.arrives(email, 1);
        shop.has_confirmed(member, email);
    }
    let id = ShopId(shop.id.parse().unwrap());
    // By its calendar it could come between, depending on the day.
    shop.within(async |db| {
        for job in [Job::Lapsing, Job::Summary] {
            jobs::set(db, id, job, None, UtcMs(0)).await.unwrap();
        }
    });
    Quiet {
        shop,
        id,
        relay: Some(relay),
        till,
        nadia,
        bea,
    }
}

impl Quiet<'_> {
    fn looks(&self, at: i64) -> i64 {
        self.shop.within(async |db| {
            jobs::run(db, None, self.id, Job::Lapsing, UtcMs(at), UtcMs(at))
                .await
                .unwrap();
            jobs::list(db, self.id, UtcMs(at)).await.unwrap().1[0].made
        })
    }

    fn points(&self, of: MemberId) -> i64 {
        self.shop.within(async |db| {
            let mut tx = db.begin().await.unwrap();
            let person = relay::mail::people::person(&mut tx, self.id, of).await.unwrap();
            person.balance
        })
    }

    fn queued(&self) -> i64 {
        self.shop
            .place
            .number("SELECT count(*) FROM mails WHERE kind = 'we_miss_you'")
    }

    fn chooses(&mut self, member: MemberId, choice: Option<Choice>) -> OpId {
        let clock = Hlc::at(UtcMs(self.till.began + self.till.head.0));
        let body = Body::LapsingChosen(Chosen { member, choice, clock });
        let op = self.till.does(&body, &Private::default());
        self.till.syncs(self.relay.as_ref().unwrap()).unwrap();
        op
    }
}

fn who_stays_away_is_written_to_as_often_as_the_rules_say(place: &Place) {
    let mut all = quiet(place);
    let began = now();
    // Three relays look at once.
    let made = all.shop.within(async |_| {
        let one = async || {
            let db = Db::connect(&place.url, 2).await.unwrap();
            let first = jobs::run(&db, None, all.id, Job::Lapsing, UtcMs(began), UtcMs(began))
                .await
                .unwrap();
            db.close().await;
            usize::from(first)
        };
        let (a, b, c) = tokio::join!(one(), one(), one());
        a + b + c
    });
    assert_eq!((made, all.queued()), (1, 2));
    assert_eq!(all.looks(began + 7 * DAY), 0, "the last mail is too fresh");
    assert_eq!((all.looks(began + 14 * DAY), all.queued()), (2, 4));
    for week in 3..12 {
        assert_eq!(all.looks(began + week * 7 * DAY), 0, "twice is enough");
    }
    // The tills hear of what was done, with on whose word.
    all.till.syncs(all.relay.as_ref().unwrap()).unwrap();
    let heard = all.till.got.iter().filter_map(|(_, _, body, _)| match body {
        Body::LapsingActed(acted) => Some((acted.member, acted.nth, acted.bonus)),
        _ => None,
    });
    let mut heard: Vec<_> = heard.collect();
    heard.sort_by_key(|(member, nth, _)| (*nth, *member));
    let mut both = [all.nadia, all.bea];
    both.sort();
    assert_eq!(
        heard,
        [
            (both[0], 1, None),
            (both[1], 1, None),
            (both[0], 2, None),
            (both[1], 2, None)
        ]
    );
    assert_eq!(
        place.texts("SELECT DISTINCT by_whom FROM ops WHERE body LIKE '%lapsing_acted%'"),
        ["job:lapsing"]
    );
    let mail = all.shop.arrives("nadia@example.com", 2);
    let text = read(&mail).body_text(0).unwrap().into_owned();
    let weeks = (began - 1_700_000_000_000) / (7 * DAY);
    assert!(
        text.contains(&format!("for {weeks} weeks")) && !text.contains("on your card"),
        "{text}"
    );
    assert!(read(&mail).header_raw("List-Unsubscribe").is_some());
}

fn what_the_owner_chose_is_done_once_and_can_be_taken_back(place: &Place) {
    let mut all = quiet(place);
    let usual = Usual {
        choice: Choice::Rest,
        bonus: 40,
    };
    let clock = Hlc::at(UtcMs(now()));
    all.till.does(&Body::LapsingSet { usual, clock }, &Private::default());
    let (nadia, bea) = (all.nadia, all.bea);
    let bonus = all.chooses(nadia, Some(Choice::Bonus));
    all.chooses(bea, Some(Choice::Nudge));
    all.chooses(bea, None);
    let began = now();
    assert_eq!(
        (all.looks(began), all.queued()),
        (1, 1),
        "as usual is rest, and that is what bea is left to"
    );
    // Points and the line are the relay's, until the till of the last visit gets them with its next sync.
    all.till.syncs(all.relay.as_ref().unwrap()).unwrap();
    let acts: Vec<_> = all
        .till
        .got
        .iter()
        .filter_map(|(_, _, body, _)| match body {
            Body::LapsingActed(acted) => Some((acted.member, acted.chosen, acted.bonus.unwrap().points)),
            _ => None,
        })
        .collect();
    assert_eq!(acts, [(nadia, Some(bonus), 40)]);
    assert_eq!((all.points(nadia), all.points(bea)), (12 + 40, 12));
    for week in 1..6 {
        assert_eq!(all.looks(began + week * 7 * DAY), 0, "it was carried out");
    }
    assert_eq!(all.points(nadia), 52);
    // The choice again: a mail, no second bonus.
    all.chooses(nadia, Some(Choice::Bonus));
    assert_eq!((all.looks(now() + 50 * DAY), all.queued()), (1, 2));
    assert_eq!(all.points(nadia), 52);
    all.shop.works(&[now() + 51 * DAY]);
    let mails = all.shop.smtp.to("nadia@example.com");
    let text = |at: usize| read(&mails[at]).body_text(0).unwrap().into_owned();
    assert_eq!(mails.len(), 3, "the question and two");
    assert!(
        text(1).contains("40 points") != text(2).contains("40 points"),
        "{} {}",
        text(1),
        text(2)
    );
}

fn whoever_came_back_is_missed_no_more(place: &Place) {
    let mut all = quiet(place);
    let began = now() + 3 * DAY;
    // Its time is not yet come: the mails wait.
    assert_eq!(all.looks(began), 2);
    let body = Body::SaleRecorded {
        source: "pos".into(),
        sale_id: "back".into(),
        member: Some(all.nadia),
        entry: Some(loyalty::EntryId(id())),
        total_minor: 500,
        tax_minor: 0,
        tip_minor: 0,
        items: Vec::new(),
        occurred_at: UtcMs(began + 100),
        move_: Move::Add,
        points: 5,
        rules_version: 1,
        reasons: vec!["1 a dollar".into()],
        stamps: Vec::new(),
    };
    all.till.does(&body, &Private::default());
    all.till.syncs(all.relay.as_ref().unwrap()).unwrap();
    assert!(all.relay.take().unwrap().stop().0);
    let nadia = all.nadia;
    all.shop.within(async |db| {
        let won = relay::mail::lapsing::win_backs(db, all.id, UtcMs(began), UtcMs(began + DAY))
            .await
            .unwrap();
        assert_eq!(won, 1);
        let before = relay::mail::lapsing::win_backs(db, all.id, UtcMs(0), UtcMs(began))
            .await
            .unwrap();
        assert_eq!(before, 0);
        assert!(
            relay::mail::lapsing::came_back(db, all.id, &[nadia], UtcMs(1_700_000_000_000))
                .await
                .unwrap()
        );
        assert!(
            !relay::mail::lapsing::came_back(db, all.id, &[all.bea], UtcMs(1_700_000_000_000))
                .await
                .unwrap()
        );
    });
    all.shop.works(&[began + 2 * MINUTE]);
    assert_eq!(
        place.texts("SELECT why FROM mails WHERE kind = 'we_miss_you' AND state = 'cancelled'"),
        ["came_back"]
    );
    assert_eq!(
        (
            all.shop.smtp.to("nadia@example.com").len(),
            all.shop.smtp.to("bea@example.com").len()
        ),
        (1, 2)
    );
    // Two months later all begins anew for her; bea had one mail.
    let runs = all.shop.within(async |db| {
        jobs::run(
            db,
            None,
            all.id,
            Job::Lapsing,
            UtcMs(began + 70 * DAY),
            UtcMs(began + 70 * DAY),
        )
        .await
        .unwrap();
        jobs::list(db, all.id, UtcMs(began)).await.unwrap().1
    });
    assert_eq!(runs[0].made, 2);
    assert_eq!(place.number("SELECT max(nth) FROM lapsing_acts"), 2);
    assert_eq!(place.number("SELECT count(*) FROM lapsing_acts WHERE nth = 1"), 3);
}

fn a_missed_look_is_caught_up_within_days(place: &Place) {
    let mut all = quiet(place);
    assert!(all.relay.take().unwrap().stop().0);
    let list = |at: i64| {
        all.shop
            .within(async |db| jobs::list(db, all.id, UtcMs(at)).await.unwrap())
    };
    let began = now();
    all.shop
        .mail(&["jobs", &all.shop.id, "--job", "lapsing", "--set", "0 9 * * MON"])
        .unwrap();
    let (jobs, _) = list(began);
    assert_eq!(
        (jobs[0].job.as_str(), jobs[0].calendar.as_str(), jobs[0].usual),
        ("lapsing", "0 9 * * MON", true)
    );
    let monday = jobs[0].next_at.unwrap().0;
    let round = |at: i64| {
        all.shop
            .within(async |db| jobs::round(db, None, UtcMs(at)).await.unwrap())
    };
    assert_eq!(round(monday - 1), 0);
    // Two days late is done late, four days late waits for the next week.
    assert_eq!(
        (round(monday + 2 * DAY), round(monday + 2 * DAY), all.queued()),
        (1, 0, 2)
    );
    assert_eq!(round(monday + 11 * DAY), 1);
    let (_, runs) = list(monday + 11 * DAY);
    let outcomes: Vec<_> = runs
        .iter()
        .filter(|run| run.job == "lapsing")
        .map(|run| (run.outcome.as_str(), run.made))
        .collect();
    assert_eq!(outcomes, [("skipped", 0), ("done", 2)]);
    assert_eq!(
        (round(monday + 14 * DAY), all.queued()),
        (1, 2),
        "the first was less than fourteen days ago"
    );
    // Not any more.
    all.shop
        .mail(&["jobs", &all.shop.id, "--job", "lapsing", "--off"])
        .unwrap();
    assert_eq!((list(monday).0.len(), round(monday + 21 * DAY)), (0, 0));
}
