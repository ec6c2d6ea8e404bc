//! How the server is doing.

use leptos::prelude::*;

use crate::api::status::read_status;
use crate::components::foreign::foreign;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::relative_time::RelativeTime;
use crate::components::settings_nav::SettingsNav;
use crate::data::status::{LimitRow, StatusDoc};
use crate::page_resource::PageResource;
use crate::page_url::use_path_param;
use crate::titles;

/// The spool, the database, and runs that could not be stored.
#[component]
pub fn StatusPage() -> impl IntoView {
    let org = use_path_param("org");
    let status = PageResource::new(move || org.get(), read_status);
    view! {
        <PageTitle text=move || titles::of("Status", &org.get())/>
        <div class="page narrow">
            <div class="page-head">
                <h1>"Settings"</h1>
                <SettingsNav org current="status"/>
            </div>
            <Loaded from=status what="the status" draw=|doc| {
                view! { <Status doc/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

#[component]
fn Status(doc: StatusDoc) -> impl IntoView {
    let StatusDoc { figures, limits, held_back, now } = doc;
    let figures = figures.into_iter().map(|(label, text, is_bad)| {
        view! { <tr><td>{label}</td><td>{is_bad.then_some("⚠ ")}{foreign(text)}</td></tr> }
    });
    let tells_all = limits.iter().any(|limit| limit.all.is_some());
    let limits = limits.into_iter().map(|limit| {
        let LimitRow { what, own, limit, all, is_tight } = limit;
        view! {
            <tr>
                <td>{what}</td>
                <td class="end">{is_tight.then_some("⚠ ")}{own}</td>
                <td class="end">{limit}</td>
                {all.map(|all| view! { <td class="end">{all}</td> })}
            </tr>
        }
    });
    let is_clean = held_back.is_empty();
    let held_back = held_back.into_iter().map(|run| {
        view! {
            <tr>
                <td><code>{foreign(run.id)}</code></td>
                <td>{foreign(run.agent)}</td>
                <td>{foreign(run.reason)}</td>
                <td class="end faint"><RelativeTime at=run.at now/></td>
            </tr>
        }
    });
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"This server"</h2></div>
            <div class="table-wrap">
                <table class="table">
                    <thead><tr><th>"Check"</th><th>"Status"</th></tr></thead>
                    <tbody>{figures.collect_view()}</tbody>
                </table>
            </div>
        </section>
        <section class="panel">
            <div class="panel-head"><h2>"Limits"</h2></div>
            // Reachable by keyboard, since it scrolls on a narrow screen.
            <div class="table-wrap" tabindex="0" role="region" aria-label="Limits">
                <table class="table">
                    <thead>
                        <tr>
                            <th>"Resource"</th>
                            <th class="end">"This organization"</th>
                            <th class="end">"Limit now"</th>
                            {tells_all.then(|| view! { <th class="end">"Whole server"</th> })}
                        </tr>
                    </thead>
                    <tbody>{limits.collect_view()}</tbody>
                </table>
            </div>
        </section>
        <p class="faint">
            "Organizations share these. One that reaches its limit gets status 429 until it uses less; others aren't affected."
        </p>
        <section class="panel">
            <div class="panel-head"><h2>"Quarantined runs"</h2></div>
            <div class="table-wrap" tabindex="0" role="region" aria-label="Quarantined runs">
                <table class="table">
                    <thead>
                        <tr><th>"Run"</th><th>"Agent"</th><th>"Reason"</th><th class="end">"Quarantined"</th></tr>
                    </thead>
                    <tbody>
                        {held_back.collect_view()}
                        {is_clean.then(|| view! { <tr><td colspan="4" class="faint">"None."</td></tr> })}
                    </tbody>
                </table>
            </div>
        </section>
        {(!is_clean).then(|| view! {
            <p class="faint">
                "Runs that couldn't be stored are kept on the server. To try again, run "<code>"runs spool retry"</code>
                "; add "<code>"--new-ids"</code>
                " to store them under new ids."
            </p>
        })}
    }
    .into_any()
}
