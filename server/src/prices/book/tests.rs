//! Finding prices, in the list that comes with the program and in others.

use model::dialect::{Billed, Tier};
use model::{Timestamp, Usage};

use super::*;

type Checked = Result<(), PricesError>;

/// 2026-11-24T12:00:00Z.
const NOW: Timestamp = Timestamp(1_795_521_600_000_000);

fn listed() -> Result<Book, PricesError> {
    Book::read(include_str!("../../../data/prices.json"))
}

fn charge<'a>(provider: Option<&'a str>, model: &'a str, tokens: (u64, u64, u64)) -> Charge<'a> {
    let usage = Usage {
        input_tokens: Some(tokens.0),
        cached_input_tokens: Some(tokens.1),
        output_tokens: Some(tokens.2),
        reasoning_tokens: None,
    };
    Charge { provider, model, usage, billed: Billed::default(), at: NOW }
}

fn nanos(provider: Option<&str>, model: &str, tokens: (u64, u64, u64)) -> Option<u64> {
    listed().ok()?.cost(&charge(provider, model, tokens)).map(|cost| cost.0)
}

/// Nano-dollars of a million tokens of input.
fn input_price(provider: Option<&str>, model: &str) -> Option<u64> {
    nanos(provider, model, (1_000, 0, 0))
}

#[test]
fn cached_tokens_cost_less() {
    // 900 × 0.15 + 100 × 0.075 + 50 × 0.60 dollars per million.
    let cost = nanos(Some("openai"), "gpt-4o-mini-2024-07-18", (1_000, 100, 50));
    assert_eq!(cost, Some(172_500));
}

#[test]
fn what_is_written_to_a_cache_has_its_own_price() -> Checked {
    let mut charge = charge(Some("anthropic"), "claude-3-5-haiku-20241022", (1_000, 100, 10));
    charge.billed = Billed { cache_write: 300, cache_write_1h: 100, ..Billed::default() };
    // 600 × 0.80 + 100 × 0.08 + 200 × 1 + 100 × 1.6 + 10 × 4 dollars per million.
    assert_eq!(listed()?.cost(&charge), Some(NanoUsd(888_000)));
    Ok(())
}

#[test]
fn large_inputs_reach_a_tier() {
    let of = |input| nanos(Some("google"), "gemini-2.5-pro", (input, 0, 0));
    assert_eq!(of(200_000), Some(200_000 * 1_250));
    assert_eq!(of(200_001), Some(200_001 * 2_500));
}

#[test]
fn unknown_is_none_and_not_zero() -> Checked {
    assert_eq!(nanos(None, "my-own-model", (1, 0, 1)), None);
    assert_eq!(nanos(Some("groq"), "gpt-4o", (1, 0, 1)), None);
    let mut charge = charge(None, "gpt-4o", (1, 0, 1));
    charge.usage.output_tokens = None;
    assert_eq!(listed()?.cost(&charge), None);
    Ok(())
}

#[test]
fn a_gateway_passes_the_maker_s_price_on() {
    assert_eq!(input_price(Some("my-gateway"), "gpt-4o"), input_price(None, "gpt-4o"));
    assert!(input_price(Some("my-gateway"), "openai/gpt-4o").is_some());
}

#[test]
fn dated_names_share_the_price_of_their_family() {
    let of = |model| input_price(None, model);
    assert_eq!(of("gpt-4o-2024-08-06"), of("gpt-4o"));
    assert_eq!(of("gpt-4o-2024-05-13"), Some(5_000_000));
    assert_eq!(of("claude-sonnet-4-20250514"), of("claude-sonnet-4"));
    assert_eq!(of("claude-3-5-sonnet-latest"), of("claude-3-5-sonnet"));
    assert_eq!(of("gemini-2.0-flash-001"), of("gemini-2.0-flash"));
    assert_eq!(of("openai/gpt-4.1-mini"), of("gpt-4.1-mini"));
    assert!(of("o3-mini-2025-01-31").is_some());
}

#[test]
fn hosts_are_found_by_their_name_only() {
    assert_eq!(input_price(Some("groq"), "llama-3.1-8b-instant"), Some(50_000));
    assert_eq!(input_price(None, "llama-3.1-8b-instant"), None);
    assert_eq!(input_price(Some("azure"), "gpt-4o"), input_price(Some("openai"), "gpt-4o"));
}

