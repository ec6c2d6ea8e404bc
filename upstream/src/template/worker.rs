//! A process that renders templates, and is made to die rather than to do harm.

use std::io::{self, BufReader, Write};
use std::process::abort;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde_json::{Map, Value};

use super::written::unavailable;
use super::{TemplateError, frame, render};

/// The stack that a request is rendered on, of which only what is used takes memory:
/// enough for values as deep as steps can make them.
const STACK: usize = 512 << 20;
/// How much the address space of the process may grow beyond what it has at its start,
/// which is the program and what its allocator reserved, a gigabyte for some.
const GROWTH: u64 = STACK as u64 + (512 << 20);
/// The server gives up earlier; this is for a worker whose server is gone.
const LONGEST: Duration = Duration::from_secs(10);

/// Why a process cannot render templates.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// It cannot be kept within its bounds.
    #[error("cannot limit what rendering templates may use: {0}")]
    Limit(#[source] rustix::io::Errno),
    /// It cannot talk to its server.
    #[error("cannot read templates or write what they render to: {0}")]
    Pipe(#[from] io::Error),
}

/// Renders what standard input holds until it ends: for each request a frame with
/// the variables and one with the texts. The process must do nothing else.
///
/// # Errors
/// When it has no limits or its pipes break.
pub fn serve_templates() -> Result<(), WorkerError> {
    stand_back();
    limit(Resource::As, address_space()?.saturating_add(GROWTH))?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    let mut input = BufReader::new(io::stdin().lock());
    let mut output = io::stdout().lock();
    while let Some(variables) = frame::read(&mut input)? {
        let Some(texts) = frame::read(&mut input)? else { return Ok(()) };
        output.write_all(&[frame::TAKEN])?;
        output.flush()?;
        frame::write(&mut output, &answer(variables, texts)?)?;
    }
    Ok(())
}

/// How far this process stands back for processors.
const NICE: i32 = 10;

/// Lets the server and its database go first: they get processors before this process,
/// which a system that runs out of memory ends before them.
fn stand_back() {
    // A system that has no such choice renders all the same.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    let _ = rustix::process::nice(NICE);
}

/// The bytes of address space that the process has now.
fn address_space() -> Result<u64, WorkerError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let size_kb = size.and_then(|size| size.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    size_kb
        .map(|size_kb| size_kb << 10)
        .ok_or_else(|| io::Error::other("/proc/self/status has no VmSize").into())
}

fn limit(resource: Resource, most: u64) -> Result<(), WorkerError> {
    let both = Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(resource, both).map_err(WorkerError::Limit)
}

/// Renders on a thread whose end gives all its memory back.
fn answer(variables: Vec<u8>, texts: Vec<u8>) -> io::Result<Vec<u8>> {
    let (send, done) = channel();
    let work = move || {
        let rendered = read_and_render(&variables, &texts);
        // Nobody waits for it any longer only when the process ends.
        let _ = send.send(serde_json::to_vec(&rendered));
    };
    let thread = match thread::Builder::new().stack_size(STACK).spawn(work) {
        Ok(thread) => thread,
        Err(error) => return refuse(TemplateError::Unavailable { reason: error.to_string() }),
    };
    let written = match done.recv_timeout(LONGEST) {
        Ok(written) => written?,
        // The engine panicked, which ends its thread and nothing else.
        Err(RecvTimeoutError::Disconnected) => refuse(TemplateError::Broken {
            reason: "the template engine fails over it".to_owned(),
            line: 1,
        })?,
        Err(RecvTimeoutError::Timeout) => abort(),
    };
    // There is no room for two stacks, so the next request must find this one gone.
    let _ = thread.join();
    Ok(written)
}

fn refuse(error: TemplateError) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(&Err::<(), _>(error))?)
}

/// What a worker does with a request.
pub(super) fn read_and_render(
    variables: &[u8],
    texts: &[u8],
) -> Result<Vec<Option<String>>, TemplateError> {
    let variables: Map<String, Value> = serde_json::from_slice(variables)
        .map_err(|error| TemplateError::Variables { reason: error.to_string() })?;
    let texts: Vec<String> = serde_json::from_slice(texts).map_err(unavailable)?;
    render::render(variables, &texts)
}
