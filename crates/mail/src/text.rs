//! The part in plain text: what programs show that know no HTML, and what a filter compares with the other part. Markdown goes; a
//! link stands beside its words.

use crate::blocks::{Block, Inline};
use crate::fill::Values;
use crate::kind::{Language, Name};
use crate::render::{Foot, address, fill, flat};
use crate::words;

/// The whole part. Lines are as long as paragraphs: the reader's program breaks them.
pub fn page(all: &[Block], values: &Values, foot: &Foot<'_>, language: Language) -> String {
    let footer = foot.footer;
    let words = words::of(language);
    let mut paragraphs: Vec<String> = all.iter().map(|block| said(block, values)).collect();
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    let mut end = Vec::new();
    if footer.stop.is_some() {
        end.push(foot.why.replace("{}", footer.shop));
    }
    end.extend(
        [footer.shop, footer.postal]
            .iter()
            .filter(|line| !line.is_empty())
            .map(|line| (*line).to_owned()),
    );
    if let Some(stop) = footer.stop {
        end.push(format!("{} {stop}", words.stop_text));
    }
    paragraphs.push(format!("-- \n{}", end.join("\n")));
    paragraphs.join("\n\n") + "\n"
}

fn said(block: &Block, values: &Values) -> String {
    match block {
        Block::Heading(1, parts) => {
            let text = flat(parts, values);
            let under = "=".repeat(text.chars().count().min(72));
            format!("{text}\n{under}")
        }
        Block::Heading(_, parts) => format!("{}:", flat(parts, values).trim_end_matches(':')),
        Block::Paragraph(parts) if is_chart(parts) => chart(values),
        Block::Paragraph(parts) => line(parts, values),
        Block::Button(target, parts) => format!("{}:\n{}", flat(parts, values), address(target, values)),
        Block::List(first, items) => {
            let numbered = items.iter().zip(first.unwrap_or(1)..);
            let items = numbered.map(|(item, number)| {
                let dot = first.map_or_else(|| "- ".to_owned(), |_| format!("{number}. "));
                let inner: Vec<String> = item.iter().map(|block| said(block, values)).collect();
                format!(
                    "{dot}{}",
                    inner
                        .join("\n\n")
                        .replace('\n', &format!("\n{}", " ".repeat(dot.len())))
                )
            });
            items.collect::<Vec<_>>().join("\n")
        }
        Block::Quote(inner) => {
            let inner: Vec<String> = inner.iter().map(|block| said(block, values)).collect();
            format!("> {}", inner.join("\n\n").replace('\n', "\n> "))
        }
        Block::Rule => "* * *".to_owned(),
    }
}

/// Whether a paragraph is the bars and nothing else.
pub fn is_chart(parts: &[Inline]) -> bool {
    matches!(parts, [Inline::Fill(Name::Chart)])
}

/// The bars, each of at most this many characters.
const BAR: i64 = 20;

fn chart(values: &Values) -> String {
    let bars = values.chart();
    let width = bars.iter().map(|bar| bar.label.chars().count()).max().unwrap_or(0);
    let drawn = |length: i64| "#".repeat(usize::try_from(length).unwrap_or(0));
    let lines = bars.iter().map(|bar| {
        let (now, before) = bar.lengths(BAR);
        let (now, before) = (drawn(now), drawn(before));
        format!(
            "{:<width$}  {now} {}\n{:<width$}  {before} {}",
            bar.label,
            values.count(bar.now),
            "",
            values.count(bar.before)
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn line(parts: &[Inline], values: &Values) -> String {
    let mut text = String::new();
    write(parts, values, &mut text);
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

fn write(parts: &[Inline], values: &Values, to: &mut String) {
    for part in parts {
        match part {
            Inline::Text(words) => to.push_str(words),
            Inline::Fill(name) => fill(*name, values, to, &|value, to| to.push_str(value)),
            Inline::Strong(inner) | Inline::Emphasis(inner) => write(inner, values, to),
            Inline::Link(target, inner) => {
                let (words, leads) = (flat(inner, values), address(target, values));
                to.push_str(&words);
                if words != leads {
                    to.push_str(&format!(" ({leads})"));
                }
            }
            Inline::Break => to.push('\n'),
        }
    }
}