#[test]
fn prices_hold_for_their_time() -> Checked {
    let book = Book::read(
        r#"{"providers":[{"id":"P","models":[{"names":["m"],"prices":[
            {"between":[60,120],"input":3},{"from":"2026-11-01","input":2},{"input":1}]}]}]}"#,
    )?;
    let cost = |at: &str| {
        let mut charge = charge(Some("p"), "M", (1_000, 0, 0));
        charge.at = at.parse::<Timestamp>().ok()?;
        book.cost(&charge).map(|cost| cost.0)
    };
    assert_eq!(cost("2026-10-31T23:59:59Z"), Some(1_000_000));
    assert_eq!(cost("2026-11-01T00:00:00Z"), Some(2_000_000));
    assert_eq!(cost("2026-11-02T01:30:00Z"), Some(3_000_000));
    Ok(())
}

#[test]
fn own_prices_may_hold_with_any_provider() -> Checked {
    let book = Book::read(
        r#"{"providers":[{"id":"*","models":[{"names":["m"],"prices":[{"input":0,"output":0}]}]},
            {"id":"dear","models":[{"names":["m"],"prices":[{"input":1,"output":1}]}]}]}"#,
    )?;
    let of = |provider| {
        let charge = charge(provider, "m", (1, 0, 1));
        book.own(&charge)?.cost(&charge).map(|cost| cost.0)
    };
    assert_eq!((of(None), of(Some("x")), of(Some("dear"))), (Some(0), Some(0), Some(2_000)));
    Ok(())
}

#[test]
fn wrong_files_are_refused() {
    for text in [
        "[]",
        r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[{"input":-1}]}]}]}"#,
        r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[{"inptu":1}]}]}]}"#,
        r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[]}]}]}"#,
        r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[{"from":"x","input":1}]}]}]}"#,
    ] {
        assert!(Book::read(text).is_err(), "{text}");
    }
}

#[test]
fn the_listed_prices_are_many() -> Checked {
    assert!(listed()?.providers.len() > 40);
    Ok(())
}

#[test]
fn whoever_serves_a_model_himself_has_no_list_price() {
    for provider in [
        "ollama",
        "vllm",
        "hosted_vllm",
        "LM Studio",
        "lm-studio",
        "llama.cpp",
        "localhost",
        "127.0.0.1",
    ] {
        for model in
            ["deepseek-r1", "deepseek-chat", "gpt-oss-120b", "mistral-large-latest", "gpt-4o"]
        {
            assert_eq!(input_price(Some(provider), model), None, "{provider} {model}");
        }
    }
    for (provider, model) in [
        (Some("sambanova"), "DeepSeek-R1-Distill-Llama-70B"),
        (None, "deepseek-r1-distill-qwen-7b"),
        (Some("sambanova"), "DeepSeek-R1"),
        (Some("default"), "deepseek-r1"),
        (Some("default"), "kimi-k2.5"),
        (Some("azure"), "deepseek-r1"),
        (Some("azure"), "azure_ai/deepseek-chat"),
        (Some("deepseek"), "deepseek-r1-zero"),
        (None, "deepseek-chat-v9"),
        (None, "gpt-oss-120b"),
        (None, "openai/gpt-oss-20b"),
        (Some("default"), "google/gemma-2-27b-it"),
        (Some("127.0.0.1:8000"), "gpt-4o"),
        (Some("[::1]:8000"), "gpt-4o"),
        (None, "deepseek-v4-flash-mini"),
    ] {
        assert_eq!(input_price(provider, model), None, "{provider:?} {model}");
    }
    for (provider, model) in [
        (None, "deepseek-reasoner"),
        (Some("deepseek"), "deepseek-r1"),
        (Some("my-gateway"), "deepseek/deepseek-reasoner"),
        (Some("groq"), "openai/gpt-oss-120b"),
        (None, "openai.gpt-oss-120b-1:0"),
        (None, "deepseek-v4-flash-1017"),
    ] {
        assert!(input_price(provider, model).is_some(), "{provider:?} {model}");
    }
}

