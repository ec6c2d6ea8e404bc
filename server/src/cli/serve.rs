//! `runs serve`: the server.
//!
//! It listens before the engine is there, so that whoever watches it can tell a
//! slow start from none; until then everything but `/healthz` answers 503.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::TcpListener;
use upstream::{RendererOptions, TemplateRenderer, Upstream, UpstreamOptions};

use super::{CliError, RENDER};
use crate::auth::bootstrap::bootstrap;
use crate::cache;
use crate::clock::now;
use crate::config::Config;
use crate::deletions;
use crate::engine::Connected;
use crate::error::Chain;
use crate::otlp::{Hold, Journal};
use crate::router::router;
use crate::secrets::Secrets;
use crate::shutdown::{self, Ending};
use crate::state::{AppState, Parts};
use crate::web::connections::{self, Bounds};
use crate::web::door::Door;
use crate::web::files::OpenFiles;

/// How long requests may go on once the server is asked to stop, and how long the
/// spool may take to be emptied after that.
const DRAIN: Duration = Duration::from_secs(10);
/// How long the answers of models may go on; the rest is for keeping what came.
/// Containers are often given 10 s in all.
const GRACE: Duration = Duration::from_secs(5);

pub(super) async fn serve(config: Config) -> Result<(), CliError> {
    let began = Instant::now();
    let stop = shutdown::requested()?;
    tokio::pin!(stop);
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|cause| CliError::Listen { address: config.listen, cause })?;
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");

    let door = Arc::new(Door::default());
    let ending = Ending::default();
    let closing = ending.closing.clone();
    let entrance = Door::router(Arc::clone(&door));
    let mut serving = tokio::spawn(connections::serve(
        listener,
        entrance,
        Bounds::within(OpenFiles::raise()),
        config.trusted_proxies.clone(),
        closing.clone(),
    ));
    let connected = tokio::select! {
        connected = Connected::start(&config) => connected?,
        () = &mut stop => return Ok(()),
    };
    let intake = match connected.open_door(&config).await {
        Ok(intake) => intake,
        Err(error) => {
            connected.stop().await;
            return Err(error.into());
        }
    };
    let outcome = match open(&config, address, &connected, intake.clone(), ending.clone()).await {
        Ok(router) => {
            door.open(router);
            intake.serve_commands();
            let erasing = tokio::spawn(deletions::look_after(connected.store.clone()));
            tokio::spawn(index_stored_metadata(connected.store.clone()));
            tracing::info!(ready_after_ms = began.elapsed().as_millis() as u64, "ready");
            stop.await;
            tracing::info!("stopping");
            erasing.abort();
            Ok(())
        }
        Err(error) => Err(error),
    };
    ending.closing.cancel();
    let ended = tokio::time::timeout(DRAIN, async {
        if tokio::time::timeout(GRACE, &mut serving).await.is_err() {
            ending.cutting.cancel();
            // It ends without a word, or was ended by a panic that is in the log.
            let _ = (&mut serving).await;
        }
    });
    if ended.await.is_err() {
        tracing::warn!(drain_s = DRAIN.as_secs(), "some requests were cut off");
        serving.abort();
        let _ = serving.await;
    }
    ending.finishing.close();
    if tokio::time::timeout(GRACE, ending.finishing.wait()).await.is_err() {
        let runs = ending.finishing.len();
        tracing::error!(runs, "proxied runs are lost: they could not be handed in in time");
    }
    intake.close(DRAIN).await;
    connected.stop().await;
    tracing::info!("stopped");
    outcome
}

/// How long to wait after the engine failed.
const INDEX_AGAIN: Duration = Duration::from_secs(30);

/// Makes what is inside of the metadata of runs known to searches that an earlier
/// release stored. Until it is done these are found by their keys alone.
async fn index_stored_metadata(store: store::Store) {
    loop {
        match store.index_stored_metadata().await {
            Ok(0) => return,
            Ok(runs) => {
                tracing::info!(runs, "searches know what is inside of stored metadata");
                return;
            }
            Err(error) => tracing::warn!(
                error = %Chain(&error),
                "cannot read stored metadata; trying again in {} s",
                INDEX_AGAIN.as_secs()
            ),
        }
        tokio::time::sleep(INDEX_AGAIN).await;
    }
}

/// Makes what an unattended start wants, offers set-up, and gives the whole router.
async fn open(
    config: &Config,
    address: SocketAddr,
    connected: &Connected,
    door: spool::Door,
    ending: Ending,
) -> Result<Router, CliError> {
    let public_url = match &config.public_url {
        Some(url) => url.to_string(),
        None => format!("http://{}", reachable(address)),
    };
    let options =
        UpstreamOptions { allow_private: config.upstream.allow_private, ..Default::default() };
    let templates = TemplateRenderer::new(RendererOptions::new(vec![RENDER.into()])?);
    templates.warm();
    let state = AppState::new(Parts {
        store: connected.store.clone(),
        door,
        public_url: &public_url,
        trusted_proxies: config.trusted_proxies.clone(),
        site: config.site.clone(),
        upstream: Upstream::new(options)?,
        templates,
        providers: config.upstream.provider.iter().cloned().collect(),
        secrets: &Secrets::open(config.secret_key.as_ref(), &config.data_dir)?,
        otlp: Journal::open(config.data_dir.join("otlp"), now())?,
        cache_patience: cache::PATIENCE,
        ending,
    });
    if let Some(wanted) = &config.bootstrap {
        bootstrap(&state.store, &state.passwords, wanted).await?;
    }
    Hold::take_on(&state).await?;
    if let Some(token) = state.setup.begin(&state.store).await? {
        tracing::warn!(
            "First start: create your organization and account at {}/setup?token={token}",
            state.public_url
        );
    }
    Ok(router(state))
}

/// An address that a browser on this machine can open.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
