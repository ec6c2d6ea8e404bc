//! Organization, owner and key of an unattended start.

use model::OrgSlug;
use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;
use crate::auth::key::is_well_formed;
use crate::auth::password::{MIN_PASSWORD_CHARS, is_email};

/// The organization that is made when none is named.
pub const DEFAULT_ORG: &str = "default";

const EMAIL: &str = "RUNS_ADMIN_EMAIL";
const PASSWORD: &str = "RUNS_ADMIN_PASSWORD";

/// What an unattended start makes when it is not there yet.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// The organization.
    pub org: OrgSlug,
    /// Its owner.
    pub admin: Option<Admin>,
    /// A key with all scopes.
    pub api_key: Option<SecretString>,
}

/// The account that an unattended start makes.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Address to sign in with.
    pub email: String,
    /// Its first password.
    pub password: SecretString,
}

/// The organization that is named, if any.
pub(super) fn read_org(reader: &mut Reader<'_>) -> Option<OrgSlug> {
    let org = OrgSlug::new(reader.text("RUNS_ORG")?);
    org.map_err(|error| reader.problem("RUNS_ORG", &error.to_string())).ok()
}

impl Bootstrap {
    /// `None` when nothing is to be made, or when a problem was found.
    pub(super) fn read(reader: &mut Reader<'_>, org: Option<OrgSlug>) -> Option<Self> {
        let org = org.or_else(|| OrgSlug::new(DEFAULT_ORG).ok());
        let admin = Admin::read(reader);
        let api_key = reader.text("RUNS_API_KEY").map(SecretString::from);
        if api_key.as_ref().is_some_and(|key| !is_well_formed(key.expose_secret())) {
            reader.problem(
                "RUNS_API_KEY",
                "must be rk_ and 16 to 128 characters of A-Z, a-z, 0-9, - and _",
            );
        }
        (admin.is_some() || api_key.is_some()).then_some(Self { org: org?, admin, api_key })
    }
}

impl Admin {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let email = reader.text(EMAIL);
        let password = reader.secret(PASSWORD, MIN_PASSWORD_CHARS);
        if email.is_some_and(|email| !is_email(email)) {
            reader.problem(EMAIL, "must be an email address");
        }
        for (name, other) in [(EMAIL, PASSWORD), (PASSWORD, EMAIL)] {
            if reader.is_set(other) && !reader.is_set(name) {
                reader.problem(name, &format!("is missing; {other} needs it"));
            }
        }
        Some(Self { email: email?.to_lowercase(), password: password? })
    }
}
