//! Reviews small code changes.

use crate::out::{self, fill};
use crate::rng::Rng;
use crate::scene::{Moment, Prompt, Scene, Speaker, Thought};

pub(super) const INSTRUCTIONS: &str = "You review pull requests. Report only defects that a reader could prove from the change: wrong results, lost errors, races, leaks, security holes. For each one name the line, say what goes wrong and how to fix it. When there is none, write 'No findings.' and stop.";

pub(super) const RULES: [&str; 5] = [
    "No remarks on style or naming.",
    "At most three findings, the worst first.",
    "Quote the line that you mean.",
    "Say how sure you are: certain, likely or possible.",
    "Suggest a test that would have caught it.",
];

#[derive(Clone, Copy)]
struct Change {
    title: &'static str,
    diff: &'static str,
    thought: &'static str,
    review: &'static str,
}

static CHANGES: &[Change] = &[
    Change {
        title: "Retry failed uploads",
        diff: "--- a/{dir}/upload.py\n+++ b/{dir}/upload.py\n@@ -{line},6 +{line},12 @@\n def upload(path, client):\n-    client.put(path)\n+    for attempt in range({n}):\n+        try:\n+            client.put(path)\n+        except Exception:\n+            time.sleep(2 ** attempt)\n+    return True",
        thought: "The loop has no break or return after a successful put, so a good upload is sent again for every remaining attempt. After the last failure the function still returns True. Both can be seen from the change alone.",
        review: "**1. A successful upload is repeated {n} times** (certain)\n`client.put(path)` is not followed by `return`. Add `return True` after it.\n\n**2. Failure is reported as success** (certain)\nAfter the last attempt the function falls through to `return True`. Raise the last exception instead.\n\nTest: a client whose `put` works at once must see exactly one call.",
    },
    Change {
        title: "Cache exchange rates",
        diff: "--- a/{dir}/rates.go\n+++ b/{dir}/rates.go\n@@ -{line},5 +{line},11 @@\n+var cache = map[string]float64{}\n+\n func Rate(from, to string) (float64, error) {\n+\tif r, ok := cache[from+to]; ok {\n+\t\treturn r, nil\n+\t}\n \tr, err := fetch(from, to)\n+\tcache[from+to] = r\n \treturn r, err\n }",
        thought: "The map is written from request handlers without a lock, and Go maps are not safe for that. The rate is stored even when fetch failed, so a zero is served from then on. Nothing ever expires.",
        review: "**1. Errors are cached as a rate of 0** (certain)\n`cache[from+to] = r` runs before `err` is looked at. Store only when `err == nil`.\n\n**2. Data race on `cache`** (likely)\nHandlers run in parallel. Guard the map with a mutex or use `sync.Map`.\n\n**3. Rates never expire** (possible)\nA rate fetched at start is used until the next restart. Keep the time beside it.",
    },
    Change {
        title: "Search users by name",
        diff: "--- a/{dir}/users.ts\n+++ b/{dir}/users.ts\n@@ -{line},4 +{line},7 @@\n+export async function findUsers(db: Db, name: string) {\n+  const rows = await db.query(`SELECT id, email FROM users WHERE name LIKE '%${name}%' LIMIT {n}`);\n+  return rows.map((row) => row.email);\n+}",
        thought: "The name goes straight into the statement. A quote in it ends the string, so this is an injection. The wildcard characters in the name are a smaller matter.",
        review: "**1. SQL injection through `name`** (certain)\nThe value is pasted into the statement. Bind it: `WHERE name LIKE $1` with `%${name}%` as the parameter.\n\nTest: search for `O'Brien` and for `' OR '1'='1`.",
    },
    Change {
        title: "Show the last page of a list",
        diff: "--- a/{dir}/paging.rs\n+++ b/{dir}/paging.rs\n@@ -{line},3 +{line},3 @@\n fn last_page(count: u64, size: u64) -> u64 {\n-    count / size\n+    count.div_ceil(size) - 1\n }",
        thought: "For a count of zero div_ceil gives zero and the subtraction underflows: a panic in debug builds, a huge page number in release. Otherwise the change is right.",
        review: "**1. Underflow for an empty list** (certain)\n`count.div_ceil(size) - 1` is `0 - 1` when `count` is 0. Use `.saturating_sub(1)`.\n\nTest: `last_page(0, {n})`.",
    },
    Change {
        title: "Move the time-out into the configuration",
        diff: "--- a/{dir}/config.py\n+++ b/{dir}/config.py\n@@ -{line},4 +{line},4 @@\n-TIMEOUT = {n}\n+TIMEOUT = int(os.environ.get('TIMEOUT_SECONDS', '{n}'))",
        thought: "The default stays the same and the conversion fails early for a bad value. I see nothing that would break.",
        review: "No findings.",
    },
];

/// Fills the scene of one review.
pub(super) fn scene(rng: &mut Rng, _moment: Moment, scene: &mut Scene) {
    let change = rng.zipf(CHANGES);
    let (n, line) = (rng.between(3, 30).to_string(), rng.between(8, 240).to_string());
    let dirs = ["billing", "server/lib", "internal/fx", "api", "jobs", "core"];
    let values = [("n", &*n), ("line", &*line), ("dir", rng.pick(&dirs))];
    let mut question =
        format!("Pull request #{}: {}\n\n```diff\n", rng.between(120, 2_900), change.title);
    fill(&mut question, change.diff, &values);
    question.push_str("\n```");
    fill(&mut scene.answer, change.review, &values);
    scene.thoughts.push(Thought { title: "Reading the change", text: change.thought.to_owned() });
    out::object(&mut scene.input, |o| {
        o.array("messages", |messages| {
            messages.object(|message| {
                message.text("role", "user");
                message.text("content", &question);
            });
        });
    });
    scene.prompt = Prompt::SystemMessage;
    scene.say(Speaker::User, question);
}
