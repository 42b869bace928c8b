//! A mail with its values: the subject, the text and the HTML. What a value is missing for is left out, paragraph by
//! paragraph.

use crate::blocks::{self, Block, Inline, Target};
use crate::fill::Values;
use crate::html::{self, Look};
use crate::kind::{Kind, Language, Name};
use crate::text;
use crate::voice::Voice;
use crate::words;

/// Longest subject with its values, in characters.
const SUBJECT_MAX: usize = 200;

/// What stands under every mail.
#[derive(Clone, Debug)]
pub struct Footer<'a> {
    /// The shop's name.
    pub shop: &'a str,
    /// Where it is, for the post.
    pub postal: &'a str,
    /// Where the mails can be stopped; none where nobody asked for them.
    pub stop: Option<&'a str>,
}

/// The same with why its reader gets it.
pub(crate) struct Foot<'a> {
    pub footer: &'a Footer<'a>,
    pub why: &'static str,
}

/// A mail that can be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    /// On one line.
    pub subject: String,
    /// The part in plain text.
    pub text: String,
    /// The part in HTML.
    pub html: String,
}

/// Says a mail.
#[must_use]
pub fn render(
    voice: &Voice,
    kind: Kind,
    language: Language,
    values: &Values,
    footer: &Footer<'_>,
    look: &Look,
) -> Rendered {
    let mail = voice.mail(kind, language);
    let blocks = present(&mail.blocks, &|name| values.lacks(name));
    let subject: String = flat(&mail.subject, values).chars().take(SUBJECT_MAX).collect();
    let preview = if blocks::speaks_of(&mail.preview, &|name| values.lacks(name)) {
        String::new()
    } else {
        flat(&mail.preview, values)
    };
    let why = words::of(language).why(kind);
    let foot = Foot { footer, why };
    Rendered {
        text: text::page(&blocks, values, &foot, language),
        html: html::page(&subject, &preview, &blocks, values, &foot, language, look),
        subject,
    }
}

/// The blocks that lack nothing.
fn present(all: &[Block], lacks: &dyn Fn(Name) -> bool) -> Vec<Block> {
    let kept = all.iter().filter_map(|block| match block {
        Block::Heading(_, line) | Block::Paragraph(line) if blocks::speaks_of(line, lacks) => None,
        Block::Button(target, line) if blocks::leads_to(target, lacks) || blocks::speaks_of(line, lacks) => None,
        Block::List(first, items) => {
            let items: Vec<Vec<Block>> = items
                .iter()
                .map(|item| present(item, lacks))
                .filter(|item| !item.is_empty())
                .collect();
            (!items.is_empty()).then_some(Block::List(*first, items))
        }
        Block::Quote(inner) => {
            let inner = present(inner, lacks);
            (!inner.is_empty()).then_some(Block::Quote(inner))
        }
        other => Some(other.clone()),
    });
    kept.collect()
}

/// A line's words, one after the other. Where a value is empty, so is the blank before it.
pub fn flat(line: &[Inline], values: &Values) -> String {
    let mut text = String::new();
    say(line, values, &mut text, &|part, text| text.push_str(part));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Says the words of a line, without structure, through `write`.
pub fn say(line: &[Inline], values: &Values, to: &mut String, write: &dyn Fn(&str, &mut String)) {
    for part in line {
        match part {
            Inline::Text(words) => write(words, to),
            Inline::Fill(name) => fill(*name, values, to, write),
            Inline::Strong(parts) | Inline::Emphasis(parts) | Inline::Link(_, parts) => say(parts, values, to, write),
            Inline::Break => to.push(' '),
        }
    }
}

/// Says a value. Where there is none, the blank before it goes, too.
pub fn fill(name: Name, values: &Values, to: &mut String, write: &dyn Fn(&str, &mut String)) {
    match values.get(name).filter(|value| !value.is_empty()) {
        Some(value) => write(value, to),
        None if to.ends_with(' ') => {
            to.pop();
        }
        None => {}
    }
}

/// Where a link leads.
pub fn address<'a>(target: &'a Target, values: &'a Values) -> &'a str {
    match target {
        Target::Fixed(address) => address,
        Target::Fill(name) => values.get(*name).unwrap_or_default(),
    }
}
