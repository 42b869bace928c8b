//! What an operator types about documents elsewhere. Doing it is `desk`'s.

use clap::Args;
use loyalty::ShopId;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use sync::documents::{DocumentAnswer, DocumentRequest, DocumentState, DocumentsState};

use super::What;
use super::desk::{Desk, in_words, refusal};
use super::fetch::Outside;
use crate::clock;
use crate::commands::CommandError;
use crate::mail::seal::Key;
use crate::store::db::Db;
use crate::store::shops;

/// `document`.
#[derive(Args, Debug)]
pub struct DocumentArgs {
    /// The shop's id
    pub shop: ShopId,
    /// Which document
    #[arg(long, value_enum, default_value = "rules")]
    pub of: What,
    /// It is kept at this address from now on: one of the web, or a Google Doc's link. What it says is published at once
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["look", "try", "stop"])]
    pub set: Option<String>,
    /// Shows what is at this address and would be published. Changes nothing
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["look", "stop"])]
    pub r#try: Option<String>,
    /// Looks at it now
    #[arg(long, conflicts_with = "stop")]
    pub look: bool,
    /// It is looked at no more. What was published last stays
    #[arg(long)]
    pub stop: bool,
    /// The key of the service account by which Google Docs are read, as Google's JSON file has it
    #[arg(long, value_name = "FILE", conflicts_with = "no_google_key")]
    pub google_key: Option<PathBuf>,
    /// Forgets that key
    #[arg(long)]
    pub no_google_key: bool,
    /// Whether the document may be inside this machine's own network
    #[arg(long, env = "REGULARS_RELAY_ALLOW_PRIVATE_ADDRESSES", default_value_t = false, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub allow_private_addresses: bool,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// A file.
    #[error("{0} can't be read: {1}. Check its name and who may read it.")]
    File(PathBuf, std::io::Error),
    /// The relay's key.
    #[error(transparent)]
    Key(#[from] crate::mail::seal::KeyError),
    /// It was refused.
    #[error("{0}")]
    Refused(&'static str),
    /// The document can't be published.
    #[error("Nothing was changed. {0}")]
    Bad(String),
}

/// `document`: what to print.
///
/// # Errors
/// See [`DocumentError`]; where the database is away.
pub async fn run(db: &Db, key_file: Option<&Path>, args: DocumentArgs) -> Result<String, CommandError> {
    shops::get(db, args.shop)
        .await?
        .ok_or(CommandError::UnknownShop(args.shop))?;
    let outside = Outside::new(args.allow_private_addresses);
    let key = match &args.google_key {
        Some(_) => Some(Key::read_or_make(key_file).map_err(DocumentError::Key)?),
        None => Key::read(key_file).ok(),
    };
    let desk = Desk {
        db,
        outside: &outside,
        key: key.as_ref(),
        shop: args.shop,
        now: clock::now(),
    };
    let mut last = DocumentAnswer::default();
    for request in requests(&args)? {
        // Tills that wait at a relay hear of it by the database, or with their next sync.
        last = desk.does(request).await?.0;
        if let Some(refused) = &last.refused {
            return Err(DocumentError::Refused(refusal(refused)).into());
        }
        if let Some(problem) = last.tried.as_ref().and_then(|tried| tried.problem.as_ref()) {
            return Err(DocumentError::Bad(in_words(problem)).into());
        }
    }
    if args.json {
        return Ok(serde_json::to_string(&last).unwrap_or_default());
    }
    Ok(match (last.tried.and_then(|tried| tried.text), last.state) {
        (Some(text), _) => text,
        (None, Some(state)) => said(&state),
        (None, None) => String::new(),
    })
}

/// What was asked for, in order: the key before what needs it.
fn requests(args: &DocumentArgs) -> Result<Vec<DocumentRequest>, DocumentError> {
    let mut all = Vec::new();
    if let Some(file) = &args.google_key {
        let text = std::fs::read_to_string(file).map_err(|error| DocumentError::File(file.clone(), error))?;
        all.push(DocumentRequest::Key { key: Some(text) });
    }
    if args.no_google_key {
        all.push(DocumentRequest::Key { key: None });
    }
    let document = args.of.key().to_owned();
    match (args.set.clone(), args.r#try.clone()) {
        (Some(address), _) => all.push(DocumentRequest::Set { document, address }),
        (None, Some(address)) => all.push(DocumentRequest::Try { document, address }),
        (None, None) if args.look => all.push(DocumentRequest::Now { document }),
        (None, None) if args.stop => all.push(DocumentRequest::Stop { document }),
        (None, None) if all.is_empty() => all.push(DocumentRequest::Look),
        (None, None) => {}
    }
    Ok(all)
}

fn said(state: &DocumentsState) -> String {
    let mut text = String::new();
    for document in &state.documents {
        line(&mut text, document);
    }
    if state.documents.is_empty() {
        text.push_str("The shop keeps nothing in documents elsewhere.\n");
    }
    if let Some(address) = &state.google {
        // Writing to a text can't fail.
        let _ = writeln!(text, "Google Docs are read by {address}: share them with it, to read.");
    }
    text.trim_end().to_owned()
}

fn line(text: &mut String, document: &DocumentState) {
    let (what, address) = (&document.document, &document.address);
    let _ = writeln!(text, "{what}: kept at {address}");
    let at = |at: Option<loyalty::UtcMs>| at.map_or_else(|| "never".to_owned(), loyalty::UtcMs::rfc3339);
    let version = document
        .version
        .map_or(String::new(), |version| format!(" as version {version}"));
    let (looked, published) = (at(document.looked_at), at(document.published_at));
    let _ = writeln!(text, "  looked at {looked}, published {published}{version}");
    if document.by_hand {
        let _ = writeln!(
            text,
            "  since then something else was put in force; that stays until the document changes"
        );
    }
    if let Some(problem) = &document.problem {
        let _ = writeln!(text, "  since {}: {}", problem.since.rfc3339(), in_words(problem));
    }
}
