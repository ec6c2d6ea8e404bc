//! The bar at the top: where one is, and where one can go from here.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::icon::{Icon, Shape};
use super::loaded::Loaded;
use super::tabs::{Tab, Tabs};
use super::theme_toggle::ThemeToggle;
use crate::app::SessionResource;
use crate::data::session::Session;
use crate::links;

/// Where a page stands, as its path says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    org: String,
    agent: Option<String>,
    section: String,
}

impl Place {
    /// `None` on pages outside of any organization.
    fn of(path: &str) -> Option<Self> {
        let mut parts = path.split('/').skip(1);
        let org =
            parts.next().filter(|org| !org.is_empty() && !matches!(*org, "login" | "setup"))?;
        let (first, second, third) = (parts.next(), parts.next(), parts.next());
        let agent = second.filter(|agent| first == Some("agents") && !agent.is_empty());
        let section = if agent.is_some() { third } else { first };
        Some(Self {
            org: org.to_owned(),
            agent: agent.map(str::to_owned),
            section: section.unwrap_or_default().to_owned(),
        })
    }

    fn tabs(&self) -> Vec<Tab> {
        let org = &self.org;
        let tab = |label, href, sections: &[&str], shortcut| Tab {
            label,
            href,
            is_current: sections.contains(&self.section.as_str()),
            shortcut,
        };
        match &self.agent {
            Some(agent) => {
                let base = links::agent(org, agent);
                // `/{agent}/{schema}/runs` is a list of runs too.
                let is_schema = self.section.parse::<u32>().is_ok();
                let mut runs = tab("Runs", format!("{base}/runs"), &["runs"], Some("g r"));
                runs.is_current |= is_schema;
                vec![
                    runs,
                    tab("Versions", format!("{base}/versions"), &["versions"], Some("g v")),
                    tab("Stats", format!("{base}/stats"), &["stats"], Some("g t")),
                    tab("Playground", format!("{base}/playground"), &["playground"], Some("g p")),
                    tab("Settings", format!("{base}/settings"), &["settings"], Some("g s")),
                ]
            }
            None => vec![
                tab("Agents", links::agents(org), &["agents"], None),
                tab("All runs", format!("/{org}/runs"), &["runs"], Some("g r")),
                tab("Settings", format!("/{org}/settings/keys"), &["settings"], Some("g s")),
            ],
        }
    }
}

/// The bar at the top.
#[component]
pub fn Header() -> impl IntoView {
    let path = use_location().pathname;
    let place = Memo::new(move |_| path.with(|path| Place::of(path)));
    view! {
        {move || place.get().map(|place| view! {
            <header>
                <div class="top">
                    <a class="brand" href="/" aria-label="Runs home">
                        <Logo/>
                        <span>"Runs"</span>
                    </a>
                    <Crumbs place=place.clone()/>
                    <Tools org=place.org.clone()/>
                </div>
                <Tabs label="Sections" tabs=place.tabs()/>
            </header>
        })}
    }
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
        view! { <li><a href=href>{agent}</a></li> }
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=agents data-key="g a">{place.org}</a></li>
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
        .map(|other| view! { <a href=links::agents(&other.slug)>{other.name}</a> })
        .collect();
    let has_others = !others.is_empty();
    view! {
        <details class="menu">
            <summary class="button quiet icon" aria-label="Account" title="Account">
                <Icon shape=Shape::User/>
            </summary>
            <div class="menu-body">
                <p>{name}</p>
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_paths() {
        let place = |path| Place::of(path).map(|p| (p.org, p.agent, p.section));
        let own = |org: &str, agent: Option<&str>, section: &str| {
            Some((org.to_owned(), agent.map(str::to_owned), section.to_owned()))
        };
        assert_eq!(place("/"), None);
        assert_eq!(place("/login"), None);
        assert_eq!(place("/acme/agents"), own("acme", None, "agents"));
        assert_eq!(place("/acme/agents/a/1/runs"), own("acme", Some("a"), "1"));
        assert_eq!(place("/acme/agents/a/runs/x"), own("acme", Some("a"), "runs"));
        assert_eq!(place("/acme/settings/keys"), own("acme", None, "settings"));
    }
}