#[test]
fn what_goes_on_behind_a_listed_part_may_be_another_model() {
    for (provider, model) in [
        ("azure", "o4-mini-other"),
        ("google", "gemini-1.5-flash-8b"),
        ("google", "gemini-3.6-flash-lite"),
        ("google", "gemini-2.5-pro-computer-use"),
        ("anthropic", "claude-opus-4-10"),
        ("anthropic", "claude-sonnet-4-51"),
        ("openai", "gpt-4o-audio-preview-mini"),
        ("aws", "us.anthropic.claude-opus-4-50-20270101-v1:0"),
    ] {
        assert_eq!(input_price(Some(provider), model), None, "{provider} {model}");
    }
    assert_eq!(input_price(Some("azure"), "o4-mini-deep-research"), Some(2_000_000));
    for (provider, model) in [
        ("google", "gemini-2.0-flash-001"),
        ("google", "gemini-2.0-flash-thinking-exp-01-21"),
        ("google", "gemini-2.5-pro-preview-05-06"),
        ("google", "gemini-2.5-flash-native-audio-preview-12-2025"),
        ("google", "claude-3-5-sonnet-v2@20241022"),
        ("google", "claude-opus-4-1@20250805"),
        ("anthropic", "claude-opus-4-1-20250805"),
        ("openai", "gpt-4o-realtime-preview-2024-12-17"),
        ("openai", "gpt-5-nano-2025-08-07"),
        ("mistral", "magistral-small-2506"),
        ("moonshotai", "kimi-k2-turbo-preview"),
        ("aws", "amazon.titan-text-express-v1"),
        ("aws", "us.amazon.nova-pro-v1:0"),
        ("aws", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("aws", "us.anthropic.claude-opus-4-6-v1"),
        ("aws", "us.anthropic.claude-opus-4-5-20251101-v1:0"),
        ("anthropic", "claude-3-5-sonnet-20241022-v2:0"),
        ("aws", "mistral.mistral-large-2402-v1:0"),
        ("aws", "openai.gpt-oss-120b-1:0"),
    ] {
        assert!(input_price(Some(provider), model).is_some(), "{provider} {model}");
    }
}

#[test]
fn a_date_that_is_not_listed_beside_others_has_no_price() {
    let of = |model| input_price(Some("mistral"), model);
    assert_eq!(of("mistral-large-2402"), None);
    assert_eq!(of("mistral-large-2411"), Some(2_000_000));
    assert_eq!(of("mistral-large-2407"), Some(2_000_000));
    assert_eq!(of("mistral-large-2512"), Some(500_000));
    assert_eq!(of("mistral-large-latest"), Some(2_000_000));
    assert_eq!(of("mistral-large-preview"), Some(2_000_000));
    assert_eq!(input_price(None, "gpt-4-2030-01-01"), None);
    assert_eq!(input_price(None, "gpt-4-0613"), Some(30_000_000));
}

/// Nano-dollars of a thousand tokens of input and a hundred of output, in which
/// some have a price of their own.
fn billed(provider: &str, model: &str, billed: Billed) -> Option<u64> {
    let charge = Charge { billed, ..charge(Some(provider), model, (1_000, 0, 100)) };
    listed().ok()?.cost(&charge).map(|cost| cost.0)
}

#[test]
fn audio_and_fees_without_a_price_of_their_own_have_none() {
    let fees = Billed { has_fees: true, ..Billed::default() };
    assert_eq!(billed("openai", "gpt-4o", fees), None);
    let heard = Billed { input_audio: 900, ..Billed::default() };
    let spoken = Billed { output_audio: 90, ..Billed::default() };
    assert_eq!(billed("openai", "gpt-4o-audio-preview", Billed::default()), Some(3_500_000));
    assert_eq!(billed("openai", "gpt-4o-audio-preview", heard), None);
    assert_eq!(billed("openai", "gpt-4o-audio-preview", spoken), None);
    // 100 × 2.50 + 900 × 32 + 100 × 10 dollars per million.
    assert_eq!(billed("openai", "gpt-audio", heard), Some(30_050_000));
    assert_eq!(billed("openai", "gpt-audio", spoken), Some(2_500_000 + 100_000 + 90 * 64_000));
    for model in ["gemini-2.5-pro", "models/gemini-2.5-pro", "gemini-2.5-pro-preview-05-06"] {
        assert_eq!(billed("google", model, heard), Some(2_250_000), "{model}");
        assert_eq!(billed("google", model, spoken), None, "{model}");
    }
    assert_eq!(billed("google", "gemini-2.5-pro-preview-tts", heard), None);
    assert_eq!(billed("google", "gemini-3.5-flash", heard), None);
}

#[test]
fn images_without_a_price_of_their_own_have_none() -> Checked {
    let seen = Billed { input_image: 900, ..Billed::default() };
    let drawn = Billed { output_image: 90, ..Billed::default() };
    assert_eq!(billed("openai", "gpt-image-1", seen), None);
    assert_eq!(billed("openai", "gpt-image-1", drawn), None);
    assert_eq!(billed("google", "gemini-2.5-flash-image", drawn), None);
    assert_eq!(billed("google", "gemini-2.5-flash-image", Billed::default()), Some(550_000));
    // Gemini's input is of text and images alike, but not where it talks.
    assert_eq!(billed("google", "gemini-2.5-flash", seen), Some(550_000));
    assert_eq!(billed("google", "gemini-3.1-flash-live-preview", seen), None);
    let own = Book::read(
        r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[
            {"input":1,"output":1,"input_image":10,"output_image":40}]}]}]}"#,
    )?;
    let mut charge = charge(Some("p"), "m", (1_000, 100, 100));
    charge.billed = Billed { input_image: 300, output_image: 90, ..Billed::default() };
    // 700 × 1 + 300 × 10 + 10 × 1 + 90 × 40 dollars per million.
    assert_eq!(own.cost(&charge), Some(NanoUsd(7_310_000)));
    charge.billed.cached_image = 50;
    assert_eq!(own.cost(&charge), None);
    Ok(())
}

