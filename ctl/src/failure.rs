//! How a command fails: the closed codes, the exit codes, and what is said, as JSON and in words.

use clap::error::ErrorKind;
use imports::ImportError;
use ledger::{StorageError, TillInfo};
use loyalty::rules::RuleError;
use loyalty::{Code, Refusal, UtcMs};
use pos::file::HeaderError;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::ExitCode;

/// A result of this program.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a command was not done.
#[derive(Debug)]
pub enum Failure {
    /// The command line asks for something that can't be.
    Usage(String),
    /// The store, or a rule of the programme, says no.
    Ledger(ledger::Error),
    /// There are not enough points here; these tills hold some.
    Elsewhere(Refusal, Vec<TillInfo>),
    /// A file's first line does not name the columns.
    Header(HeaderError),
    /// The same file is being imported by another process.
    ImportedElsewhere,
    /// The shop's secrets can't be read or kept.
    Secrets(secrets::SecretsError),
    /// The relay can't be reached, or says no.
    Link(link::LinkError),
}

impl Failure {
    /// Something wrong with the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// 2 usage, 3 refused by a rule or the relay, 4 damaged data or a failing machine, 5 the relay can't be reached.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Ledger(ledger::Error::Refused(_) | ledger::Error::Rules(_))
            | Self::Elsewhere(..)
            | Self::Header(_) => 3,
            Self::Link(link::LinkError::Offline(_)) => 5,
            Self::Link(_) => 3,
            Self::Ledger(ledger::Error::Storage(_)) | Self::ImportedElsewhere | Self::Secrets(_) => 4,
        })
    }

    /// `{"code", "message"}` and what else belongs to it.
    pub fn json(&self) -> Value {
        match self {
            Self::Usage(message) => json!({"code": "usage", "message": message}),
            Self::Ledger(ledger::Error::Refused(r)) => of_refusal(r),
            Self::Elsewhere(r, tills) => {
                let mut json = of_refusal(r);
                json["elsewhere"] = tills
                    .iter()
                    .map(|t| json!({"till_id": t.till, "name": t.name, "seen_at": t.seen_at.map(UtcMs::rfc3339)}))
                    .collect();
                json
            }
            Self::Ledger(ledger::Error::Rules(errors)) => {
                json!({"code": Code::BadRules, "message": Code::BadRules.sentence(), "errors": errors})
            }
            Self::Ledger(ledger::Error::Storage(s)) => json!({
                "code": s.code.as_str(), "message": s.code.sentence(), "path": s.path, "detail": s.detail,
            }),
            Self::Header(e) => json!({
                "code": e.code(), "message": e.to_string(), "field": "header",
                "value": e.columns.join(", "), "found": e.found,
            }),
            Self::ImportedElsewhere => json!({"code": "in_use", "message": self.words()}),
            Self::Link(e) => json!({"code": e.code(), "message": e.to_string()}),
            Self::Secrets(e) => json!({"code": "secrets", "message": self.words(), "detail": e.to_string()}),
        }
    }

    /// What happened, then what to do.
    pub fn words(&self) -> String {
        match self {
            Self::Usage(message) => message.clone(),
            Self::Ledger(ledger::Error::Refused(r)) => words_of_refusal(r),
            Self::Elsewhere(r, tills) => {
                let names: Vec<&str> = tills.iter().map(|t| t.name.as_str()).collect();
                format!(
                    "{} Some are held at {}, which has to be connected to give them back.",
                    words_of_refusal(r),
                    names.join(", ")
                )
            }
            Self::Ledger(ledger::Error::Rules(errors)) => {
                format!("{}{}", Code::BadRules.sentence(), words_of_rules(errors))
            }
            Self::Ledger(ledger::Error::Storage(s)) => s.to_string(),
            Self::Header(e) => format!("{e} Use --map FIELD=\"HEADER\"."),
            Self::ImportedElsewhere => {
                "Another program is importing this very file. Let it finish, then look at its report.".to_owned()
            }
            Self::Link(e) => format!("{e}.").replace("..", "."),
            Self::Secrets(e) => format!("The shop's secrets can't be read or kept: {e}."),
        }
    }
}

fn of_refusal(r: &Refusal) -> Value {
    let mut json = json!({"code": r.code, "message": r.code.sentence(), "field": r.field, "value": r.value});
    if let (Some(number), Some(map)) = (r.number, json.as_object_mut()) {
        map.insert("number".into(), number.into());
    }
    json
}

fn words_of_refusal(r: &Refusal) -> String {
    match (r.code, r.number) {
        (Code::NotEnoughPoints, Some(missing)) => {
            format!("{} {} missing.", r.code.sentence(), crate::out::points_are(missing))
        }
        _ => r.to_string(),
    }
}

/// One line for each error, as compilers write them.
pub fn words_of_rules(errors: &[RuleError]) -> String {
    let mut text = String::new();
    for e in errors {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n  line {}, column {}: expected {}.",
            e.line,
            e.column,
            e.expected.trim_end_matches(" …")
        );
        if let Some(suggestion) = &e.suggestion {
            let _ = write!(text, " Perhaps: {suggestion}");
        }
    }
    text
}

/// Arguments that can't be read: said as clap says it, and as JSON where that was asked for. Help is no failure.
pub fn of_arguments(e: &clap::Error) -> ExitCode {
    // Nobody to tell if even this can't be written.
    let _ = e.print();
    if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().any(|a| a == "--json") {
        let said = e.render().to_string();
        let first = said.lines().next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(first).to_owned();
        crate::out::Out::new(true).failed(&Failure::Usage(message));
    }
    ExitCode::from(2)
}

impl From<link::LinkError> for Failure {
    fn from(e: link::LinkError) -> Self {
        match e {
            link::LinkError::Ledger(e) => e.into(),
            link::LinkError::Secrets(e) => e.into(),
            e => Self::Link(e),
        }
    }
}

impl From<ledger::Error> for Failure {
    fn from(e: ledger::Error) -> Self {
        Self::Ledger(e)
    }
}

impl From<StorageError> for Failure {
    fn from(e: StorageError) -> Self {
        Self::Ledger(e.into())
    }
}

impl From<Refusal> for Failure {
    fn from(e: Refusal) -> Self {
        Self::Ledger(e.into())
    }
}

impl From<secrets::SecretsError> for Failure {
    fn from(e: secrets::SecretsError) -> Self {
        Self::Secrets(e)
    }
}

impl From<ImportError> for Failure {
    fn from(e: ImportError) -> Self {
        match e {
            ImportError::Ledger(e) => e.into(),
            ImportError::Header(e) => Self::Header(e),
            ImportError::Read { path, source } => crate::place::io(&path)(source),
            ImportError::Write { path, source } => crate::place::unwritten(&path)(source),
            ImportError::SameFile => Self::usage("--rejects names the very file that is imported. Name another."),
            ImportError::Elsewhere => Self::ImportedElsewhere,
        }
    }
}
