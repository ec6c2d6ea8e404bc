//! Turns meeting transcripts into notes, from a message template with variables.

use std::fmt::Write as _;

use crate::out::{self, fill};
use crate::people::FIRST_NAMES;
use crate::rng::Rng;
use crate::scene::{Moment, Prompt, Scene, Speaker};

pub(super) const INSTRUCTIONS: &str = "You write meeting notes that people who were not there can act on. Decisions first, then who does what by when. No small talk.";

pub(super) const RULES: [&str; 4] = [
    "Keep it under 120 words.",
    "A task without a name belongs to nobody: say so.",
    "Use Markdown lists, no headings.",
    "Leave out what was discussed and not decided.",
];

/// The user message of the version; its places are the input's variables.
pub(super) const TEMPLATE: &str =
    "Team: {{ team }}\nDate: {{ date }}\n\nTranscript:\n{{ transcript }}";

struct Topic {
    said: [&'static str; 3],
    decided: &'static str,
    task: &'static str,
}

static TOPICS: &[Topic] = &[
    Topic {
        said: [
            "The new checkout is ready, but two of the payment tests are flaky.",
            "I would rather ship on {day} than debug on the weekend.",
            "Agreed, {day} then. I will fix the tests before.",
        ],
        decided: "The new checkout ships on {day}.",
        task: "repairs the two flaky payment tests before the release",
    },
    Topic {
        said: [
            "Support had {n} tickets about the size chart last week.",
            "We could show it next to the button instead of in a tab.",
            "Let us do that, it is half a day of work.",
        ],
        decided: "The size chart moves next to the 'add to basket' button.",
        task: "moves the size chart and counts the tickets again in two weeks",
    },
    Topic {
        said: [
            "The carrier wants {n} % more from January.",
            "The other offer was slower in the mountains.",
            "Then we stay, but ask for a cap for two years.",
        ],
        decided: "We stay with the carrier if it caps its price for two years.",
        task: "writes to the carrier by {day}",
    },
    Topic {
        said: [
            "Search is slow again in the evening.",
            "It is the report job, it starts at seven.",
            "Move it to four in the morning and look again.",
        ],
        decided: "The report job runs at four in the morning.",
        task: "moves the job and checks the evening's response times",
    },
    Topic {
        said: [
            "We still have no one for the fair in March.",
            "I can go if someone takes my on-call week.",
            "I will take it.",
        ],
        decided: "We go to the fair in March with one person.",
        task: "books the stand by {day}",
    },
];

/// Fills the scene of one meeting.
pub(super) fn scene(rng: &mut Rng, moment: Moment, scene: &mut Scene) {
    let team = rng.zipf(&["Checkout", "Warehouse", "Growth", "Platform", "Customer care"]);
    let date = moment.date_before(0);
    let n = rng.between(4, 40).to_string();
    let values = [("n", &*n), ("day", rng.pick(&["Tuesday", "Thursday", "Friday", "Monday"]))];
    let count = rng.between(1, 3);
    let mut transcript = String::with_capacity(500);
    let (mut decisions, mut tasks) = (String::new(), String::new());
    for topic in rng.some(TOPICS, count) {
        let speakers = [rng.pick(&FIRST_NAMES), rng.pick(&FIRST_NAMES), rng.pick(&FIRST_NAMES)];
        for (speaker, line) in speakers.iter().zip(topic.said) {
            let _ = write!(transcript, "{speaker}: ");
            fill(&mut transcript, line, &values);
            transcript.push('\n');
        }
        decisions.push_str("- ");
        fill(&mut decisions, topic.decided, &values);
        decisions.push('\n');
        let _ = write!(tasks, "- **{}** ", speakers[2]);
        fill(&mut tasks, topic.task, &values);
        tasks.push_str(".\n");
    }
    let transcript = transcript.trim_end();
    out::object(&mut scene.input, |o| {
        o.text("team", team);
        o.text("date", &date);
        o.text("transcript", transcript);
    });
    let _ = write!(scene.answer, "{decisions}\n{}", tasks.trim_end());
    scene.prompt = Prompt::Template(TEMPLATE);
    scene.say(Speaker::User, format!("Team: {team}\nDate: {date}\n\nTranscript:\n{transcript}"));
}
