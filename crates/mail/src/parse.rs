//! From the document to mails. Placeholders become single characters that no document may hold, before the Markdown is
//! read: so a link's address may be one, and no value is ever read as Markdown.

use crate::blocks::{self, Block, Inline, Target};
use crate::fill::is_shown;
use crate::kind::{Kind, Language, Name};
use crate::problem::{Problem, What, like};
use crate::voice::{Mail, Voice};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};
use std::collections::btree_map::Entry;
use std::ops::Range;

/// Longest subject and preview, in characters.
const SUBJECT_MAX: usize = 120;
/// Longest text of a mail.
const TEXT_MAX: usize = 20_000;
/// Stands for the first name; the others follow.
const FIRST: u32 = 0xE000;

fn mark(name: Name) -> char {
    char::from_u32(FIRST + u32::from(name as u8)).unwrap_or('?')
}

fn marked(c: char) -> Option<Name> {
    let at = u32::from(c).checked_sub(FIRST)?;
    Name::ALL.get(usize::try_from(at).ok()?).copied()
}

/// Reads a voice.
pub fn voice(text: &str) -> Result<Voice, Vec<Problem>> {
    let mut reader = Reader::default();
    let mut voice = Voice::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() && head(lines[at]).is_none() {
        reader.preamble(lines[at], at + 1, &mut voice);
        at += 1;
    }
    while at < lines.len() {
        let body = lines[at + 1..].iter().position(|line| head(line).is_some());
        let end = body.map_or(lines.len(), |more| at + 1 + more);
        if let Some(key) = reader.head(lines[at], at + 1, voice.language) {
            match voice.mails.entry(key) {
                Entry::Occupied(_) => reader.found(at + 1, 1, What::Twice(key.0)),
                Entry::Vacant(free) => {
                    free.insert(reader.mail(key.0, at + 1, &lines[at + 1..end]));
                }
            }
        }
        at = end;
    }
    reader.problems.sort_by_key(|problem| (problem.line, problem.column));
    if reader.problems.is_empty() {
        Ok(voice)
    } else {
        Err(reader.problems)
    }
}

/// What stands between the brackets of a head.
pub fn head(line: &str) -> Option<&str> {
    line.trim_end().strip_prefix('[')?.strip_suffix(']')
}

/// On which of a document's lines a mail's head stands, from 0.
pub fn place(lines: &[&str], kind: Kind, language: Language) -> Option<usize> {
    let (mut reader, mut voice) = (Reader::default(), Voice::default());
    let begins = lines.iter().position(|line| head(line).is_some())?;
    for (line, number) in lines[..begins].iter().zip(1..) {
        reader.preamble(line, number, &mut voice);
    }
    (begins..lines.len()).find(|at| reader.head(lines[*at], at + 1, voice.language) == Some((kind, language)))
}

