//! Many guess a password at once, and somebody else signs in.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::process::Command;

use crate::process::{Server, Start};
use crate::{Failure, Outcome, Stage};

const VICTIM: &str = "victim@chaos.example";
const OTHER: &str = "other@chaos.example";
const GUESSES: usize = 120;
const GUESSES_OF_ADDRESS: usize = 100;
/// What one address may guess at one account, many addresses at one, and one address in all.
const MOST_CHECKED: [usize; 3] = [10, 50, GUESSES_OF_ADDRESS];
/// Anybody would have given up by then.
const TOO_LONG: Duration = Duration::from_secs(5);

/// What became of the guesses, and of who signed in beside them.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignIns {
    /// Guesses whose password was checked.
    pub checked: usize,
    /// Guesses that were refused unseen.
    pub refused: usize,
    /// How long a sign-in takes that has the server for itself.
    pub quiet: Duration,
    /// The longest of those beside guesses.
    pub beside: Duration,
}

/// Sends 120 guesses at once, three times: from one address at one account, from as many
/// addresses at one account, and from one address at as many accounts. Each time somebody
/// else signs in, from another address and from the same one.
///
/// # Errors
/// When more guesses are checked than may be, or when the other waits too long.
pub async fn sign_ins(stage: &Stage) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let mut start = Start::on_free_port()?;
    for (name, value) in [
        ("RUNS_ADMIN_EMAIL", VICTIM),
        ("RUNS_ADMIN_PASSWORD", "nobody will ever guess it"),
        ("RUNS_TRUSTED_PROXIES", "127.0.0.1"),
    ] {
        start.variables.push((name.to_owned(), value.to_owned()));
    }
    let server = Server::start(stage, data.path(), &start).await?;
    let door = Entrance {
        client: Client::builder().redirect(Policy::none()).no_proxy().build()?,
        url: format!("{}/login", server.base),
        password: new_member(stage, data.path()).await?,
    };
    let mut outcome = SignIns::default();
    for _ in 0..3 {
        outcome.quiet = outcome.quiet.max(door.other("198.51.100.1").await?);
    }
    let plans: [fn(usize) -> (String, String); 3] = [
        |_| ("203.0.113.1".to_owned(), VICTIM.to_owned()),
        |guess| (format!("203.0.113.{guess}"), VICTIM.to_owned()),
        |guess| ("203.0.113.250".to_owned(), format!("{guess}@chaos.example")),
    ];
    for (plan, most) in plans.into_iter().zip(MOST_CHECKED) {
        let guesses = join_all((0..GUESSES).map(|guess| {
            let (address, email) = plan(guess);
            door.sign_in(address, email, format!("guess {guess}"))
        }));
        let address = plan(1).0;
        let (guesses, elsewhere, beside) =
            tokio::join!(guesses, door.other("198.51.100.2"), door.other(&address));
        outcome.beside = outcome.beside.max(elsewhere?);
        // The last plan uses up all that the address may do.
        match beside {
            Err(error) if most < GUESSES_OF_ADDRESS => return Err(error),
            beside => outcome.beside = outcome.beside.max(beside.unwrap_or_default()),
        }
        let statuses = guesses.into_iter().collect::<Result<Vec<_>, _>>()?;
        let of = |status| statuses.iter().filter(|it| **it == status).count();
        let (checked, refused) = (of(StatusCode::UNAUTHORIZED), of(StatusCode::TOO_MANY_REQUESTS));
        // The budgets grow again while the guesses are under way.
        if checked > most + most / 5 || checked + refused != GUESSES {
            return Err(format!("of {GUESSES} guesses {checked} were checked: {statuses:?}").into());
        }
        outcome.checked += checked;
        outcome.refused += refused;
    }
    server.stop().await?;
    if outcome.beside > TOO_LONG {
        return Err(format!("a sign-in beside guesses took {:.1?}", outcome.beside).into());
    }
    Ok(Outcome::SignedIn(outcome))
}

struct Entrance {
    client: Client,
    url: String,
    password: String,
}

impl Entrance {
    async fn sign_in(
        &self,
        address: String,
        email: String,
        password: String,
    ) -> Result<StatusCode, Failure> {
        let form = [("email", email), ("password", password)];
        let request = self.client.post(&self.url).header("x-forwarded-for", address).form(&form);
        Ok(request.send().await?.status())
    }

    /// Signs somebody in who knows their password, and says how long it took.
    async fn other(&self, address: &str) -> Result<Duration, Failure> {
        let began = Instant::now();
        let (email, password) = (OTHER.to_owned(), self.password.clone());
        match self.sign_in(address.to_owned(), email, password).await? {
            StatusCode::SEE_OTHER => Ok(began.elapsed()),
            status => Err(format!("a right sign-in is answered with {status}").into()),
        }
    }
}

/// Makes an account beside the running server, and gives its password.
async fn new_member(stage: &Stage, data: &Path) -> Result<String, Failure> {
    let mut command = Command::new(&stage.program);
    command
        .args(["member", "add", OTHER, "--org", "chaos", "--role", "viewer", "--json"])
        .env_clear()
        .envs(std::env::vars().filter(|(name, _)| !name.starts_with("RUNS_")))
        .env("RUNS_DATA_DIR", data);
    if let Some(libchdb) = &stage.libchdb {
        command.env("RUNS_LIBCHDB", libchdb);
    }
    let member: Value = serde_json::from_slice(&command.output().await?.stdout)?;
    Ok(member["password"].as_str().ok_or("the new member has no password")?.to_owned())
}
