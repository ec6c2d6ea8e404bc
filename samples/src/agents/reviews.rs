//! Sums up what buyers say about a product.

use crate::out::{self, fill};
use crate::people::short_name;
use crate::rng::Rng;
use crate::scene::{Moment, Prompt, Scene, Speaker};

pub(super) const INSTRUCTIONS: &str = "You summarise product reviews for the buying guide of Tallwood, an online shop for home and outdoor goods.\n\nRead every review, then write one summary of two sentences at most that a hurried buyer can trust. Name what buyers like and what they do not, in order of how many say so.";

pub(super) const RULES: [&str; 7] = [
    "Never quote a reviewer by name.",
    "Do not mention price unless at least two reviews do.",
    "Count a review of three stars as mixed.",
    "Write in plain words and leave out exclamation marks.",
    "Leave out anything about delivery or packaging.",
    "List at most three pros and three cons.",
    "Round the average rating to one decimal.",
];

pub(super) const OUTPUT_SCHEMA: &str = r#"{"type":"object","required":["summary","sentiment","average_rating","pros","cons"],"additionalProperties":false,"properties":{"summary":{"type":"string"},"sentiment":{"type":"string","enum":["positive","mixed","negative"]},"average_rating":{"type":"number"},"pros":{"type":"array","items":{"type":"string"}},"cons":{"type":"array","items":{"type":"string"}}}}"#;