#[test]
fn what_an_own_file_says_of_a_model_is_final() -> Checked {
    let own = Book::read(
        r#"{"providers":[{"id":"openai","models":[{"names":["gpt-4o"],"prices":[{"input":1}]}]}]}"#,
    )?;
    let listed = listed()?;
    let of = |model, tier| {
        let mut charge = charge(Some("openai"), model, (1_000, 0, 0));
        charge.billed.tier = tier;
        super::super::cost_in(Some(&own), &listed, &charge).map(|cost| cost.0)
    };
    assert_eq!(of("gpt-4o", None), Some(1_000_000));
    assert_eq!(of("gpt-4o", Some(Tier::Flex)), None);
    assert_eq!(of("gpt-4.1", Some(Tier::Flex)), Some(1_000_000));
    Ok(())
}

/// Nano-dollars of a thousand tokens of input in a class of service.
fn in_tier(book: &Book, provider: &str, model: &str, tier: Tier) -> Option<u64> {
    let mut charge = charge(Some(provider), model, (1_000, 0, 0));
    charge.billed.tier = Some(tier);
    book.cost(&charge).map(|cost| cost.0)
}

#[test]
fn tiers_have_their_share_or_no_price() -> Checked {
    let listed = listed()?;
    let of = |provider, model, tier| in_tier(&listed, provider, model, tier);
    assert_eq!(of("openai", "gpt-4.1", Tier::Standard), Some(2_000_000));
    assert_eq!(of("openai", "gpt-4.1", Tier::Flex), Some(1_000_000));
    assert_eq!(of("openai", "gpt-4.1", Tier::Batch), Some(1_000_000));
    assert_eq!(of("azure", "gpt-4.1", Tier::Flex), None);
    assert_eq!(of("anthropic", "claude-3-5-haiku-20241022", Tier::Batch), Some(400_000));
    for tier in [Tier::Priority, Tier::Other] {
        assert_eq!(of("openai", "gpt-4.1", tier), None);
        assert_eq!(of("my-gateway", "openai/gpt-4.1", tier), None);
    }
    assert_eq!(of("google", "gemini-2.5-pro", Tier::Flex), None);
    let own = Book::read(
        r#"{"providers":[{"id":"p","tiers":{"priority":2},"models":[{"names":["m"],"prices":[{"input":1}]}]}]}"#,
    )?;
    assert_eq!(in_tier(&own, "p", "m", Tier::Priority), Some(2_000_000));
    assert_eq!(in_tier(&own, "p", "m", Tier::Batch), None);
    Ok(())
}

#[test]
fn audio_from_a_cache_has_its_own_price_or_none() {
    let of = |model| {
        let mut charge = charge(Some("google"), model, (1_000, 300, 0));
        charge.billed = Billed { input_audio: 500, cached_audio: 200, ..Billed::default() };
        listed().ok()?.cost(&charge).map(|cost| cost.0)
    };
    // 400 × 0.30 + 100 × 0.03 + 300 × 1 + 200 × 0.10 dollars per million.
    assert_eq!(of("gemini-2.5-flash"), Some(443_000));
    assert_eq!(of("gemini-3.1-flash-live-preview"), None);
    // Where audio is charged like text. 700 × 1.25 + 300 × 0.125 dollars per million.
    assert_eq!(of("gemini-2.5-pro"), Some(912_500));
}

#[test]
fn what_stays_in_a_cache_for_an_hour_has_its_own_price_or_none() {
    let of = |provider, model| {
        let mut charge = charge(Some(provider), model, (1_000, 0, 0));
        charge.billed = Billed { cache_write: 100, cache_write_1h: 100, ..Billed::default() };
        listed().ok()?.cost(&charge).map(|cost| cost.0)
    };
    assert_eq!(of("anthropic", "claude-3-5-haiku-20241022"), Some(900 * 800 + 100 * 1_600));
    assert_eq!(of("aws", "anthropic.claude-3-5-haiku-20241022-v1:0"), None);
}

