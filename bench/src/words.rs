//! A vocabulary of made-up words with the skew of a language.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// How many words there are; the last ones are rare at a million runs.
pub const VOCABULARY: u32 = 60_000;

const ONSETS: [&str; 16] =
    ["b", "br", "c", "d", "f", "g", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "v"];
const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ea", "é"];
const HAN: &str = "退款订单延迟客户支付发票账户问题帮助物流地址取消确认会员优惠服务产品质量评价";

/// The `rank`th word; small ranks are common.
pub fn word(rank: u32) -> String {
    let mut rest = rank + 17;
    let mut word = String::new();
    loop {
        word.push_str(ONSETS[rest as usize % ONSETS.len()]);
        rest /= ONSETS.len() as u32;
        word.push_str(VOWELS[rest as usize % VOWELS.len()]);
        rest /= VOWELS.len() as u32;
        if rest == 0 {
            return word;
        }
    }
}

/// A rank by Zipf's law, near enough: the logarithm of the rank is uniform.
pub fn rank(rng: &mut ChaCha8Rng) -> u32 {
    let uniform: f64 = rng.random();
    (f64::from(VOCABULARY).powf(uniform) as u32 - 1).min(VOCABULARY - 1)
}

/// A text of `count` words, now and then in a script without spaces.
pub fn text(rng: &mut ChaCha8Rng, count: usize) -> String {
    if rng.random_ratio(1, 20) {
        let characters: Vec<char> = HAN.chars().collect();
        return (0..count).map(|_| characters[rng.random_range(0..characters.len())]).collect();
    }
    let mut text = String::new();
    for i in 0..count {
        if i > 0 {
            text.push(if i % 11 == 0 { '\n' } else { ' ' });
        }
        text.push_str(&word(rank(rng)));
        if i % 9 == 8 {
            text.push('.');
        }
    }
    text
}
