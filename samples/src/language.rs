//! The languages of customers.

use crate::rng::Rng;

/// A language that customers speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// German.
    German,
    /// Japanese.
    Japanese,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 6] =
        [Self::English, Self::Spanish, Self::French, Self::German, Self::Japanese, Self::Chinese];

    /// Its ISO 639-1 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::German => "de",
            Self::Japanese => "ja",
            Self::Chinese => "zh",
        }
    }

    /// One of these: half of the time the first, else any.
    pub(crate) fn draw(rng: &mut Rng, languages: &[Self]) -> Self {
        match languages {
            [] => Self::English,
            [first, ..] if rng.percent(50) => *first,
            all => rng.pick(all),
        }
    }
}
