//! A server that can fall silent, as a process that was stopped does.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::{Store, StoreConfig, StoreError};

/// Far longer than anything here takes.
const DEADLINE: Duration = Duration::from_secs(60);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n\x01\x011\x05UInt8\x01";

/// Answers every request alike while it is awake; gives its address.
async fn sleeper(awake: watch::Receiver<bool>) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut awake = awake.clone();
            tokio::spawn(async move {
                let mut request = [0; 4_096];
                while socket.read(&mut request).await.is_ok_and(|read| read > 0) {
                    if awake.wait_for(|awake| *awake).await.is_err()
                        || socket.write_all(ANSWER).await.is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    Ok(format!("http://{address}"))
}

async fn within<T>(work: impl Future<Output = T>) -> Result<T, tokio::time::error::Elapsed> {
    tokio::time::timeout(DEADLINE, work).await
}

#[tokio::test]
async fn a_silent_engine_ends_what_waits_and_is_not_asked_until_it_answers()
-> Result<(), Box<dyn std::error::Error>> {
    let (wake, awake) = watch::channel(true);
    let config = StoreConfig {
        url: sleeper(awake).await?,
        user: String::new(),
        password: String::new(),
        database: "runs".to_owned(),
    };
    let store = within(Store::connect(config)).await??;
    within(store.ping()).await??;
    assert!(!store.is_hung());

    wake.send(false)?;
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.ping().await })
        })
        .collect();
    for waiting in waiting {
        let error = within(waiting).await??.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    assert!(store.is_hung());
    // Nobody waits again: nothing would wake this one.
    let refused = within(store.ping()).await?.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");

    wake.send(true)?;
    within(async {
        while store.is_hung() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await?;
    within(store.ping()).await??;
    Ok(())
}

#[tokio::test]
async fn an_engine_that_is_gone_is_asked_each_time() -> Result<(), Box<dyn std::error::Error>> {
    let (_wake, awake) = watch::channel(true);
    let url = sleeper(awake).await?;
    let breaker = super::Breaker::new();
    let weak = std::sync::Arc::downgrade(&breaker);
    let counted = std::sync::Arc::clone(&breaker);
    counted.connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let gone = clickhouse::Client::default().with_url("http://127.0.0.1:1");
    let asked = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    let seen = std::sync::Arc::clone(&asked);
    let watching = tokio::spawn(super::watch(weak, move || {
        seen.add_permits(1);
        let gone = gone.clone();
        async move { gone.query("SELECT 1").execute().await }
    }));
    let _three = within(asked.acquire_many(3)).await??;
    assert!(!breaker.is_open());
    watching.abort();
    drop(url);
    Ok(())
}
