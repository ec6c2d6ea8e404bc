//! How numbers, amounts and times are written for people.
//!
//! Everything here gives the same text on the server and in the browser, so
//! there is no locale, and a zone is a number of minutes east of UTC.

pub mod amount;
pub mod moment;
pub mod unsearched;
pub mod visible;

pub use amount::{
    bytes, cost, count, duration, exact_money, list_count, money, runs, share, temperature, tokens,
};
pub use moment::{
    east, exact, exact_in, iso, moment, relative, round_moments, stretch, year, zone,
};
pub use unsearched::unsearched;
pub use visible::visible;
