//! Every text of the windows is there in every language, with the same things filled in, and every text used exists.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::tree::Tree;

const SETTINGS: &str = "ui/project.inlang/settings.json";

/// A catalogue's texts by key; keys inside keys are joined by dots.
type Texts = BTreeMap<String, Value>;

pub fn check(tree: &Tree) -> Vec<Problem> {
    let Some(settings) = tree.text(SETTINGS) else {
        return if tree.has("ui/messages") {
            vec![Problem::new(
                SETTINGS,
                1,
                "is missing, and says which languages ui/messages has. Bring it back.",
            )]
        } else {
            Vec::new()
        };
    };
    match Catalogues::read(tree, settings) {
        Ok(catalogues) => catalogues.check(tree),
        Err(problem) => vec![problem],
    }
}

/// The files of all languages: for each pattern of paths, one file a language, the base language first.
struct Catalogues {
    families: Vec<Vec<(String, Option<Texts>)>>,
}

impl Catalogues {
    fn read(tree: &Tree, settings: &str) -> Result<Catalogues, Problem> {
        let broken = |what: &str| Problem::new(SETTINGS, 1, format!("{what}. See inlang's documentation of it."));
        let settings: Value = serde_json::from_str(settings).map_err(|error| broken(&error.to_string()))?;
        let base = settings["baseLocale"]
            .as_str()
            .ok_or_else(|| broken("has no baseLocale"))?;
        let locales: Vec<&str> = strings(&settings["locales"]);
        let patterns = strings(&settings["plugin.inlang.messageFormat"]["pathPattern"]);
        if patterns.is_empty() || !locales.contains(&base) {
            return Err(broken("has no pathPattern, or its baseLocale is not among its locales"));
        }
        let ordered = std::iter::once(base).chain(locales.into_iter().filter(|locale| *locale != base));
        let ordered: Vec<&str> = ordered.collect();
        let mut families = Vec::new();
        for pattern in patterns {
            let mut family = Vec::new();
            for locale in &ordered {
                let path = format!("ui/{}", pattern.trim_start_matches("./").replace("{locale}", locale));
                let texts = tree.text(&path).map(|text| catalogue(&path, text)).transpose()?;
                family.push((path, texts));
            }
            families.push(family);
        }
        Ok(Catalogues { families })
    }

    fn check(&self, tree: &Tree) -> Vec<Problem> {
        let mut problems = Vec::new();
        for family in &self.families {
            let Some(((base_path, base), others)) = family.split_first() else {
                continue;
            };
            let empty = Texts::new();
            let base = base.as_ref().unwrap_or(&empty);
            for (path, texts) in others {
                problems.extend(compare(
                    tree,
                    (base_path, base),
                    (path, texts.as_ref().unwrap_or(&empty)),
                ));
            }
        }
        let known: BTreeSet<&str> = self
            .families
            .iter()
            .filter_map(|family| family.first()?.1.as_ref())
            .flat_map(|texts| texts.keys().map(String::as_str))
            .collect();
        problems.extend(used_but_unknown(tree, &known));
        problems
    }
}

/// What one language lacks, has too much, or fills in otherwise.
fn compare(tree: &Tree, (base_path, base): (&str, &Texts), (path, texts): (&str, &Texts)) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (key, text) in base {
        match texts.get(key) {
            None => {
                let what = format!("`{key}` is not in {path}. Translate it there.");
                problems.push(Problem::new(base_path, line_of(tree, base_path, key), what));
            }
            Some(other) if blanks(other) != blanks(text) => {
                let what = format!("`{key}` fills in other things than in {base_path}. Use the same names in braces.");
                problems.push(Problem::new(path, line_of(tree, path, key), what));
            }
            Some(_) => (),
        }
    }
    for key in texts.keys().filter(|key| !base.contains_key(*key)) {
        let what = format!("`{key}` is not in {base_path}, so nobody can use it. Take it out, or add it there.");
        problems.push(Problem::new(path, line_of(tree, path, key), what));
    }
    problems
}

/// Keys that the sources ask for and no catalogue has.
fn used_but_unknown(tree: &Tree, known: &BTreeSet<&str>) -> Vec<Problem> {
    let sources = tree
        .ending(&["ts", "svelte"])
        .filter(|(path, text)| path.starts_with("ui/src/") && text.contains("paraglide/messages"));
    let mut problems = Vec::new();
    for (path, text) in sources {
        for (at, line) in text.lines().enumerate() {
            for key in asked_for(line).filter(|key| !known.contains(key)) {
                let what = format!("there is no message `{key}`. Add it to the catalogues, in every language.");
                problems.push(Problem::new(path, at + 1, what));
            }
        }
    }
    problems
}