#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn found(&mut self, line: usize, column: usize, what: What) {
        self.problems.push(Problem { line, column, what });
    }

    fn preamble(&mut self, line: &str, number: usize, voice: &mut Voice) {
        let said = line.trim();
        match said
            .split_once(':')
            .filter(|(key, _)| key.trim().eq_ignore_ascii_case("language"))
        {
            Some((_, said)) => match Language::named(&said.trim().to_lowercase()) {
                Some(language) => voice.language = language,
                None => self.found(number, 1, What::UnknownLanguage(said.trim().to_owned())),
            },
            None if said.is_empty() => {}
            None => self.found(number, 1, What::Homeless),
        }
    }

    fn head(&mut self, line: &str, number: usize, usual: Language) -> Option<(Kind, Language)> {
        let said = head(line)?;
        let (title, language) = match said.rsplit_once(',') {
            Some((title, language)) => (title.trim(), Some(language.trim())),
            None => (said.trim(), None),
        };
        let kind = Kind::named(&title.to_lowercase());
        if kind.is_none() {
            let like = like(title, Kind::ALL.into_iter().map(Kind::title));
            let said = title.to_owned();
            self.found(number, 2, What::UnknownMail { said, like });
        }
        let language = match language {
            None => Some(usual),
            Some(code) => {
                let known = Language::named(&code.to_lowercase());
                if known.is_none() {
                    let column = line.chars().count().saturating_sub(code.chars().count());
                    self.found(number, column.max(1), What::UnknownLanguage(code.to_owned()));
                }
                known
            }
        };
        Some((kind?, language?))
    }

    /// A mail whose head is on line `at`.
    fn mail(&mut self, kind: Kind, at: usize, lines: &[&str]) -> Mail {
        let mut mail = Mail {
            subject: Vec::new(),
            preview: Vec::new(),
            blocks: Vec::new(),
        };
        let (mut has_subject, mut next) = (false, 0);
        for line in lines {
            let (key, rest) = line.split_once(':').unwrap_or((line, ""));
            let key = key.trim().to_lowercase();
            let column = line.chars().count() - rest.trim_start().chars().count() + 1;
            match key.as_str() {
                "subject" if !has_subject => {
                    has_subject = true;
                    mail.subject = self.line(kind, at + 1 + next, column, rest.trim());
                    if rest.trim().is_empty() {
                        self.found(at + 1 + next, column, What::NoSubject(kind));
                    }
                }
                "preheader" if mail.preview.is_empty() => {
                    mail.preview = self.line(kind, at + 1 + next, column, rest.trim());
                }
                "" if rest.is_empty() => {}
                _ => break,
            }
            next += 1;
        }
        if !has_subject {
            self.found(at, 1, What::NoSubject(kind));
        }
        let before = self.problems.len();
        mail.blocks = self.text(kind, at + 1 + next, &lines[next..]);
        let well = self.problems.len() == before;
        if well && mail.blocks.is_empty() {
            self.found(at, 1, What::NoText(kind));
        } else if well && kind == Kind::Confirm && !blocks::any(&mail.blocks, &|name| name == Name::ConfirmLink) {
            self.found(at, 1, What::NoConfirmLink);
        } else if well && kind == Kind::SignIn && !blocks::any(&mail.blocks, &|name| name == Name::SignInLink) {
            self.found(at, 1, What::NoSignInLink);
        }
        mail
    }

    /// A subject or a preview: words and placeholders, nothing else.
    fn line(&mut self, kind: Kind, number: usize, column: usize, text: &str) -> Vec<Inline> {
        if text.chars().count() > SUBJECT_MAX {
            self.found(number, column, What::TooLong(SUBJECT_MAX));
            return Vec::new();
        }
        let source = self.source(kind, number, column, &[text]);
        let mut parts = Vec::new();
        for c in source.text.trim_end_matches('\n').chars() {
            match marked(c) {
                Some(name) if name.is_link() => self.found(number, column, What::LinkInSubject(name)),
                Some(name) => parts.push(Inline::Fill(name)),
                None => push(&mut parts, c),
            }
        }
        parts
    }

    /// A mail's text.
    fn text(&mut self, kind: Kind, from: usize, lines: &[&str]) -> Vec<Block> {
        if lines.iter().map(|line| line.chars().count() + 1).sum::<usize>() > TEXT_MAX {
            self.found(from, 1, What::TooLong(TEXT_MAX));
            return Vec::new();
        }
        let source = self.source(kind, from, 1, lines);
        let parser = Parser::new_ext(&source.text, Options::empty());
        let mut walk = Walk {
            reader: self,
            source: &source,
            kind,
            events: parser.into_offset_iter().collect::<Vec<_>>().into_iter(),
        };
        walk.blocks()
    }

    /// The lines with a mark for each placeholder.
    fn source(&mut self, kind: Kind, from: usize, column: usize, lines: &[&str]) -> Source {
        let mut source = Source {
            text: String::new(),
            from,
            column,
        };
        for (line, number) in lines.iter().zip(from..) {
            let mut rest = *line;
            let at = |rest: &str| line[..line.len() - rest.len()].chars().count() + column;
            while let Some(open) = rest.find("{{") {
                source.take(self, number, at(rest), &rest[..open]);
                let inside = &rest[open + 2..];
                let Some(close) = inside.find("}}") else {
                    self.found(number, at(&rest[open..]), What::Unclosed);
                    rest = "";
                    break;
                };
                let said = inside[..close].trim();
                let place = at(&rest[open..]);
                match Name::named(said) {
                    Some(name) if kind.names().contains(&name) => source.text.push(mark(name)),
                    Some(name) => self.found(number, place, What::NotHere(name, kind)),
                    None => {
                        let like = like(said, kind.names().iter().map(|name| name.text()));
                        let said = said.to_owned();
                        self.found(number, place, What::UnknownName { said, like, kind });
                    }
                }
                rest = &inside[close + 2..];
            }
            source.take(self, number, at(rest), rest);
            source.text.push('\n');
        }
        source
    }
}

/// A text with marks, and where it stood.
struct Source {
    text: String,
    from: usize,
    column: usize,
}

impl Source {
    fn take(&mut self, reader: &mut Reader, line: usize, column: usize, text: &str) {
        for (c, at) in text.chars().zip(column..) {
            if c == '\t' || is_shown(c) {
                self.text.push(c);
            } else {
                reader.found(line, at, What::Character(c));
            }
        }
    }

    /// The line of a place, and its column as far as no placeholder stands before it.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = &self.text[..at];
        let lines = before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let width = |c: char| marked(c).map_or(1, |name| name.text().len() + 6);
        let column: usize = before[start..].chars().map(width).sum();
        (self.from + lines, column + if lines == 0 { self.column } else { 1 })
    }
}

fn push(parts: &mut Vec<Inline>, c: char) {
    if let Some(Inline::Text(text)) = parts.last_mut() {
        text.push(c);
    } else {
        parts.push(Inline::Text(c.to_string()));
    }
}

/// Over the events of a text.
struct Walk<'a> {
    reader: &'a mut Reader,
    source: &'a Source,
    kind: Kind,
    events: std::vec::IntoIter<(Event<'a>, Range<usize>)>,
}

