//! What a mail says, once it is read: a few kinds of blocks, with places for what differs from one member to the next.
//! Values come in only after this was built, so nothing in them can be taken for structure.

use crate::kind::Name;

/// A block of a mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A head, from 1 (large) to 3.
    Heading(u8, Vec<Inline>),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A link that stands alone.
    Button(Target, Vec<Inline>),
    /// A list: numbered from here, or with dots.
    List(Option<u64>, Vec<Vec<Block>>),
    /// A quotation.
    Quote(Vec<Block>),
    /// A line across.
    Rule,
}

/// A part of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inline {
    /// Words.
    Text(String),
    /// What differs.
    Fill(Name),
    /// Bold.
    Strong(Vec<Inline>),
    /// Italic.
    Emphasis(Vec<Inline>),
    /// A link.
    Link(Target, Vec<Inline>),
    /// A new line.
    Break,
}

/// Where a link leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// There.
    Fixed(String),
    /// To what differs.
    Fill(Name),
}

/// Whether any of these speaks of what `lacks` says is not there.
pub fn speaks_of(line: &[Inline], lacks: &dyn Fn(Name) -> bool) -> bool {
    line.iter().any(|part| match part {
        Inline::Text(_) | Inline::Break => false,
        Inline::Fill(name) => lacks(*name),
        Inline::Strong(parts) | Inline::Emphasis(parts) => speaks_of(parts, lacks),
        Inline::Link(target, parts) => leads_to(target, lacks) || speaks_of(parts, lacks),
    })
}

/// Whether a link leads to what `lacks` says is not there.
pub fn leads_to(target: &Target, lacks: &dyn Fn(Name) -> bool) -> bool {
    matches!(target, Target::Fill(name) if lacks(*name))
}

/// Whether any block speaks of a name that `is` says it is.
pub fn any(blocks: &[Block], is: &dyn Fn(Name) -> bool) -> bool {
    blocks.iter().any(|block| match block {
        Block::Heading(_, line) | Block::Paragraph(line) => speaks_of(line, is),
        Block::Button(target, line) => leads_to(target, is) || speaks_of(line, is),
        Block::List(_, items) => items.iter().any(|item| any(item, is)),
        Block::Quote(blocks) => any(blocks, is),
        Block::Rule => false,
    })
}
