//! Plans trips with tools for weather, trains and hotels.

use std::fmt::Write as _;

use crate::out;
use crate::rng::Rng;
use crate::scene::{Moment, Prompt, Scene, Speaker, ToolUse};

pub(super) const INSTRUCTIONS: &str = "You plan short trips by train within Europe. Look up the weather before you recommend a day, and connections before you name a train. Give one recommendation, not a list, and say in one sentence why.";

pub(super) const RULES: [&str; 5] = [
    "Temperatures in degrees Celsius, times in the local 24-hour clock.",
    "Prefer connections with at most one change.",
    "When a tool fails, say so and plan with what you know.",
    "Never book anything.",
    "Suggest an indoor place when the chance of rain is above 50 %.",
];

pub(super) const TOOLS: &str = r#"[{"type":"function","function":{"name":"get_weather","description":"Weather forecast for a city and a day.","parameters":{"type":"object","required":["city","date"],"properties":{"city":{"type":"string"},"date":{"type":"string","format":"date"}}}}},{"type":"function","function":{"name":"find_trains","description":"Train connections between two cities.","parameters":{"type":"object","required":["from","to","date"],"properties":{"from":{"type":"string"},"to":{"type":"string"},"date":{"type":"string","format":"date"},"after":{"type":"string"}}}}},{"type":"function","function":{"name":"find_hotels","description":"Hotels with a free room, cheapest first.","parameters":{"type":"object","required":["city","nights"],"properties":{"city":{"type":"string"},"nights":{"type":"integer"},"max_price":{"type":"number"}}}}}]"#;

/// The same tools as Anthropic's messages have them.
pub(super) const ANTHROPIC_TOOLS: &str = r#"[{"name":"get_weather","description":"Weather forecast for a city and a day.","input_schema":{"type":"object","required":["city","date"],"properties":{"city":{"type":"string"},"date":{"type":"string","format":"date"}}}},{"name":"find_trains","description":"Train connections between two cities.","input_schema":{"type":"object","required":["from","to","date"],"properties":{"from":{"type":"string"},"to":{"type":"string"},"date":{"type":"string","format":"date"},"after":{"type":"string"}}}},{"name":"find_hotels","description":"Hotels with a free room, cheapest first.","input_schema":{"type":"object","required":["city","nights"],"properties":{"city":{"type":"string"},"nights":{"type":"integer"},"max_price":{"type":"number"}}}}]"#;

const CITIES: [&str; 14] = [
    "Vienna",
    "Lisbon",
    "Copenhagen",
    "Florence",
    "Kraków",
    "Ljubljana",
    "Ghent",
    "Porto",
    "Zürich",
    "Málaga",
    "Tallinn",
    "Lyon",
    "Bergen",
    "Tromsø",
];
const HOMES: [&str; 6] = ["Munich", "Amsterdam", "Paris", "Berlin", "Milan", "Brussels"];
const SKIES: [(&str, u32); 6] = [
    ("sunny", 5),
    ("partly cloudy", 20),
    ("overcast", 35),
    ("showers", 65),
    ("rain", 85),
    ("hazy", 15),
];
const HOTELS: [&str; 6] =
    ["Hotel Linden", "The Old Post", "Casa Azul", "Hotel am Kai", "Pension Rosa", "Station Inn"];

/// Fills the scene of one trip.
pub(super) fn scene(rng: &mut Rng, moment: Moment, scene: &mut Scene) {
    let (home, city) = (rng.zipf(&HOMES), rng.zipf(&CITIES));
    // Trips lie ahead, so the date is counted from a later day.
    let date = Moment { day: moment.day + rng.between(2, 20), ..moment }.date_before(0);
    let nights = rng.between(1, 4);
    let (sky, rain) = rng.pick(&SKIES);
    let degrees = rng.between(1, 23);
    let hour = rng.between(6, 15);
    let minute = rng.below(12) * 5;
    let hotel = rng.pick(&HOTELS);
    let price = rng.between(62, 190);
    let wants_hotel = rng.percent(45);

    let mut question = String::new();
    let _ = match rng.below(4) {
        0 => write!(
            question,
            "I want to go from {home} to {city} around {date} for {nights} nights. Which train, and do I need an umbrella?"
        ),
        1 => write!(
            question,
            "Weekend in {city}? We start in {home} on {date}, not too early please."
        ),
        2 => write!(
            question,
            "What will the weather be in {city} on {date}, and how do I get there from {home}?"
        ),
        _ => write!(
            question,
            "Plan {nights} nights in {city} from {date}. I live in {home} and hate changing trains."
        ),
    };
    if wants_hotel {
        let _ = write!(question, " A hotel under {} EUR would be good.", price + 30);
    }
    scene.say(Speaker::User, question);

    let fails = rng.percent(8);
    call(
        rng,
        scene,
        "get_weather",
        format!(r#"{{"city":"{city}","date":"{date}"}}"#),
        if fails {
            r#"{"error":"no forecast for this date"}"#.to_owned()
        } else {
            format!(
                r#"{{"city":"{city}","date":"{date}","sky":"{sky}","degrees":{degrees},"rain_percent":{rain}}}"#
            )
        },
    );
    let arrival = (hour + rng.between(3, 8)) % 24;
    call(
        rng,
        scene,
        "find_trains",
        format!(r#"{{"from":"{home}","to":"{city}","date":"{date}","after":"06:00"}}"#),
        format!(
            r#"{{"connections":[{{"departs":"{hour:02}:{minute:02}","arrives":"{arrival:02}:{minute:02}","changes":1,"price":{}.9}},{{"departs":"{:02}:12","arrives":"{:02}:40","changes":2,"price":39.9}}]}}"#,
            price / 2 + 20,
            hour + 2,
            (hour + 9) % 24
        ),
    );
    if wants_hotel {
        let distance = rng.between(2, 9);
        call(
            rng,
            scene,
            "find_hotels",
            format!(r#"{{"city":"{city}","nights":{nights},"max_price":{}}}"#, price + 30),
            format!(
                r#"{{"hotels":[{{"name":"{hotel}","price":{price},"distance_km":0.{distance}}}]}}"#
            ),
        );
    }

    let answer = &mut scene.answer;
    let _ = write!(
        answer,
        "Take the {hour:02}:{minute:02} from {home}: you are in {city} at {arrival:02}:{minute:02} with one change. "
    );
    let _ = if fails {
        write!(
            answer,
            "There is no forecast for {date} yet, so pack for rain and be pleased if you do not need it."
        )
    } else if rain > 50 {
        write!(
            answer,
            "It will be {sky} and {degrees} °C on {date}, with a {rain} % chance of rain; keep a museum in reserve for the afternoon."
        )
    } else {
        write!(answer, "{date} should be {sky} at {degrees} °C, so keep the day for walking.")
    };
    if wants_hotel {
        let _ =
            write!(answer, " {hotel} has a room for {price} EUR a night, close to the station.");
    }
    out::object(&mut scene.input, |o| {
        o.array("messages", |messages| {
            messages.object(|message| {
                message.text("role", "user");
                message.text("content", &scene.turns[0].text);
            });
        });
    });
    scene.prompt = Prompt::SystemMessage;
}

fn call(rng: &mut Rng, scene: &mut Scene, name: &'static str, arguments: String, result: String) {
    let mut id = String::from("call_");
    rng.token(24, &mut id);
    scene.tool_uses.push(ToolUse { id, name, arguments, result });
}
