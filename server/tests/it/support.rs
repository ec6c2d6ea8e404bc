//! A server in the test's own process, on a database of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use embedded::testing::{TestDatabase, fresh_database};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use model::{OrgSlug, Role, Scope};
use serde_json::Value;
use server::auth::key::{random_key, shown_prefix};
use server::auth::proxies::TrustedProxies;
use server::auth::token::token_hash;
use server::config::Site;
use server::otlp::Journal;
use server::router::router;
use server::secrets::Secrets;
use server::shutdown::Ending;
use server::state::{AppState, Parts};
use store::{NewKey, Org, Store, StoreConfig};
use tower::ServiceExt;
use upstream::{Provider, RendererOptions, TemplateRenderer, Upstream, UpstreamOptions};

pub const ORIGIN: &str = "http://runs.test";
const SECRET: &str = "a secret of the tests";
pub const PASSWORD: &str = "correct horse battery";

/// The machine of a test may be slow.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub struct TestApp {
    pub state: AppState,
    pub ending: Ending,
    pub router: Router,
    providers: Arc<[Provider]>,
    _database: Arc<TestDatabase>,
}

pub struct Tenant {
    pub org: Org,
    /// A key with every scope.
    pub key: String,
}

/// What another server on the same database has of its own.
struct Another {
    door: spool::Door,
    cache_patience: Duration,
    trusted_proxies: TrustedProxies,
    otlp: Journal,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

/// Workers of the program itself, since this one cannot render templates.
fn templates() -> TemplateRenderer {
    let mut options = RendererOptions::new(vec!["render-templates".into()]).unwrap();
    options.executable = env!("CARGO_BIN_EXE_runs").into();
    options.deadline = PATIENCE;
    TemplateRenderer::new(options)
}

impl TestApp {
    pub async fn new() -> Self {
        Self::at(ORIGIN).await
    }

    pub async fn at(public_url: &str) -> Self {
        Self::with(public_url, Arc::new([]), UpstreamOptions::default()).await
    }

    /// With a provider behind the proxy, and limits that end a test soon.
    pub async fn proxying(provider: Provider) -> Self {
        let options = UpstreamOptions {
            allow_private: true,
            idle_timeout: Duration::from_millis(700),
            echo_word_delay: Duration::ZERO,
            ..UpstreamOptions::default()
        };
        Self::with_upstream(provider, options).await
    }

    pub async fn with_upstream(provider: Provider, options: UpstreamOptions) -> Self {
        Self::with(ORIGIN, Arc::new([provider]), options).await
    }

    async fn with(public_url: &str, providers: Arc<[Provider]>, options: UpstreamOptions) -> Self {
        let database = tokio::task::spawn_blocking(fresh_database).await.unwrap().unwrap();
        let store = Store::connect(StoreConfig {
            url: database.endpoint.url.clone(),
            user: database.endpoint.user.clone(),
            password: database.endpoint.password.clone(),
            database: database.name.clone(),
        })
        .await
        .unwrap();
        store.migrate().await.unwrap();
        let cache_patience = PATIENCE;
        let ending = Ending::default();
        let state = AppState::new(Parts {
            store,
            door: spool::Door::direct(),
            public_url,
            trusted_proxies: TrustedProxies::default(),
            site: Site::default(),
            upstream: Upstream::new(options).unwrap(),
            templates: templates(),
            providers: Arc::clone(&providers),
            secrets: &Secrets::from_text(SECRET),
            otlp: Journal::default(),
            cache_patience,
            ending: ending.clone(),
        });
        Self {
            router: router(state.clone()),
            state,
            ending,
            providers,
            _database: Arc::new(database),
        }
    }

    /// A second server on the same database.
    pub fn restarted(&self) -> Self {
        self.behind(self.state.door.clone())
    }

    /// A second server on the same database, with another door.
    pub fn behind(&self, door: spool::Door) -> Self {
        self.again(Another { door, ..self.alike() })
    }