/// What buyers judge, named the way it is liked and the way it is not.
struct Aspect {
    liked: &'static str,
    disliked: &'static str,
    good: [&'static str; 3],
    bad: [&'static str; 3],
}

macro_rules! aspects {
    ($($liked:literal / $disliked:literal: $g1:literal, $g2:literal, $g3:literal; $b1:literal, $b2:literal, $b3:literal;)*) => {
        &[$(Aspect { liked: $liked, disliked: $disliked, good: [$g1, $g2, $g3], bad: [$b1, $b2, $b3] }),*]
    };
}

static AUDIO: &[Aspect] = aspects! {
    "battery life" / "battery": "I charge them once a week and that is it.", "The battery outlasts every flight I have taken.", "Still at 60 % after two full working days.";
        "The right bud is empty long before the left one.", "Claims thirty hours, I get maybe eleven.", "After four months the battery barely makes it to lunch.";
    "clear sound" / "sound": "Voices in podcasts are clear even on a loud street.", "Warm bass without drowning everything else.", "I heard details in old records that I had never noticed.";
        "The treble is so sharp that I turned it down in every app.", "Sounds hollow, as if through a wall.", "Bass rattles as soon as you turn it up.";
    "noise cancelling" / "noise cancelling": "The office simply disappears.", "On the train I only notice my stop because of the light.", "Kills the hum of the fridge completely.";
        "It hisses in quiet rooms.", "Wind makes it roar, useless on a bike.", "I get a headache from the pressure after an hour.";
    "comfortable fit" / "fit": "They stay in while running, which no other pair did.", "Light enough to forget about.", "Three sizes of tips, and one of them is perfect.";
        "They fall out when I chew.", "Too big for small ears, and the small tips do not help.", "The headband squeezes after twenty minutes.";
    "simple app" / "app": "Setting up took a minute.", "The equaliser in the app is worth it alone.", "Found my lost case through the app.";
        "The app wants an account just to change the volume limit.", "It forgets my settings after every update.", "Pairing with a second phone is a lottery.";
};

static KITCHEN: &[Aspect] = aspects! {
    "quiet running" / "noise": "Quiet enough to use while the baby sleeps.", "You can talk next to it without shouting.", "Much quieter than our old one.";
        "Sounds like a small plane taking off.", "The whole flat knows when I make coffee.", "It whines at the highest setting.";
    "easy cleaning" / "cleaning": "Everything but the base goes into the dishwasher.", "A rinse and a wipe, done.", "No corners where dough hides.";
        "Crumbs get under the rim and you need a toothpick.", "The seal smells however often I wash it.", "Limescale after two weeks, and it cannot be opened.";
    "even heat" / "heating": "Heats evenly right to the edge.", "Ready before I have found a cup.", "Keeps the temperature for hours.";
        "Burnt in the middle and raw at the edge.", "The handle gets hot enough to hurt.", "Takes twice as long as it says.";
    "solid build" / "build quality": "Heavy, solid, nothing rattles.", "Feels as if it will outlive me.", "The steel still looks new after a year.";
        "The lid cracked in the second week.", "Plastic where it should be metal.", "The non-stick layer is peeling already.";
    "handy size" / "size": "Fits under the cupboard with room to spare.", "Makes enough for six and stores flat.", "Just right for two people.";
        "Far bigger than the photos suggest.", "Too small for a normal loaf.", "Takes up half the worktop.";
};

static OUTDOOR: &[Aspect] = aspects! {
    "waterproofing" / "leaks": "Two days of Scottish rain and everything stayed dry.", "Water just runs off, even at the seams.", "Sat in a puddle overnight, bone dry inside.";
        "The seams leak after an hour of rain.", "Fine in drizzle, hopeless in a downpour.", "Needed spraying again after three trips.";
    "low weight" / "weight": "I forgot that I was carrying it.", "Half the weight of the old one.", "Light enough for my ten-year-old.";
        "Heavier than stated by almost 300 grams.", "You feel it after the first hill.", "Fine from the car, too heavy for a hike.";
    "quick set-up" / "set-up": "Stands in four minutes, alone, in wind.", "The colour-coded poles are a blessing.", "No instructions needed.";
        "Three adults and a video, and it still leaned.", "The pegs bend when you look at them.", "Getting it back into its bag is a joke.";
    "smooth zips" / "zips": "The zips run smoothly even with cold fingers.", "Big pullers that work with gloves.", "No snagging at all.";
        "The zip caught the fabric on the first evening.", "One slider came off in my hand.", "The zip froze and stayed frozen.";
    "warmth" / "lack of warmth": "Slept well at minus four.", "Warm without sweating on the way up.", "The collar keeps the wind out nicely.";
        "Rated for zero, cold at eight degrees.", "The down collects at the bottom.", "My feet froze every night.";
};

static DESK: &[Aspect] = aspects! {
    "comfort" / "hard seat and poor support": "My back stopped hurting within a week.", "Eight hours and I do not want to get up.", "The armrests move every way you could want.";
        "The seat is hard as a plank after an hour.", "Pushes the head forward in an odd way.", "The lumbar support sits far too low.";
    "easy assembly" / "assembly": "Assembled in twenty minutes with the tool in the box.", "Clear pictures and every screw labelled.", "Only four bolts and it stands.";
        "Two holes did not line up, so I had to drill.", "The instructions show another model.", "Screws for a third of the holes were missing.";
    "stability" / "wobble": "No wobble even at full height.", "Solid with two monitors on it.", "The base does not move an inch.";
        "Shakes when I type.", "Leans to the left on a level floor.", "At standing height the monitors sway.";
    "silent motor" / "motor": "Smooth and almost silent.", "Remembers four heights, which the family loves.", "Stops at once when it touches something.";
        "Died after five weeks.", "Makes a grinding sound on the way down.", "Forgets the stored heights after every power cut.";
    "fine finish" / "finish": "The wood looks better than in the photos.", "No fingerprints on the black one.", "Edges are rounded and pleasant.";
        "Scratches from a sheet of paper, it seems.", "The veneer came off at a corner.", "The colour is more orange than oak.";
};

#[derive(Clone, Copy)]
struct Product {
    name: &'static str,
    category: &'static str,
    aspects: &'static [Aspect],
}

macro_rules! products {
    ($($name:literal $category:literal $aspects:ident;)*) => {
        &[$(Product { name: $name, category: $category, aspects: $aspects }),*]
    };
}

static PRODUCTS: &[Product] = products! {
    "Larkspur wireless earbuds" "audio" AUDIO;
    "Hearth 12-cup coffee maker" "kitchen" KITCHEN;
    "Fjellheim 2-person tent" "outdoor" OUTDOOR;
    "Corvid standing desk 140" "home office" DESK;
    "Quietline over-ear headphones" "audio" AUDIO;
    "Juniper cast-iron pan 28 cm" "kitchen" KITCHEN;
    "Drizzle packable rain jacket" "outdoor" OUTDOOR;
    "Anchor mesh office chair" "home office" DESK;
    "Pebble bluetooth speaker" "audio" AUDIO;
    "Morrow stand mixer" "kitchen" KITCHEN;
    "Tundra sleeping bag −5 °C" "outdoor" OUTDOOR;
    "Sill adjustable monitor arm" "home office" DESK;
    "Otter kids' headphones" "audio" AUDIO;
    "Ember electric kettle 1.7 l" "kitchen" KITCHEN;
    "Ridgeway 45 l backpack" "outdoor" OUTDOOR;
    "Plover compact desk 100" "home office" DESK;
    "Cinder air fryer 5 l" "kitchen" KITCHEN;
    "Skerry hiking boots" "outdoor" OUTDOOR;
    "Meadow turntable" "audio" AUDIO;
    "Basalt bread maker" "kitchen" KITCHEN;
};

const OPENERS: [&str; 14] = [
    "Bought this as a present for my father.",
    "Second one we own.",
    "Had high hopes after the last review.",
    "Used it every day for three months now.",
    "Replaced one that was ten years old.",
    "I rarely write reviews, but here we go.",
    "Ordered it late on a Sunday, as one does.",
    "Our whole team has these.",
    "Took it on a two-week trip.",
    "My partner chose it, and was right.",
    "Came a day early.",
    "I wanted to like it.",
    "Mostly happy.",
    "Not what I expected.",
];

const GOOD_CLOSERS: [&str; 8] = [
    "Would buy again.",
    "Worth every cent.",
    "No complaints so far.",
    "Recommended to three friends already.",
    "Exactly what we needed.",
    "I keep finding reasons to use it.",
    "Five stars from all of us.",
    "A happy surprise.",
];

const BAD_CLOSERS: [&str; 8] = [
    "It is going back.",
    "I expected more for this money.",
    "Waiting for the refund.",
    "Support has not answered yet.",
    "Two stars because it looks nice.",
    "Would not buy again.",
    "A pity, really.",
    "Maybe mine is a bad one.",
];

/// Fills the scene of one summary.
pub(super) fn scene(rng: &mut Rng, moment: Moment, scene: &mut Scene) {
    let product = rng.zipf(PRODUCTS);
    let count = rng.between(2, 4);
    // How good the product is decides how its reviews come out.
    let quality = rng.between(25, 90);
    let mut verdicts = [(0u32, 0u32); 8];
    let mut stars = 0;
    let sku = format!("TW-{}", 4_100 + rng.below(900));
    out::object(&mut scene.input, |input| {
        input.object("product", |o| {
            o.text("name", product.name);
            o.text("category", product.category);
            o.text("sku", &sku);
        });
        input.array("reviews", |reviews| {
            for _ in 0..count {
                let (rating, text) = review(rng, &product, quality, &mut verdicts);
                stars += rating;
                reviews.object(|o| {
                    o.raw("rating", rating);
                    o.text("author", &short_name(rng));
                    o.text("date", &moment.date_before(rng.below(60)));
                    o.text("text", &text);
                });
            }
        });
    });
    scene.prompt = Prompt::Instructions;
    let average_tenths = (stars * 10 + count / 2) / count;
    summary(rng, &product, &verdicts, average_tenths, &mut scene.answer);
    let question = scene.input.clone();
    scene.say(Speaker::User, question);
}

fn review(
    rng: &mut Rng,
    product: &Product,
    quality: u32,
    verdicts: &mut [(u32, u32); 8],
) -> (u32, String) {
    let mut text = String::with_capacity(160);
    if rng.percent(55) {
        text.push_str(rng.pick(&OPENERS));
    }
    let count = rng.between(1, 2);
    let (mut good, mut bad) = (0, 0);
    for aspect in rng.some(product.aspects, count) {
        let index = product.aspects.iter().position(|other| std::ptr::eq(other, aspect));
        let is_good = rng.percent(quality);
        let sentence = rng.pick(if is_good { &aspect.good } else { &aspect.bad });
        if let Some(verdict) = index.and_then(|index| verdicts.get_mut(index)) {
            if is_good { verdict.0 += 1 } else { verdict.1 += 1 }
        }
        if is_good {
            good += 1
        } else {
            bad += 1
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(sentence);
    }
    if rng.percent(60) {
        text.push(' ');
        text.push_str(rng.pick(if bad > good { &BAD_CLOSERS } else { &GOOD_CLOSERS }));
    }
    let rating = match (good, bad) {
        (_, 0) => rng.between(4, 5),
        (0, _) => rng.between(1, 2),
        _ => 3,
    };
    (rating, text)
}

fn summary(
    rng: &mut Rng,
    product: &Product,
    verdicts: &[(u32, u32); 8],
    average_tenths: u32,
    answer: &mut String,
) {
    let judged = || product.aspects.iter().zip(verdicts);
    let pros = judged().filter(|(_, (good, bad))| good > bad).map(|(aspect, _)| aspect.liked);
    let cons = judged().filter(|(_, (good, bad))| bad > good).map(|(aspect, _)| aspect.disliked);
    let (pros, cons): (Vec<&str>, Vec<&str>) = (pros.take(3).collect(), cons.take(3).collect());
    let (liked, disliked) = (join(&pros), join(&cons));
    let templates: &[&str] = match (pros.is_empty(), cons.is_empty()) {
        (false, true) => &[
            "Buyers of the {product} agree: they praise its {liked} and would buy it again.",
            "Reviews of the {product} are warm, above all about the {liked}.",
            "The {product} wins people over with its {liked}; no common complaint stands out.",
        ],
        (true, false) => &[
            "Most buyers of the {product} are let down by the {disliked}.",
            "The {product} disappoints: complaints about the {disliked} come up again and again.",
        ],
        (false, false) => &[
            "Buyers like the {product} for its {liked}, but complain about the {disliked}.",
            "The {product} divides its buyers: praise for the {liked}, trouble with the {disliked}.",
            "Praise for {liked}, complaints about {disliked}: the {product} suits those who care more about the former.",
        ],
        (true, true) => {
            &["Opinions on the {product} are split evenly, with no clear strength or weakness."]
        }
    };
    let mut text = String::with_capacity(160);
    let values = [("product", product.name), ("liked", &*liked), ("disliked", &*disliked)];
    fill(&mut text, rng.pick(templates), &values);
    let sentiment = match average_tenths {
        38.. => "positive",
        26..38 => "mixed",
        _ => "negative",
    };
    out::object(answer, |o| {
        o.text("summary", &text);
        o.text("sentiment", sentiment);
        o.raw("average_rating", format_args!("{}.{}", average_tenths / 10, average_tenths % 10));
        o.array("pros", |a| pros.iter().for_each(|name| a.text(name)));
        o.array("cons", |a| cons.iter().for_each(|name| a.text(name)));
    });
}

fn join(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}
