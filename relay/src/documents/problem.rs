//! Why a document was not taken over: a closed code for each reason, and its words for the owner.

use ::mail::Language;
use loyalty::UtcMs;
use sync::documents::{DOCUMENT_BYTES_MAX, DocumentProblem};

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody answers.
    Unreachable,
    /// Somebody answers too slowly.
    Slow,
    /// It is inside a private network, or not https.
    Private,
    /// It leads on too often, or nowhere.
    Redirects,
    /// 404 or 410.
    NotFound,
    /// 401 or 403.
    Forbidden,
    /// 429.
    Busy,
    /// The server's own trouble, by its status.
    Server(u16),
    /// Another answer, by its status.
    Answer(u16),
    /// Larger than [`DOCUMENT_BYTES_MAX`].
    TooLarge,
    /// A web page.
    Html,
    /// Of another sort, which is named.
    NotText(String),
    /// Not in UTF-8.
    NotUtf8,
    /// It says nothing.
    Empty,
    /// It can't be read as what it should be.
    Bad(Bad),
    /// No key for Google Docs, or one that can't be opened here.
    NoKey,
    /// Google refuses the key.
    GoogleKey,
    /// The key's project may not use Google Drive.
    GoogleOff,
    /// Google shows no such document to this service account.
    NotShared(String),
}

/// The first place that does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What it is, in English.
    pub words: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

impl Why {
    /// One of [`DocumentProblem::CODES`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable => "document_unreachable",
            Self::Slow => "document_slow",
            Self::Private => "document_private",
            Self::Redirects => "document_redirects",
            Self::NotFound => "document_not_found",
            Self::Forbidden => "document_forbidden",
            Self::Busy => "document_busy",
            Self::Server(_) => "document_server",
            Self::Answer(_) => "document_answer",
            Self::TooLarge => "document_too_large",
            Self::Html => "document_html",
            Self::NotText(_) => "document_not_text",
            Self::NotUtf8 => "document_not_utf8",
            Self::Empty => "document_empty",
            Self::Bad(_) => "document_bad",
            Self::NoKey => "document_no_key",
            Self::GoogleKey => "document_google_key",
            Self::GoogleOff => "document_google_off",
            Self::NotShared(_) => "document_not_shared",
        }
    }

    /// As it is kept and told.
    #[must_use]
    pub fn told(&self, since: UtcMs) -> DocumentProblem {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut told = DocumentProblem {
            code: self.code().to_owned(),
            since,
            line: 0,
            column: 0,
            words: String::new(),
            suggestion: None,
            said: String::new(),
        };
        match self {
            Self::Bad(bad) => {
                (told.line, told.column) = (number(bad.line), number(bad.column));
                told.words.clone_from(&bad.words);
                told.suggestion.clone_from(&bad.suggestion);
                return told;
            }
            Self::Server(status) | Self::Answer(status) => told.said = status.to_string(),
            Self::NotText(said) | Self::NotShared(said) => told.said.clone_from(said),
            _ => {}
        }
        told.words = words(&told, Language::En);
        told
    }
}

/// Whether it may well be over by the next look: nobody is woken for it at once.
#[must_use]
pub fn may_pass(code: &str) -> bool {
    matches!(
        code,
        "document_unreachable" | "document_slow" | "document_busy" | "document_server"
    )
}

/// What it is and what to do. What is wrong within a document is said in English, as its reader says it.
#[must_use]
pub fn words(problem: &DocumentProblem, language: Language) -> String {
    let (said, size) = (&problem.said, DOCUMENT_BYTES_MAX / 1000);
    if problem.code == "document_bad" {
        let (line, column, words) = (problem.line, problem.column, problem.words.trim_end_matches('.'));
        let like = problem.suggestion.as_deref().map(str::trim);
        return match language {
            Language::En => {
                let like = like.map_or(String::new(), |like| format!(" Did you mean `{like}`?"));
                format!("Line {line}, column {column}: {words}.{like}")
            }
            Language::Es => {
                let like = like.map_or(String::new(), |like| format!(" ¿Querías decir `{like}`?"));
                format!("Línea {line}, columna {column}: {words}.{like}")
            }
        };
    }
    match language {
        Language::En => english(&problem.code, said, size),
        Language::Es => spanish(&problem.code, said, size),
    }
}

