//! Mails to other shops from the owner's window: `POST /v1/outreach`.

use std::collections::BTreeSet;
use sync::outreach::{OutreachAnswer, OutreachMail, OutreachRequest, OutreachSeen, OutreachState, OutreachTo};

use crate::harness::{Place, Relay};
use crate::mail_shop::{Shop, now, read};
use crate::on_both;
use crate::smtp::Mode;
use crate::till::{Till, post as say};

on_both! {
    drafts_are_seen_changed_and_decided, what_was_not_seen_so_is_not_approved, a_yes_and_a_no_are_taken_back,
    drafts_of_a_relay_of_before_are_changed_too,
}

/// Later than a yes can be taken back.
pub const LATER: i64 = 30_000;

pub struct Owner<'a> {
    pub shop: Shop<'a>,
    pub relay: Relay,
    pub till: Till,
}

impl<'a> Owner<'a> {
    /// The owner of a shop with three vendors.
    pub fn new(place: &'a Place) -> Self {
        let shop = Shop::new(place, Mode::Tls);
        place
            .run(&["shop", "set", "--shop", &shop.id, "--site", "https://corner.example/"])
            .unwrap();
        for code in ["solare", "bakery", "books"] {
            place
                .run(&[
                    "code",
                    "add",
                    "--shop",
                    &shop.id,
                    "--code",
                    code,
                    "--campaign",
                    "autumn",
                ])
                .unwrap();
        }
        let relay = shop.serve();
        let till = shop.till(&relay);
        Self { shop, relay, till }
    }

    pub fn asks(&self, request: &OutreachRequest) -> OutreachAnswer {
        let url = format!("{}/v1/outreach", self.relay.url);
        say(&self.till.http, &url, &self.till.credential, request).unwrap()
    }

    pub fn state(&self, request: &OutreachRequest) -> OutreachState {
        let answer = self.asks(request);
        answer.state.unwrap_or_else(|| panic!("{:?}", answer.refused))
    }

    fn refused(&self, request: &OutreachRequest) -> (String, String) {
        let refused = self.asks(request).refused.unwrap();
        assert!(sync::mail::MailRefusal::CODES.contains(&refused.code.as_str()));
        (refused.code, refused.field)
    }

    pub fn draft(&self, codes: &[&str]) -> OutreachAnswer {
        let to = codes.iter().map(|code| to(code, &format!("hello@{code}.example")));
        self.asks(&OutreachRequest::Draft {
            to: to.collect(),
            by: "Olga".into(),
        })
    }

    pub fn of(&self, code: &str) -> OutreachMail {
        let mut all = self.state(&OutreachRequest::Look).mails.into_iter();
        all.find(|one| one.code == code).unwrap()
    }

    pub fn waiting(&self) -> i64 {
        self.asks(&OutreachRequest::Count).waiting.unwrap()
    }
}

fn to(code: &str, address: &str) -> OutreachTo {
    OutreachTo {
        code: code.into(),
        name: format!("The {code}"),
        address: address.into(),
    }
}

fn seen(mail: &OutreachMail) -> OutreachSeen {
    OutreachSeen {
        mail: mail.mail,
        seen: mail.seen.clone(),
    }
}

pub fn decide(mails: &[&OutreachMail], approve: bool) -> OutreachRequest {
    OutreachRequest::Decide {
        mails: mails.iter().map(|one| seen(one)).collect(),
        approve,
        by: "Olga".into(),
    }
}

