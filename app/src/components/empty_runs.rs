//! Before the first run.

use leptos::prelude::*;

use super::copy_button::CopyButton;
use super::load_error::sentence;
use crate::api::agents::load_demo;

/// How to send the first run, and sample runs to look around with.
#[component]
pub fn EmptyRuns(
    org: String,
    /// The address of this server, as clients reach it.
    public_url: String,
    /// Called when there are runs to see.
    #[prop(into)]
    loaded: Callback<()>,
) -> impl IntoView {
    let keys = format!("/{org}/settings/keys");
    let curl = first_run(&public_url);
    let (is_loading, set_loading) = signal(false);
    let (problem, set_problem) = signal(None::<String>);
    let load = move |_| {
        let org = org.clone();
        set_loading.set(true);
        set_problem.set(None);
        leptos::task::spawn_local(async move {
            match load_demo(org).fetch().await {
                Ok(_) => loaded.run(()),
                Err(error) => set_problem.set(Some(sentence(&error.to_string()))),
            }
            set_loading.set(false);
        });
    };
    view! {
        <section class="first-run">
            <h2>"Send your first run"</h2>
            <p>"A run is one execution of an agent: what went in, what came out, what it cost. "<a href=keys>"Make a key in Settings"</a>", then:"</p>
            <div class="code-box">
                <pre tabindex="0">{curl.clone()}</pre>
                <CopyButton text=curl label="Copy the command" done="Command copied"/>
            </div>
            <p>"Or look around first, with runs of made-up agents. They can be deleted like any other."</p>
            <p>
                <button
                    type="button"
                    class="button primary needs-script"
                    disabled=move || is_loading.get()
                    on:click=load
                >
                    {move || if is_loading.get() { "Loading sample runs…" } else { "Load sample runs" }}
                </button>
            </p>
            <p class="problem" role="alert">{move || problem.get()}</p>
        </section>
    }
    .into_any()
}

fn first_run(public_url: &str) -> String {
    format!(
        "curl {public_url}/v1/runs \\\n  \
         -H \"Authorization: Bearer $RUNS_API_KEY\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"agent\": \"my-first-agent\",\n       \
         \"input\": {{\"question\": \"What is a run?\"}},\n       \
         \"output\": {{\"answer\": \"One execution of an agent.\"}},\n       \
         \"version\": {{\"model\": \"gpt-4o-mini\"}},\n       \
         \"latency_ms\": 830}}'"
    )
}
