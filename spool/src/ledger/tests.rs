use super::*;

use crate::frame::{Encoded, FrameError};

/// Why a test has nothing to look at.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Slug(#[from] model::slug::InvalidSlug),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Number(#[from] std::num::TryFromIntError),
}

type Checked = Result<(), Unusable>;

fn named(org: u64) -> Result<store::Org, model::slug::InvalidSlug> {
    Ok(store::Org {
        id: store::OrgId(org),
        slug: model::OrgSlug::new("acme")?,
        name: String::new(),
        created_at: model::Timestamp(0),
    })
}

fn entry(org: u64, n: u32, unpacked_bytes: usize) -> Result<NewEntry, Unusable> {
    let place = |n: u32| Place { segment: 1, offset: u64::from(n) * 100 };
    let ids = Box::new([RunId::from_u128(7 << 76 | u128::from(n))]);
    let unpacked = Unpacked { org: named(org)?, runs: Vec::new() };
    Ok(NewEntry {
        place: place(n),
        end: place(n + 1),
        key: 0,
        contents: Contents::Runs(RunsContents {
            org,
            ids,
            unpacked_bytes,
            ..RunsContents::default()
        }),
        kept: Some(unpacked),
        since: Instant::now(),
        recovered: false,
    })
}

/// Enters and publishes a frame of each of these organizations, in this order.
fn filled(orgs: impl IntoIterator<Item = u64>, unpacked_bytes: usize) -> Result<Ledger, Unusable> {
    let mut ledger = Ledger::default();
    ledger.open_segment(1, 0, false);
    for (n, org) in (0..).zip(orgs) {
        ledger.enter(entry(org, n, unpacked_bytes)?);
    }
    ledger.publish(0..ledger.next_sequence());
    Ok(ledger)
}

fn batch(runs: u64, bytes: u64) -> Batch {
    Batch { runs, bytes }
}

fn sequences(plan: Option<Plan>) -> Vec<u64> {
    match plan {
        Some(Plan::Runs(frames, _)) => frames.iter().map(|frame| frame.sequence).collect(),
        _ => Vec::new(),
    }
}

