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
                <p>"This server has no owner yet. Its log shows a link that leads here and sets it up; open that link."</p>
                <p class="faint">"Look for “set up” where the server was started."</p>
            </section>
        }
        .into_any(),
        Some(token) => view! {
            <form class="panel entry-form form" method="post" action="/setup">
                <h1>"Set up Runs"</h1>
                <p>"You become the owner of the first organization of this server."</p>
                {problem.map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
                <input type="hidden" name="token" value=token/>
                <div class="field">
                    <label for="org">"Organization"</label>
                    <input
                        class="input" id="org" name="org" required maxlength="120"
                        pattern="[a-zA-Z0-9_\\-]+" value="default" aria-describedby="org-hint"
                    />
                    <p class="hint" id="org-hint">"Its name in addresses: letters, digits, - and _."</p>
                </div>
                <div class="field">
                    <label for="email">"E-mail address"</label>
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
                <button class="button primary" type="submit">"Set up"</button>
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
