//! The bar at the top: where one is, and where one can go from here.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::foreign::foreign;
use super::icon::{Icon, Shape};
use super::loaded::Loaded;
use super::place::Place;
use super::tabs::Tabs;
use super::theme_toggle::ThemeToggle;
use crate::api::agents::is_there;
use crate::app::SessionResource;
use crate::data::session::Session;
use crate::links;
use crate::page_resource::PageResource;

/// The bar at the top.
#[component]
pub fn Header() -> impl IntoView {
    let path = use_location().pathname;
    let place = Memo::new(move |_| path.with(|path| Place::of(path)));
    let has_place = Memo::new(move |_| place.with(Option::is_some));
    let top = move || {
        place.get().map(|place| {
            let org = place.org.clone();
            view! {
                <div class="top">
                    <a class="brand" href="/" aria-label="Runs home">
                        <Logo/>
                        <span>"Runs"</span>
                    </a>
                    <Crumbs place/>
                    <Tools org/>
                </div>
            }
        })
    };
    view! {
        {move || has_place.get().then(|| view! { <header>{top} <Sections place/></header> })}
    }
}

/// The tabs of a place, once it is known that there is such a place: an unknown
/// agent has no pages to lead to. While nobody can say, there are tabs.
#[component]
fn Sections(place: Memo<Option<Place>>) -> impl IntoView {
    let key =
        move || place.with(|place| place.as_ref().map(|it| (it.org.clone(), it.agent.clone())));
    let presence =
        PageResource::new(move || key().unwrap_or_default(), |(org, agent)| is_there(org, agent))
            .inner;
    let tabs = move || {
        let tabs = place.with(|place| place.as_ref().map(Place::tabs));
        tabs.map(|tabs| view! { <Tabs label="Sections" tabs/> })
    };
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let answer = presence.await.and_then(|wire| wire.decode::<bool>());
                (answer != Ok(false)).then_some(tabs)
            })}
        </Transition>
    }
    .into_any()
}

/// The mark of the product.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg viewBox="0 0 16 16" width="18" height="18" fill="currentColor" aria-hidden="true">
            <rect x="1" y="2" width="14" height="3" rx="1.5"></rect>
            <rect x="1" y="6.5" width="10" height="3" rx="1.5" opacity=".7"></rect>
            <rect x="1" y="11" width="6" height="3" rx="1.5" opacity=".45"></rect>
        </svg>
    }
}

#[component]
fn Crumbs(place: Place) -> impl IntoView {
    let agents = links::agents(&place.org);
    let agent = place.agent.map(|agent| {
        let href = links::agent(&place.org, &agent);
        view! { <li><a href=href>{foreign(agent)}</a></li> }
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=agents data-key="g a">{foreign(place.org)}</a></li>
                {agent}
            </ol>
        </nav>
    }
}

#[component]
fn Tools(org: String) -> impl IntoView {
    let session = expect_context::<SessionResource>().0;
    view! {
        <div class="top-tools">
            <button
                type="button"
                class="button quiet icon needs-script"
                title="Go to… (Ctrl K)"
                aria-label="Go to"
                on:click=move |_| super::palette::toggle_palette()
            >
                <Icon shape=Shape::Search/>
            </button>
            <button
                type="button"
                class="button quiet icon needs-script"
                title="Keyboard shortcuts and search help"
                aria-label="Keyboard shortcuts and search help"
                data-key="?"
                on:click=move |_| super::help_dialog::open_help()
            >
                <Icon shape=Shape::Help/>
            </button>
            <ThemeToggle/>
            <Loaded from=session what="your account" draw=move |session| {
                view! { <AccountMenu session org=org.clone()/> }.into_any()
            }/>
        </div>
    }
}

/// Who is signed in, their other organizations, and the way out.
#[component]
fn AccountMenu(session: Session, org: String) -> impl IntoView {
    let Some(name) = session.name else { return ().into_any() };
    let others: Vec<_> = session
        .orgs
        .into_iter()
        .filter(|other| other.slug != org)
        .map(|other| view! { <a href=links::agents(&other.slug)>{foreign(other.name)}</a> })
        .collect();
    let has_others = !others.is_empty();
    view! {
        <details class="menu">
            <summary class="button quiet icon" aria-label="Account" title="Account">
                <Icon shape=Shape::User/>
            </summary>
            <div class="menu-body">
                <p>{foreign(name)}</p>
                {has_others.then(|| view! {
                    <hr/>
                    <p>"Switch to"</p>
                    {others}
                })}
                {session.is_person.then(|| view! {
                    <hr/>
                    <form method="post" action="/logout">
                        <button type="submit">"Sign out"</button>
                    </form>
                })}
            </div>
        </details>
    }
    .into_any()
}
