//! What a first start offers to choose from, and suggests by this machine's locale and time zone.

use chrono_tz::{TZ_VARIANTS, Tz};
use iso_country::Country;
use iso_currency::{Currency, IntoEnumIterator};

use crate::views::{Choice, Startup};

/// The first start's screen for this machine.
pub fn fresh() -> Startup {
    let locale = sys_locale::get_locale().unwrap_or_default();
    let timezone = iana_time_zone::get_timezone().unwrap_or_default();
    suggest(&locale, &timezone)
}

/// The first start's screen for a machine with `locale` (such as `de-AT`) in `timezone`.
fn suggest(locale: &str, timezone: &str) -> Startup {
    let country = region_of(locale).unwrap_or(Country::US);
    let timezone = timezone.parse().unwrap_or(Tz::UTC);
    Startup::Fresh {
        region: country.to_string(),
        currency: currency_of(country).unwrap_or(Currency::USD).code().to_owned(),
        timezone: timezone.name().to_owned(),
        currencies: currencies(),
        regions: regions(),
        timezones: TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect(),
    }
}

/// The region in a locale: the subtag of two letters behind the language, `AT` in `de-AT` and in `de_AT.UTF-8`.
fn region_of(locale: &str) -> Option<Country> {
    locale
        .split(['-', '_', '.', '@'])
        .skip(1)
        .find(|tag| tag.len() == 2)
        .and_then(|tag| tag.to_ascii_uppercase().parse().ok())
}

/// The money people pay with in a country: no funds, nothing superseded.
fn currency_of(country: Country) -> Option<Currency> {
    Currency::from_country(country)
        .into_iter()
        .find(|currency| currency.flags().is_empty())
}

/// Every currency people pay with, by code.
fn currencies() -> Vec<Choice> {
    let mut found: Vec<Choice> = Currency::iter()
        .filter(|currency| currency.flags().is_empty() && currency.exponent().is_some())
        .map(|currency| Choice {
            code: currency.code().to_owned(),
            name: currency.name().to_owned(),
        })
        .collect();
    found.sort_by(|a, b| a.code.cmp(&b.code));
    found
}

/// Every region whose phone numbers can be read, by code.
fn regions() -> Vec<Choice> {
    let mut found: Vec<Choice> = iso_country::data::all()
        .into_iter()
        .filter(|country| country.alpha2.parse::<loyalty::Region>().is_ok())
        .map(|country| Choice {
            code: country.alpha2.to_owned(),
            name: country.name.to_owned(),
        })
        .collect();
    found.sort_by(|a, b| a.code.cmp(&b.code));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggested(locale: &str, timezone: &str) -> (String, String, String) {
        match suggest(locale, timezone) {
            Startup::Fresh {
                region,
                currency,
                timezone,
                ..
            } => (region, currency, timezone),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn suggests_by_the_machine() {
        for (locale, zone, region, currency, timezone) in [
            ("en-US", "America/Los_Angeles", "US", "USD", "America/Los_Angeles"),
            ("de-AT", "Europe/Vienna", "AT", "EUR", "Europe/Vienna"),
            ("zh-Hant-TW", "Asia/Taipei", "TW", "TWD", "Asia/Taipei"),
            ("ja_JP.UTF-8", "Asia/Tokyo", "JP", "JPY", "Asia/Tokyo"),
            ("C", "", "US", "USD", "UTC"),
            ("", "Mars/Olympus", "US", "USD", "UTC"),
            ("en-AQ", "UTC", "AQ", "USD", "UTC"),
        ] {
            let expected = (region.to_owned(), currency.to_owned(), timezone.to_owned());
            assert_eq!(suggested(locale, zone), expected, "{locale}");
        }
    }

    #[test]
    fn every_choice_is_one_the_programme_takes() {
        let Startup::Fresh {
            currencies,
            regions,
            timezones,
            ..
        } = suggest("en-US", "UTC")
        else {
            panic!("not a first start")
        };
        assert!(currencies.len() > 140 && regions.len() > 200 && timezones.len() > 400);
        for choice in &currencies {
            choice.code.parse::<loyalty::Currency>().unwrap();
        }
        for zone in &timezones {
            zone.parse::<loyalty::ShopZone>().unwrap();
        }
    }
}
