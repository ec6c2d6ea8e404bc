//! Signing in and out, the first start, and requests made by other sites.

use axum::body::Body;
use http::{Method, StatusCode};
use model::{OrgSlug, Role, Scope};
use server::auth::bootstrap::bootstrap;
use server::config::Bootstrap;
use server::config::bootstrap::Admin;

use crate::support::{Answer, PASSWORD, TestApp, request};

async fn page(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    app.send(request(Method::GET, path, headers, Body::empty())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_out_every_page_leads_to_sign_in() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.sign_in(&acme.org, "a@acme.example", Role::Owner).await;
    for path in
        ["/", "/acme/agents", "/nobody/agents", "/no/such/page", "/acme/runs?q=a%20b&page=1"]
    {
        let answer = page(&app, path, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        assert_eq!(answer.header("location"), format!("/login?next={next}"));
        assert_eq!(answer.text(), "", "{path}");
    }
    let stale = page(&app, "/acme/agents", &[("cookie", "runs_session=nonsense")]).await;
    assert_eq!(stale.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_out() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.sign_in(&acme.org, "a@acme.example", Role::Member).await;
    let next = "/acme/runs?q=refund";
    let form = [("email", "A@Acme.example "), ("password", PASSWORD), ("next", next)];
    let answer = app.form("/login", &form).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, next));
    let flags = answer.header("set-cookie").to_owned();
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(flags.contains(flag), "{flags}");
    }
    assert!(!flags.contains("Secure"), "{flags}");

    let cookie = answer.cookie();
    let cookie = [("cookie", cookie.as_str())];
    let home = page(&app, "/", &cookie).await;
    assert_eq!((home.status, home.header("location")), (StatusCode::SEE_OTHER, "/acme/agents"));
    let again = page(&app, "/login?next=%2Facme%2Fruns", &cookie).await;
    assert_eq!(again.header("location"), "/acme/runs");
    assert_eq!(page(&app, "/v1/acme/agents", &cookie).await.status, StatusCode::OK);

    let out = app.send(request(Method::POST, "/logout", &cookie, Body::empty())).await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/login"));
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    assert_eq!(page(&app, "/v1/acme/agents", &cookie).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_leads_nowhere_else() {
    let app = TestApp::at("https://runs.example").await;
    let acme = app.tenant("acme").await;
    app.sign_in(&acme.org, "a@acme.example", Role::Member).await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "evil"] {
        let form = [("email", "a@acme.example"), ("password", PASSWORD), ("next", next)];
        let answer = app.form("/login", &form).await;
        assert_eq!(answer.header("location"), "/", "{next}");
        assert!(answer.header("set-cookie").contains("Secure"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_are_refused_and_soon_slowed_down() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.sign_in(&acme.org, "a@acme.example", Role::Member).await;
    let wrong = app.log_in("a@acme.example", "wrong password").await;
    let unknown = app.log_in("nobody@acme.example", "wrong password").await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (StatusCode::UNAUTHORIZED, "wrong_credentials")
    );
    assert_eq!((wrong.status, &wrong.bytes), (unknown.status, &unknown.bytes));

    let headers = [("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded")];
    let body = "email=a%40acme.example&password=wrong&next=%2Facme%2Fruns";
    let browser = app.send(request(Method::POST, "/login", &headers, body)).await;
    assert_eq!(
        browser.header("location"),
        "/login?next=%2Facme%2Fruns&email=a%40acme.example&error=wrong_credentials"
    );

    let mut last = wrong;
    for _ in 0..10 {
        last = app.log_in("a@acme.example", "wrong password").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(last.header("retry-after"), "");
    assert_eq!(app.log_in("a@acme.example", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(app.log_in("b@acme.example", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_account_can_have_is_refused_like_anything_wrong() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.sign_in(&acme.org, "a@acme.example", Role::Member).await;
    let wrong = app.log_in("a@acme.example", "wrong password").await;
    let email = format!("{}@acme.example", "a".repeat(4_000));
    let password = "x".repeat(4_000);
    for (email, password) in [(email.as_str(), PASSWORD), ("a@acme.example", password.as_str())] {
        let answer = app.log_in(email, password).await;
        assert_eq!((answer.status, &answer.bytes), (wrong.status, &wrong.bytes));
    }
    for (size, code) in [(32, "invalid_form"), (64, "too_large")] {
        let greedy = app.log_in(&"a".repeat(size * 1024), PASSWORD).await;
        assert!(greedy.status.is_client_error(), "{}", greedy.status);
        assert_eq!(greedy.code(), code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_bad_keys_are_slowed_down_and_good_ones_go_on() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    assert_eq!(app.get("/v1/_/agents", &acme.key).await.status, StatusCode::OK);
    let mut statuses = Vec::new();
    for i in 0..130 {
        statuses.push(app.get("/v1/_/agents", &format!("rk_0123456789abcdef{i}")).await.status);
    }
    assert_eq!(statuses[0], StatusCode::UNAUTHORIZED);
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    assert_eq!(app.get("/v1/_/agents", &acme.key).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_link_works_once() {
    let app = TestApp::new().await;
    assert_eq!(page(&app, "/", &[]).await.header("location"), "/login?next=%2F");
    assert_eq!(page(&app, "/login?next=%2F", &[]).await.header("location"), "/setup");
    let token = app.state.setup.begin(&app.state.store).await.unwrap().unwrap();
    let form = async |token: &str, org: &str, password: &str| {
        let fields = [
            ("token", token),
            ("org", org),
            ("email", "owner@acme.example"),
            ("password", password),
        ];
        app.form("/setup", &fields).await
    };
    assert_eq!(form("wrong", "acme", PASSWORD).await.code(), "setup_link_invalid");
    assert_eq!(form(&token, "acme", "short").await.json()["error"]["details"]["field"], "password");
    assert_eq!(form(&token, "v1", PASSWORD).await.json()["error"]["details"]["field"], "org");

    let done = form(&token, "Acme", PASSWORD).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/acme/agents"));
    let cookie = done.cookie();
    assert_eq!(page(&app, "/v1/acme/agents", &[("cookie", &cookie)]).await.status, StatusCode::OK);

    assert_eq!(form(&token, "beta", PASSWORD).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.state.setup.begin(&app.state.store).await.unwrap(), None);
    assert_eq!(page(&app, "/setup", &[]).await.header("location"), "/login");
    let shown = page(&app, "/login", &[]).await;
    assert_eq!(shown.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_pages_when_it_may_read() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let ingests = app.key(&acme.org, &[Scope::Ingest]).await;
    assert_eq!(app.get("/acme/agents", &acme.key).await.status, StatusCode::OK);
    assert_eq!(app.get("/acme/agents", &ingests).await.status, StatusCode::FORBIDDEN);
    let unknown = app.get("/acme/agents", "rk_0123456789abcdefUNKNOWN").await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    let id = app.store_run(&acme.key, r#"{"agent":"a","output":1}"#).await;
    let short = app.get(&format!("/acme/runs/{id}?x=1"), &acme.key).await;
    assert!(short.status.is_redirection(), "{}", short.status);
    assert_eq!(short.header("location"), format!("/acme/agents/a/runs/{id}?x=1"));
    assert_eq!(app.get("/no/such/page/here", &acme.key).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_leads_to_its_agents() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.tenant("beta").await;
    let cookie = app.sign_in(&acme.org, "a@acme.example", Role::Viewer).await;
    for path in ["/acme", "/acme/"] {
        for answer in
            [page(&app, path, &[("cookie", cookie.as_str())]).await, app.get(path, &acme.key).await]
        {
            let led = (answer.status, answer.header("location"));
            assert_eq!(led, (StatusCode::SEE_OTHER, "/acme/agents"), "{path}");
        }
    }
    for path in ["/beta", "/nobody"] {
        let answer = page(&app, path, &[("cookie", cookie.as_str())]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(page(&app, "/acme", &[]).await.header("location"), "/login?next=%2Facme");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_run_no_scripts_but_their_own() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let answer = app.get("/acme/agents", &acme.key).await;
    let policy = answer.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(answer.text().contains(&format!("nonce=\"{nonce}\"")), "{policy}");
    assert!(!policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert_ne!(app.get("/acme/agents", &acme.key).await.header("content-security-policy"), policy);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unattended_start_can_be_repeated() {
    let app = TestApp::new().await;
    let wanted = |password: &str| Bootstrap {
        org: OrgSlug::new("acme").unwrap(),
        admin: Some(Admin { email: "owner@acme.example".to_owned(), password: password.into() }),
        api_key: Some("rk_0123456789abcdef-_".into()),
    };
    for password in [PASSWORD, "another password"] {
        bootstrap(&app.state.store, &app.state.passwords, &wanted(password)).await.unwrap();
    }
    assert_eq!(app.get("/v1/acme/agents", "rk_0123456789abcdef-_").await.status, StatusCode::OK);
    assert_eq!(app.log_in("owner@acme.example", PASSWORD).await.status, StatusCode::SEE_OTHER);
    let changed = app.log_in("owner@acme.example", "another password").await;
    assert_eq!(changed.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.state.store.orgs().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_cannot_act_for_a_signed_in_person() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let cookie = app.sign_in(&acme.org, "a@acme.example", Role::Owner).await;
    app.store_run(&acme.key, r#"{"agent":"a","output":1}"#).await;
    for (method, path) in [
        (Method::POST, "/logout"),
        (Method::POST, "/login"),
        (Method::POST, "/api/anything"),
        (Method::DELETE, "/v1/acme/agents/a"),
    ] {
        for forged in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let headers = [("cookie", cookie.as_str()), forged];
            let answer = app.send(request(method.clone(), path, &headers, Body::empty())).await;
            assert_eq!(answer.code(), "cross_site_request", "{method} {path}");
        }
    }
    assert_eq!(app.get("/v1/acme/agents/a", &acme.key).await.status, StatusCode::OK);
}
