use std::fs;
use std::path::Path;

use model::Json;
use spool::{Door, SpoolOptions};

use crate::support::{PATIENCE, Test, accept, id, options, run};

/// What a killed process leaves behind.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_file() && !path.ends_with("lock") {
            fs::copy(&path, to.join(entry.file_name())).unwrap();
        }
    }
}

fn newest_segment(dir: &Path) -> std::path::PathBuf {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let segments = paths.filter(|path| path.extension().is_some_and(|it| it == "frames"));
    segments.filter(|path| fs::metadata(path).unwrap().len() > 8).max().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_had_accepted_is_stored_once_by_the_next() {
    let test = Test::new().await;
    let killed = test.open().await;
    test.engine_is_away(true);
    accept(&killed, &test.org, (0..30).map(|n| run("a", n, "{}")).collect()).await;
    let left = tempfile::tempdir().unwrap();
    copy(test.dir.path(), left.path());

    let next = test.second_process().await;
    let door = Door::open(options(left.path()), next.clone()).await.unwrap();
    let found = next.org(test.org.org()).run(id(3)).await.unwrap();
    assert!(found.is_some(), "readable from the start");
    assert!(door.settle(PATIENCE).await);
    // The insert of the killed process arrives late.
    test.engine_is_away(false);
    assert!(killed.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await.len(), 30);
    assert_eq!(killed.status().unwrap().quarantined, 0);

    // And once more from the same files, as after a power cut that lost the mark.
    fs::remove_file(left.path().join("drained")).unwrap();
    door.close(PATIENCE).await;
    killed.close(PATIENCE).await;
    assert_eq!(test.listed("a").await.len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_files_hold_can_be_drained_again_and_changes_nothing() {
    let test = Test::new().await;
    let door = test.open().await;
    accept(&door, &test.org, (0..30).map(|n| run("a", n, "{}")).collect()).await;
    let left = tempfile::tempdir().unwrap();
    copy(test.dir.path(), left.path());
    assert!(door.settle(PATIENCE).await);
    door.close(PATIENCE).await;
    // Without the mark, as after a power cut.
    fs::remove_file(left.path().join("drained")).unwrap();
    for _ in 0..2 {
        let again = Door::open(options(left.path()), test.store.clone()).await.unwrap();
        assert!(again.settle(PATIENCE).await);
        assert_eq!(again.status().unwrap().quarantined, 0);
        again.close(PATIENCE).await;
        assert_eq!(test.listed("a").await.len(), 30);
        copy(test.dir.path(), left.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_were_written_alone_get_their_rows() {
    let test = Test::new().await;
    let door = test.open().await;
    accept(&door, &test.org, (0..30).map(|n| run("a", n, "{}")).collect()).await;
    let left = tempfile::tempdir().unwrap();
    copy(test.dir.path(), left.path());
    assert!(door.settle(PATIENCE).await);
    door.close(PATIENCE).await;
    // As if the process had ended between the two inserts.
    test.sql("TRUNCATE TABLE runs").await;
    fs::remove_file(left.path().join("drained")).unwrap();
    let again = Door::open(options(left.path()), test.store.clone()).await.unwrap();
    assert!(again.settle(PATIENCE).await);
    again.close(PATIENCE).await;
    // The engine still knows the insert's token; the rows come all the same.
    assert_eq!(test.listed("a").await.len(), 30);
    assert!(test.org.run(id(3)).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_that_are_drained_again_get_the_same_conversations() {
    let test = Test::new().await;
    let door = test.open().await;
    test.engine_is_away(true);
    let hi = r#"{"role":"user","content":"Hi"}"#;
    let again = format!(r#"{hi},{{"role":"assistant","content":"0"}},{hi}"#);
    for n in 0..10 {
        // All go on from the first, so all but the second are branches.
        let messages = if n == 0 { hi } else { &again };
        let mut turn = run("a", n, &format!(r#"{{"messages":[{messages}]}}"#));
        turn.run.output = Some(Json::string(&n.to_string()));
        accept(&door, &test.org, vec![turn]).await;
    }
    let left = tempfile::tempdir().unwrap();
    copy(test.dir.path(), left.path());
    test.engine_is_away(false);
    assert!(door.settle(PATIENCE).await);
    door.close(PATIENCE).await;
    let conversations = "SELECT toInt64(bitShiftRight(groupBitXor(hash), 1)) FROM
        (SELECT DISTINCT cityHash64(id, conversation_id) AS hash FROM runs)";
    let before = test.number(conversations).await;
    let several = "SELECT toInt64(uniqExact(conversation_id)) FROM runs";
    assert_eq!(test.number(several).await, 9);
    for lost in ["runs", "cards"] {
        test.sql("TRUNCATE TABLE runs").await;
        test.sql(&format!("TRUNCATE TABLE {lost}")).await;
        let files = tempfile::tempdir().unwrap();
        copy(left.path(), files.path());
        let again = Door::open(options(files.path()), test.store.clone()).await.unwrap();
        assert!(again.settle(PATIENCE).await);
        again.close(PATIENCE).await;
        assert_eq!(test.listed("a").await.len(), 10);
        assert_eq!(test.number(conversations).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_tail_is_cut_and_told_and_the_rest_is_kept() {
    let test = Test::new().await;
    let killed = test.open().await;
    test.engine_is_away(true);
    for n in 0..3 {
        accept(&killed, &test.org, vec![run("a", n, "{}")]).await;
    }
    for torn in [1, 7, 40] {
        let left = tempfile::tempdir().unwrap();
        copy(test.dir.path(), left.path());
        let segment = newest_segment(left.path());
        let len = fs::metadata(&segment).unwrap().len();
        fs::File::options().write(true).open(&segment).unwrap().set_len(len - torn).unwrap();
        let next = test.second_process().await;
        let door = Door::open(SpoolOptions::new(left.path()), next.clone()).await.unwrap();
        let cut = door.status().unwrap().torn_bytes;
        assert!(cut > 0);
        let kept = fs::read_dir(left.path().join("quarantine")).unwrap().map(Result::unwrap);
        let kept: Vec<u64> = kept.map(|entry| entry.metadata().unwrap().len()).collect();
        assert_eq!(kept, [cut], "what was cut off is kept");
        assert!(next.org(test.org.org()).run(id(1)).await.unwrap().is_some());
        door.close(PATIENCE).await;
    }
    assert_eq!(
        test.second_process().await.org(test.org.org()).agents().await.unwrap()[0].run_count,
        2
    );
    test.engine_is_away(false);
    assert!(killed.settle(PATIENCE).await);
    assert_eq!(test.listed("a").await, [2, 1, 0]);
    killed.close(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoiled_frame_is_put_aside_and_hides_no_others() {
    let test = Test::new().await;
    let killed = test.open().await;
    test.engine_is_away(true);
    for n in 0..3 {
        accept(&killed, &test.org, vec![run("a", n, "{}")]).await;
    }
    let left = tempfile::tempdir().unwrap();
    copy(test.dir.path(), left.path());
    let segment = newest_segment(left.path());
    let mut bytes = fs::read(&segment).unwrap();
    let first = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    bytes[16 + first + 8 + 20] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let next = test.second_process().await;
    let door = Door::open(options(left.path()), next.clone()).await.unwrap();
    assert!(door.settle(PATIENCE).await);
    assert_eq!(door.status().unwrap().quarantined, 1);
    assert_eq!(door.status().unwrap().torn_bytes, 0);
    let org = next.org(test.org.org());
    for (n, is_there) in [(0, true), (1, false), (2, true)] {
        assert_eq!(org.run(id(n)).await.unwrap().is_some(), is_there, "{n}");
    }
    door.close(PATIENCE).await;
    test.engine_is_away(false);
    assert!(killed.settle(PATIENCE).await);
    killed.close(PATIENCE).await;
    assert_eq!(test.listed("a").await, [2, 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_behind_any_damage_are_found_again() {
    let test = Test::new().await;
    let killed = test.open().await;
    test.engine_is_away(true);
    for n in 0..8 {
        accept(&killed, &test.org, vec![run("a", n, "{}")]).await;
    }
    let left = tempfile::tempdir().unwrap();
    copy(test.dir.path(), left.path());
    let segment = newest_segment(left.path());
    let mut bytes = fs::read(&segment).unwrap();
    let mut starts = vec![8];
    while starts.last().unwrap() + 8 < bytes.len() {
        let at = *starts.last().unwrap();
        let len = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        starts.push(at + 8 + len);
    }
    // The mark of the file, two frames in a row, and lengths too short and too long.
    bytes[3] ^= 1;
    bytes[starts[1] + 30] ^= 1;
    bytes[starts[2] + 30] ^= 1;
    bytes[starts[4]] ^= 1;
    bytes[starts[6] + 3] = 0x7f;
    fs::write(&segment, bytes).unwrap();
    let next = test.second_process().await;
    let door = Door::open(options(left.path()), next.clone()).await.unwrap();
    assert!(door.settle(PATIENCE).await);
    let org = next.org(test.org.org());
    for n in 0..8 {
        let is_there = org.run(id(n)).await.unwrap().is_some();
        assert_eq!(is_there, ![1, 2, 4, 6].contains(&n), "{n}");
    }
    assert_eq!(door.status().unwrap().torn_bytes, 0);
    assert!(door.status().unwrap().quarantined >= 3);
    door.close(PATIENCE).await;
    test.engine_is_away(false);
    assert!(killed.settle(PATIENCE).await);
    killed.close(PATIENCE).await;
}
