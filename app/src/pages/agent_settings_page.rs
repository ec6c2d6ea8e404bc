//! Settings of an agent: for now, deleting it.

use leptos::prelude::*;

use crate::api::agents::{AgentDoc, delete_agent, read_agent};
use crate::components::foreign::foreign;
use crate::components::load_error::sentence;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::error::AppError;
use crate::format;
use crate::links;
use crate::page_resource::PageResource;
use crate::page_url::use_path_param;
use crate::titles;

/// What can be done with an agent as a whole.
#[component]
pub fn AgentSettingsPage() -> impl IntoView {
    let (org, agent) = (use_path_param("org"), use_path_param("agent"));
    let doc =
        PageResource::new(move || (org.get(), agent.get()), |(org, agent)| read_agent(org, agent));
    view! {
        <PageTitle text=move || titles::of("Settings", &agent.get())/>
        <div class="page narrow">
            <div class="page-head"><h1>"Settings"</h1></div>
            <Loaded from=doc what="this agent" draw=move |doc| {
                view! { <DeletePanel org=org.get_untracked() doc/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

/// How a deletion stands.
#[derive(Clone)]
enum Deletion {
    Idle,
    Running,
    Failed(String),
    Done(u64),
}

/// Deletes the agent once its name has been typed.
#[component]
fn DeletePanel(org: String, doc: AgentDoc) -> impl IntoView {
    let name = doc.agent.slug.to_string();
    let (typed, set_typed) = signal(String::new());
    let (state, set_state) = signal(Deletion::Idle);
    let runs = match doc.agent.run_count {
        1 => "its 1 run".to_owned(),
        count => format!("all {}", format::runs(count)),
    };
    let is_same = {
        let name = name.clone();
        move || typed.with(|typed| *typed == name)
    };
    let delete = {
        let (org, name) = (org.clone(), name.clone());
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let (org, name) = (org.clone(), name.clone());
            set_state.set(Deletion::Running);
            leptos::task::spawn_local(async move {
                let next = match delete_agent(org, name, typed.get_untracked()).fetch().await {
                    Ok(deleted) => Deletion::Done(deleted),
                    Err(AppError::Invalid { message, .. }) => Deletion::Failed(sentence(&message)),
                    Err(error) => Deletion::Failed(sentence(&error.to_string())),
                };
                let _ = set_state.try_set(next);
            });
        }
    };
    let is_running = move || matches!(state.get(), Deletion::Running);
    let problem = move || match state.get() {
        Deletion::Failed(why) => Some(why),
        _ => None,
    };
    let title = format!("Delete {name}");
    let form = view! {
        <section class="panel danger-zone">
            <div class="panel-head"><h2>{foreign(title)}</h2></div>
            <form class="panel-body form" on:submit=delete>
                <p>
                    "Permanently deletes this agent and "<strong>{runs}</strong>
                    ", including inputs, outputs, prompts and metadata. Individual runs can't be deleted."
                </p>
                {if doc.can_delete {
                    view! {
                        <div class="field">
                            <label for="confirm">"Type "<code>{foreign(name.clone())}</code>" to confirm"</label>
                            <input
                                class="input" id="confirm" dir="auto" autocomplete="off" spellcheck="false"
                                value=""
                                prop:value=move || typed.get()
                                on:input=move |event| set_typed.set(event_target_value(&event))
                            />
                        </div>
                        <div>
                            <button
                                class="button danger" type="submit"
                                disabled=move || !is_same() || is_running()
                            >
                                {move || if is_running() { "Deleting…" } else { "Delete agent and runs" }}
                            </button>
                        </div>
                    }
                    .into_any()
                } else {
                    view! { <p class="notice">"Only admins and owners can delete an agent."</p> }.into_any()
                }}
                <p class="problem" role="alert">{move || problem().map(foreign)}</p>
            </form>
        </section>
    };
    let agents = links::agents(&org);
    let done = move || match state.get() {
        Deletion::Done(deleted) => {
            let unit = if deleted == 1 { "run" } else { "runs" };
            Some(view! {
                <section class="state" role="status">
                    <h2>{foreign(format!("Deleted {name}"))}</h2>
                    <p>{format!("{} {unit} deleted.", format::count(deleted))}</p>
                    <p><a class="button" href=agents.clone()>"Go to agents"</a></p>
                </section>
            })
        }
        _ => None,
    };
    view! {
        <div hidden=move || matches!(state.get(), Deletion::Done(_))>{form}</div>
        {done}
    }
    .into_any()
}
