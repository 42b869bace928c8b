//! The month in words, from a template: what changed, in one paragraph. Numbers are plain digits, so that they can be
//! checked like anybody else's.

use super::Month;
use crate::kind::Language;
use crate::written::Written;

const EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// What the bars are about, in the order of [`Month::counted`].
pub(super) fn labels(language: Language) -> [&'static str; 7] {
    match language {
        Language::En => [
            "New members",
            "Visits",
            "Points given",
            "Points spent",
            "Rewards given",
            "Brought by somebody",
            "Came back",
        ],
        Language::Es => [
            "Nuevos miembros",
            "Visitas",
            "Puntos dados",
            "Puntos gastados",
            "Premios dados",
            "Vinieron por alguien",
            "Volvieron",
        ],
    }
}

/// A month's name: `October`.
#[must_use]
pub fn name(language: Language, month: u32) -> &'static str {
    let names = match language {
        Language::En => &EN,
        Language::Es => &ES,
    };
    names
        .get(usize::try_from(month).unwrap_or(0).saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// By how many percent a figure changed, to the nearest; none where there was nothing before.
fn percent(now: i64, before: i64) -> Option<i64> {
    if before <= 0 {
        return None;
    }
    let (difference, before) = (i128::from(now.abs_diff(before)), i128::from(before));
    i64::try_from((difference * 200 + before) / (before * 2)).ok()
}

fn count(by: Written, n: i64, one: &str, many: &str) -> String {
    format!("{} {}", by.number(n), if n == 1 { one } else { many })
}

/// The month in words.
#[must_use]
pub fn story(month: &Month, language: Language) -> String {
    let by = month.written(language);
    match language {
        Language::En => english(month, by),
        Language::Es => spanish(month, by),
    }
}

fn english(m: &Month, by: Written) -> String {
    let (now, before) = (&m.now, &m.before);
    let (this, last) = (name(Language::En, m.month), name(Language::En, m.previous().1));
    let visits = count(by, now.visits, "visit", "visits");
    let mut said = vec![
        match (now.visits.cmp(&before.visits), percent(now.visits, before.visits)) {
            _ if (now.visits, before.visits) == (0, 0) => format!("No member's visit was counted in {this}."),
            (std::cmp::Ordering::Equal, _) => format!("{this} brought {visits}, as many as {last}."),
            (_, None) => format!("{this} brought {visits}; in {last} there were none."),
            (std::cmp::Ordering::Greater, Some(p)) => {
                format!(
                    "{this} brought {visits}, {p}% more than {last} ({}).",
                    by.number(before.visits)
                )
            }
            (std::cmp::Ordering::Less, Some(p)) => {
                format!(
                    "{this} brought {visits}, {p}% fewer than {last} ({}).",
                    by.number(before.visits)
                )
            }
        },
    ];
    if (now.joins, before.joins) != (0, 0) {
        let joins = if now.joins == 0 {
            "Nobody".to_owned()
        } else {
            count(by, now.joins, "person", "people")
        };
        said.push(format!("{joins} joined; in {last} it was {}.", by.number(before.joins)));
    }
    if now.points_given != 0 || now.rewards_given != 0 {
        let rewards = count(by, now.rewards_given, "reward", "rewards");
        let cost = now.cost_minor.filter(|minor| *minor > 0);
        let cost = cost.map_or(String::new(), |minor| {
            format!(", which cost {} by your rules", m.money(minor, by))
        });
        said.push(format!(
            "You gave {} and {rewards}{cost}.",
            count(by, now.points_given, "point", "points")
        ));
    }
    if now.referrals > 0 {
        said.push(format!(
            "{} through a friend or a partner.",
            count(by, now.referrals, "member came", "members came")
        ));
    }
    if now.win_backs > 0 {
        said.push(format!(
            "{} back after you wrote to them.",
            count(by, now.win_backs, "regular came", "regulars came")
        ));
    }
    said.join(" ")
}

fn spanish(m: &Month, by: Written) -> String {
    let (now, before) = (&m.now, &m.before);
    let (this, last) = (name(Language::Es, m.month), name(Language::Es, m.previous().1));
    let visits = count(by, now.visits, "visita", "visitas");
    let mut said = vec![
        match (now.visits.cmp(&before.visits), percent(now.visits, before.visits)) {
            _ if (now.visits, before.visits) == (0, 0) => format!("En {this} no se contó ninguna visita de miembros."),
            (std::cmp::Ordering::Equal, _) => format!("En {this} hubo {visits}, tantas como en {last}."),
            (_, None) => format!("En {this} hubo {visits}; en {last} no hubo ninguna."),
            (std::cmp::Ordering::Greater, Some(p)) => format!(
                "En {this} hubo {visits}, un {p} % más que en {last} ({}).",
                by.number(before.visits)
            ),
            (std::cmp::Ordering::Less, Some(p)) => format!(
                "En {this} hubo {visits}, un {p} % menos que en {last} ({}).",
                by.number(before.visits)
            ),
        },
    ];
    if (now.joins, before.joins) != (0, 0) {
        let joins = match now.joins {
            0 => "No se unió nadie".to_owned(),
            1 => "Se unió 1 persona".to_owned(),
            n => format!("Se unieron {} personas", by.number(n)),
        };
        said.push(format!("{joins}; en {last} fueron {}.", by.number(before.joins)));
    }
    if now.points_given != 0 || now.rewards_given != 0 {
        let rewards = count(by, now.rewards_given, "premio", "premios");
        let cost = now.cost_minor.filter(|minor| *minor > 0);
        let cost = cost.map_or(String::new(), |minor| {
            format!(", que según sus reglas costaron {}", m.money(minor, by))
        });
        said.push(format!(
            "Dio {} y {rewards}{cost}.",
            count(by, now.points_given, "punto", "puntos")
        ));
    }
    if now.referrals > 0 {
        said.push(format!(
            "{} por alguien o por otra tienda.",
            count(by, now.referrals, "miembro vino", "miembros vinieron")
        ));
    }
    if now.win_backs > 0 {
        said.push(format!(
            "{} después de que usted les escribiera.",
            count(by, now.win_backs, "cliente volvió", "clientes volvieron")
        ));
    }
    said.join(" ")
}
