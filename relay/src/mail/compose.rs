//! From a claimed mail to a message: everything is looked up now, and a mail that is not true any more, or not wanted, or
//! at a quiet hour, is not sent.

use ::mail::{
    Envelope, Facts, Footer, Kind, Language, Look, Name, Rendered, Signer, Values, Voice, Written, message, render,
};
use lettre::address::Envelope as Route;
use loyalty::time::ShopZone;
use loyalty::{MemberCode, ShopId, UtcMs};
use uuid::Uuid;

use super::choices::{self, Who};
use super::people::{self, Person, Priced};
use super::queue::{Claimed, Said};
use super::settings::{self, MailShop};
use super::token::{Purpose, Token, hidden};
use super::{consent, documented, lapsing, outreach, summary, voices};
use crate::store::db::{Db, Result};
use crate::store::links;
use crate::store::shops::{self, Shop};
use crate::store::visits::{self, What};
use crate::web::pages::Colour;

/// What all mails of a shop share.
pub struct Shared {
    /// The shop.
    pub shop: Shop,
    /// How it sends.
    pub settings: MailShop,
    /// The relay's address for others.
    pub public_url: String,
    voice: Voice,
    language: Language,
    look: Look,
    rewards: Vec<Priced>,
    signer: Option<Signer>,
}

/// What becomes of a claimed mail.
pub enum Outcome {
    /// It is sent: how, what, and where to as it is kept.
    Send(Box<Ready>),
    /// It is not sent at all.
    Cancel(&'static str),
    /// It is sent later.
    Later(UtcMs),
}

/// A message on its way.
pub struct Ready {
    /// From whom to whom.
    pub route: Route,
    /// All of it.
    pub bytes: Vec<u8>,
    /// The address, as it is kept.
    pub address: [u8; 32],
}

impl Shared {
    /// Loads it; none where the shop sends no mail.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn load(db: &Db, shop: ShopId, public_url: &str) -> Result<Option<Self>> {
        let (Some(shop), Some(settings)) = (shops::get(db, shop).await?, settings::get(db, shop).await?) else {
            return Ok(None);
        };
        Self::with(db, shop, settings, public_url).await.map(Some)
    }