#[test]
fn names_of_clouds_and_gateways_find_the_price_that_is_theirs() {
    let of = input_price;
    let sonnet = Some(3_300_000);
    for name in [
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ] {
        for provider in [None, Some("aws-bedrock"), Some("aws.bedrock")] {
            assert_eq!(of(provider, name), sonnet, "{provider:?} {name}");
        }
    }
    let regional = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    assert_eq!(of(Some("anthropic"), regional), sonnet);
    assert_eq!(of(None, &regional.replace("us.", "global.")), Some(3_000_000));
    let gpt = of(Some("openai"), "gpt-4.1");
    assert_eq!(gpt, Some(2_000_000));
    for (provider, name) in [
        (Some("openai"), "openai/gpt-4.1"),
        (Some("openai"), " OpenAI/GPT-4.1 "),
        (Some("azure"), "azure/gpt-4.1"),
        (Some("azure"), "openai/gpt-4.1"),
        (Some("azure-openai"), "gpt-4.1-2025-04-14"),
        (None, "azure/gpt-4.1"),
        (None, "openrouter/openai/gpt-4.1"),
        (Some("openrouter"), "openrouter/openai/gpt-4.1"),
        (Some("litellm"), "openai/gpt-4.1"),
    ] {
        assert_eq!(of(provider, name), gpt, "{provider:?} {name}");
    }
    let gemini = of(Some("google"), "gemini-2.5-flash");
    assert_eq!(gemini, Some(300_000));
    for name in [
        "models/gemini-2.5-flash",
        "gemini/gemini-2.5-flash",
        "google/gemini-2.5-flash",
        "vertex_ai/gemini-2.5-flash",
        "publishers/google/models/gemini-2.5-flash",
        "projects/p/locations/l/publishers/google/models/gemini-2.5-flash",
        "gemini-2.5-flash@default",
        "gemini-2.5-flash-001",
    ] {
        for provider in [None, Some("google"), Some("gcp.vertex_ai")] {
            assert_eq!(of(provider, name), gemini, "{provider:?} {name}");
        }
    }
    let claude = Some(3_000_000);
    for (provider, name) in [
        (None, "claude-sonnet-4@20250514"),
        (Some("google"), "claude-sonnet-4@20250514"),
        (None, "publishers/anthropic/models/claude-sonnet-4@20250514"),
        (Some("anthropic"), "anthropic/claude-sonnet-4-20250514"),
        (Some("vertex_ai"), "anthropic/claude-sonnet-4-20250514"),
    ] {
        assert_eq!(of(provider, name), claude, "{provider:?} {name}");
    }
}

#[test]
fn other_models_of_a_family_have_no_price_of_it() {
    let of = input_price;
    for (provider, name) in [
        (Some("openrouter"), "anthropic/claude-3.5-haiku:free"),
        (Some("openrouter"), "anthropic/claude-3.5-haiku:nitro"),
        (None, "anthropic/claude-3.5-haiku:free"),
        (Some("anthropic"), "claude-3-5-haiku:thinking"),
        (None, "us.anthropic.claude-3-sonnet-20240229-v1:0:200k"),
        (Some("openai"), "ft:gpt-4-0613:acme::1"),
        (Some("openai"), "ft:gpt-4.1-2025-04-14:acme::1"),
        (Some("azure"), "gpt-4o-2024-08-06.ft-0123456789"),
        (Some("azure"), "azure/my-deployment"),
        (Some("google"), "tunedModels/gemini-2.5-pro-x"),
        (Some("google"), "projects/p/locations/l/endpoints/1"),
        (None, "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2c3"),
        (Some("oci"), "meta.llama-3.3-70b-instruct"),
    ] {
        assert_eq!(of(provider, name), None, "{provider:?} {name}");
    }
    let trained = Some(3_750_000);
    assert_eq!(of(Some("openai"), "ft:gpt-4o-2024-08-06:acme::1"), trained);
    assert_eq!(of(None, "ft:gpt-4o-2024-08-06:acme:suffix:1"), trained);
    assert_eq!(of(Some("azure"), "gpt-4o-mini-2024-07-18.ft-0123"), Some(300_000));
    assert_eq!(of(Some("openrouter"), "anthropic/claude-3.5-haiku:beta"), Some(800_000));
}

#[test]
fn a_mark_before_a_file_is_passed_over() -> Checked {
    let text = r#"{"providers":[{"id":"p","models":[{"names":["m"],"prices":[{"input":1}]}]}]}"#;
    assert_eq!(Book::read(&format!("\u{feff}{text}"))?.providers.len(), 1);
    assert!(Book::read(&text.replace("\"models\"", "\"tiers\":{\"flex\":-1},\"models\"")).is_err());
    Ok(())
}
