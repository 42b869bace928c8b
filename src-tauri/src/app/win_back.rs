//! Members who stay away, in the owner's window: the list, the choices, what is usual, who came back. What is chosen is
//! done by the relay.

use ledger::StaysAway;
use loyalty::lapsing::{Choice, Next, Resting, Usual};
use loyalty::{MemberId, Points, UtcMs};

use super::{Answer, App, id};
use crate::views::{Away, CameBack, WinBack, WinBackChoice, WinBackNext, WinBackRule, WinBackUsual, small};

impl App {
    /// Who stays away, what comes next, and who came back.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn win_back(&self) -> Answer<WinBack> {
        let (store, _) = self.owning()?;
        let all = self.told(store.win_back())?;
        let back = self.told(store.came_back())?;
        let relay = self.told(store.relay())?.is_some();
        let rules = self.told(store.rules())?;
        let now = store.now();
        let rule = all.rule.map(|rule| WinBackRule {
            line: line_of(&rules.text),
            nudges: small(rule.nudges),
        });
        Ok(WinBack {
            rule,
            relay,
            usual: WinBackUsual {
                choice: shown(all.usual.choice),
                bonus: small(all.usual.bonus),
            },
            away: all.away.into_iter().map(|away| away_of(away, now)).collect(),
            mails: small(all.results.nudges),
            bonuses: small(all.results.bonuses),
            points: small(all.results.points),
            back: back.into_iter().map(back_of).collect(),
        })
    }

    /// Chooses what is done about members; None: as usual again.
    ///
    /// # Errors
    /// `bad_points` for a bonus where none is set, `unknown_member`; `locked`; the machine's.
    pub fn win_back_choose(&self, members: &[String], choice: Option<WinBackChoice>) -> Answer<WinBack> {
        let (store, owner) = self.owning()?;
        let members: Vec<MemberId> = members.iter().map(|m| id("member_id", m)).collect::<Result<_, _>>()?;
        self.written(store.choose_lapsing(owner.actor(), members, choice.map(meant)))?;
        self.win_back()
    }

    /// Sets what is done where nothing is chosen.
    ///
    /// # Errors
    /// `bad_points` for what can't be; `locked`; the machine's.
    pub fn win_back_usual(&self, op_id: &str, usual: &WinBackUsual) -> Answer<WinBack> {
        let (store, owner) = self.owning()?;
        let usual = Usual {
            choice: meant(usual.choice),
            bonus: Points::from(usual.bonus),
        };
        self.written(store.set_lapsing(id("op_id", op_id)?, owner.actor(), usual))?;
        self.win_back()
    }
}

/// The rule's own line; empty where it can't be found.
fn line_of(text: &str) -> String {
    let word = "lapsing";
    let is_it = |line: &&str| {
        line.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    text.lines().map(str::trim).find(is_it).unwrap_or_default().to_owned()
}

fn shown(choice: Choice) -> WinBackChoice {
    match choice {
        Choice::Nudge => WinBackChoice::Nudge,
        Choice::Bonus => WinBackChoice::Bonus,
        Choice::Rest => WinBackChoice::Rest,
    }
}

fn meant(choice: WinBackChoice) -> Choice {
    match choice {
        WinBackChoice::Nudge => Choice::Nudge,
        WinBackChoice::Bonus => Choice::Bonus,
        WinBackChoice::Rest => Choice::Rest,
    }
}

/// What comes next: with how many points, or not before when.
fn next_of(next: Next) -> (WinBackNext, Points, Option<UtcMs>) {
    match next {
        Next::Mail(0) => (WinBackNext::Nudge, 0, None),
        Next::Mail(points) => (WinBackNext::Bonus, points, None),
        Next::Wait(at) => (WinBackNext::Wait, 0, Some(at)),
        Next::Rest(Resting::Enough) => (WinBackNext::Enough, 0, None),
        Next::Rest(Resting::Chosen) => (WinBackNext::RestChosen, 0, None),
        Next::Rest(Resting::Usual) => (WinBackNext::RestUsual, 0, None),
    }
}

fn away_of(away: StaysAway, now: UtcMs) -> Away {
    let (next, points, at) = next_of(away.next);
    Away {
        member_id: away.member.to_string(),
        code: away.code,
        name: away.name,
        last4: away.last4,
        visits: small(away.visits),
        points: small(away.points),
        last_visit_at: away.lapse.since.rfc3339(),
        weeks: small(away.lapse.weeks(now)),
        nudges: small(away.lapse.nudges),
        nudged_at: away.lapse.last.map(UtcMs::rfc3339),
        had_bonus: away.lapse.had_bonus,
        gets_mail: away.gets_mail,
        chosen: away.lapse.chosen.map(|(_, choice)| shown(choice)),
        chosen_by: away.chosen_by.unwrap_or_default(),
        next,
        next_points: small(points),
        next_at: at.map(UtcMs::rfc3339),
    }
}

fn back_of(back: ledger::CameBack) -> CameBack {
    CameBack {
        code: back.code,
        name: back.name,
        last4: back.last4,
        mailed_at: back.mailed_at.rfc3339(),
        mails: small(back.mails),
        bonus: small(back.bonus),
        at: back.at.rfc3339(),
        spent_minor: small(back.spent_minor),
    }
}
