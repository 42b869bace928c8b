//! Members who stay away: the list, the choices, what is usual.

use ledger::{Key, StaysAway, Store, WinBack};
use loyalty::lapsing::{Choice, Next, Resting, Usual};
use loyalty::{Code, MemberId, Phone, Refusal, UtcMs};
use serde_json::{Value, json};
use std::fmt::Write as _;

use crate::args::{Decide, LapsingCommand};
use crate::failure::Result;
use crate::out::{Out, counted, local, points};
use crate::place::{self, Place};

/// `lapsing`.
pub fn run(place: &Place, what: &LapsingCommand, out: Out) -> Result<()> {
    let store = place.open()?;
    match what {
        LapsingCommand::List { csv: false } => list(&store, out),
        LapsingCommand::List { csv: true } => as_csv(&store),
        LapsingCommand::Decide { choice, phone, all } => decide(&store, *choice, phone, *all, out),
        LapsingCommand::Usual { choice, bonus } => usual(&store, *choice, *bonus, out),
    }
}

fn of_next(next: Next) -> (&'static str, Option<UtcMs>, i64) {
    match next {
        Next::Rest(Resting::Enough) => ("rest_enough", None, 0),
        Next::Rest(Resting::Chosen) => ("rest_chosen", None, 0),
        Next::Rest(Resting::Usual) => ("rest_usual", None, 0),
        Next::Wait(at) => ("wait", Some(at), 0),
        Next::Mail(0) => ("nudge", None, 0),
        Next::Mail(points) => ("bonus", None, points),
    }
}

fn of_away(a: &StaysAway, now: UtcMs) -> Value {
    let (next, at, bonus) = of_next(a.next);
    json!({
        "member_id": a.member, "code": a.code, "name": a.name, "last4": a.last4, "visits": a.visits, "points": a.points,
        "last_visit_at": a.lapse.since.rfc3339(), "weeks": a.lapse.weeks(now), "nudges": a.lapse.nudges,
        "gets_mail": a.gets_mail, "chosen": a.lapse.chosen.map(|(_, choice)| choice), "chosen_by": a.chosen_by,
        "next": next, "not_before": at.map(UtcMs::rfc3339), "bonus": bonus,
    })
}

/// What comes next, in words.
fn words(store: &Store, away: &StaysAway) -> String {
    let next = match away.next {
        Next::Rest(Resting::Enough) => "left in peace: got all mails that the rules allow".to_owned(),
        Next::Rest(Resting::Chosen) => "left in peace: you chose so".to_owned(),
        Next::Rest(Resting::Usual) => "left in peace: that is usual".to_owned(),
        _ if !away.gets_mail => "gets no mail".to_owned(),
        Next::Wait(at) => format!("next mail not before {}", local(at, store.shop().zone)),
        Next::Mail(0) => "a mail with the next look".to_owned(),
        Next::Mail(bonus) => format!("a mail and {} with the next look", points(bonus)),
    };
    match &away.chosen_by {
        Some(by) => format!("{next} (chosen by {by})"),
        None => next,
    }
}

fn list(store: &Store, out: Out) -> Result<()> {
    let (all, now) = (store.win_back()?, store.now());
    let WinBack {
        rule,
        usual,
        away,
        results,
    } = &all;
    let rule_json = rule.map(|r| json!({"visits": r.visits, "nudges": r.nudges}));
    let json = json!({
        "rule": rule_json, "usual": usual, "results": results,
        "members": away.iter().map(|a| of_away(a, now)).collect::<Vec<_>>(),
    });
    out.say(&json, || {
        if rule.is_none() {
            return "The rules don't say who is lapsing. Add a line like: Lapsing after 60 days for members with 5 visits; nudge at most 2 times; then rest".to_owned();
        }
        let mut text = String::new();
        for a in away {
            let (weeks, name) = (counted(a.lapse.weeks(now), "week"), if a.name.is_empty() { "no name" } else { &a.name });
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}  {name} ··{}: {weeks} away, {} so far; {}", a.code, a.last4, counted(a.lapse.nudges, "mail"), words(store, a));
        }
        if away.is_empty() {
            text.push_str("Nobody stays away.\n");
        }
        let _ = write!(
            text,
            "{} went out, {} came back within 30 days of one; {} were given.",
            counted(results.nudges, "mail"),
            counted(results.win_backs, "member"),
            points(results.points)
        );
        text
    });
    Ok(())
}

fn as_csv(store: &Store) -> Result<()> {
    let (all, now) = (store.win_back()?, store.now());
    let mut csv = csv::Writer::from_writer(std::io::stdout().lock());
    let failed = |e: csv::Error| place::io(std::path::Path::new("standard output"))(e.into());
    csv.write_record([
        "code",
        "name",
        "visits",
        "points",
        "last_visit_at",
        "weeks",
        "mails",
        "gets_mail",
        "chosen",
        "next",
    ])
    .map_err(failed)?;
    for a in all.away {
        let chosen = a.lapse.chosen.map_or("", |(_, choice)| choice.as_str());
        csv.write_record([
            a.code.as_str(),
            &safe(&a.name),
            &a.visits.to_string(),
            &a.points.to_string(),
            &a.lapse.since.rfc3339(),
            &a.lapse.weeks(now).to_string(),
            &a.lapse.nudges.to_string(),
            if a.gets_mail { "yes" } else { "no" },
            chosen,
            of_next(a.next).0,
        ])
        .map_err(failed)?;
    }
    csv.flush().map_err(place::io(std::path::Path::new("standard output")))
}

/// A name that a spreadsheet would take for a formula is none.
fn safe(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{name}")
    } else {
        name.to_owned()
    }
}

fn decide(store: &Store, what: Decide, phones: &[String], all: bool, out: Out) -> Result<()> {
    let members: Vec<MemberId> = if all {
        store.win_back()?.away.iter().map(|away| away.member).collect()
    } else {
        phones.iter().map(|phone| member(store, phone)).collect::<Result<_>>()?
    };
    let chosen = store.choose_lapsing(place::actor(), members, what.choice())?;
    out.say(&json!({"chosen": chosen}), || match chosen {
        0 => "Nothing changed.".to_owned(),
        n => format!(
            "Chosen for {}. It is done with the relay's next weekly look; until then it can be taken back with `lapsing decide usual`.",
            counted(i64::try_from(n).unwrap_or(i64::MAX), "member")
        ),
    });
    Ok(())
}

fn member(store: &Store, phone: &str) -> Result<MemberId> {
    let phone = Phone::parse(phone, store.shop().region)?;
    let unknown = || Refusal::of(Code::UnknownMember, "phone", phone.e164());
    Ok(store.member(Key::Phone(&phone))?.ok_or_else(unknown)?.member_id)
}

fn usual(store: &Store, choice: Option<Decide>, bonus: Option<i64>, out: Out) -> Result<()> {
    let before = store.win_back()?.usual;
    let new = Usual {
        choice: choice.map_or(before.choice, |choice| choice.choice().unwrap_or(Choice::Nudge)),
        bonus: bonus.unwrap_or(before.bonus),
    };
    if new != before {
        store.set_lapsing(store.new_op(), place::actor(), new)?;
    }
    out.say(&json!({"usual": new}), || {
        let what = match new.choice {
            Choice::Nudge => "a mail",
            Choice::Bonus => "points and a mail",
            Choice::Rest => "nothing",
        };
        format!("Where nothing is chosen: {what}. A bonus is {}.", points(new.bonus))
    });
    Ok(())
}
