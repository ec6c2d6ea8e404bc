//! Who is asking: passwords, sessions, API keys, and the first start.

pub mod attempts;
pub mod bootstrap;
pub mod client_ip;
pub mod cookie;
pub mod csrf;
pub mod failures;
pub mod gate;
pub mod identity;
pub mod key;
pub mod login;
pub mod next;
pub mod password;
pub mod proxies;
pub mod setup;
pub mod token;
mod turns;