fn english(code: &str, said: &str, size: usize) -> String {
    let plain = match code {
        "document_unreachable" => "Nobody answers at its address. Check the address, and whether its server is up.",
        "document_slow" => "Its server took too long to answer. If that stays so, keep the document somewhere else.",
        "document_private" => {
            "The relay reads documents on the internet alone, over https. Use an address of that sort."
        }
        "document_redirects" => "Its address leads on to others without end. Use the address of the text itself.",
        "document_not_found" => "There is no document at its address. Put it back, or say where it is now.",
        "document_forbidden" => "Its server lets nobody in. Share the document with everybody who has the link.",
        "document_busy" => "Its server says that it is asked too often. It is asked again later.",
        "document_server" => return format!("Its server has trouble of its own ({said}). It is asked again later."),
        "document_answer" => return format!("Its server answered {said}, which is no document. Check the address."),
        "document_too_large" => return format!("It is larger than {size} KB. Make it shorter."),
        "document_html" => {
            "This is a web page and not a text. Use the address of the plain text; of a Google Doc, its link with a service account."
        }
        "document_not_text" => {
            return format!("This is no plain text ({said}). Keep the document as plain text or Markdown.");
        }
        "document_not_utf8" => "It is not written in UTF-8. Save it as UTF-8.",
        "document_empty" => "It is empty. An empty document is never published.",
        "document_no_key" => {
            "The relay has no key for Google Docs that it can open. Set the service account's key again."
        }
        "document_google_key" => "Google refuses the service account's key. Make a new key and set it.",
        "document_google_off" => {
            "The Google Drive API is not switched on for the service account's project. Switch it on in Google's console."
        }
        "document_not_shared" => return format!("Google shows it to nobody here. Share it with {said}, to read."),
        other => other,
    };
    plain.to_owned()
}

fn spanish(code: &str, said: &str, size: usize) -> String {
    let plain = match code {
        "document_unreachable" => "Nadie responde en su dirección. Comprueba la dirección y si su servidor funciona.",
        "document_slow" => "Su servidor tardó demasiado. Si sigue así, guarda el documento en otro sitio.",
        "document_private" => "El relay solo lee documentos de internet, por https. Usa una dirección así.",
        "document_redirects" => "Su dirección lleva a otras sin fin. Usa la dirección del propio texto.",
        "document_not_found" => "No hay ningún documento en su dirección. Vuelve a ponerlo o di dónde está ahora.",
        "document_forbidden" => "Su servidor no deja entrar. Comparte el documento con quien tenga el enlace.",
        "document_busy" => "Su servidor dice que se le pregunta demasiado. Se le preguntará más tarde.",
        "document_server" => return format!("Su servidor tiene problemas ({said}). Se le preguntará más tarde."),
        "document_answer" => {
            return format!("Su servidor respondió {said}, que no es un documento. Comprueba la dirección.");
        }
        "document_too_large" => return format!("Ocupa más de {size} KB. Hazlo más corto."),
        "document_html" => {
            "Es una página web y no un texto. Usa la dirección del texto; si es un documento de Google, su enlace con una cuenta de servicio."
        }
        "document_not_text" => return format!("No es texto ({said}). Guarda el documento como texto o Markdown."),
        "document_not_utf8" => "No está escrito en UTF-8. Guárdalo en UTF-8.",
        "document_empty" => "Está vacío. Un documento vacío nunca se publica.",
        "document_no_key" => {
            "El relay no tiene ninguna clave de Google que pueda abrir. Pon otra vez la de la cuenta de servicio."
        }
        "document_google_key" => "Google rechaza la clave de la cuenta de servicio. Haz una nueva y ponla.",
        "document_google_off" => {
            "La API de Google Drive no está activada en el proyecto de la cuenta de servicio. Actívala en la consola de Google."
        }
        "document_not_shared" => {
            return format!("Google no lo muestra aquí a nadie. Compártelo con {said}, para leer.");
        }
        other => other,
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_code_of_the_list_and_words_in_each_language() {
        let bad = Bad {
            line: 3,
            column: 5,
            words: "Expected a day.".into(),
            suggestion: Some(" Tuesday".into()),
        };
        let all = [
            Why::Unreachable,
            Why::Slow,
            Why::Private,
            Why::Redirects,
            Why::NotFound,
            Why::Forbidden,
            Why::Busy,
            Why::Server(500),
            Why::Answer(418),
            Why::TooLarge,
            Why::Html,
            Why::NotText("image/png".into()),
            Why::NotUtf8,
            Why::Empty,
            Why::Bad(bad),
            Why::NoKey,
            Why::GoogleKey,
            Why::GoogleOff,
            Why::NotShared("reader@shop.example".into()),
        ];
        let codes: Vec<&str> = all.iter().map(Why::code).collect();
        assert_eq!(codes, DocumentProblem::CODES);
        for why in &all {
            let told = why.told(UtcMs(1));
            let [en, es] = Language::ALL.map(|language| words(&told, language));
            assert!(en.ends_with(['.', '?']) && es.ends_with(['.', '?']), "{en} {es}");
            assert!(!en.contains(why.code()) && !es.contains(why.code()) && en != es);
        }
        let told = all[14].told(UtcMs(1));
        assert_eq!(
            words(&told, Language::En),
            "Line 3, column 5: Expected a day. Did you mean `Tuesday`?"
        );
        assert_eq!(told.words, "Expected a day.");
    }
}
