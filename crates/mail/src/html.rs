//! The part in HTML: one column of at most 600 pixels, styles on the elements themselves, light and dark, nothing from
//! elsewhere. Everything that is written is escaped here.

use crate::blocks::{Block, Inline};
use crate::fill::Values;
use crate::kind::Language;
use crate::render::{Foot, address, fill};
use crate::text::is_chart;
use crate::words;
use std::fmt::Write as _;

/// The shop's colour, and black or white on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    /// Red, green, blue.
    pub accent: [u8; 3],
    /// What can be read on it.
    pub on_accent: [u8; 3],
}

impl Default for Look {
    fn default() -> Self {
        Self {
            accent: [0x1c, 0x4f, 0x43],
            on_accent: [0xff; 3],
        }
    }
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// What mail programs that know dark mode use in place of the styles on the elements.
const DARK: &str = ":root{color-scheme:light dark;supported-color-schemes:light dark}\
@media (prefers-color-scheme:dark){.page{background:#161616!important}.card{background:#222222!important}\
.card p,.card li,.card td,.card th,.card h1,.card h2,.card h3,.card a{color:#f2f2f2!important}.card a.go{color:inherit}\
.foot p,.foot a{color:#b8b8b8!important}}";

const FONT: &str = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/// The whole part.
pub fn page(
    subject: &str,
    preview: &str,
    all: &[Block],
    values: &Values,
    foot: &Foot<'_>,
    language: Language,
    look: &Look,
) -> String {
    let mut body = String::new();
    if !matches!(all.first(), Some(Block::Heading(1, _))) {
        // Every page has a head; a screen reader jumps to it.
        let head = Block::Heading(1, vec![Inline::Text(subject.to_owned())]);
        write_block(&head, values, look, &mut body);
    }
    for block in all {
        write_block(block, values, look, &mut body);
    }
    let code = language.code();
    let (title, preview) = (escaped(subject), shown_before(preview));
    let foot = footed(foot, language);
    // The button's own colour is stronger than what dark mode says of links.
    let go = format!(".card a.go{{color:{}!important}}", hex(look.on_accent));
    format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{DARK}{go}</style>\n</head>\n\
         <body class=\"page\" style=\"margin:0;padding:0;background:#f3f3f1\">\n{preview}\
         <table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"background:#f3f3f1\"><tr>\
         <td align=\"center\" style=\"padding:24px 12px\">\n\
         <table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" style=\"width:100%;max-width:600px\">\n\
         <tr><td class=\"card\" style=\"background:#ffffff;border-radius:8px;padding:28px 28px 12px\"><main>\n{body}</main></td></tr>\n\
         <tr><td class=\"foot\" style=\"padding:20px 28px\">\n<footer>{foot}</footer></td></tr>\n</table>\n</td></tr></table>\n</body>\n</html>\n"
    )
}

/// What the list of mails shows beside the subject. What follows keeps the rest of the mail out of there.
fn shown_before(preview: &str) -> String {
    if preview.is_empty() {
        return String::new();
    }
    let blanks = "&#847;&zwnj;&nbsp;".repeat(40);
    format!(
        "<div aria-hidden=\"true\" style=\"display:none;max-height:0;max-width:0;overflow:hidden;opacity:0\">{}{blanks}</div>\n",
        escaped(preview)
    )
}

fn footed(foot: &Foot<'_>, language: Language) -> String {
    let footer = foot.footer;
    let words = words::of(language);
    let style = format!("margin:0 0 8px;{FONT};font-size:13px;line-height:1.5;color:#5a5a5a");
    let mut said = String::new();
    let shop = escaped(footer.shop);
    if footer.stop.is_some() {
        let _ = writeln!(
            said,
            "<p style=\"{style}\">{}</p>",
            escaped(foot.why).replace("{}", &shop)
        );
    }
    let postal = if footer.postal.is_empty() {
        String::new()
    } else {
        format!("<br>{}", escaped(footer.postal).replace('\n', "<br>"))
    };
    let _ = writeln!(said, "<p style=\"{style}\">{shop}{postal}</p>");
    if let Some(stop) = footer.stop {
        let _ = writeln!(
            said,
            "<p style=\"{style}\"><a href=\"{}\" style=\"color:#5a5a5a;text-decoration:underline\">{}</a></p>",
            escaped(stop),
            escaped(words.stop)
        );
    }
    said
}

