//! The members of an organization.

use leptos::prelude::*;

use crate::api::settings::list_members;
use crate::components::foreign::foreign;
use crate::components::loaded::Loaded;
use crate::components::page_title::PageTitle;
use crate::components::relative_time::RelativeTime;
use crate::components::settings_nav::SettingsNav;
use crate::data::settings::MembersDoc;
use crate::page_resource::PageResource;
use crate::page_url::use_path_param;
use crate::titles;

/// Who belongs to an organization, and as what.
#[component]
pub fn MembersPage() -> impl IntoView {
    let org = use_path_param("org");
    let members = PageResource::new(move || org.get(), list_members);
    view! {
        <PageTitle text=move || titles::of("Members", &org.get())/>
        <div class="page narrow">
            <div class="page-head">
                <h1>"Settings"</h1>
                <SettingsNav org current="members"/>
            </div>
            <Loaded from=members what="the members" draw=move |doc| {
                view! { <MembersTable org=org.get_untracked() doc/> }.into_any()
            }/>
        </div>
    }
    .into_any()
}

#[component]
fn MembersTable(org: String, doc: MembersDoc) -> impl IntoView {
    let MembersDoc { members, now } = doc;
    let rows = members.into_iter().map(|member| {
        view! {
            <tr>
                <td>{foreign(member.email)}</td>
                <td>{member.role.to_string()}</td>
                <td class="end faint"><RelativeTime at=member.since now/></td>
            </tr>
        }
    });
    view! {
        <section class="panel">
            <div class="panel-head"><h2>"Members"</h2></div>
            <div class="table-wrap">
                <table class="table">
                    <thead><tr><th>"Email"</th><th>"Role"</th><th class="end">"Added"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </section>
        <p class="faint">
            "Add members on the server: "
            <code>{format!("runs member add EMAIL --org {org} --role ROLE")}</code>
        </p>
    }
    .into_any()
}
