//! Links in documents lead somewhere: to a file of the repository, and to a heading that it has.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::tree::Tree;

/// What code hosts understand, and no more: typographic quotes, say, would change the names of headings.
const FLAVOUR: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_FOOTNOTES);

/// What a document offers to links and what it links to.
#[derive(Default)]
struct Document {
    anchors: BTreeSet<String>,
    /// Each with the line it is on.
    links: Vec<(usize, String)>,
}

pub fn check(tree: &Tree) -> Vec<Problem> {
    let documents: BTreeMap<&str, Document> = tree.ending(&["md"]).map(|(path, text)| (path, read(text))).collect();
    let mut problems = Vec::new();
    for (path, document) in &documents {
        for (line, link) in &document.links {
            problems.extend(dead(tree, &documents, path, link).map(|what| Problem::new(path, *line, what)));
        }
    }
    problems
}

/// Why the link leads nowhere. Links to other sites are not asked after.
fn dead(tree: &Tree, documents: &BTreeMap<&str, Document>, from: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") || link.starts_with("tel:") {
        return None;
    }
    let (file, anchor) = link
        .split_once('#')
        .map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let Some(target) = (if file.is_empty() {
        Some(from.to_string())
    } else {
        resolve(from, file)
    }) else {
        return Some(format!(
            "the link `{link}` leads out of the repository. Link to a file in it, or to an address."
        ));
    };
    if !tree.has(&target) {
        return Some(format!(
            "the link `{link}` is dead: there is no {target}. Correct it or take it out."
        ));
    }
    let document = documents.get(target.as_str())?;
    let anchor = anchor.filter(|anchor| !anchor.is_empty())?;
    let missing = !document.anchors.contains(&decode(anchor));
    missing.then(|| format!("the link `{link}` is dead: {target} has no heading #{anchor}. Correct it or take it out."))
}

/// The file a relative link means, from the root; None when it leads out of it.
fn resolve(from: &str, link: &str) -> Option<String> {
    let link = decode(link.split('?').next().unwrap_or(link));
    let mut parts: Vec<&str> = if link.starts_with('/') {
        Vec::new()
    } else {
        from.split('/').collect()
    };
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => (),
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Undoes `%20` and its like.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text
            .get(at + 1..at + 3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn read(text: &str) -> Document {
    let mut document = Document::default();
    let mut heading: Option<String> = None;
    for (event, range) in Parser::new_ext(text, FLAVOUR).into_offset_iter() {
        let line = text[..range.start].matches('\n').count() + 1;
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let twins = (1..).map(|n| format!("{slug}-{n}"));
                let free = std::iter::once(slug.clone())
                    .chain(twins)
                    .find(|name| !document.anchors.contains(name));
                document.anchors.extend(free);
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                document.links.push((line, dest_url.to_string()));
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                document
                    .links
                    .extend(attributes(&html, &["href", "src"]).map(|link| (line, link)));
                document.anchors.extend(attributes(&html, &["id", "name"]));
            }
            _ => (),
        }
    }
    document
}

/// The values of these attributes in a piece of HTML.
fn attributes(html: &str, names: &[&str]) -> impl Iterator<Item = String> {
    let mut values = Vec::new();
    for name in names {
        for (at, opening) in html.match_indices(&format!(" {name}=\"")) {
            let rest = &html[at + opening.len()..];
            values.extend(rest.split_once('"').map(|(value, _)| value.to_string()));
        }
    }
    values.into_iter()
}

/// The name that code hosts give a heading.
fn slug(heading: &str) -> String {
    let kept = heading
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<(usize, String)> {
        let other = "# Till, *really*\n## Till, really\n<a id=\"here\"></a>\n";
        let tree = Tree::of(&[
            ("docs/a.md", text),
            ("docs/b c.md", other),
            ("src/x.rs", ""),
            ("README.md", "# Top"),
        ]);
        check(&tree)
            .into_iter()
            .map(|problem| (problem.line, problem.what))
            .collect()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text = "# One `two`\n[a](b%20c.md) [b](../src/x.rs#L3) [c](#one-two) [d](b%20c.md#till-really-1)\n\
            [e](https://x.example/y#z) [f](mailto:a@x.example) [g](/README.md#top) [h](../src) [i](<b c.md#here>)\n\n\
            ```\n[code](nowhere.md)\n```\n`[code](nowhere.md)`\n\n[r]: b%20c.md\n";
        assert_eq!(problems(text), []);
    }

    #[test]
    fn dead_files_are_found_with_their_line() {
        let found = problems(
            "Text.\n\nMore [a](nowhere.md).\n\n![b](gone.png)\n\n<img alt=\"x\" src=\"lost.png\">\n\n[see][r]\n\n[r]: away.md\n",
        );
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5, 7, 9]);
        assert!(found[0].1.contains("there is no docs/nowhere.md"), "{found:?}");
    }

    #[test]
    fn dead_headings_are_found() {
        assert!(
            problems("[a](b%20c.md#till-really-2)")[0]
                .1
                .contains("no heading #till-really-2")
        );
        assert!(problems("[a](#nothing)")[0].1.contains("docs/a.md has no heading"));
    }

    #[test]
    fn links_out_of_the_repository_are_found() {
        assert!(
            problems("[a](../../shared/x.md)")[0]
                .1
                .contains("out of the repository")
        );
    }

    #[test]
    fn odd_percents_are_text() {
        assert_eq!(decode("100%é%2"), "100%é%2");
        assert_eq!(decode("a%20b%C3%A9"), "a bé");
    }
}
