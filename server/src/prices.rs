//! What providers charge for tokens, as far as known.
//!
//! `data/prices.json` holds list prices (facts from the package `genai-prices`,
//! refreshed by `scripts/prices`). An operator's own file of the same form is
//! asked first. A model that is not listed has no price, as it may cost anything.

mod amount;
mod book;
mod names;

use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use model::{Charge, NanoUsd};

use book::Book;
pub use book::PricesError;

/// A damaged file would mean no prices; a test keeps it sound.
static LISTED: LazyLock<Book> =
    LazyLock::new(|| Book::read(include_str!("../data/prices.json")).unwrap_or_default());
static OWN: OnceLock<Book> = OnceLock::new();

/// What these tokens cost, to the nano-dollar; `None` when the price or a number
/// of tokens is unknown.
///
/// A provider whose prices are known has those and no others. Of any other, and
/// without one, the model's maker decides, as does a vendor in front of the model
/// (`openai/gpt-4o`); but not for what anybody may serve. What an operator's own
/// file says of a model is final, also when it has no price of its class of service.
#[must_use]
pub fn cost(charge: &Charge<'_>) -> Option<NanoUsd> {
    cost_in(OWN.get(), &LISTED, charge)
}

fn cost_in(own: Option<&Book>, listed: &Book, charge: &Charge<'_>) -> Option<NanoUsd> {
    match own.and_then(|book| book.own(charge)) {
        Some(entry) => entry.cost(charge),
        None => listed.cost(charge),
    }
}

/// Takes an operator's own prices, which come before the listed ones. Only the
/// first call of a process counts.
///
/// # Errors
/// When the file cannot be read or is no list of prices.
pub fn use_own(path: &Path) -> Result<(), PricesError> {
    let book = Book::open(path)?;
    let _ = OWN.set(book);
    Ok(())
}

/// Checks an operator's file of prices.
///
/// # Errors
/// When the file cannot be read or is no list of prices.
pub fn check(path: &Path) -> Result<(), PricesError> {
    Book::open(path).map(|_| ())
}
