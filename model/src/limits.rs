//! The limits of the contract, each named in the error that it causes.

/// Most bytes of one run, as sent.
pub const MAX_RUN_BYTES: usize = 20 * 1024 * 1024;
/// Most bytes of one ingest request after decompression.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024 * 1024;
/// Most runs in one ingest request.
pub const MAX_REQUEST_RUNS: usize = 10_000;
/// Most runs in one page of a list over REST.
pub const MAX_LIST_LIMIT: u32 = 1_000;
/// Runs in one page of a list in the browser.
pub const PAGE_SIZE: u32 = 50;
/// Characters of an input or output preview.
pub const PREVIEW_CHARS: usize = 255;
/// Most characters of an agent's or organization's slug.
pub const MAX_SLUG_CHARS: usize = 120;
/// Most characters of the name of an API key.
pub const MAX_KEY_NAME_CHARS: usize = 100;
/// A list's count past this is given as at least this many, until asked.
pub const COUNT_LIMIT: u64 = 10_000;
/// Most characters of a label of a run: environment, conversation, trace and
/// span id, and a key of its metadata.
pub const MAX_LABEL_CHARS: usize = 512;
/// Most private key paths of a run.
pub const MAX_PRIVATE_FIELDS: usize = 1_000;
