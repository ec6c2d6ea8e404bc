//! The words of each language, ordered by how common they are.

use std::collections::HashSet;
use std::sync::LazyLock;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::language::{Language, Sounds};

static VOCABULARIES: LazyLock<[Vec<String>; 4]> = LazyLock::new(|| Language::ALL.map(vocabulary));

/// The first of the two thousand characters that rarer Chinese words are made of.
const FIRST_CHARACTER: u32 = 0x4E00;
const CHARACTERS: u32 = 2_000;

/// A language's words, commonest first; the last ones are rare at a million runs.
pub fn of(language: Language) -> &'static [String] {
    &VOCABULARIES[language as usize]
}

/// The English word of this rank, from 0.
pub fn english(rank: usize) -> &'static str {
    let words = of(Language::English);
    &words[rank % words.len()]
}

/// The English word that is so far from the rarest.
pub fn rare(from_the_end: usize) -> &'static str {
    let words = of(Language::English);
    &words[words.len() - 1 - from_the_end % words.len()]
}

/// A rank drawn by Zipf's law.
pub fn rank(rng: &mut ChaCha8Rng, words: usize) -> usize {
    rank_at(rng.random(), words)
}

/// The rank at this share of all that is drawn, near enough: the logarithm of
/// the rank is uniform.
pub fn rank_at(share: f64, words: usize) -> usize {
    ((words as f64 + 1.0).powf(share) as usize - 1).min(words - 1)
}

fn vocabulary(language: Language) -> Vec<String> {
    let mut rng = ChaCha8Rng::seed_from_u64(language as u64);
    let sounds = language.sounds();
    let mut words: Vec<String> = Vec::with_capacity(sounds.words);
    let mut known = HashSet::with_capacity(sounds.words);
    for word in sounds.common.split_whitespace() {
        if known.insert(word.to_owned()) {
            words.push(word.to_owned());
        }
    }
    let makers = Makers::of(&sounds);
    while words.len() < sounds.words {
        let word = match language {
            Language::Chinese => characters(&mut rng),
            _ => makers.word(&mut rng, words.len()),
        };
        // Words of one or two letters are few in any language, and those are listed.
        let is_long_enough = language == Language::Chinese || word.chars().count() > 2;
        if is_long_enough && known.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

fn characters(rng: &mut ChaCha8Rng) -> String {
    let characters = [1, 2, 2, 2, 2, 3][rng.random_range(0..6)];
    (0..characters)
        .filter_map(|_| char::from_u32(FIRST_CHARACTER + 7 * rank(rng, CHARACTERS as usize) as u32))
        .collect()
}

/// The lists of a language's sounds, split.
struct Makers {
    onsets: Vec<&'static str>,
    vowels: Vec<&'static str>,
    ends: Vec<&'static str>,
    endings: Vec<&'static str>,
    capitals: u32,
}

impl Makers {
    fn of(sounds: &Sounds) -> Self {
        let split = |list: &'static str| list.split_whitespace().collect();
        Self {
            onsets: split(sounds.onsets),
            vowels: split(sounds.vowels),
            ends: split(sounds.ends),
            endings: split(sounds.endings),
            capitals: sounds.capitals,
        }
    }

    /// A word that is the longer the rarer it is.
    fn word(&self, rng: &mut ChaCha8Rng, rank: usize) -> String {
        let syllables = match rank {
            0..400 => 1,
            400..2_000 => rng.random_range(1..=2),
            2_000..10_000 => 2,
            _ => rng.random_range(2..=3),
        };
        let mut word = String::new();
        for syllable in 0..syllables {
            // One word in five begins with a vowel.
            if syllable > 0 || rng.random_ratio(4, 5) {
                word.push_str(pick(rng, &self.onsets));
            }
            word.push_str(pick(rng, &self.vowels));
            // Within a word most syllables are open.
            if syllable + 1 == syllables || rng.random_ratio(1, 4) {
                word.push_str(pick(rng, &self.ends));
            }
        }
        if syllables > 1 {
            word.push_str(pick(rng, &self.endings));
            if rng.random_ratio(1, self.capitals) {
                word = capitalised(&word);
            }
        }
        word
    }
}

/// One of a list; `-` stands for nothing.
fn pick(rng: &mut ChaCha8Rng, list: &[&'static str]) -> &'static str {
    match list[rng.random_range(0..list.len())] {
        "-" => "",
        sound => sound,
    }
}

/// The word with a capital.
pub fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