    /// The same with these settings.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn with(db: &Db, shop: Shop, settings: MailShop, public_url: &str) -> Result<Self> {
        let site = links::site(db, shop.shop_id).await?;
        let voice = voices::current(db, shop.shop_id).await?;
        let said = site.as_ref().and_then(|site| site.language.as_deref());
        let colour = site.as_ref().and_then(|site| site.colour.as_deref());
        let mut tx = db.begin_to_read().await?;
        let rewards = people::rewards(&mut tx, shop.shop_id, &shop.facts.currency).await?;
        Ok(Self {
            language: said.and_then(Language::named).unwrap_or(voice.language),
            look: colour.and_then(Colour::read).unwrap_or_default().look(),
            public_url: public_url.to_owned(),
            shop,
            settings,
            voice,
            rewards,
            signer: None,
        })
    }

    /// With the shop's own key.
    #[must_use]
    pub fn signed_by(mut self, signer: Option<Signer>) -> Self {
        self.signer = signer;
        self
    }

    /// With another voice: to be looked at before it is published.
    #[must_use]
    pub fn with_voice(mut self, voice: Voice) -> Self {
        self.language = voice.language;
        self.voice = voice;
        self
    }

    fn quiet_until(&self, now: UtcMs) -> UtcMs {
        // A shop's zone was read when the shop was made.
        let zone: std::result::Result<ShopZone, _> = self.shop.facts.timezone.parse();
        zone.map_or(now, |zone| self.settings.quiet.next(zone, now))
    }

    /// A reward for a preview: the cheapest, or a made-up one.
    #[must_use]
    pub fn a_reward(&self) -> Priced {
        let first = self.rewards.first().cloned();
        first.unwrap_or_else(|| ("Free coffee".to_owned(), 100))
    }

    /// A link of a mail.
    pub(super) fn link(&self, mail: Uuid, purpose: Purpose) -> String {
        let path = match purpose {
            Purpose::Confirm => "confirm",
            Purpose::Stop => "stop",
        };
        let token = Token::write(&self.settings.link_key, self.shop.shop_id, mail, purpose);
        format!("{}/mail/{path}?t={token}", self.public_url)
    }

    /// A member's own page, or the way in with a token.
    fn page(&self, token: Option<&str>) -> String {
        let page = format!("{}/me/{}", self.public_url, self.shop.shop_id);
        token.map_or_else(|| page.clone(), |token| format!("{page}/in?t={token}"))
    }

    /// What a mail to a member speaks of.
    fn values(&self, mail: Uuid, person: &Person, said: &Said) -> Values {
        let code = MemberCode::read(&person.code).map_or_else(|| person.code.clone(), |code| code.to_string());
        let mut values = Values::new()
            .written(Written::by(self.language, &self.shop.facts.region))
            .text(Name::Shop, &self.shop.facts.name)
            .text(Name::Member, &person.name)
            .number(Name::Balance, person.balance)
            .text(Name::Code, &code)
            .link(Name::ConfirmLink, &self.link(mail, Purpose::Confirm))
            .link(Name::SignInLink, &self.page(None));
        if !person.code.is_empty() {
            let link = format!("{}/ref/{}", self.public_url, person.code.to_ascii_lowercase());
            values = values.link(Name::ReferralLink, &link);
        }
        if let Some(weeks) = said.weeks {
            values = values.number(Name::Weeks, weeks);
        }
        if let Some(bonus) = said.bonus {
            values = values.number(Name::Bonus, bonus);
        }
        if let Some((reward, _)) = &said.reward {
            return values.text(Name::Reward, reward);
        }
        match self.rewards.iter().find(|(_, points)| *points > person.balance) {
            Some((reward, points)) => values
                .text(Name::Reward, reward)
                .number(Name::PointsToNext, points - person.balance),
            None => values,
        }
    }

    /// The language in which the shop writes.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Its words.
    #[must_use]
    pub fn voice(&self) -> &Voice {
        &self.voice
    }

    /// Its colours.
    #[must_use]
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// A mail as its reader sees it.
    #[must_use]
    pub fn say(&self, kind: Kind, mail: Uuid, person: &Person, said: &Said) -> Rendered {
        let shop = &self.shop.facts.name;
        let values = match (&said.month, &said.document) {
            (Some(month), _) => summary::values(shop, month, self.language),
            (_, Some(document)) => documented::values(shop, document, self.language),
            _ => self.values(mail, person, said),
        };
        self.say_with(kind, mail, &values)
    }

    fn say_with(&self, kind: Kind, mail: Uuid, values: &Values) -> Rendered {
        let stop = kind.can_be_stopped().then(|| self.link(mail, Purpose::Stop));
        let footer = Footer {
            shop: &self.shop.facts.name,
            postal: &self.settings.postal,
            stop: stop.as_deref(),
        };
        render(&self.voice, kind, self.language, values, &footer, &self.look)
    }

    /// The whole message to an address.
    #[must_use]
    pub fn message(&self, kind: Kind, mail: Uuid, to: &str, said: &Rendered, now: UtcMs) -> Option<Ready> {
        let stop = kind.can_be_stopped().then(|| self.link(mail, Purpose::Stop));
        let envelope = Envelope {
            from_name: &self.shop.facts.name,
            from: &self.settings.sender,
            reply_to: self.settings.reply_to.as_deref(),
            to,
            signer: self.signer.as_ref(),
        };
        let facts = Facts {
            id: &mail.to_string(),
            at_ms: now.0,
            stop: stop.as_deref(),
            postmark: self.settings.host.ends_with(".postmarkapp.com"),
        };
        let (route, bytes) = message(&envelope, &facts, said).ok()?;
        Some(Ready {
            route,
            bytes,
            address: hidden(&self.settings.link_key, to),
        })
    }

    /// A mail that is nobody's of the members.
    fn to_owner(&self, mail: &Claimed, now: UtcMs) -> Outcome {
        let speaks = match mail.kind {
            Kind::MonthlySummary => mail.said.month.is_some(),
            Kind::DocumentProblem => mail.said.document.is_some(),
            _ => false,
        };
        let Some(owner) = self.settings.owner.as_ref().filter(|_| speaks) else {
            return Outcome::Cancel("no_recipient");
        };
        let said = self.say(mail.kind, mail.id, &Person::default(), &mail.said);
        let ready = self.message(mail.kind, mail.id, owner, &said, now);
        ready.map_or(Outcome::Cancel("bad_address"), |ready| Outcome::Send(Box::new(ready)))
    }

    /// A mail to another shop, as it was approved.
    async fn to_partner(&self, db: &Db, mail: &Claimed, now: UtcMs) -> Result<Outcome> {
        let mut tx = db.begin_to_read().await?;
        let Some(one) = outreach::approved(&mut tx, self.shop.shop_id, mail.id).await? else {
            return Ok(Outcome::Cancel("not_approved"));
        };
        if let Some(why) = outreach::closed(&mut tx, &self.settings, &one.address).await? {
            return Ok(Outcome::Cancel(why));
        }
        let next = self.quiet_until(now);
        if next > now {
            return Ok(Outcome::Later(next));
        }
        let ready = self.message(mail.kind, mail.id, &one.address, &one.rendered(), now);
        Ok(ready.map_or(Outcome::Cancel("bad_address"), |ready| Outcome::Send(Box::new(ready))))
    }

    /// What becomes of a claimed mail at `now`.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn compose(&self, db: &Db, mail: &Claimed, now: UtcMs) -> Result<Outcome> {
        let Some(member) = mail.member else {
            return match mail.kind {
                Kind::PartnerOutreach => self.to_partner(db, mail, now).await,
                _ => Ok(self.to_owner(mail, now)),
            };
        };
        // The way to somebody's page is made while its mail is; every other mail only reads.
        let mut tx = match mail.kind {
            Kind::SignIn => db.begin().await?,
            _ => db.begin_to_read().await?,
        };
        let shop = self.shop.shop_id;
        let person = people::person(&mut tx, shop, member).await?;
        if person.erased || person.email.is_empty() {
            return Ok(Outcome::Cancel(if person.erased { "erased" } else { "no_address" }));
        }
        let address = hidden(&self.settings.link_key, &person.email);
        if consent::suppressed(&mut tx, shop, &address).await?.is_some() {
            return Ok(Outcome::Cancel("suppressed"));
        }
        let who = Who {
            card: &person.card,
            address: Some(&address),
        };
        if choices::off(&mut tx, shop, who).await?.contains(&mail.kind) {
            return Ok(Outcome::Cancel("not_wanted"));
        }
        let agreed = consent::of(&mut tx, shop, &person.card).await?.stands;
        let confirmed = consent::is_confirmed(&mut tx, shop, &person.card, &address).await?;
        if mail.kind == Kind::SignIn {
            if now.0 - mail.created.0 > visits::LINK_MS {
                return Ok(Outcome::Cancel("too_late"));
            }
            // Made only now: nothing that opens anything waits in the database.
            let token = visits::begin(&mut tx, shop, person.card[0], What::Link, now).await?;
            tx.commit().await?;
            let values = self.values(mail.id, &person, &mail.said);
            let values = values.link(Name::SignInLink, &self.page(Some(&token)));
            let said = self.say_with(mail.kind, mail.id, &values);
            let ready = self.message(mail.kind, mail.id, &person.email, &said, now);
            return Ok(ready.map_or(Outcome::Cancel("bad_address"), |ready| Outcome::Send(Box::new(ready))));
        }
        drop(tx);
        match mail.kind {
            _ if !agreed => return Ok(Outcome::Cancel("no_consent")),
            Kind::Confirm if confirmed => return Ok(Outcome::Cancel("confirmed_already")),
            kind if kind.needs_consent() && !confirmed => return Ok(Outcome::Cancel("not_confirmed")),
            Kind::RewardEarned
                if mail
                    .said
                    .reward
                    .as_ref()
                    .is_some_and(|(_, cost)| *cost > person.balance) =>
            {
                return Ok(Outcome::Cancel("not_enough_any_more"));
            }
            _ => {}
        }
        if let Some(since) = mail.said.away_since
            && lapsing::came_back(db, shop, &person.card, UtcMs(since)).await?
        {
            return Ok(Outcome::Cancel("came_back"));
        }
        if mail.kind.needs_consent() {
            let next = self.quiet_until(now);
            if next > now {
                return Ok(Outcome::Later(next));
            }
        }
        let said = self.say(mail.kind, mail.id, &person, &mail.said);
        let ready = self.message(mail.kind, mail.id, &person.email, &said, now);
        Ok(ready.map_or(Outcome::Cancel("bad_address"), |ready| Outcome::Send(Box::new(ready))))
    }
}
