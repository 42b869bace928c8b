//! What a member's own page says, in each of the pages' languages. `{n}` and `{what}` stand for what differs.

use ::mail::Language;

/// A title and a text.
type Message = (&'static str, &'static str);

/// One language's.
pub struct Words {
    /// Over the form.
    pub title: &'static str,
    /// Under that.
    pub text: &'static str,
    /// The only field's label.
    pub who: &'static str,
    /// What is wrong with it.
    pub bad_who: &'static str,
    /// The button.
    pub send: &'static str,
    /// Whoever it was, and whether anybody is it or not.
    pub sent: Message,
    /// The shop sends no mail.
    pub no_mail: Message,
    /// Behind the mailed link: title, text, button.
    pub come_in: (&'static str, &'static str, &'static str),
    /// The link was used, or is too old.
    pub stale: Message,
    /// Before the number of points.
    pub points: &'static str,
    /// There is enough for a reward.
    pub enough: &'static str,
    /// How many lack to the next.
    pub lacks: &'static str,
    /// Over the link.
    pub friends: &'static str,
    /// What to do with it.
    pub share: &'static str,
    /// The field with the link.
    pub link: &'static str,
    /// What the picture is.
    pub qr: &'static str,
    /// Nobody came yet.
    pub nobody: &'static str,
    /// One came, several came.
    pub joined: (&'static str, &'static str),
    /// What they brought.
    pub brought: &'static str,
    /// What waits.
    pub waiting: &'static str,
    /// Over the mail's button.
    pub mail: &'static str,
    /// Mail goes out; mail does not.
    pub mail_on: &'static str,
    /// The same.
    pub mail_off: &'static str,
    /// Stops it.
    pub stop: &'static str,
    /// Ends the visit.
    pub out: &'static str,
    /// Over leaving.
    pub leave: &'static str,
    /// What that means.
    pub leave_text: &'static str,
    /// To be ticked.
    pub sure: &'static str,
    /// The button.
    pub leave_now: &'static str,
    /// They have left.
    pub left: Message,
    /// They are out.
    pub bye: Message,
}

/// In a language.
#[must_use]
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::Es => &ES,
    }
}

const EN: Words = Words {
    title: "Your points",
    text: "We send a link to the email address that the shop has of you. It opens your page.",
    who: "Phone number or email",
    bad_who: "Write your phone number as you would dial it, or an email address like ana@example.com.",
    send: "Send me the link",
    sent: (
        "Look at your mail",
        "If you are a member with this, and the shop has your email address, a link is on its way. It works for 20 minutes, once.",
    ),
    no_mail: ("This shop sends no mail", "Ask for your points when you pay."),
    come_in: ("Open your page?", "This link works once.", "Show my points"),
    stale: (
        "This link does not work any more",
        "It was used, or it is older than 20 minutes. Ask for another one.",
    ),
    points: "points",
    enough: "That is enough for {what}. Say so when you pay.",
    lacks: "{n} more, and you can have {what}.",
    friends: "Bring a friend",
    share: "Who joins with this link came through you.",
    link: "Your link",
    qr: "Your link as a picture, for a friend's camera",
    nobody: "Nobody has joined with it yet.",
    joined: ("1 friend has joined.", "{n} friends have joined."),
    brought: "They brought you {n} points.",
    waiting: "{n} points more are waiting.",
    mail: "Mail",
    mail_on: "You get mail from the shop.",
    mail_off: "You get no mail from the shop. If you want it, say so when you pay.",
    stop: "Stop the mail",
    out: "Close this page",
    leave: "Leave",
    leave_text: "Your name, number and address are deleted, at the shop, too. Your points are lost.",
    sure: "Yes, delete me",
    leave_now: "Leave for good",
    left: (
        "You have left",
        "We know nothing of you any more. Thank you for having been with us.",
    ),
    bye: ("Closed", "Whoever uses this device next does not see your page."),
};

const ES: Words = Words {
    title: "Tus puntos",
    text: "Enviamos un enlace a la direcci\u{f3}n de correo que la tienda tiene de ti. Con \u{e9}l se abre tu p\u{e1}gina.",
    who: "Tel\u{e9}fono o correo electr\u{f3}nico",
    bad_who: "Escribe tu n\u{fa}mero como lo marcar\u{ed}as, o una direcci\u{f3}n como ana@example.com.",
    send: "Env\u{ed}ame el enlace",
    sent: (
        "Mira tu correo",
        "Si eres de la casa con estos datos y la tienda tiene tu correo, un enlace va en camino. Sirve durante 20 minutos, una vez.",
    ),
    no_mail: ("Esta tienda no env\u{ed}a correo", "Pregunta por tus puntos al pagar."),
    come_in: (
        "\u{bf}Abrir tu p\u{e1}gina?",
        "Este enlace sirve una vez.",
        "Ver mis puntos",
    ),
    stale: (
        "Este enlace ya no sirve",
        "Ya se us\u{f3}, o tiene m\u{e1}s de 20 minutos. Pide otro.",
    ),
    points: "puntos",
    enough: "Bastan para: {what}. Dilo al pagar.",
    lacks: "Con {n} m\u{e1}s: {what}.",
    friends: "Trae a alguien",
    share: "Quien se une con este enlace viene de tu parte.",
    link: "Tu enlace",
    qr: "Tu enlace como imagen, para la c\u{e1}mara de otra persona",
    nobody: "Todav\u{ed}a no se ha unido nadie con \u{e9}l.",
    joined: ("Se ha unido 1 persona.", "Se han unido {n} personas."),
    brought: "Te han tra\u{ed}do {n} puntos.",
    waiting: "Otros {n} puntos est\u{e1}n en espera.",
    mail: "Correo",
    mail_on: "Recibes correo de la tienda.",
    mail_off: "No recibes correo de la tienda. Si lo quieres, dilo al pagar.",
    stop: "No quiero m\u{e1}s correos",
    out: "Cerrar esta p\u{e1}gina",
    leave: "Darse de baja",
    leave_text: "Se borran tu nombre, tu n\u{fa}mero y tu direcci\u{f3}n, tambi\u{e9}n en la tienda. Tus puntos se pierden.",
    sure: "S\u{ed}, borradme",
    leave_now: "Darme de baja",
    left: (
        "Te has dado de baja",
        "Ya no sabemos nada de ti. Gracias por haber estado con nosotros.",
    ),
    bye: ("Cerrada", "Quien use este aparato despu\u{e9}s no ve tu p\u{e1}gina."),
};
