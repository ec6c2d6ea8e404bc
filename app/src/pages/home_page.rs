//! The start.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use crate::app::SessionResource;
use crate::components::loaded::Loaded;
use crate::data::session::Session;
use crate::links;
use crate::pages::redirects::instead;

/// Leads to the first organization of the one who is signed in.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = expect_context::<SessionResource>().0;
    let draw = |session: Session| match session.orgs.first() {
        Some(org) => {
            view! { <Redirect path=links::agents(&org.slug) options=instead()/> }.into_any()
        }
        None if session.name.is_none() => {
            view! { <Redirect path="/login" options=instead()/> }.into_any()
        }
        None => view! { <NoOrganization/> }.into_any(),
    };
    view! { <Loaded from=session what="your organizations" draw/> }
}

#[component]
fn NoOrganization() -> impl IntoView {
    view! {
        <Title text="No organization"/>
        <section class="state">
            <h1>"No organizations yet"</h1>
            <p>"You're signed in but aren't a member of any organization. Ask an admin to add you."</p>
            <form method="post" action="/logout"><button class="button" type="submit">"Sign out"</button></form>
        </section>
    }
}