    /// A second server on the same database, which trusts these proxies.
    pub fn trusting(&self, proxies: &str) -> Self {
        let trusted_proxies = proxies.parse().unwrap();
        self.again(Another { trusted_proxies, ..self.alike() })
    }

    /// A second server on the same database that keeps there what waits.
    pub fn keeping(&self, otlp: Journal) -> Self {
        self.again(Another { otlp, ..self.alike() })
    }

    /// A second server on the same database, whose cache has so much time.
    pub fn with_cache_patience(&self, cache_patience: Duration) -> Self {
        self.again(Another { cache_patience, ..self.alike() })
    }

    fn alike(&self) -> Another {
        Another {
            door: self.state.door.clone(),
            cache_patience: PATIENCE,
            trusted_proxies: self.state.trusted_proxies.clone(),
            otlp: Journal::default(),
        }
    }

    fn again(&self, another: Another) -> Self {
        let Another { door, cache_patience, trusted_proxies, otlp } = another;
        let ending = Ending::default();
        let state = AppState::new(Parts {
            store: self.state.store.clone(),
            door,
            public_url: &self.state.public_url,
            trusted_proxies,
            site: self.state.site.clone(),
            upstream: self.state.upstream.clone(),
            templates: self.state.templates.clone(),
            providers: Arc::clone(&self.providers),
            secrets: &Secrets::from_text(SECRET),
            otlp,
            cache_patience,
            ending: ending.clone(),
        });
        let _database = Arc::clone(&self._database);
        let providers = Arc::clone(&self.providers);
        Self { router: router(state.clone()), state, ending, providers, _database }
    }

    pub async fn tenant(&self, slug: &str) -> Tenant {
        let org = self.state.store.create_org(&OrgSlug::new(slug).unwrap()).await.unwrap();
        let key = self.key(&org, &Scope::ALL).await;
        Tenant { org, key }
    }

    pub async fn key(&self, org: &Org, scopes: &[Scope]) -> String {
        let key = random_key().unwrap();
        let new = NewKey {
            org: org.id,
            name: "test".to_owned(),
            hash: token_hash(&key),
            prefix: shown_prefix(&key),
            scopes: scopes.to_vec(),
        };
        self.state.store.create_key(new).await.unwrap();
        key
    }

    /// Makes an account with [`PASSWORD`] and signs it in; gives its cookie.
    pub async fn sign_in(&self, org: &Org, email: &str, role: Role) -> String {
        let hash = self.state.passwords.hash(PASSWORD).await.unwrap();
        let account = self.state.store.create_account(email, &hash).await.unwrap();
        self.state.store.set_member(org.id, account.id, role).await.unwrap();
        let answer = self.log_in(email, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.cookie()
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Answer {
        self.form("/login", &[("email", email), ("password", password)]).await
    }

    /// Sends a request and leaves the answer's body to be read.
    pub async fn open(&self, mut request: Request<Body>) -> Response<Body> {
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
        request.extensions_mut().insert(ConnectInfo(peer));
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn call(&self, method: Method, path: &str, key: &str) -> Answer {
        self.send(request(method, path, &[("x-api-key", key)], Body::empty())).await
    }

    pub async fn get(&self, path: &str, key: &str) -> Answer {
        self.call(Method::GET, path, key).await
    }

    pub async fn post_json(&self, path: &str, key: &str, body: impl Into<Body>) -> Answer {
        let headers = [("x-api-key", key), ("content-type", "application/json")];
        self.send(request(Method::POST, path, &headers, body)).await
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(fields);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(request(Method::POST, path, &headers, text.finish())).await
    }

    /// Stores one run and gives its id.
    pub async fn store_run(&self, key: &str, run: &str) -> String {
        let answer = self.post_json("/v1/runs", key, run.to_owned()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()["runs"][0]["id"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The name and value of the cookie that was set.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

pub fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap()
}
