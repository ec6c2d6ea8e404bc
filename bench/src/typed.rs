//! Times a search while its word is typed: every beginning of it, from the first
//! letter on, is a search of its own, as the search field sends it.

use std::time::Instant;

use embedded::EngineEndpoint;
use store::Window;

use crate::old::Old;
use crate::report::{Beside, Report};
use crate::sample::Samples;
use crate::searches::old_contains;
use crate::stored::request;
use crate::{Failure, corpus, fill, words};

/// Rows, by how many letters stand there.
const LETTERS: [&str; 4] = ["1 letter", "2 letters", "3 letters", "4 letters and more"];
/// Ranks between the words that are typed: common ones at first, then rarer ones.
const STEP: usize = 1_701;

pub async fn measure(
    endpoint: &EngineEndpoint,
    repeat: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let (org, old) = (fill::open(endpoint).await?, Old::open(endpoint).await?);
    let largest = corpus::agent(0);
    for (scope, budget, agent) in [
        ("in a large agent", "30 / 100", Some(largest.as_str())),
        ("across agents", "100 / 300", None),
    ] {
        let mut new: [Samples; 4] = Default::default();
        let mut before: [Samples; 4] = Default::default();
        for n in 0..=repeat {
            let word = words::english(150 + n * STEP);
            for (letters, typed) in beginnings(word).enumerate() {
                let row = letters.min(LETTERS.len() - 1);
                let list = request(agent, typed, Window::Page(0))?;
                let at = Instant::now();
                let found = org.list_runs(&list).await?.map_or(0, |found| found.count);
                // The first word warms up.
                if n > 0 {
                    new[row].times.push(at.elapsed());
                    new[row].found = Some(found);
                }
                let Some(agent) = agent else { continue };
                let at = Instant::now();
                let found = old.list(agent, &old_contains(typed), 0).await?;
                if n > 0 {
                    before[row].times.push(at.elapsed());
                    before[row].found = Some(found);
                }
            }
        }
        for ((letters, new), old) in LETTERS.into_iter().zip(new).zip(before) {
            let beside = if agent.is_some() { Beside::Samples(old) } else { Beside::Inexpressible };
            report.compare(&format!("typed {scope}: {letters}"), budget, new, beside);
        }
    }
    Ok(())
}

/// Each beginning of a word, the word itself last.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    word.char_indices().map(|(at, letter)| &word[..at + letter.len_utf8()])
}
