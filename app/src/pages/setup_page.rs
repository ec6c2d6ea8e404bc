//! The first start.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::login_page::describe;
use crate::components::header::Logo;

/// Makes the first organization and its owner, with the token of the link in the log.
#[component]
pub fn SetupPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let problem = query.get_str("error").map(describe);
    let token = query.get("token").filter(|token| !token.is_empty());
    let body = match token {
        None => view! {
            <section class="panel entry-form form">
                <h1>"Set up Runs"</h1>
                <p>"Setup isn't finished. Open the one-time setup link printed in the server log."</p>
            </section>
        }
        .into_any(),
        Some(token) => view! {
            <form class="panel entry-form form" method="post" action="/setup">
                <h1>"Welcome to Runs"</h1>
                <p>"Create the first organization; you'll be its owner."</p>
                {problem.map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
                <input type="hidden" name="token" value=token/>
                <div class="field">
                    <label for="org">"Organization"</label>
                    <input
                        class="input" id="org" name="org" required maxlength="120"
                        pattern="[a-zA-Z0-9_\\-]+" value="default" aria-describedby="org-hint"
                    />
                    <p class="hint" id="org-hint">"Used in URLs. Letters, digits, - and _."</p>
                </div>
                <div class="field">
                    <label for="email">"Email"</label>
                    <input class="input" id="email" name="email" type="email" autocomplete="username" required autofocus/>
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <input
                        class="input" id="password" name="password" type="password"
                        autocomplete="new-password" required minlength="8" aria-describedby="password-hint"
                    />
                    <p class="hint" id="password-hint">"At least 8 characters."</p>
                </div>
                <button class="button primary" type="submit">"Create organization"</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <Title text="Set up"/>
        <div class="entry">
            <div class="entry-brand"><Logo/>"Runs"</div>
            {body}
        </div>
    }
}
