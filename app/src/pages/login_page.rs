//! Signing in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::header::Logo;

/// A form that the server answers; it leads back to `next`.
#[component]
pub fn LoginPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let problem = query.get_str("error").map(describe);
    let next = query.get("next").unwrap_or_default();
    let email = query.get("email").unwrap_or_default();
    let is_known = !email.is_empty();
    let is_wrong = problem.is_some().then_some("true");
    view! {
        <Title text="Sign in"/>
        <div class="entry">
            <div class="entry-brand"><Logo/>"Runs"</div>
            <form class="panel entry-form form" method="post" action="/login">
                <h1>"Sign in"</h1>
                {problem.map(|problem| view! { <p class="notice bad" role="alert" id="problem">{problem}</p> })}
                <input type="hidden" name="next" value=next/>
                <div class="field">
                    <label for="email">"Email"</label>
                    <input
                        class="input" id="email" name="email" type="email" autocomplete="username"
                        required value=email autofocus=!is_known aria-invalid=is_wrong
                        aria-describedby=is_wrong.map(|_| "problem")
                    />
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <input
                        class="input" id="password" name="password" type="password"
                        autocomplete="current-password" required autofocus=is_known aria-invalid=is_wrong
                        aria-describedby=is_wrong.map(|_| "problem")
                    />
                </div>
                <button class="button primary" type="submit">"Sign in"</button>
            </form>
        </div>
    }
}

/// The error that the server named, as a sentence.
pub fn describe(code: &str) -> &'static str {
    match code {
        "wrong_credentials" => "Incorrect email or password.",
        "too_many_attempts" => "Too many attempts. Try again in 30 seconds.",
        "too_many_at_once" => "Too many sign-ins at once. Try again in a moment.",
        "setup_link_invalid" => {
            "This setup link has expired. Use the latest link in the server log."
        }
        "invalid_field" => {
            "Check the form: the organization needs letters or digits, the email must be valid, and the password needs at least 8 characters."
        }
        "already_exists" => "An account with this email already exists.",
        "unavailable" => "The database isn't responding. Try again in a moment.",
        _ => "Something went wrong. Try again; details are in the server log.",
    }
}
