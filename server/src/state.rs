//! What every handler works with.

use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::Duration;

use app::context::{AppContext, MintedKey};
use app::exports::Exports;
use app::providers::Providers;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use shares::{Holder, Turn};
use spool::Door;
use store::{Elsewhere, Store};
use upstream::{Provider, TemplateRenderer, Upstream, Vault};

use crate::auth::attempts::SignInFailures;
use crate::auth::identity::Authenticator;
use crate::auth::key::{random_key, shown_prefix};
use crate::auth::password::Passwords;
use crate::auth::proxies::TrustedProxies;
use crate::auth::setup::Setup;
use crate::auth::token::token_hash;
use crate::cache::AnswerCache;
use crate::config::Site;
use crate::error::ApiError;
use crate::feedback_token::FeedbackTokens;
use crate::limits::{LimitFigures, Limits, refusal};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::otlp::{Hold, Journal};
use crate::prices;
use crate::rest::body::Intake;
use crate::rest::feedback::FeedbackLimits;
use crate::secrets::Secrets;
use crate::shutdown::Ending;
use crate::web::options::leptos_options;

/// What the key that encrypts providers' keys is for.
const PROVIDER_KEYS: &str = "runs 2026-11 provider keys";

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The parts of an [`AppState`].
pub struct Shared {
    /// The run store.
    pub store: Store,
    /// Where every run comes in.
    pub door: Door,
    /// The origin in run URLs, without a slash at its end.
    pub public_url: Arc<str>,
    /// Looks up keys and sessions.
    pub authenticator: Authenticator,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Failed sign-ins.
    pub sign_in_failures: SignInFailures,
    /// The first start.
    pub setup: Setup,
    /// Counters.
    pub metrics: Metrics,
    /// Streams of new runs.
    pub live: Live,
    /// Exports that are under way.
    pub exports: Exports,
    /// What organizations share.
    pub limits: Arc<Limits>,
    /// Reads requests with runs.
    pub intake: Intake,
    /// Spans and log records that wait for others of their run.
    pub otlp: Arc<Hold>,
    /// The built web app.
    pub site: Site,
    /// What Leptos is told about the built web app.
    pub leptos_options: LeptosOptions,
    /// Asks model providers.
    pub upstream: Upstream,
    /// Renders message templates.
    pub templates: TemplateRenderer,
    /// The providers that organizations can ask beside the built-in echo.
    pub providers: Providers,
    /// Answers that can be given again.
    pub answers: Arc<AnswerCache>,
    /// Lets end users' feedback in.
    pub feedback_tokens: FeedbackTokens,
    /// Limits on calls for feedback.
    pub feedback_limits: FeedbackLimits,
    /// Proxies that are believed when they say whom they speak for.
    pub trusted_proxies: TrustedProxies,
    /// How requests come to their end when the server is to stop.
    pub ending: Ending,
}

/// What an [`AppState`] is made of.
pub struct Parts<'a> {
    /// The run store.
    pub store: Store,
    /// Where every run comes in.
    pub door: Door,
    /// The origin in run URLs; may end with a slash.
    pub public_url: &'a str,
    /// Proxies that are believed when they say whom they speak for.
    pub trusted_proxies: TrustedProxies,
    /// The built web app.
    pub site: Site,
    /// Asks model providers.
    pub upstream: Upstream,
    /// Renders message templates.
    pub templates: TemplateRenderer,
    /// The providers that every organization can ask.
    pub providers: Arc<[Provider]>,
    /// The key from which others follow.
    pub secrets: &'a Secrets,
    /// Keeps spans and log records that wait.
    pub otlp: Journal,
    /// How long a request waits for a look into the cache's store.
    pub cache_patience: Duration,
    /// How requests come to their end when the server is to stop.
    pub ending: Ending,
}

impl AppState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts<'_>) -> Self {
        let Parts { store, door, public_url, site, upstream, providers, secrets, .. } = parts;
        let Parts { templates, otlp, cache_patience, ending, trusted_proxies, .. } = parts;
        let mut metrics = Metrics::default();
        metrics.watch_spool(door.clone());
        let limits = Arc::new(Limits::new(otlp.room(), templates.turns().clone()));
        metrics.watch_limits(LimitFigures {
            limits: Arc::clone(&limits),
            store: store.clone(),
            door: door.clone(),
        });
        let public_url: Arc<str> = public_url.trim_end_matches('/').into();
        let otlp = Arc::new(Hold::new(otlp));
        let answers = Arc::new(AnswerCache::new(cache_patience));
        let places: [Weak<dyn Elsewhere>; 2] =
            [Arc::<Hold>::downgrade(&otlp), Arc::<AnswerCache>::downgrade(&answers)];
        places.into_iter().for_each(|place| store.reach_into(place));
        Self(Arc::new(Shared {
            authenticator: Authenticator::new(store.clone()),
            live: Live::new(
                store.clone(),
                Arc::clone(&public_url),
                limits.streams.clone(),
                ending.closing.clone(),
            ),
            store,
            door,
            public_url,
            passwords: Passwords::default(),
            sign_in_failures: SignInFailures::default(),
            setup: Setup::default(),
            metrics,
            exports: Exports::default(),
            intake: Intake::new(limits.bodies.clone()),
            limits,
            otlp,
            leptos_options: leptos_options(&site),
            site,
            upstream,
            templates,
            providers: Providers::new(providers, Vault::new(&secrets.derived(PROVIDER_KEYS))),
            answers,
            feedback_tokens: FeedbackTokens::new(secrets),
            feedback_limits: FeedbackLimits::default(),
            trusted_proxies,
            ending,
        }))
    }

    /// What pages and server functions work with.
    #[must_use]
    pub fn app_context(&self) -> AppContext {
        AppContext {
            store: self.store.clone(),
            door: self.door.clone(),
            public_url: Arc::clone(&self.public_url),
            upstream: self.upstream.clone(),
            templates: self.templates.clone(),
            providers: self.providers.clone(),
            exports: self.exports.clone(),
            limits: self.limit_uses(),
            price: prices::cost,
            mint_key,
        }
    }

    fn limit_uses(&self) -> app::limits::Limits {
        let state = self.clone();
        Arc::new(move |org| state.limits.usage(&state.store, &state.door, org))
    }

    /// Waits for a turn to take a large request apart.
    ///
    /// # Errors
    /// 429 when too many requests of the organization wait already.
    pub async fn parsing_turn(&self, holder: Holder) -> Result<Turn, ApiError> {
        let turn = self.limits.parsing.turn(holder).await;
        turn.map_err(|refused| refusal("too_many_requests", "large requests at once", refused))
    }

    /// Whether browsers reach this server over https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos_options.clone()
    }
}

/// A new key for the settings page, in the form that the server reads.
fn mint_key() -> Option<MintedKey> {
    let key = random_key().ok()?;
    Some(MintedKey { prefix: shown_prefix(&key), hash: token_hash(&key), key })
}
