//! Prices as integers, and what tokens come to.

use model::{Charge, NanoUsd, Timestamp};
use serde::Deserialize;

use super::names;

/// A dollar per million tokens is a million pico-dollars per token.
const PICO_OF_DOLLAR_BY_MILLION: f64 = 1e6;
/// A dollar per thousand requests, in pico-dollars per request.
const PICO_OF_DOLLAR_BY_THOUSAND: f64 = 1e9;
const PICO_OF_NANO: u128 = 1_000;
const MICROS_OF_MINUTE: i64 = 60_000_000;
const MINUTES_OF_DAY: i64 = 24 * 60;

/// Prices of a model, in dollars per million tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    /// The day from which they hold.
    #[serde(default, deserialize_with = "day")]
    from: Option<Timestamp>,
    /// The minutes of a day, in UTC, between which they hold.
    between: Option<(i64, i64)>,
    input: Option<Amount>,
    cached_input: Option<Amount>,
    cached_audio: Option<Amount>,
    cache_write: Option<Amount>,
    cache_write_1h: Option<Amount>,
    output: Option<Amount>,
    reasoning: Option<Amount>,
    input_audio: Option<Amount>,
    output_audio: Option<Amount>,
    input_image: Option<Amount>,
    cached_image: Option<Amount>,
    output_image: Option<Amount>,
    thousand_requests: Option<Amount>,
}

/// One price, or one that depends on the size of the input.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Amount {
    Flat(f64),
    Tiered {
        base: f64,
        /// Beyond so many tokens of input all tokens have this price.
        over: Vec<(u64, f64)>,
    },
}

impl Amount {
    fn dollars(&self, input_tokens: u64) -> f64 {
        match self {
            Self::Flat(dollars) => *dollars,
            Self::Tiered { base, over } => {
                let reached = over.iter().filter(|(start, _)| input_tokens > *start);
                reached.max_by_key(|(start, _)| *start).map_or(*base, |(_, dollars)| *dollars)
            }
        }
    }
}

impl Prices {
    /// Whether they hold at a time.
    pub(super) fn hold(&self, at: Timestamp) -> bool {
        let minute = at.0.div_euclid(MICROS_OF_MINUTE).rem_euclid(MINUTES_OF_DAY);
        let in_hours = self.between.is_none_or(|(start, end)| match start <= end {
            true => (start..end).contains(&minute),
            false => minute >= start || minute < end,
        });
        in_hours && self.from.is_none_or(|from| at >= from)
    }

    /// What tokens come to, by so many times these prices; `None` when a number of
    /// them or the price of some is unknown, or something else was charged as well.
    pub(super) fn cost(&self, charge: &Charge<'_>, scale: f64) -> Option<NanoUsd> {
        let (usage, billed) = (&charge.usage, &charge.billed);
        if billed.has_fees {
            return None;
        }
        let (input, output) = (usage.input_tokens?, usage.output_tokens?);
        let cached = usage.cached_input_tokens.unwrap_or(0).min(input);
        let written = billed.cache_write.min(input - cached);
        let written_1h = billed.cache_write_1h.min(written);
        let reasoning = usage.reasoning_tokens.unwrap_or(0).min(output);

        // Audio and images cost more than text nearly everywhere: without a price of
        // their own theirs is not known.
        let like_text =
            |own: &Option<Amount>, of: fn(&str) -> bool| own.is_none() && of(charge.model);
        let (input_audio, cached_audio) = match like_text(&self.input_audio, names::hears_for_text)
        {
            true => (0, 0),
            false => (billed.input_audio, billed.cached_audio.min(cached)),
        };
        let (input_image, cached_image) = match like_text(&self.input_image, names::sees_for_text) {
            true => (0, 0),
            false => (billed.input_image, billed.cached_image.min(cached - cached_audio)),
        };
        let fresh = input - cached - written;
        let audio = input_audio.saturating_sub(cached_audio).min(fresh);
        let image = input_image.saturating_sub(cached_image).min(fresh - audio);
        let spoken = billed.output_audio.min(output - reasoning);
        let drawn = billed.output_image.min(output - reasoning - spoken);

        // What is kept longer costs more; where nothing extra is charged, the input's price.
        let written_1h_else = if self.cache_write.is_some() { &None } else { &self.input };
        let price = |own: &Option<Amount>, otherwise: &Option<Amount>| {
            let amount = own.as_ref().or(otherwise.as_ref())?;
            Some(pico(amount.dollars(input) * scale, PICO_OF_DOLLAR_BY_MILLION))
        };
        let parts = [
            (fresh - audio - image, price(&self.input, &None)),
            (cached - cached_audio - cached_image, price(&self.cached_input, &self.input)),
            (cached_audio, price(&self.cached_audio, &None)),
            (cached_image, price(&self.cached_image, &None)),
            (written - written_1h, price(&self.cache_write, &self.input)),
            (written_1h, price(&self.cache_write_1h, written_1h_else)),
            (audio, price(&self.input_audio, &None)),
            (image, price(&self.input_image, &None)),
            (output - reasoning - spoken - drawn, price(&self.output, &None)),
            (reasoning, price(&self.reasoning, &self.output)),
            (spoken, price(&self.output_audio, &None)),
            (drawn, price(&self.output_image, &None)),
        ];
        let request = self.thousand_requests.as_ref();
        let mut total =
            request.map_or(0, |it| pico(it.dollars(input) * scale, PICO_OF_DOLLAR_BY_THOUSAND));
        for (tokens, price) in parts.into_iter().filter(|(tokens, _)| *tokens > 0) {
            total = total.checked_add(u128::from(tokens).checked_mul(price?)?)?;
        }
        u64::try_from((total + PICO_OF_NANO / 2) / PICO_OF_NANO).ok().map(NanoUsd)
    }

    /// Whether every price is a number that can be one.
    pub(super) fn is_sound(&self) -> bool {
        let Self { input, cached_input, cache_write, cache_write_1h, output, reasoning, .. } = self;
        let Self { input_audio, cached_audio, output_audio, thousand_requests, .. } = self;
        let Self { input_image, cached_image, output_image, .. } = self;
        let amounts = [
            input,
            cached_input,
            cache_write,
            cache_write_1h,
            output,
            reasoning,
            input_audio,
            cached_audio,
            output_audio,
            input_image,
            cached_image,
            output_image,
            thousand_requests,
        ];
        let is_price = |dollars: f64| (0.0..1e9).contains(&dollars);
        (input.is_some() || output.is_some())
            && amounts.into_iter().flatten().all(|amount| match amount {
                Amount::Flat(dollars) => is_price(*dollars),
                Amount::Tiered { base, over } => {
                    is_price(*base) && over.iter().all(|(_, dollars)| is_price(*dollars))
                }
            })
    }
}

fn pico(dollars: f64, scale: f64) -> u128 {
    (dollars * scale).round() as u128
}

fn day<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(reader)?;
    format!("{text}T00:00:00Z")
        .parse()
        .map(Some)
        .map_err(|_| serde::de::Error::custom(format!("{text:?} is no day like 2026-11-01")))
}