fn kept(plan: Option<Plan>) -> Vec<bool> {
    match plan {
        Some(Plan::Runs(frames, _)) => frames.iter().map(|frame| frame.kept.is_some()).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn runs_weigh_what_they_weigh_in_memory_however_small_their_frames_are() -> Checked {
    let large = MAX_KEPT_BYTES / 4;
    let mut ledger = filled([1; 6], large as usize)?;
    assert_eq!(kept(ledger.plan(batch(u64::MAX, 2 * large))), [true, true]);
    // An eighth is left to others.
    let all = batch(u64::MAX, u64::MAX);
    assert_eq!(kept(ledger.plan(all)), [false, false, true, false, false, false]);
    // A frame larger than a batch is one alone.
    assert_eq!(kept(ledger.plan(batch(u64::MAX, 1))), [false]);
    ledger.drained(&[0, 1, 2, 3, 4, 5]);
    ledger.enter(entry(1, 6, large as usize)?);
    ledger.publish(6..7);
    assert_eq!(kept(ledger.plan(all)), [true]);
    assert_eq!(ledger.kept.usage(1).all, 0);
    Ok(())
}

#[test]
fn a_crowd_holds_up_itself_and_nobody_else() -> Checked {
    let crowd = std::iter::repeat_n(1, 1_000);
    let mut ledger = filled(crowd.chain([2, 3, 2]), 100_000)?;
    let first = sequences(ledger.plan(batch(40, u64::MAX)));
    assert_eq!(first.len(), 40);
    assert!(first.is_sorted());
    assert_eq!(first[37..], [1_000, 1_001, 1_002]);
    // Nobody else sends anything, so the crowd has all of it.
    ledger.drained(&first);
    assert_eq!(sequences(ledger.plan(batch(40, u64::MAX))), (37..77).collect::<Vec<_>>());
    assert_eq!(ledger.undrained_runs(), 1_003 - 40);
    Ok(())
}

#[test]
fn large_runs_take_as_much_as_small_ones_together() -> Checked {
    let mut ledger = Ledger::default();
    for n in 0..200 {
        let (org, bytes) = if n % 2 == 0 { (1, 1_000_000) } else { (2, 10_000) };
        ledger.enter(entry(org, n, bytes)?);
    }
    ledger.publish(0..200);
    let plan = sequences(ledger.plan(batch(u64::MAX, 10_000_000)));
    let large = plan.iter().filter(|sequence| *sequence % 2 == 0).count();
    assert_eq!(plan.len() - large, 100, "all small ones are in the first batch");
    assert!((8..=9).contains(&large), "{large}");
    Ok(())
}

#[test]
fn a_frame_that_waits_for_the_disk_holds_up_its_organization_alone() -> Checked {
    let mut ledger = Ledger::default();
    for (n, org) in [(0, 1), (1, 2), (2, 1)] {
        ledger.enter(entry(org, n, 10)?);
    }
    ledger.publish(1..3);
    assert_eq!(sequences(ledger.plan(batch(10, 1_000))), [1]);
    ledger.drained(&[1]);
    assert_eq!(ledger.first_undrained(), 0);
    ledger.publish(0..1);
    assert_eq!(sequences(ledger.plan(batch(10, 1_000))), [0, 2]);
    ledger.drained(&[0, 2]);
    assert_eq!(ledger.first_undrained(), 3);
    Ok(())
}

#[test]
fn a_deletion_waits_for_what_is_before_it_and_holds_up_no_others() -> Checked {
    let mut ledger = filled([1, 2], 10)?;
    let org = named(1)?;
    let agent = AgentSlug::new("a")?;
    let contents = Encoded::deletion(&org, &agent, None)?.contents;
    ledger.enter(NewEntry { contents, kept: None, ..entry(1, 2, 0)? });
    ledger.enter(entry(1, 3, 10)?);
    ledger.enter(entry(2, 4, 10)?);
    ledger.publish(2..5);
    assert_eq!(sequences(ledger.plan(batch(10, 1_000))), [0, 1, 4]);
    assert!(!ledger.is_wanted(1, &agent, 0) && ledger.is_wanted(1, &agent, 3));
    ledger.drained(&[0, 1, 4]);
    assert!(!ledger.is_wanted(1, &agent, 0));
    assert!(matches!(ledger.plan(batch(10, 1_000)), Some(Plan::Deletion(2, _))));
    ledger.drained(&[2]);
    assert!(ledger.is_wanted(1, &agent, 0));
    assert_eq!(sequences(ledger.plan(batch(10, 1_000))), [3]);
    Ok(())
}

/// Enters and publishes the deletion of an agent of an organization.
fn delete(ledger: &mut Ledger, org: u64) -> Result<u64, Unusable> {
    let sequence = ledger.next_sequence();
    let of = named(org)?;
    let agent = AgentSlug::new("a")?;
    let contents = Encoded::deletion(&of, &agent, None)?.contents;
    let n = u32::try_from(sequence)?;
    ledger.enter(NewEntry { contents, kept: None, ..entry(org, n, 0)? });
    ledger.publish(sequence..sequence + 1);
    Ok(sequence)
}

/// The sequence numbers of what is drained, one plan after the other.
fn served(ledger: &mut Ledger) -> Vec<Vec<u64>> {
    let mut all = Vec::new();
    while let Some(plan) = ledger.plan(batch(100, 1_000_000)) {
        let served = match plan {
            Plan::Runs(frames, _) => frames.iter().map(|frame| frame.sequence).collect(),
            Plan::Deletion(sequence, _) => vec![sequence],
        };
        ledger.drained(&served);
        all.push(served);
    }
    all
}

#[test]
fn deletions_in_a_row_take_turns_with_the_runs_of_others() -> Checked {
    let mut ledger = Ledger::default();
    ledger.open_segment(1, 0, false);
    for _ in 0..4 {
        delete(&mut ledger, 1)?;
    }
    for n in 4..6 {
        ledger.enter(entry(2, n, 100)?);
        ledger.publish(u64::from(n)..u64::from(n) + 1);
    }
    delete(&mut ledger, 3)?;
    delete(&mut ledger, 3)?;
    let order = served(&mut ledger);
    assert_eq!(order, [vec![0], vec![4, 5], vec![6], vec![1], vec![7], vec![2], vec![3]]);
    Ok(())
}

#[test]
fn a_deletion_that_cannot_be_carried_out_is_passed_over_for_a_while() -> Checked {
    let mut ledger = Ledger::default();
    ledger.open_segment(1, 0, false);
    delete(&mut ledger, 1)?;
    for (n, org) in [(1, 1), (2, 2)] {
        ledger.enter(entry(org, n, 100)?);
        ledger.publish(u64::from(n)..u64::from(n) + 1);
    }
    assert!(matches!(ledger.plan(batch(100, 1_000_000)), Some(Plan::Deletion(0, _))));
    let failures = [1, 2].map(|_| ledger.set_back(1, |_| Duration::from_secs(600)));
    assert_eq!(failures, [1, 2]);
    assert!(ledger.next_served().is_some());
    // Its organization's later run waits for it, the other's does not.
    assert_eq!(served(&mut ledger), [[2]]);
    ledger.set_back(1, |_| Duration::ZERO);
    assert!(matches!(ledger.plan(batch(100, 1_000_000)), Some(Plan::Deletion(0, _))));
    ledger.go_on(1);
    ledger.drained(&[0]);
    assert_eq!((served(&mut ledger), ledger.next_served()), (vec![vec![1]], None));
    Ok(())
}

#[test]
fn marks_tell_how_far_each_organization_is() -> Checked {
    let mut ledger = filled([1, 2, 1, 2, 3], 10)?;
    let place = |n: u64| Place { segment: 1, offset: n * 100 };
    ledger.drained(&[1, 4]);
    let mark = ledger.mark(&[0, 2]);
    assert_eq!((mark.end, mark.floor()), (place(5), place(0)));
    let told = |org, n| (mark.has_drained(org, place(n)), mark.has_planned(org, place(n)));
    assert_eq!([told(1, 0), told(1, 2)], [(false, true); 2]);
    assert_eq!(
        [told(2, 1), told(2, 3), told(3, 4)],
        [(true, false), (false, false), (true, false)]
    );
    ledger.drained(&[0, 2, 3]);
    assert_eq!(ledger.mark(&[]).floor(), place(5));
    Ok(())
}

#[test]
fn a_segment_stays_as_long_as_one_before_it_is_wanted() -> Checked {
    let mut ledger = filled([1], 10)?;
    ledger.open_segment(2, 0, false);
    let place = |offset| Place { segment: 2, offset };
    ledger.enter(NewEntry { place: place(8), end: place(90), ..entry(2, 0, 10)? });
    ledger.publish(1..2);
    ledger.seal_segment(1);
    ledger.seal_segment(2);
    ledger.drained(&[1]);
    assert!(ledger.finished_segments().is_empty());
    ledger.drained(&[0]);
    assert_eq!(ledger.finished_segments(), [1, 2]);
    Ok(())
}