fn drafts_are_seen_changed_and_decided(place: &Place) {
    let owner = Owner::new(place);
    let before = owner.state(&OutreachRequest::Look);
    assert!(before.sends && before.mails.is_empty());
    let codes: BTreeSet<_> = before.vendors.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, BTreeSet::from(["solare", "bakery", "books"]));
    assert!(
        before
            .vendors
            .iter()
            .all(|one| one.address.is_none() && !one.waits && one.campaign == "autumn")
    );
    // What can't be right is told at its vendor, and nothing is drafted.
    let drafts = |to: Vec<OutreachTo>, by: &str| OutreachRequest::Draft { to, by: by.into() };
    let good = || to("solare", "hello@solare.example");
    assert_eq!(
        owner.refused(&drafts(vec![good(), to("books", "nowhere")], "Olga")),
        ("mail_bad_address".into(), "books".into())
    );
    assert_eq!(
        owner.refused(&drafts(vec![good()], " ")),
        ("mail_missing".into(), "by".into())
    );
    assert_eq!(owner.waiting(), 0);
    // One vendor is none of ours.
    let done = owner.draft(&["solare", "bakery", "books", "nobody"]);
    let passed = done.passed.unwrap();
    assert_eq!(
        (passed.len(), passed[0].code.as_str(), passed[0].why.as_str()),
        (1, "nobody", "unknown_code")
    );
    assert_eq!((done.state.unwrap().waiting, owner.waiting()), (3, 3));
    assert_eq!(owner.draft(&["solare"]).passed.unwrap()[0].why, "waits");
    let solare = owner.of("solare");
    assert_eq!(
        (solare.state.as_str(), solare.drafted_by.as_str(), solare.undo),
        ("drafted", "Olga", false)
    );
    let vendor = owner
        .state(&OutreachRequest::Look)
        .vendors
        .into_iter()
        .find(|one| one.code == "solare")
        .unwrap();
    assert_eq!(
        (vendor.name.as_deref(), vendor.address.as_deref(), vendor.waits),
        (Some("The solare"), Some("hello@solare.example"), true)
    );
    // Its words are those of the voice; other words are tried first, with their mistakes at their places.
    let words = solare.words.clone().unwrap();
    assert!(words.starts_with("Subject: {{ shop }} and {{ partner }}\n"), "{words}");
    let tries = |words: &str| {
        owner.asks(&OutreachRequest::Try {
            mail: solare.mail,
            words: words.into(),
        })
    };
    assert_eq!(tries(&words).said, solare.said);
    let wrong = "Subject: Bread and coffee\n\nDear {{ partnr }}, shall we?\n";
    let found = tries(wrong).problems.unwrap();
    assert_eq!(
        (found[0].line, found[0].column, found[0].suggestion.as_deref()),
        (3, 9, Some("partner"))
    );
    let edit = |words: &str| OutreachRequest::Edit {
        mail: solare.mail,
        words: words.into(),
        by: "Otto".into(),
    };
    assert_eq!(owner.refused(&edit(wrong)), ("mail_bad_voice".into(), "words".into()));
    let right = wrong.replace("partnr", "partner");
    let tried = tries(&right).said.unwrap();
    assert!(tried.text.contains("Dear The solare, shall we?") && owner.of("solare").said == solare.said);
    owner.state(&edit(&right));
    let solare = owner.of("solare");
    assert_eq!(
        (solare.said.clone().unwrap(), solare.words.as_deref()),
        (tried.clone(), Some(right.as_str()))
    );
    assert_eq!(
        (solare.subject.as_str(), solare.edited_by.as_deref()),
        ("Bread and coffee", Some("Otto"))
    );
    // Days pass, and nothing goes out; then all but one are approved in one go, and one is turned down.
    owner.shop.works(&[now() + 5 * 86_400_000]);
    assert_eq!(owner.shop.smtp.received().len(), 0);
    owner.state(&decide(&[&owner.of("books")], false));
    owner.state(&decide(&[&solare, &owner.of("bakery")], true));
    assert_eq!((owner.waiting(), owner.of("bakery").state.as_str()), (0, "queued"));
    owner.shop.works(&[now() + LATER]);
    let arrived = owner.shop.smtp.to("hello@solare.example").remove(0);
    let same = |a: &str, b: &str| a.replace("\r\n", "\n").trim_end() == b.trim_end();
    assert!(same(&read(&arrived).body_text(0).unwrap(), &tried.text));
    assert!(same(&read(&arrived).body_html(0).unwrap(), &tried.html));
    assert_eq!(owner.shop.smtp.received().len(), 2);
    let states: Vec<_> = ["solare", "bakery", "books"]
        .iter()
        .map(|code| owner.of(code).state)
        .collect();
    assert_eq!(states, ["sent", "sent", "rejected"]);
    let solare = owner.of("solare");
    assert_eq!(
        (solare.decided_by.as_deref(), solare.undo, solare.said.is_none()),
        (Some("Olga"), false, true)
    );
    let shown = owner.asks(&OutreachRequest::Show { mail: solare.mail }).said.unwrap();
    assert_eq!(shown, tried);
    // Another shop's owner sees and does nothing of it.
    let (other, _) = place.shop();
    let stranger = Till::pair(&owner.relay, &place.code(&other));
    let url = format!("{}/v1/outreach", owner.relay.url);
    let asks = |request: &OutreachRequest| -> OutreachAnswer {
        say(&stranger.http, &url, &stranger.credential, request).unwrap()
    };
    let theirs = asks(&OutreachRequest::Look).state.unwrap();
    assert!(!theirs.sends && theirs.mails.is_empty() && theirs.vendors.is_empty());
    assert_eq!(
        asks(&OutreachRequest::Show { mail: solare.mail }).refused.unwrap().code,
        "outreach_gone"
    );
    assert_eq!(
        asks(&OutreachRequest::Undo {
            mails: vec![solare.mail]
        })
        .refused
        .unwrap()
        .code,
        "outreach_gone"
    );
    assert_eq!(
        asks(&drafts(vec![good()], "Olga")).refused.unwrap().code,
        "mail_not_set"
    );
}

