//! The messages about mail, one of each with every field: for `describing`.

use loyalty::{MemberId, UtcMs};
use serde_json::{Value, json};
use sync::bytes::Fixed;
use sync::mail::{
    MailAnswer, MailCount, MailEnds, MailFinding, MailJob, MailLine, MailRecord, MailRefusal, MailRequest, MailRun,
    MailSaid, MailSettings, MailState, MailStuck, VoiceProblem, VoiceVersion,
};
use sync::outreach::{
    OutreachAnswer, OutreachMail, OutreachPassed, OutreachRequest, OutreachSeen, OutreachState, OutreachTo,
    OutreachVendor,
};
use sync::standing::{StandingAnswer, StandingAsked, StandingKnown, StandingRequest};

use crate::till::id;

/// Those of `sync::mail`.
pub fn mail() -> Vec<(&'static str, Value)> {
    let text = || "x".to_owned();
    let settings = MailSettings {
        sender: text(),
        reply_to: text(),
        owner: text(),
        postal: text(),
        host: text(),
        port: 1,
        security: text(),
        username: text(),
        has_password: true,
        per_hour: 1,
        per_week: 1,
        quiet: text(),
        paused: true,
    };
    let (mails, kind) = (vec![text()], Some(text()));
    let preview = MailRequest::Preview {
        kind: text(),
        voice: Some(text()),
        member: Some(MemberId(id())),
    };
    let requests = [
        MailRequest::Stop { mails, kind },
        MailRequest::Set {
            settings: settings.clone(),
            password: Some(text()),
        },
        MailRequest::Job {
            job: text(),
            calendar: Some(text()),
        },
        MailRequest::RollBack { version: 1 },
        preview,
    ];
    let line = MailLine {
        id: text(),
        kind: text(),
        member: Some(MemberId(id())),
        state: text(),
        at: UtcMs(1),
        why: Some(text()),
        reward: Some(text()),
        partner: Some(text()),
    };
    let state = MailState {
        settings: Some(settings),
        keeps_passwords: true,
        waiting: vec![line.clone()],
        kinds: vec![MailCount {
            kind: text(),
            waiting: 1,
            stopped: 1,
        }],
        gone: vec![line],
        ends: vec![MailEnds {
            state: text(),
            mails: 1,
        }],
        stuck: MailStuck {
            mails: 1,
            since: Some(UtcMs(1)),
            problem: Some(text()),
            problem_at: Some(UtcMs(1)),
        },
        jobs: vec![MailJob {
            job: text(),
            calendar: Some(text()),
            next_at: Some(UtcMs(1)),
        }],
        runs: vec![MailRun {
            job: text(),
            planned_at: UtcMs(1),
            ran_at: UtcMs(1),
            outcome: text(),
            made: 1,
        }],
        voices: vec![VoiceVersion {
            version: 1,
            at: UtcMs(1),
            text: text(),
            by: Some(text()),
        }],
        built_in: text(),
        mails: vec![text()],
    };
    let record = MailRecord {
        name: text(),
        kind: text(),
        text: text(),
    };
    let answer = MailAnswer {
        state: Some(state.clone()),
        problems: Some(vec![VoiceProblem {
            line: 1,
            column: 1,
            length: 1,
            words: text(),
            code: text(),
            values: vec![text()],
            suggestion: Some(text()),
        }]),
        findings: Some(vec![MailFinding {
            what: text(),
            code: text(),
            values: vec![text()],
            good: true,
            said: text(),
            record: Some(record),
        }]),
        said: Some(MailSaid {
            subject: text(),
            text: text(),
            html: text(),
        }),
        refused: Some(MailRefusal {
            code: text(),
            field: text(),
            said: text(),
        }),
    };
    let mut all: Vec<_> = requests.iter().map(|one| ("MailRequest", json!(one))).collect();
    all.extend([
        ("MailSettings", json!(state.settings)),
        ("MailLine", json!(state.waiting[0])),
        ("MailCount", json!(state.kinds[0])),
        ("MailEnds", json!(state.ends[0])),
        ("MailStuck", json!(state.stuck)),
        ("MailJob", json!(state.jobs[0])),
        ("MailRun", json!(state.runs[0])),
        ("VoiceVersion", json!(state.voices[0])),
        ("MailState", json!(state)),
        ("VoiceProblem", json!(answer.problems.as_ref().unwrap()[0])),
        ("MailFinding", json!(answer.findings.as_ref().unwrap()[0])),
        ("MailRecord", json!(answer.findings.as_ref().unwrap()[0].record)),
        ("MailSaid", json!(answer.said)),
        ("MailRefusal", json!(answer.refused)),
        ("MailAnswer", json!(answer)),
    ]);
    all
}

