//! Whether "more" is more: a word that says that something grew or fell must stand beside figures of which one did, in
//! English and Spanish. What can't be tied to a figure is not let through.

use super::numbers::{Known, Number, Unfounded, spelt, tokens};

/// Words that say that something grew.
const UP: [&str; 45] = [
    "more",
    "up",
    "grew",
    "grow",
    "grows",
    "grown",
    "growing",
    "growth",
    "rose",
    "rise",
    "rises",
    "risen",
    "rising",
    "increase",
    "increased",
    "increases",
    "increasing",
    "higher",
    "climbed",
    "jumped",
    "gained",
    "improved",
    "más",
    "subió",
    "subieron",
    "sube",
    "suben",
    "subida",
    "aumentó",
    "aumentaron",
    "aumenta",
    "aumentan",
    "aumento",
    "creció",
    "crecieron",
    "crece",
    "crecen",
    "crecimiento",
    "incremento",
    "incrementó",
    "incrementaron",
    "mayor",
    "mayores",
    "superior",
    "mejoró",
];

/// Words that say that something fell.
const DOWN: [&str; 45] = [
    "fewer",
    "less",
    "down",
    "fell",
    "fall",
    "falls",
    "fallen",
    "falling",
    "dropped",
    "drop",
    "drops",
    "decrease",
    "decreased",
    "decreases",
    "decline",
    "declined",
    "declines",
    "lower",
    "shrank",
    "sank",
    "slipped",
    "lost",
    "menos",
    "bajó",
    "bajaron",
    "baja",
    "bajan",
    "bajada",
    "cayó",
    "cayeron",
    "cae",
    "caen",
    "caída",
    "disminuyó",
    "disminuyeron",
    "disminución",
    "descendió",
    "descendieron",
    "descenso",
    "reducción",
    "menor",
    "menores",
    "inferior",
    "perdió",
    "empeoró",
];

/// Words that turn what is said around.
const NOT: [&str; 18] = [
    "not", "no", "never", "without", "neither", "nor", "hardly", "didn", "wasn", "weren", "hasn", "haven", "ni",
    "nunca", "sin", "tampoco", "jamás", "apenas",
];

/// What begins another statement: after a comma, or by such a word.
const PARTS: [&str; 14] = [
    ". ",
    "! ",
    "? ",
    "; ",
    ": ",
    ", ",
    "\n",
    " and ",
    " but ",
    " while ",
    " whereas ",
    " y ",
    " pero ",
    " mientras ",
];

fn parts(text: &str) -> Vec<&str> {
    PARTS.iter().fold(vec![text], |parts, end| {
        parts.into_iter().flat_map(|part| part.split(end)).collect()
    })
}

/// Whether every word of direction is borne out: of the figures that moved so there is one that all numbers beside the word
/// are of.
pub(super) fn check(text: &str, known: &Known) -> Result<(), Unfounded> {
    for part in parts(text) {
        let words: Vec<&str> = part
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
            .collect();
        let any = |of: &[&str]| words.iter().copied().find(|word| of.contains(word));
        let (up, down) = (any(&UP), any(&DOWN));
        let Some(said) = up.or(down) else { continue };
        let mut numbers = tokens(part);
        numbers.extend(words.iter().filter_map(|word| spelt(word)));
        let is_year = |number: &Number<'_>| number.token.len() == 4 && known.is_year(number);
        let figures: Vec<&Number<'_>> = numbers.iter().filter(|number| !is_year(number)).collect();
        let plain = up.is_some() != down.is_some() && any(&NOT).is_none();
        if !plain || figures.is_empty() || !known.moved(up.is_some(), &figures) {
            return Err(Unfounded(said.to_owned()));
        }
    }
    Ok(())
}
