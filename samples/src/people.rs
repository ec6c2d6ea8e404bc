//! People, places and labels.

use crate::out::Object;
use crate::rng::Rng;

pub(crate) const FIRST_NAMES: [&str; 32] = [
    "Dana", "Marta", "Jonas", "Priya", "Luis", "Chloé", "Tomás", "Aiko", "Zoé", "Henrik", "Mei",
    "Omar", "Ingrid", "Rafael", "Sofia", "Yusuf", "Hannah", "Kwame", "Elena", "Piotr", "Léa",
    "Noah", "Amara", "Björn", "Naomi", "Viktor", "Camila", "Farid", "Greta", "Dmitri", "Ruth",
    "Søren",
];

pub(crate) const LAST_NAMES: [&str; 24] = [
    "Okafor",
    "Lindqvist",
    "Moreau",
    "Tanaka",
    "Alvarez",
    "Novak",
    "Schneider",
    "Rossi",
    "Haddad",
    "Kowalski",
    "Nguyen",
    "Petersen",
    "Silva",
    "Brandt",
    "Iyer",
    "Castillo",
    "Dubois",
    "Yamamoto",
    "Farrell",
    "Weiss",
    "Mbeki",
    "Larsen",
    "Ortega",
    "Chen",
];

const PLANS: [&str; 4] = ["free", "pro", "team", "enterprise"];
const REGIONS: [&str; 5] =
    ["eu-west-1", "us-east-1", "ap-southeast-2", "eu-central-1", "sa-east-1"];

/// A first name with the initial of a last one.
pub(crate) fn short_name(rng: &mut Rng) -> String {
    let (first, last) = (rng.pick(&FIRST_NAMES), rng.pick(&LAST_NAMES));
    let initial: String = last.chars().take(1).collect();
    format!("{first} {initial}.")
}

/// The labels of a run; those of one episode are the same.
pub(crate) fn metadata(rng: &mut Rng, labels: &mut Object<'_>) {
    // Few users make most of the runs.
    let users = rng.pick(&[12, 40, 200, 1_500]);
    let user = rng.below(users);
    labels.text("user_id", &format!("u_{}", 10_240 + user * 7));
    // Where a user lives and what they pay for stays the same from run to run.
    let mut habits = Rng::new(u64::from(user), 0);
    let (plan, region) = (habits.zipf(&PLANS), habits.zipf(&REGIONS));
    if rng.percent(70) {
        labels.text("plan", plan);
    }
    if rng.percent(40) {
        labels.text("region", region);
    }
    if rng.percent(25) {
        labels.text("app_version", &format!("4.{}.{}", rng.below(6), rng.below(10)));
    }
    if rng.percent(18) {
        let (prompt, cache) = (rng.percent(50), rng.percent(50));
        labels.object("feature_flags", |flags| {
            flags.raw("short_answers", prompt);
            flags.raw("warm_cache", cache);
        });
    }
    if rng.percent(10) {
        let (first, last) = (rng.pick(&FIRST_NAMES), rng.pick(&LAST_NAMES));
        labels.text("user id", &format!("{last}, {first}"));
    }
    if rng.percent(15) {
        labels.raw("attempt", rng.between(1, 3));
    }
}
