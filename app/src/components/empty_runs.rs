//! Before the first run.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::Scope;

use super::copy_button::CopyButton;
use super::foreign::foreign;
use super::load_error::sentence;
use crate::api::agents::load_demo;
use crate::api::run::find_agent;
use crate::api::settings::create_key;
use crate::error::AppError;
use crate::fresh_key::FreshKey;
use crate::links;
use crate::list_state::ListScope;
use crate::live_stream::{Arrived, Followed, follow_stream};

/// What an organization without runs is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstRun {
    /// The address of this server, as clients reach it.
    pub public_url: String,
    /// Where the stream of new runs goes on.
    pub live: String,
    /// Whether the reader may make API keys.
    pub can_make_keys: bool,
}

/// How to send the first run, which is then shown by itself; and sample runs to
/// look around with.
#[component]
pub fn EmptyRuns(
    org: String,
    first_run: FirstRun,
    /// Called when there are runs to see.
    #[prop(into)]
    loaded: Callback<()>,
) -> impl IntoView {
    let FirstRun { public_url, live, can_make_keys } = first_run;
    let keys = format!("/{org}/settings/keys");
    let fresh = FreshKey::get();
    let key = {
        let org = org.clone();
        Memo::new(move |_| fresh.of(&org))
    };
    let has_key = move || key.with(Option::is_some);
    let command = Memo::new(move |_| first_command(&public_url, key.get().as_deref()));
    let loading = RwSignal::new(false);
    let (problem, set_problem) = signal(None::<String>);
    let failed = move |error: &AppError| set_problem.set(Some(sentence(&error.to_string())));
    await_first_run(org.clone(), live, loading, loaded);
    let make_key = {
        let org = org.clone();
        Callback::new(move |()| {
            let org = org.clone();
            set_problem.set(None);
            leptos::task::spawn_local(async move {
                let scopes = vec![Scope::Ingest, Scope::Read];
                match create_key(org.clone(), "First run".to_owned(), scopes).fetch().await {
                    Ok(made) => fresh.keep(org, made),
                    Err(error) => failed(&error),
                }
            });
        })
    };
    let load = move |_| {
        let org = org.clone();
        loading.set(true);
        set_problem.set(None);
        leptos::task::spawn_local(async move {
            match load_demo(org).fetch().await {
                Ok(_) => loaded.run(()),
                Err(error) => failed(&error),
            }
            loading.set(false);
        });
    };
    let way_to_key = move || {
        match can_make_keys {
        true => view! {
            <p>
                <button type="button" class="button needs-script" on:click=move |_| make_key.run(())>
                    "Create an API key"
                </button>
                <span class="needs-script">" or choose its scopes in "</span>
                <span class="no-script">"Create an API key in"</span>
                " "<a href=keys.clone()>"Settings → Keys"</a>
            </p>
        }
        .into_any(),
        false => view! {
            <p>"You need an API key with the ingest scope. Ask an admin of this organization for one."</p>
        }
        .into_any(),
    }
    };
    view! {
        <section class="first-run">
            <h2>"Send your first run"</h2>
            <p>"A run is one execution of an agent: what went in, what came out, what it cost."</p>
            <Show when=has_key fallback=way_to_key>
                <p class="notice good">
                    "Your new key is in the command below. Copy it now – you won't see it again once you leave this page."
                </p>
            </Show>
            <div class="code-box">
                <pre tabindex="0">{move || command.get()}</pre>
                <CopyButton text=command label="Copy the command" done="Command copied"/>
            </div>
            <p class="first-run-wait needs-script" role="status">
                <span class="spinner" aria-hidden="true"></span>
                "Waiting for your first run…"
            </p>
            <p>"Or look around with demo data first. You can delete it like any other agent."</p>
            <p>
                <button
                    type="button"
                    class="button primary needs-script"
                    disabled=move || loading.get()
                    on:click=load
                >
                    {move || if loading.get() { "Loading sample runs…" } else { "Load sample runs" }}
                </button>
            </p>
            <p class="problem" role="alert">{move || problem.get().map(foreign)}</p>
        </section>
    }
    .into_any()
}

/// Opens the first run when it arrives; of several together it shows the list.
fn await_first_run(org: String, live: String, loading: RwSignal<bool>, loaded: Callback<()>) {
    let url = ListScope { org: org.clone(), ..ListScope::default() }.live_url("");
    let followed = Memo::new(move |_| Some(Followed { url: url.clone(), after: live.clone() }));
    let navigate = use_navigate();
    let arrived = Callback::new(move |arrived: Arrived| {
        // Sample runs are no first run.
        if arrived.count == 0 || loading.try_get_untracked() != Some(false) {
            return;
        }
        let (org, navigate) = (org.clone(), navigate.clone());
        let only = arrived.ids.into_iter().next().filter(|_| arrived.count == 1);
        leptos::task::spawn_local(async move {
            let Some(run) = only else { return loaded.run(()) };
            match find_agent(org.clone(), run.clone()).fetch().await {
                Ok(agent) => navigate(&links::run(&org, &agent, run), Default::default()),
                Err(_) => loaded.run(()),
            }
        });
    });
    follow_stream(followed, arrived);
}

/// A command for a shell that sends a run; with a key it first sets the variable
/// that other commands need too.
fn first_command(public_url: &str, key: Option<&str>) -> String {
    let export = key.map(|key| format!("export RUNS_KEY={key}\n")).unwrap_or_default();
    format!(
        "{export}curl {public_url}/v1/runs \\\n  \
         -H \"Authorization: Bearer $RUNS_KEY\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"agent\": \"my-first-agent\",\n       \
         \"input\": {{\"question\": \"What is a run?\"}},\n       \
         \"output\": {{\"answer\": \"One execution of an agent.\"}},\n       \
         \"version\": {{\"model\": \"gpt-4o-mini\"}},\n       \
         \"latency_ms\": 830}}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_carries_the_key_as_clients_name_it() {
        let without = first_command("http://127.0.0.1:3000", None);
        assert!(without.starts_with("curl http://127.0.0.1:3000/v1/runs \\\n"), "{without}");
        assert!(without.contains("Bearer $RUNS_KEY\""), "{without}");
        let with = first_command("http://127.0.0.1:3000", Some("rk_abc"));
        assert_eq!(with, format!("export RUNS_KEY=rk_abc\n{without}"));
    }
}
