//! The models that sample agents use, with prices and paces as of 2025.

/// How a provider's wire format looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    OpenAiChat,
    OpenAiResponses,
    Anthropic,
}

/// A model of a provider.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) provider: &'static str,
    /// As it is asked for.
    pub(crate) name: &'static str,
    /// As it calls itself in its answers.
    pub(crate) answers_as: &'static str,
    pub(crate) dialect: Dialect,
    /// Nano-dollars for a token.
    pub(crate) input_price: u64,
    pub(crate) cached_price: u64,
    pub(crate) output_price: u64,
    /// Milliseconds to the first token, about.
    pub(crate) first_token_ms: u32,
    /// Tokens a second, about.
    pub(crate) pace: u32,
}

macro_rules! models {
    ($($id:ident: $provider:literal $name:literal as $answers_as:literal, $dialect:ident,
        $input:literal / $cached:literal / $output:literal, $first:literal ms, $pace:literal;)*) => {
        $(pub(crate) static $id: Model = Model {
            provider: $provider,
            name: $name,
            answers_as: $answers_as,
            dialect: Dialect::$dialect,
            input_price: $input,
            cached_price: $cached,
            output_price: $output,
            first_token_ms: $first,
            pace: $pace,
        };)*
    };
}

models! {
    GPT_4O_MINI: "openai" "gpt-4o-mini" as "gpt-4o-mini-2024-07-18", OpenAiChat, 150 / 75 / 600, 380 ms, 80;
    GPT_41: "openai" "gpt-4.1" as "gpt-4.1-2025-04-14", OpenAiChat, 2000 / 500 / 8000, 460 ms, 75;
    GPT_41_MINI: "openai" "gpt-4.1-mini" as "gpt-4.1-mini-2025-04-14", OpenAiChat, 400 / 100 / 1600, 400 ms, 85;
    O4_MINI: "openai" "o4-mini" as "o4-mini-2025-04-16", OpenAiResponses, 1100 / 275 / 4400, 2400 ms, 110;
    GPT_5_MINI: "openai" "gpt-5-mini" as "gpt-5-mini-2025-08-07", OpenAiResponses, 250 / 25 / 2000, 2900 ms, 105;
    SONNET_4: "anthropic" "claude-sonnet-4-20250514" as "claude-sonnet-4-20250514", Anthropic, 3000 / 300 / 15000, 900 ms, 60;
    SONNET_45: "anthropic" "claude-sonnet-4-5-20250929" as "claude-sonnet-4-5-20250929", Anthropic, 3000 / 300 / 15000, 980 ms, 64;
    HAIKU_35: "anthropic" "claude-3-5-haiku-20241022" as "claude-3-5-haiku-20241022", Anthropic, 800 / 80 / 4000, 620 ms, 62;
    HAIKU_45: "anthropic" "claude-haiku-4-5-20251001" as "claude-haiku-4-5-20251001", Anthropic, 1000 / 100 / 5000, 520 ms, 120;
    MISTRAL_SMALL: "mistral" "mistral-small-2506" as "mistral-small-2506", OpenAiChat, 100 / 100 / 300, 290 ms, 130;
    MISTRAL_MEDIUM: "mistral" "mistral-medium-2508" as "mistral-medium-2508", OpenAiChat, 400 / 400 / 2000, 420 ms, 80;
    LLAMA_8B: "groq" "llama-3.1-8b-instant" as "llama-3.1-8b-instant", OpenAiChat, 50 / 50 / 80, 110 ms, 620;
    LLAMA_70B: "groq" "llama-3.3-70b-versatile" as "llama-3.3-70b-versatile", OpenAiChat, 590 / 590 / 790, 170 ms, 280;
}

impl Model {
    /// What these tokens cost in nano-dollars.
    pub(crate) fn cost(&self, tokens: Tokens) -> u64 {
        (tokens.input - tokens.cached) * self.input_price
            + tokens.cached * self.cached_price
            + tokens.output * self.output_price
    }
}

/// Tokens of an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tokens {
    /// Cached ones included.
    pub(crate) input: u64,
    pub(crate) cached: u64,
    /// Reasoning included.
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
}

impl Tokens {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            cached: self.cached + other.cached,
            output: self.output + other.output,
            reasoning: self.reasoning + other.reasoning,
        }
    }
}

/// About how many tokens a text has.
pub(crate) fn count_tokens(text: &str) -> u64 {
    text.len() as u64 * 10 / 43 + 1
}