impl Walk<'_> {
    fn found(&mut self, at: &Range<usize>, what: What) {
        let (line, column) = self.source.place(at.start);
        self.reader.found(line, column, what);
    }

    /// Blocks up to the end of what they are in.
    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        // Words of a tight list's item stand there without a paragraph.
        let mut loose = Vec::new();
        while let Some((event, at)) = self.events.next() {
            let block = match event {
                Event::Start(Tag::Paragraph) => Some(paragraph(self.inlines())),
                Event::Start(Tag::CodeBlock(_)) => Some(Block::Paragraph(self.inlines())),
                Event::Start(Tag::Heading { level, .. }) => {
                    let level = match level {
                        HeadingLevel::H1 => 1,
                        HeadingLevel::H2 => 2,
                        _ => 3,
                    };
                    Some(Block::Heading(level, self.inlines()))
                }
                Event::Start(Tag::BlockQuote(_)) => Some(Block::Quote(self.blocks())),
                Event::Start(Tag::List(first)) => {
                    let items = self.items();
                    Some(Block::List(first, items))
                }
                Event::Start(Tag::HtmlBlock) => {
                    self.found(&at, What::Html);
                    self.inlines();
                    None
                }
                Event::Rule => Some(Block::Rule),
                Event::End(_) => break,
                other => {
                    self.inline(other, &at, &mut loose);
                    continue;
                }
            };
            if !loose.is_empty() {
                blocks.push(paragraph(std::mem::take(&mut loose)));
            }
            blocks.extend(block);
        }
        if !loose.is_empty() {
            blocks.push(paragraph(loose));
        }
        blocks
    }

    fn items(&mut self) -> Vec<Vec<Block>> {
        let mut items = Vec::new();
        while let Some((Event::Start(Tag::Item), _)) = self.events.next() {
            items.push(self.blocks());
        }
        items
    }

    /// Parts of a line up to the end of what they are in.
    fn inlines(&mut self) -> Vec<Inline> {
        let mut parts = Vec::new();
        while let Some((event, at)) = self.events.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            self.inline(event, &at, &mut parts);
        }
        parts
    }

    fn inline(&mut self, event: Event<'_>, at: &Range<usize>, parts: &mut Vec<Inline>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.words(&text, at, parts),
            Event::SoftBreak => push(parts, ' '),
            Event::HardBreak => parts.push(Inline::Break),
            Event::Html(_) | Event::InlineHtml(_) => self.found(at, What::Html),
            Event::Start(Tag::Strong) => {
                let inner = self.inlines();
                parts.push(Inline::Strong(inner));
            }
            Event::Start(Tag::Emphasis) => {
                let inner = self.inlines();
                parts.push(Inline::Emphasis(inner));
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                let inner = self.inlines();
                match target(&dest_url) {
                    Some(target) => parts.push(Inline::Link(target, inner)),
                    None => self.found(at, What::BadLink(shown(&dest_url))),
                }
            }
            Event::Start(Tag::Image { .. }) => {
                self.inlines();
                self.found(at, What::Picture);
            }
            // Nothing else is switched on; whatever it is, its words are kept.
            Event::Start(_) => parts.extend(self.inlines()),
            _ => {}
        }
    }

    fn words(&mut self, text: &str, at: &Range<usize>, parts: &mut Vec<Inline>) {
        for c in text.chars() {
            match marked(c) {
                // A mark can also be written as `&#xE000;`.
                Some(name) if self.kind.names().contains(&name) => parts.push(match name.is_link() {
                    true => Inline::Link(Target::Fill(name), vec![Inline::Fill(name)]),
                    false => Inline::Fill(name),
                }),
                None if c == '\n' => parts.push(Inline::Break),
                None if c == '\t' || is_shown(c) => push(parts, c),
                _ => self.found(at, What::Character(c)),
            }
        }
    }
}

/// A paragraph that is nothing but a link is a button.
fn paragraph(mut parts: Vec<Inline>) -> Block {
    match (parts.pop(), parts.is_empty()) {
        // A link whose words are its address stays a link.
        (Some(Inline::Link(target, words)), true) if !is_bare(&words) => Block::Button(target, words),
        (last, _) => {
            parts.extend(last);
            Block::Paragraph(parts)
        }
    }
}

fn is_bare(words: &[Inline]) -> bool {
    match words {
        [Inline::Fill(name)] => name.is_link(),
        [Inline::Text(text)] => text.starts_with("https://") || text.starts_with("http://"),
        _ => false,
    }
}

/// Where a link leads, if it does.
fn target(address: &str) -> Option<Target> {
    let mut chars = address.chars();
    if let (Some(name), None) = (chars.next().and_then(marked), chars.next()) {
        return name.is_link().then_some(Target::Fill(name));
    }
    let known = ["https://", "http://", "mailto:", "tel:"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme));
    let rest = known.filter(|rest| !rest.is_empty())?;
    let plain = rest.chars().all(|c| {
        marked(c).is_none() && is_shown(c) && !c.is_whitespace() && !matches!(c, '"' | '<' | '>' | '\'' | '`' | '\\')
    });
    plain.then(|| Target::Fixed(address.to_owned()))
}

/// An address as it was written.
fn shown(address: &str) -> String {
    address
        .chars()
        .map(|c| marked(c).map_or_else(|| c.to_string(), |name| format!("{{{{ {name} }}}}")))
        .collect()
}
