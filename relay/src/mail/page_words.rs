//! What the pages behind the links of mails say, in each language. The pages are in `pages`.

use ::mail::Language;

/// What these pages say, in one language.
pub struct Words {
    /// The question: head, text, button.
    pub confirm: (&'static str, &'static str, &'static str),
    /// After yes.
    pub confirmed: (&'static str, &'static str),
    /// After a yes that came too late.
    pub late: (&'static str, &'static str),
    /// How to stop: head, text, button.
    pub stop: (&'static str, &'static str, &'static str),
    /// After that.
    pub stopped: (&'static str, &'static str),
    /// How somebody who is no member stops: text, and what is said after that.
    pub stop_other: (&'static str, &'static str),
    /// Choosing: what stands above the kinds, and the button.
    pub choose: (&'static str, &'static str),
    /// After choosing: head, text, and the text where nothing was chosen.
    pub chosen: (&'static str, &'static str, &'static str),
    /// The kinds of mail, in the order of [`choices::MEMBERS`].
    pub kinds: [&'static str; 4],
    /// Not a link of ours.
    pub unknown: (&'static str, &'static str),
}

/// English.
pub const EN: Words = Words {
    confirm: (
        "May we write to you?",
        "We tell you about your points and rewards. Every mail has a link to stop.",
        "Yes, send me mail",
    ),
    confirmed: ("Thank you", "You get mail from us from now on."),
    late: (
        "You stopped the mail since",
        "So we don't write. If you want mail again, say so at the shop.",
    ),
    stop: (
        "No more mail?",
        "Your points stay as they are. Only the mail stops.",
        "Stop the mail",
    ),
    stopped: ("Done", "You get no more mail from us. Your points stay as they are."),
    stop_other: (
        "We don't write to you about working together any more.",
        "You get no more mail like that from us.",
    ),
    choose: ("Or only some of it: what do you want to get?", "Save"),
    chosen: (
        "Saved",
        "You get mail from us about what you chose.",
        "You get none of these mails any more. Your points stay as they are.",
    ),
    kinds: [
        "I have enough points for a reward",
        "How many points I have, in the evening of a visit",
        "When I have not been there for a long time",
        "A friend joined through my link",
    ],
    unknown: (
        "This link is not one of ours",
        "Open it again from the mail, all of it. Or ask at the shop.",
    ),
};

/// Spanish.
pub const ES: Words = Words {
    confirm: (
        "\u{bf}Podemos escribirte?",
        "Te contamos c\u{f3}mo van tus puntos y premios. Cada correo lleva un enlace para dejarlo.",
        "S\u{ed}, quiero recibir correo",
    ),
    confirmed: ("Gracias", "Desde ahora recibes correo nuestro."),
    late: (
        "Despu\u{e9}s pediste que no",
        "As\u{ed} que no escribimos. Si quieres correo otra vez, dilo en la tienda.",
    ),
    stop: (
        "\u{bf}No quieres m\u{e1}s correos?",
        "Tus puntos se quedan como est\u{e1}n. Solo dejan de llegar correos.",
        "No quiero m\u{e1}s correos",
    ),
    stopped: (
        "Hecho",
        "Ya no recibes correo nuestro. Tus puntos se quedan como est\u{e1}n.",
    ),
    stop_other: (
        "No te escribimos m\u{e1}s para proponerte colaborar.",
        "Ya no recibes correos nuestros de este tipo.",
    ),
    choose: ("O solo una parte: \u{bf}qu\u{e9} quieres recibir?", "Guardar"),
    chosen: (
        "Guardado",
        "Recibes correo nuestro sobre lo que elegiste.",
        "Ya no recibes ninguno de estos correos. Tus puntos se quedan como est\u{e1}n.",
    ),
    kinds: [
        "Tengo puntos suficientes para un premio",
        "Cu\u{e1}ntos puntos tengo, la tarde de una visita",
        "Cuando hace mucho que no voy",
        "Un amigo se apunt\u{f3} con mi enlace",
    ],
    unknown: (
        "Este enlace no es nuestro",
        "\u{c1}brelo otra vez desde el correo, entero. O pregunta en la tienda.",
    ),
};

/// In a language.
#[must_use]
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::Es => &ES,
    }
}