fn write_block(block: &Block, values: &Values, look: &Look, to: &mut String) {
    let text = format!("{FONT};font-size:17px;line-height:1.5;color:#1d1d1b");
    // Writing to a text can't fail.
    let _ = match block {
        Block::Heading(level, parts) => {
            let size = [26, 21, 18][usize::from(*level - 1).min(2)];
            let line = line(parts, values);
            writeln!(
                to,
                "<h{level} style=\"margin:0 0 12px;{FONT};font-size:{size}px;line-height:1.25;color:#1d1d1b\">{line}</h{level}>"
            )
        }
        Block::Paragraph(parts) if is_chart(parts) => writeln!(to, "{}", chart(values, look)),
        Block::Paragraph(parts) => writeln!(
            to,
            "<p style=\"margin:0 0 18px;{text};overflow-wrap:anywhere\">{}</p>",
            line(parts, values)
        ),
        Block::Button(target, parts) => {
            let (leads, words) = (escaped(address(target, values)), line(parts, values));
            let (accent, on) = (hex(look.accent), hex(look.on_accent));
            writeln!(
                to,
                "<p style=\"margin:6px 0 24px\"><a class=\"go\" href=\"{leads}\" style=\"display:inline-block;padding:14px 24px;border-radius:8px;background:{accent};color:{on};{FONT};font-size:17px;font-weight:600;text-decoration:none\">{words}</a></p>"
            )
        }
        Block::List(first, items) => {
            let (open, close) = match first {
                Some(first) => (format!("ol start=\"{first}\""), "ol"),
                None => ("ul".to_owned(), "ul"),
            };
            let _ = writeln!(to, "<{open} style=\"margin:0 0 18px;padding:0 0 0 24px;{text}\">");
            for item in items {
                let _ = write!(to, "<li style=\"margin:0 0 6px;{text}\">");
                match item.as_slice() {
                    [Block::Paragraph(parts)] => to.push_str(&line(parts, values)),
                    several => several.iter().for_each(|block| write_block(block, values, look, to)),
                }
                to.push_str("</li>\n");
            }
            writeln!(to, "</{close}>")
        }
        Block::Quote(inner) => {
            let accent = hex(look.accent);
            let _ = writeln!(
                to,
                "<blockquote style=\"margin:0 0 18px;padding:0 0 0 16px;border-left:4px solid {accent}\">"
            );
            inner.iter().for_each(|block| write_block(block, values, look, to));
            writeln!(to, "</blockquote>")
        }
        Block::Rule => writeln!(
            to,
            "<hr style=\"margin:0 0 18px;border:0;border-top:1px solid #c9c9c4\">"
        ),
    };
}

/// The month's figures: a row each, two bars, the number beside its bar.
fn chart(values: &Values, look: &Look) -> String {
    let style = format!("{FONT};font-size:15px;line-height:1.4;color:#1d1d1b");
    let accent = hex(look.accent);
    let mut html =
        "<table cellpadding=\"0\" cellspacing=\"0\" width=\"100%\" style=\"width:100%;margin:0 0 18px\">\n".to_owned();
    for bar in values.chart() {
        let (now, before) = bar.lengths(60);
        // A bar is a cell with a colour: nothing is fetched for it.
        let one = |length: i64, colour: &str, value: String| {
            format!(
                "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" width=\"100%\"><tr>\
                 <td width=\"{length}%\" style=\"width:{length}%;background:{colour};font-size:0;line-height:0;height:12px\">&nbsp;</td>\
                 <td style=\"{style};padding:0 0 0 8px\">{value}</td></tr></table>"
            )
        };
        let (now, before) = (
            one(now, &accent, values.count(bar.now)),
            one(before, "#b9b9b2", values.count(bar.before)),
        );
        // Writing to a text can't fail.
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\" align=\"left\" style=\"{style};font-weight:400;text-align:left;padding:0 12px 10px 0;width:40%\">{}</th>\
             <td style=\"padding:0 0 10px\">{now}{before}</td></tr>",
            escaped(&bar.label)
        );
    }
    html + "</table>"
}

fn line(parts: &[Inline], values: &Values) -> String {
    let mut html = String::new();
    write_line(parts, values, &mut html);
    html
}

fn write_line(parts: &[Inline], values: &Values, to: &mut String) {
    for part in parts {
        match part {
            Inline::Text(words) => to.push_str(&escaped(words)),
            Inline::Fill(name) => fill(*name, values, to, &|value, to| to.push_str(&escaped(value))),
            Inline::Strong(inner) => wrapped("strong", inner, values, to),
            Inline::Emphasis(inner) => wrapped("em", inner, values, to),
            Inline::Link(target, inner) => {
                let leads = escaped(address(target, values));
                to.push_str(&format!(
                    "<a href=\"{leads}\" style=\"color:#1d1d1b;text-decoration:underline\">"
                ));
                write_line(inner, values, to);
                to.push_str("</a>");
            }
            Inline::Break => to.push_str("<br>"),
        }
    }
}

fn wrapped(tag: &str, inner: &[Inline], values: &Values, to: &mut String) {
    to.push_str(&format!("<{tag}>"));
    write_line(inner, values, to);
    to.push_str(&format!("</{tag}>"));
}

/// A text as it can stand in an element or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
