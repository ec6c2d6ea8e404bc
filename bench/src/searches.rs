//! The searches that are measured, as they are typed, and what WorkflowAI's
//! field, operator and value would have made of each.
//!
//! What it could not say as such stands as its nearest: it had no words, so a word
//! is `input contains`, which reads the input alone and finds parts of words too.

use crate::language::Language;
use crate::old::Filter;
use crate::{corpus, text, words};

/// A search; what stands in braces differs from round to round, since people
/// search for different things, and so that no answer is a remembered one.
pub struct Search {
    pub name: &'static str,
    /// As it is typed.
    typed: &'static str,
    /// The old condition and its values.
    old: (&'static str, &'static [&'static str]),
}

const ENGLISH: usize = Language::English.sounds().words;
const CONTAINS: &str = "input ILIKE {v0:String}";

pub const SEARCHES: [Search; 17] = [
    search("word, rare", "{rare} ", (CONTAINS, &["%{rare}%"])),
    search("word, common", "{common} ", (CONTAINS, &["%{common}%"])),
    search("word, in every run", "please ", (CONTAINS, &["%please%"])),
    search("word, absent", "qqqq{common} ", (CONTAINS, &["%qqqq{common}%"])),
    search(
        "two words",
        "{common} {other} ",
        ("input ILIKE {v0:String} AND input ILIKE {v1:String}", &["%{common}%", "%{other}%"]),
    ),
    search("prefix of 2 letters", "{two}", (CONTAINS, &["%{two}%"])),
    search("prefix of 3 letters", "{three}", (CONTAINS, &["%{three}%"])),
    search("phrase of two words", "\"{common} {next}\"", (CONTAINS, &["%{common} {next}%"])),
    search("substring", "input:~{part}", (CONTAINS, &["%{part}%"])),
    search(
        "JSON path equality",
        "input.items[].sku:{sku}",
        (
            "arrayExists(x -> simpleJSONExtractString(x, 'sku') = {v0:String}, \
             JSONExtractArrayRaw(input, 'items'))",
            &["{sku}"],
        ),
    ),
    search(
        "JSON path range",
        "output.score:>{score}",
        ("simpleJSONExtractFloat(output, 'score') > {v0:Float}", &["{score}"]),
    ),
    search(
        "metadata, rare",
        "metadata.incident:{incident}",
        ("metadata['incident'] = {v0:String}", &["{incident}"]),
    ),
    search(
        "metadata, frequent",
        "metadata.plan:{plan}",
        ("metadata['plan'] = {v0:String}", &["{plan}"]),
    ),
    search(
        "latency range",
        "latency:{tenths}00ms..2s",
        ("duration_ds BETWEEN {v0:UInt16} AND {v1:UInt16}", &["{tenths}", "20"]),
    ),
    search("status", "status:failure", ("notEmpty(error_payload)", &[])),
    search(
        "combination",
        "{common} status:success metadata.plan:{plan} latency:<300ms",
        (
            "input ILIKE {v0:String} AND empty(error_payload) \
             AND metadata['plan'] = {v1:String} AND duration_ds < {v2:UInt16}",
            &["%{common}%", "{plan}", "3"],
        ),
    ),
    search(
        "negation",
        "-{common} -status:failure",
        ("input NOT ILIKE {v0:String} AND empty(error_payload)", &["%{common}%"]),
    ),
];

/// No search at all.
pub const EVERYTHING: Search = search("everything", "", ("", &[]));

const fn search(
    name: &'static str,
    typed: &'static str,
    old: (&'static str, &'static [&'static str]),
) -> Search {
    Search { name, typed, old }
}

impl Search {
    /// The one of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SEARCHES.iter().find(|search| search.name == name)
    }

    /// What is typed in this round.
    pub fn typed(&self, round: usize) -> String {
        fill_in(self.typed, round)
    }

    /// What the old table is asked in this round.
    pub fn old(&self, round: usize) -> Filter {
        let (sql, values) = self.old;
        Filter { sql, values: values.iter().map(|value| fill_in(value, round)).collect() }
    }

    /// The agent to ask: even ones are chats, so the largest one with structured
    /// input is the second.
    pub fn agent(&self) -> String {
        corpus::agent(u32::from(self.name.starts_with("JSON")))
    }
}

/// What the old table is asked for a text that is being typed.
pub fn old_contains(text: &str) -> Filter {
    Filter { sql: CONTAINS, values: vec![format!("%{text}%")] }
}

fn fill_in(pattern: &str, round: usize) -> String {
    let common = 120 + round * 7;
    let rare = words::rare(round * 13);
    let next = text::follower(common, 0, ENGLISH);
    let sku = format!("s-{}", 17 + round);
    let incident = format!("inc-{}", round % corpus::INCIDENTS as usize);
    // Above a hundredth of all scores and a little less.
    let score = format!("{:.3}", 0.990 + (round % 5) as f64 / 1e3);
    let tenths = (10 + round % 8).to_string();
    let start = |word: &'static str, letters: usize| word.get(..letters).unwrap_or(word);
    [
        ("{common}", words::english(common)),
        ("{other}", words::english(common + 1)),
        ("{next}", words::english(next)),
        ("{rare}", rare),
        ("{part}", rare.get(1..rare.len() - 1).unwrap_or(rare)),
        ("{two}", start(rare, 2)),
        ("{three}", start(words::english(common), 3)),
        ("{sku}", sku.as_str()),
        ("{incident}", incident.as_str()),
        ("{score}", score.as_str()),
        ("{tenths}", tenths.as_str()),
        ("{plan}", corpus::PLANS[round % corpus::PLANS.len()]),
    ]
    .iter()
    .fold(pattern.to_owned(), |text, (place, value)| text.replace(place, value))
}
