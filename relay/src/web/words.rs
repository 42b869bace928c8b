//! What the pages say, in each of their languages. A page takes its words from here; a language that lacks one does not
//! compile.

use ::mail::Language;

/// A title and a text.
type Message = (&'static str, &'static str);

/// One language's.
pub struct Words {
    /// On the button to the page that was asked for.
    pub go_on: &'static str,
    /// Nobody has this code.
    pub unknown_code: Message,
    /// No shop has this page.
    pub unknown_shop: Message,
    /// The database is away.
    pub away: Message,
    /// Too much from one address.
    pub slow_down: Message,
    /// Above the form, before the shop's name.
    pub join: &'static str,
    /// Under it.
    pub join_text: &'static str,
    /// Under it, for somebody who came through a code.
    pub brought: &'static str,
    /// The phone's label.
    pub phone: &'static str,
    /// What is wrong with it.
    pub bad_phone: &'static str,
    /// The name's label.
    pub name: &'static str,
    /// What is wrong with it.
    pub bad_name: &'static str,
    /// The email's label.
    pub email: &'static str,
    /// What is wrong with it.
    pub bad_email: &'static str,
    /// Beside labels of what may stay empty.
    pub optional: &'static str,
    /// The consent's label.
    pub consent: &'static str,
    /// Consent without an address.
    pub consent_email: &'static str,
    /// The button.
    pub send: &'static str,
    /// Under the button.
    pub privacy: &'static str,
    /// For programs that fill everything in; people don't see it.
    pub honeypot: &'static str,
    /// They have joined.
    pub welcome: &'static str,
    /// What to do with the code.
    pub show: &'static str,
    /// What the picture is.
    pub qr: &'static str,
    /// What to do without it.
    pub or_phone: &'static str,
    /// Over the link for friends.
    pub friends: &'static str,
    /// They were a member before.
    pub already: Message,
    /// A page from another site, or too old.
    pub stale: Message,
}

/// What the pages say in a language.
#[must_use]
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::Es => &ES,
    }
}

/// English.
pub const EN: Words = Words {
    go_on: "Go on",
    unknown_code: (
        "This link leads nowhere",
        "Nobody has this code, or not any more. Check the address, or ask whoever gave it to you.",
    ),
    unknown_shop: ("There is no such page", "Check the address, or ask at the shop."),
    away: ("One moment", "We can't do this just now. Try again in a moment."),
    slow_down: (
        "A little slower",
        "Too much came from your network at once. Wait a minute, then try again.",
    ),
    join: "Join",
    join_text: "Collect points with every visit. Your phone number is all it takes.",
    brought: "Somebody told you about us. The shop will know who.",
    phone: "Phone number",
    bad_phone: "This is not a phone number. Write it as you would dial it, or with + and the country.",
    name: "Your name",
    bad_name: "This name is too long. Use up to 80 characters.",
    email: "Email",
    bad_email: "This is not an email address. Write it like ana@example.com.",
    optional: "if you like",
    consent: "Send me news and offers by email. I can stop them at any time.",
    consent_email: "To get mail, write your email address.",
    send: "Join",
    privacy: "Your number stays with the shop. It is used to find your points, and for nothing else.",
    honeypot: "Leave this empty",
    welcome: "You are in",
    show: "Show this code when you pay, and your visit counts.",
    qr: "Your code as a picture for the till's scanner",
    or_phone: "Or just say your phone number.",
    friends: "Bring a friend with your link:",
    already: (
        "You are one of our regulars already",
        "Just say your phone number when you pay. Nothing was changed.",
    ),
    stale: (
        "Please try once more",
        "This page was open for too long. Open it again and fill it in once more.",
    ),
};

/// Spanish.
pub const ES: Words = Words {
    go_on: "Seguir",
    unknown_code: (
        "Este enlace no lleva a ninguna parte",
        "Nadie tiene este c\u{f3}digo, o ya no. Revisa la direcci\u{f3}n o pregunta a quien te lo dio.",
    ),
    unknown_shop: (
        "Esta p\u{e1}gina no existe",
        "Revisa la direcci\u{f3}n o pregunta en la tienda.",
    ),
    away: (
        "Un momento",
        "Ahora mismo no podemos hacerlo. Prueba otra vez en un momento.",
    ),
    slow_down: (
        "Un poco m\u{e1}s despacio",
        "Ha llegado demasiado de tu red a la vez. Espera un minuto y prueba otra vez.",
    ),
    join: "\u{da}nete a",
    join_text: "Re\u{fa}ne puntos en cada visita. Basta con tu n\u{fa}mero de tel\u{e9}fono.",
    brought: "Alguien te ha hablado de nosotros. La tienda sabr\u{e1} qui\u{e9}n.",
    phone: "N\u{fa}mero de tel\u{e9}fono",
    bad_phone: "Esto no es un n\u{fa}mero de tel\u{e9}fono. Escr\u{ed}belo como lo marcar\u{ed}as, o con + y el pa\u{ed}s.",
    name: "Tu nombre",
    bad_name: "Este nombre es demasiado largo. Usa hasta 80 caracteres.",
    email: "Correo electr\u{f3}nico",
    bad_email: "Esto no es una direcci\u{f3}n de correo. Escr\u{ed}bela como ana@example.com.",
    optional: "si quieres",
    consent: "Quiero recibir novedades y ofertas por correo. Puedo dejarlo cuando quiera.",
    consent_email: "Para recibir correo, escribe tu direcci\u{f3}n.",
    send: "Unirme",
    privacy: "Tu n\u{fa}mero se queda en la tienda. Sirve para encontrar tus puntos y para nada m\u{e1}s.",
    honeypot: "Deja esto vac\u{ed}o",
    welcome: "Ya est\u{e1}s dentro",
    show: "Ense\u{f1}a este c\u{f3}digo al pagar y tu visita cuenta.",
    qr: "Tu c\u{f3}digo como imagen para el lector de la caja",
    or_phone: "O di simplemente tu n\u{fa}mero de tel\u{e9}fono.",
    friends: "Trae a alguien con tu enlace:",
    already: (
        "Ya eres de la casa",
        "Di tu n\u{fa}mero de tel\u{e9}fono al pagar. No se ha cambiado nada.",
    ),
    stale: (
        "Prueba otra vez, por favor",
        "Esta p\u{e1}gina ha estado abierta demasiado tiempo. \u{c1}brela de nuevo y rell\u{e9}nala otra vez.",
    ),
};
