//! Talks to customers of the shop, over several turns and in several languages.

use crate::Language;
use crate::agents::support_texts::{TOPICS, Topic};
use crate::out::{self, fill};
use crate::people::FIRST_NAMES;
use crate::rng::Rng;
use crate::scene::{Moment, Prompt, Scene, Speaker};

pub(super) const INSTRUCTIONS: &str = "You are Robin, the support assistant of Tallwood, an online shop for home and outdoor goods. You are friendly and brief, and you solve the customer's problem rather than explain the process.\n\nYou can see orders, shipments and refunds. Answer in the customer's language.";

pub(super) const RULES: [&str; 7] = [
    "Ask for the order number when you need it, and only then.",
    "Never promise a date that the carrier has not confirmed.",
    "Refunds go back to the original payment method and take 3 to 5 working days.",
    "Offer a voucher of 10 % when we made the mistake, never more.",
    "Hand over to a colleague when the customer is angry or speaks of a lawyer.",
    "Do not use emoji.",
    "End with a question only if you need the answer.",
];

/// Fills the scene of one turn of a conversation.
pub(super) fn scene(rng: &mut Rng, moment: Moment, scene: &mut Scene) {
    let spoken: Vec<&Topic> =
        TOPICS.iter().filter(|topic| topic.language == moment.language).collect();
    let topic = rng.zipf(&spoken);
    let order = format!("TW-{}", 48_000 + rng.below(9_000));
    let amount = {
        let mut text = String::new();
        out::cents(&mut text, u64::from(rng.between(18, 240)) * 100 - 5);
        text
    };
    let days = rng.between(3, 12).to_string();
    let values = [
        ("order", &*order),
        ("amount", &*amount),
        ("days", &*days),
        ("name", rng.pick(&FIRST_NAMES)),
        ("item", rng.zipf(items(moment.language))),
    ];
    let last = (moment.turn as usize).min(topic.turns.len() - 1);
    for (index, (question, reply)) in topic.turns.iter().enumerate().take(last + 1) {
        let mut asked = String::with_capacity(question.len() + 16);
        fill(&mut asked, question, &values);
        scene.say(Speaker::User, asked);
        let mut answer = String::with_capacity(reply.len() + 16);
        fill(&mut answer, reply, &values);
        if index < last {
            scene.say(Speaker::Assistant, answer);
        } else {
            scene.answer = answer;
        }
    }
    out::object(&mut scene.input, |o| {
        o.array("messages", |messages| {
            for turn in &scene.turns {
                messages.object(|o| {
                    let is_user = turn.speaker == Speaker::User;
                    o.text("role", if is_user { "user" } else { "assistant" });
                    o.text("content", &turn.text);
                });
            }
        });
    });
    scene.prompt = Prompt::SystemMessage;
}

fn items(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => &[
            "Hearth coffee maker",
            "Fjellheim tent",
            "Corvid desk",
            "Larkspur earbuds",
            "Ember kettle",
            "Drizzle jacket",
        ],
        Language::Spanish => &[
            "la cafetera Hearth",
            "la tienda Fjellheim",
            "el hervidor Ember",
            "la chaqueta Drizzle",
        ],
        Language::French => &[
            "la cafetière Hearth",
            "la tente Fjellheim",
            "la bouilloire Ember",
            "la veste Drizzle",
        ],
        Language::German => &[
            "die Kaffeemaschine Hearth",
            "das Zelt Fjellheim",
            "die Jacke Drizzle",
            "die Pfanne Juniper",
        ],
        Language::Japanese => {
            &["コーヒーメーカーHearth", "テントFjellheim", "ケトルEmber", "ジャケットDrizzle"]
        }
        Language::Chinese => &["Hearth咖啡机", "Fjellheim帐篷", "Ember电热水壶", "Drizzle雨衣"],
    }
}
