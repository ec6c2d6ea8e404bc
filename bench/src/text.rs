//! Texts of sentences, in one language and about what one agent is for.
//!
//! Words are drawn by Zipf's law. Language repeats itself beyond that, and both
//! compression and phrases live on it: half of the words follow from the word
//! before, and an eighth belong to the agent's subject.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::language::Language;
use crate::words;

/// Words of an agent's subject in each language.
const SUBJECT: usize = 250;
/// From how many words the one after a given word is drawn.
const FOLLOWERS: usize = 30;

/// Writes texts for one agent.
pub struct Writer {
    language: Language,
    subject: u64,
}

impl Writer {
    pub fn new(language: Language, agent: u32) -> Self {
        Self { language, subject: mix(u64::from(agent) + 1) }
    }

    /// The language of a run: three quarters are in English.
    pub fn language(rng: &mut ChaCha8Rng) -> Language {
        match rng.random_range(0..20) {
            0..15 => Language::English,
            15..17 => Language::French,
            17..19 => Language::German,
            _ => Language::Chinese,
        }
    }

    /// A text of so many words.
    pub fn text(&self, rng: &mut ChaCha8Rng, count: usize) -> String {
        let mut text = String::with_capacity(count * 7);
        let (mut before, mut left) = (None, 0);
        for i in 0..count {
            let begins = left == 0;
            if begins {
                left = rng.random_range(6..19).min(count - i);
            }
            left -= 1;
            let rank = self.next(rng, before);
            before = Some(rank);
            self.put(&mut text, rng, rank, begins);
            if left == 0 {
                self.end(&mut text, rng, i + 1 == count);
            }
        }
        text
    }

    fn next(&self, rng: &mut ChaCha8Rng, before: Option<usize>) -> usize {
        let words = words::of(self.language).len();
        match (rng.random_range(0..8), before) {
            (0..4, Some(before)) => follower(before, words::rank(rng, FOLLOWERS), words),
            (4, _) => {
                let place = words::rank(rng, SUBJECT) as u64;
                // The commonest words belong to no subject, and the rarest to none alone.
                200 + mix(self.subject + place) as usize % (words / 8)
            }
            _ => words::rank(rng, words),
        }
    }

    fn put(&self, text: &mut String, rng: &mut ChaCha8Rng, rank: usize, begins: bool) {
        let word = &words::of(self.language)[rank];
        let is_spaced = self.language != Language::Chinese;
        if is_spaced && !text.is_empty() && !text.ends_with('\n') {
            text.push(' ');
        }
        // Amounts, dates and numbers of orders.
        if rng.random_ratio(1, 60) {
            text.push_str(&rng.random_range(1..100_000).to_string());
        } else if begins && is_spaced {
            text.push_str(&words::capitalised(word));
        } else {
            text.push_str(word);
        }
    }

    fn end(&self, text: &mut String, rng: &mut ChaCha8Rng, is_last: bool) {
        let is_question = rng.random_ratio(1, 8);
        text.push(match (self.language, is_question) {
            (Language::Chinese, true) => '？',
            (Language::Chinese, false) => '。',
            (_, true) => '?',
            (_, false) => '.',
        });
        if !is_last && rng.random_ratio(1, 5) {
            text.push('\n');
        }
    }
}

/// The rank of a word that often follows another, the first choice most often.
pub fn follower(before: usize, choice: usize, words: usize) -> usize {
    let drawn = mix((before * FOLLOWERS + choice) as u64) >> 32;
    words::rank_at(drawn as f64 / f64::from(u32::MAX), words)
}

/// Spreads neighbouring numbers (the finalizer of SplitMix64).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
