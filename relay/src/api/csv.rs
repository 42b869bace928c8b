//! Rows as CSV (RFC 4180) that a spreadsheet opens without running anything in it.

use serde::Serialize;
use serde_json::Value;

/// The columns' names and then the rows; nothing where they are no objects.
#[must_use]
pub fn of<T: Serialize>(columns: &[&str], rows: &[T]) -> Option<String> {
    let mut text = line(columns.iter().map(|name| (*name).to_owned()));
    for row in rows {
        let row = serde_json::to_value(row).ok()?;
        let row = row.as_object()?;
        text += &line(columns.iter().map(|name| row.get(*name).map(cell).unwrap_or_default()));
    }
    Some(text)
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(",") + "\r\n"
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => return value.to_string(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    // What begins like a formula would be one: the apostrophe keeps it text.
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    };
    if safe.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_text() {
        let rows = [
            json!({"code": "=1+1", "n": 5, "none": null, "more": ["a"]}),
            json!({"code": "a,\"b\"", "n": -5}),
        ];
        let columns = ["code", "n", "none", "more"];
        let text = of(&columns, &rows).unwrap();
        assert_eq!(
            text,
            "code,n,none,more\r\n'=1+1,5,,\"[\"\"a\"\"]\"\r\n\"a,\"\"b\"\"\",-5,,\r\n"
        );
        assert_eq!(of::<Value>(&columns, &[]).unwrap(), "code,n,none,more\r\n");
    }
}
