//! How the server is doing, in words.

use std::time::Duration;

use model::Micros;
use spool::{Quarantined, SpoolStatus};
use store::Store;

use crate::data::status::{HeldBack, LimitRow};
use crate::format;
use crate::limits::{LimitUse, Unit};

/// How long the engine may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// How the engine is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// It answers.
    Answers,
    /// It does not answer now.
    Silent,
    /// It has not answered for a while and is left alone until it does.
    Hung,
}

/// How the engine is doing now.
pub async fn engine(store: &Store) -> Engine {
    match tokio::time::timeout(PATIENCE, store.ping()).await {
        Ok(Ok(())) => Engine::Answers,
        _ if store.is_hung() => Engine::Hung,
        _ => Engine::Silent,
    }
}

/// Labels, texts, and whether each calls for somebody.
#[must_use]
pub fn figures(engine: Engine, spool: Option<SpoolStatus>) -> Vec<(String, String, bool)> {
    let row = |label: &str, text: String, is_bad| (label.to_owned(), text, is_bad);
    let word = match engine {
        Engine::Answers => "OK",
        Engine::Silent => "not responding",
        Engine::Hung => "not responding; new runs are accepted, lists and searches are paused",
    };
    let mut figures = vec![row("Database", word.to_owned(), engine != Engine::Answers)];
    let Some(spool) = spool else { return figures };
    let runs = match spool.undrained_runs {
        0 => "none".to_owned(),
        runs => format::count(runs),
    };
    figures.push(row("Queued runs", runs, false));
    if let Some(oldest) = spool.oldest {
        figures.push(row(
            "Oldest queued run",
            format!("{} ago", time(oldest)),
            oldest.as_secs() > 10,
        ));
    }
    if let Some((held_up, reason)) = spool.trouble {
        let text = format!("for {}: {reason}", time(held_up));
        figures.push(row("Storage delayed", text, true));
    }
    let size = format!(
        "{} of {}, in {}",
        format::bytes(spool.bytes),
        format::bytes(spool.max_bytes),
        files(spool.segments)
    );
    figures.push(row("Queue size", size, false));
    let disk =
        format!("{} free of {}", format::bytes(spool.free_bytes), format::bytes(spool.disk_bytes));
    figures.push(row("Disk space", disk, false));
    let room = if spool.has_room { "yes" } else { "no: the queue or its disk is full" };
    figures.push(row("Accepting runs", room.to_owned(), !spool.has_room));
    figures.push(row("Stored since restart", format::count(spool.drained_runs), false));
    figures
}

/// Something that organizations share, in words; what others use of it is for
/// admins alone.
#[must_use]
pub fn limit(limit: LimitUse, is_admin: bool) -> LimitRow {
    let LimitUse { what, unit, own, limit, all, total } = limit;
    let amount = |amount| match unit {
        Unit::Bytes => format::bytes(amount),
        Unit::Number => format::count(amount),
    };
    LimitRow {
        what: what.to_owned(),
        own: amount(own),
        limit: amount(limit),
        all: is_admin.then(|| format!("{} of {}", amount(all), amount(total))),
        is_tight: own > 0 && own >= limit - limit / 8,
    }
}

/// A run that could not be stored.
#[must_use]
pub fn held_back(run: Quarantined) -> HeldBack {
    HeldBack {
        id: run.id.to_string(),
        agent: run.agent.to_string(),
        reason: run.reason,
        at: run.at,
    }
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

fn time(duration: Duration) -> String {
    format::duration(Micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status() -> SpoolStatus {
        SpoolStatus {
            undrained_runs: 1_234,
            undrained_frames: 7,
            oldest: Some(Duration::from_secs(75)),
            segments: 1,
            bytes: 2_000_000,
            max_bytes: 8_000_000_000,
            free_bytes: 70_000_000_000,
            disk_bytes: 250_000_000_000,
            has_room: false,
            quarantined: 0,
            drained_runs: 5,
            torn_bytes: 0,
            trouble: Some((Duration::from_secs(75), "the database does not answer".to_owned())),
        }
    }

    #[test]
    fn what_calls_for_somebody_is_marked() {
        let figures = figures(Engine::Hung, Some(status()));
        let marked: Vec<_> =
            figures.iter().filter(|(.., bad)| *bad).map(|(label, ..)| label.as_str()).collect();
        let expected = ["Database", "Oldest queued run", "Storage delayed", "Accepting runs"];
        assert_eq!(marked, expected);
        assert!(figures.iter().any(|(_, text, _)| text == "1,234"), "{figures:?}");
    }

    #[test]
    fn what_others_use_is_told_to_admins_alone() {
        let of = |own| LimitUse {
            what: "Live streams",
            unit: Unit::Number,
            own,
            limit: 896,
            all: 1_000,
            total: 1_024,
        };
        let member = limit(of(2), false);
        assert_eq!((member.own.as_str(), member.limit.as_str(), member.all), ("2", "896", None));
        let admin = limit(of(2), true);
        assert_eq!((admin.all.as_deref(), admin.is_tight), (Some("1,000 of 1,024"), false));
        assert!(limit(of(784), true).is_tight);
    }

    #[test]
    fn a_server_without_a_spool_shows_its_database() {
        assert_eq!(
            figures(Engine::Answers, None),
            [("Database".to_owned(), "OK".to_owned(), false)]
        );
    }
}