/// Those of `sync::outreach`.
pub fn outreach() -> Vec<(&'static str, Value)> {
    let text = || "x".to_owned();
    let to = OutreachTo {
        code: text(),
        name: text(),
        address: text(),
    };
    let seen = OutreachSeen {
        mail: id(),
        seen: text(),
    };
    let requests = [
        OutreachRequest::Draft {
            to: vec![to.clone()],
            by: text(),
        },
        OutreachRequest::Edit {
            mail: id(),
            words: text(),
            by: text(),
        },
        OutreachRequest::Decide {
            mails: vec![seen.clone()],
            approve: true,
            by: text(),
        },
    ];
    let said = MailSaid {
        subject: text(),
        text: text(),
        html: text(),
    };
    let vendor = OutreachVendor {
        code: text(),
        campaign: text(),
        name: Some(text()),
        address: Some(text()),
        last_at: Some(UtcMs(1)),
        waits: true,
        closed: Some(text()),
    };
    let mail = OutreachMail {
        mail: id(),
        code: text(),
        name: text(),
        address: text(),
        subject: text(),
        state: text(),
        at: UtcMs(1),
        why: Some(text()),
        undo: true,
        seen: text(),
        words: Some(text()),
        said: Some(said.clone()),
        drafted_by: text(),
        drafted_at: UtcMs(1),
        edited_by: Some(text()),
        edited_at: Some(UtcMs(1)),
        decided_by: Some(text()),
        decided_at: Some(UtcMs(1)),
    };
    let state = OutreachState {
        sends: true,
        vendors: vec![vendor.clone()],
        mails: vec![mail.clone()],
        waiting: 1,
    };
    let passed = OutreachPassed {
        code: text(),
        why: text(),
    };
    let answer = OutreachAnswer {
        state: Some(state.clone()),
        waiting: Some(1),
        passed: Some(vec![passed.clone()]),
        said: Some(said),
        problems: Some(Vec::new()),
        refused: Some(MailRefusal {
            code: text(),
            field: text(),
            said: text(),
        }),
    };
    let mut all: Vec<_> = requests.iter().map(|one| ("OutreachRequest", json!(one))).collect();
    all.extend([
        ("OutreachTo", json!(to)),
        ("OutreachSeen", json!(seen)),
        ("OutreachVendor", json!(vendor)),
        ("OutreachMail", json!(mail)),
        ("OutreachState", json!(state)),
        ("OutreachPassed", json!(passed)),
        ("OutreachAnswer", json!(answer)),
    ]);
    all
}

/// Those of `sync::standing`.
pub fn standing() -> Vec<(&'static str, Value)> {
    let asked = StandingAsked {
        member: MemberId(id()),
        address: Fixed([0; 32]),
    };
    let known = StandingKnown {
        member: MemberId(id()),
        confirmed: true,
    };
    let request = StandingRequest {
        salt: Fixed([0; 16]),
        ask: vec![asked],
    };
    let answer = StandingAnswer {
        sends: true,
        known: vec![known],
    };
    vec![
        ("StandingRequest", json!(request)),
        ("StandingAsked", json!(asked)),
        ("StandingAnswer", json!(answer)),
        ("StandingKnown", json!(known)),
    ]
}