fn what_was_not_seen_so_is_not_approved(place: &Place) {
    let owner = Owner::new(place);
    owner.draft(&["solare", "bakery"]);
    let (solare, bakery) = (owner.of("solare"), owner.of("bakery"));
    // Somebody else gives one other words meanwhile.
    owner.state(&OutreachRequest::Edit {
        mail: solare.mail,
        words: "Subject: Something else\n\nSomething else altogether.\n".into(),
        by: "Otto".into(),
    });
    assert_eq!(owner.refused(&decide(&[&bakery, &solare], true)).0, "outreach_changed");
    assert_eq!(owner.waiting(), 2, "neither was approved");
    // A no is a no, whatever it says by now; and then it waits no more.
    owner.state(&decide(&[&solare], false));
    assert_eq!(owner.refused(&decide(&[&bakery, &solare], true)).0, "outreach_gone");
    assert_eq!(
        owner
            .refused(&OutreachRequest::Edit {
                mail: solare.mail,
                words: "Subject: x\n\ny\n".into(),
                by: "Otto".into()
            })
            .0,
        "outreach_gone"
    );
    // The same answer again, as after one that was lost.
    owner.state(&decide(&[&bakery], true));
    assert_eq!(owner.refused(&decide(&[&bakery], true)).0, "outreach_gone");
    owner.shop.works(&[now() + LATER, now() + LATER + 1]);
    assert_eq!(owner.shop.smtp.received().len(), 1);
}

fn a_yes_and_a_no_are_taken_back(place: &Place) {
    let owner = Owner::new(place);
    owner.draft(&["solare", "bakery", "books"]);
    let undo = |code: &str| OutreachRequest::Undo {
        mails: vec![owner.of(code).mail],
    };
    owner.state(&decide(&[&owner.of("solare"), &owner.of("bakery")], true));
    owner.state(&decide(&[&owner.of("books")], false));
    assert!(["solare", "bakery", "books"].iter().all(|code| owner.of(code).undo));
    owner.state(&undo("solare"));
    owner.state(&undo("books"));
    let books = owner.of("books");
    assert_eq!((books.state.as_str(), books.decided_by.as_deref()), ("drafted", None));
    owner.shop.works(&[now() + LATER]);
    assert_eq!(owner.shop.smtp.to("hello@solare.example").len(), 0);
    assert_eq!(owner.shop.smtp.to("hello@bakery.example").len(), 1);
    assert_eq!(owner.refused(&undo("bakery")).0, "outreach_gone", "it has gone");
    // Approved again, it goes once.
    owner.state(&decide(&[&owner.of("solare")], true));
    owner.shop.works(&[now() + LATER, now() + LATER + 1]);
    assert_eq!(owner.shop.smtp.to("hello@solare.example").len(), 1);
    // Where another one waits for the same shop, a no stays.
    owner.state(&decide(&[&books], false));
    let turned_down = owner.of("books").mail;
    owner.draft(&["books"]);
    assert_eq!(
        owner
            .refused(&OutreachRequest::Undo {
                mails: vec![turned_down]
            })
            .0,
        "outreach_waits"
    );
    // Stopped among tonight's mail, it can still be made to wait again.
    let books = owner.of("books");
    owner.state(&decide(&[&books], true));
    let url = format!("{}/v1/mail", owner.relay.url);
    let stop = sync::mail::MailRequest::Stop {
        mails: vec![books.mail.to_string()],
        kind: None,
    };
    let seen: sync::mail::MailAnswer = say(&owner.till.http, &url, &owner.till.credential, &stop).unwrap();
    let waiting = seen.state.unwrap().waiting;
    assert_eq!(
        (waiting[0].state.as_str(), waiting[0].partner.as_deref()),
        ("stopped", Some("The books"))
    );
    assert_eq!(
        (owner.of("books").state.as_str(), owner.of("books").undo),
        ("stopped", true)
    );
    owner.shop.works(&[now() + LATER]);
    assert_eq!(owner.shop.smtp.to("hello@books.example").len(), 0);
    owner.state(&OutreachRequest::Undo {
        mails: vec![books.mail],
    });
    assert_eq!(owner.of("books").state, "drafted");
    assert_eq!(place.number("SELECT count(*) FROM mails WHERE state = 'cancelled'"), 0);
}

fn drafts_of_a_relay_of_before_are_changed_too(place: &Place) {
    let owner = Owner::new(place);
    owner.draft(&["solare"]);
    // As it wrote them: without their words.
    owner.shop.within(async |db| {
        let sql = "UPDATE outreach SET words = NULL";
        db.run(sql, relay::args![]).await.unwrap();
    });
    let solare = owner.of("solare");
    assert!(solare.words.unwrap().starts_with("Subject: {{ shop }}"));
    let words = "Subject: Hello\n\nDear {{ partner }}\n[balance]\n";
    let edit = OutreachRequest::Edit {
        mail: solare.mail,
        words: words.into(),
        by: "Olga".into(),
    };
    owner.state(&edit);
    let solare = owner.of("solare");
    let said = solare.said.clone().unwrap();
    assert_eq!((said.subject.as_str(), solare.words.as_deref()), ("Hello", Some(words)));
    assert!(
        said.text.contains("[balance]"),
        "what looks like another mail is text: {}",
        said.text
    );
    owner.state(&decide(&[&solare], true));
    owner.shop.works(&[now() + LATER]);
    assert_eq!(owner.of("solare").state, "sent");
}