/// The keys in `m.key(` on one line.
fn asked_for(line: &str) -> impl Iterator<Item = &str> {
    let whole = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    line.match_indices("m.")
        .filter(move |(at, _)| !line[..*at].ends_with(whole))
        .filter_map(|(at, opening)| {
            let rest = &line[at + opening.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
            (end > 0 && rest[end..].starts_with('(')).then(|| &rest[..end])
        })
}

fn catalogue(path: &str, text: &str) -> Result<Texts, Problem> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Problem::new(path, error.line().max(1), format!("is not JSON: {error}. Correct it.")))?;
    let mut texts = Texts::new();
    flatten("", &value, &mut texts);
    Ok(texts)
}

fn flatten(under: &str, value: &Value, texts: &mut Texts) {
    for (name, value) in value
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "$schema")
    {
        let key = if under.is_empty() {
            name.clone()
        } else {
            format!("{under}.{name}")
        };
        if value.is_object() {
            flatten(&key, value, texts);
        } else {
            texts.insert(key, value.clone());
        }
    }
}

/// The names in braces in a text, or in any variant of it.
fn blanks(text: &Value) -> BTreeSet<String> {
    match text {
        Value::String(text) => text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.trim().to_string())
            .collect(),
        Value::Array(parts) => parts.iter().flat_map(blanks).collect(),
        Value::Object(parts) => parts.values().flat_map(blanks).collect(),
        _ => BTreeSet::new(),
    }
}

/// A string, or a list of them.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn line_of(tree: &Tree, path: &str, key: &str) -> usize {
    let name = format!("\"{}\"", key.rsplit('.').next().unwrap_or(key));
    let text = tree.text(path).unwrap_or_default();
    text.lines()
        .position(|line| line.contains(&name))
        .map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{"baseLocale": "en", "locales": ["en", "es"],
        "plugin.inlang.messageFormat": {"pathPattern": ["./messages/{locale}.json"]}}"#;

    fn problems(en: &str, es: &str, source: &str) -> Vec<String> {
        let source = format!("import {{ m }} from \"../paraglide/messages\";\n{source}");
        let tree = Tree::of(&[
            (SETTINGS, TWO),
            ("ui/messages/en.json", en),
            ("ui/messages/es.json", es),
            ("ui/src/x.ts", &source),
        ]);
        check(&tree)
            .into_iter()
            .map(|found| format!("{}:{}: {}", found.path, found.line, found.what))
            .collect()
    }

    #[test]
    fn complete_catalogues_pass() {
        let en = r#"{"$schema": "x", "hi": "Hi {name}", "till": {"ok": "Fine"}}"#;
        let es = r#"{"hi": "Hola {name}", "till": {"ok": "Bien"}}"#;
        assert_eq!(
            problems(en, es, "m.hi({ name }); form.submit(); item.x(); m.hi"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_a_language_lacks_or_has_too_much_is_found() {
        let found = problems(
            "{\n\"hi\": \"Hi\",\n\"bye\": \"Bye\"}",
            "{\"hi\": \"Hola\", \"old\": \"Viejo\"}",
            "",
        );
        assert!(
            found[0].starts_with("ui/messages/en.json:3: `bye` is not in ui/messages/es.json"),
            "{found:?}"
        );
        assert!(
            found[1].starts_with("ui/messages/es.json:1: `old` is not in ui/messages/en.json"),
            "{found:?}"
        );
    }

    #[test]
    fn other_blanks_are_found() {
        assert!(
            problems(r#"{"hi": "Hi {name}"}"#, r#"{"hi": "Hola {nombre}"}"#, "")[0].contains("fills in other things")
        );
    }

    #[test]
    fn a_message_that_nobody_wrote_is_found() {
        let found = problems(r#"{"hi": "Hi"}"#, r#"{"hi": "Hola"}"#, "m.hi();\nshow(m.bye());");
        assert!(
            found[0].starts_with("ui/src/x.ts:3: there is no message `bye`"),
            "{found:?}"
        );
    }

    #[test]
    fn broken_files_are_found() {
        assert!(problems("{", "{}", "")[0].contains("is not JSON"));
        assert!(check(&Tree::of(&[(SETTINGS, "{}")]))[0].what.contains("baseLocale"));
        assert!(
            check(&Tree::of(&[("ui/messages/en.json", "{}")]))[0]
                .what
                .contains("is missing")
        );
    }
}
