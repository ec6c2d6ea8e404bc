//! The app: what stands around every page, and which page an address shows.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::api::session::read_session;
use crate::components::clock::provide_clock;
use crate::components::header::Header;
use crate::components::help_dialog::HelpDialog;
use crate::components::palette::Palette;
use crate::components::shortcuts::Shortcuts;
use crate::components::toast::{Toasts, provide_toasts};
use crate::components::zone::provide_zone;
use crate::data::session::Session;
use crate::fresh_key::provide_fresh_key;
use crate::page_resource::PageResource;
use crate::pages::agent_settings_page::AgentSettingsPage;
use crate::pages::agents_page::AgentsPage;
use crate::pages::home_page::HomePage;
use crate::pages::keys_page::KeysPage;
use crate::pages::login_page::LoginPage;
use crate::pages::members_page::MembersPage;
use crate::pages::not_found_page::NotFoundPage;
use crate::pages::playground_page::PlaygroundPage;
use crate::pages::prompt_page::PromptPage;
use crate::pages::providers_page::ProvidersPage;
use crate::pages::redirects::{
    AgentRedirectPage, OldPlaygroundPage, RunRedirectPage, SettingsRedirectPage,
};
use crate::pages::run_page::RunPage;
use crate::pages::runs_page::RunsPage;
use crate::pages::setup_page::SetupPage;
use crate::pages::stats_page::StatsPage;
use crate::pages::status_page::StatusPage;
use crate::pages::versions_page::VersionsPage;

/// Who is signed in, read once for every page.
#[derive(Clone, Copy)]
pub struct SessionResource(pub PageResource<Session>);

/// The app.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_clock();
    provide_zone();
    provide_toasts();
    provide_fresh_key();
    provide_context(SessionResource(PageResource::new(|| (), |()| read_session())));
    view! {
        <Title formatter=|text: String| {
            if text.is_empty() { "Runs".to_owned() } else { format!("{text} – Runs") }
        }/>
        <Router>
            <a class="skip" href="#main" rel="external">"Skip to content"</a>
            <Header/>
            <main id="main" tabindex="-1">
                <Pages/>
            </main>
            <HelpDialog/>
            <Palette/>
            <Shortcuts/>
            <Toasts/>
        </Router>
    }
}

/// Every page, rendered whole on the server, so that all of them read without a script.
#[component]
fn Pages() -> impl IntoView {
    const SSR: SsrMode = SsrMode::Async;
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view=HomePage ssr=SSR/>
            <Route path=path!("/login") view=LoginPage ssr=SSR/>
            <Route path=path!("/setup") view=SetupPage ssr=SSR/>
            <Route path=path!("/:org/agents") view=AgentsPage ssr=SSR/>
            <Route path=path!("/:org/runs") view=RunsPage ssr=SSR/>
            <Route path=path!("/:org/runs/:run") view=RunRedirectPage ssr=SSR/>
            <Route path=path!("/:org/settings") view=SettingsRedirectPage ssr=SSR/>
            <Route path=path!("/:org/settings/keys") view=KeysPage ssr=SSR/>
            <Route path=path!("/:org/settings/members") view=MembersPage ssr=SSR/>
            <Route path=path!("/:org/settings/providers") view=ProvidersPage ssr=SSR/>
            <Route path=path!("/:org/settings/status") view=StatusPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent") view=AgentRedirectPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/runs") view=RunsPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/stats") view=StatsPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/versions") view=VersionsPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/playground") view=PlaygroundPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/settings") view=AgentSettingsPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/runs/:run") view=RunPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/runs/:run/prompt") view=PromptPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/:schema/runs") view=RunsPage ssr=SSR/>
            <Route path=path!("/:org/agents/:agent/:schema") view=OldPlaygroundPage ssr=SSR/>
        </FlatRoutes>
    }
}
