//! Message templates as nobody would write them: pieces of the language in any
//! order, and each of its ways to grow taken to its end.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

const NAMES: [&str; 14] = [
    "a",
    "city",
    "items",
    "deep",
    "text",
    "user",
    "n",
    "x",
    "loop",
    "loop.index",
    "f",
    "range",
    "missing",
    "none",
];

const ATOMS: [&str; 20] = [
    "1",
    "-1",
    "0",
    "1e308",
    "99999999999999999999",
    "'x'",
    "''",
    "'é🙂'",
    "true",
    "none",
    "[]",
    "{}",
    "()",
    "[1, 2, 3]",
    "{'a': 1}",
    "range(3)",
    "range(99999)",
    "'x' * 1000",
    "[0] * 1000",
    "items[::-1]",
];

const BINARY: [&str; 20] = [
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "~",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "and",
    "or",
    "in",
    "not in",
    "is",
    "if a else",
];

const PREFIXES: [&str; 6] = ["-", "not ", "--", "(", "[", "{'k': "];

const FILTERS: [&str; 44] = [
    "abs",
    "attr('a')",
    "batch(2)",
    "bool",
    "capitalize",
    "chain(items)",
    "count",
    "d('x')",
    "default(1)",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format(1)",
    "groupby('a')",
    "indent(999)",
    "int",
    "items",
    "join('xxxxxxxxxx')",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map('upper')",
    "map(attribute='a')",
    "max",
    "min",
    "pprint",
    "reject('odd')",
    "replace('', 'xxxxxxxxxx')",
    "reverse",
    "round(9)",
    "select",
    "slice(3)",
    "sort",
    "split('')",
    "string",
    "sum",
    "title",
    "tojson(indent=9)",
    "unique",
    "zip(items, items)",
];

const TESTS: [&str; 10] = [
    "defined",
    "undefined",
    "none",
    "odd",
    "divisibleby(0)",
    "in(items)",
    "mapping",
    "sameas(a)",
    "eq 1",
    "iterable",
];

/// What grows when it is said again: before, again, after.
const CHAINS: [(&str, &str, &str); 30] = [
    ("{{ ", "-", "1 }}"),
    ("{{ ", "not ", "1 }}"),
    ("{{ a", "~a", " }}"),
    ("{{ 1", "+1", " }}"),
    ("{{ 1", "**1", " }}"),
    ("{{ 1", " and 1", " }}"),
    ("{{ 1", " or 1", " }}"),
    ("{{ 1", " if 1 else 1", " }}"),
    ("{{ 1", "<1", " }}"),
    ("{{ 1", " in items", " }}"),
    ("{{ a", ".b", " }}"),
    ("{{ a", "['b']", " }}"),
    ("{{ a", "[1:]", " }}"),
    ("{{ a", "()", " }}"),
    ("{{ a", "|e", " }}"),
    ("{{ a", "|list", " }}"),
    ("{{ a", " is defined", " }}"),
    ("{{ ", "[", ""),
    ("{{ ", "(", "1"),
    ("{{ ", "{1:", "1"),
    ("{{ [", "1,", "] }}"),
    ("{{ 'a'", " 'b'", " }}"),
    ("{% if a %}", "{% elif a %}", "{% endif %}"),
    ("", "{% for x in items %}", "x"),
    ("", "{% if 1 %}", "x"),
    ("", "{% set x %}", "x"),
    ("", "{% filter upper %}", "x"),
    ("", "{% with x=1 %}", "x"),
    ("{% set x=[] %}", "{% set x=[x] %}", "{{ x }}"),
    ("{% set x=[] %}", "{% set x=x+[1] %}", "{{ x }}"),
];

/// How often: about what is allowed, and far more than any stack bears.
const TIMES: [usize; 9] = [1, 31, 32, 33, 255, 256, 257, 8_000, 100_000];

/// Ways to do much with few words; `{n}` is a number.
const ENGINES: [&str; 20] = [
    "{% set ns=namespace() %}{% set ns.x=[] %}{% for i in range({n}) %}{% set ns.x=[ns.x] %}{% endfor %}ok",
    "{% macro f(x, n) %}{% if n %}{{ f([x], n-1) }}{% else %}{{ x }}{% endif %}{% endmacro %}{{ f(1, {n}) }}",
    "{% macro f(x, n) %}{% if n %}{{ f([[[[[[[[x]]]]]]]], n-1) }}{% else %}{{ x == x }}{{ x|tojson }}{% endif %}{% endmacro %}{{ f(1, {n}) }}",
    "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f({n}) }}",
    "{% for i in range({n}) %}{% for j in range({n}) %}x{% endfor %}{% endfor %}",
    "{% for i in items recursive %}{{ loop(items) }}{% endfor %}",
    "{{ 'x' * {n} }}",
    "{{ ('x' * {n})|replace('x', 'y' * {n}) }}",
    "{{ ([[0] * {n}] * {n})|tojson|length }}",
    "{{ ([[0] * {n}] * {n}) == ([[0] * {n}] * {n}) }}",
    "{{ ([[1]] * {n})|sum }}",
    "{{ range({n})|map('string')|join|length }}",
    "{{ range({n})|sort|unique|list|batch(1)|list|length }}",
    "{% set x = 'a' %}{% for i in range(99) %}{% set x = x ~ x %}{% endfor %}{{ x }}",
    "{% set x %}{{ 'a' * {n} }}{% endset %}{{ x ~ x ~ x ~ x }}",
    "{{ deep|tojson }}{{ deep|pprint }}{{ deep == deep }}",
    "{{ items|groupby('a')|map(attribute='list')|list|tojson }}",
    "{{ '%{n}d'|format(1) }}{{ '%.{n}f'|format(1.5) }}",
    "{{ 2 ** {n} }}{{ 1 // 0 }}{{ -9223372036854775808 // -1 }}",
    "{% macro g() %}{{ caller() }}{% endmacro %}{% call g() %}{{ g }}{% endcall %}{% call(x) g() %}{% endcall %}",
];

const NUMBERS: [&str; 8] = ["0", "3", "30", "300", "9999", "100000", "2000000000", "-1"];

/// A template.
pub fn template(rng: &mut ChaCha8Rng) -> String {
    match rng.random_range(0..8) {
        0 => chain(rng),
        1 | 2 => engine(rng),
        3 => spoiled(rng),
        _ => {
            let mut text = String::new();
            statements(rng, 4, &mut text);
            text
        }
    }
}

/// The variables of any of them.
pub fn variables(rng: &mut ChaCha8Rng) -> Value {
    let levels = *[1, 10, 60, 110].choose(rng).unwrap_or(&1);
    let deep = (0..levels).fold(json!("x"), |inner, level| match level % 2 {
        0 => json!([inner]),
        _ => json!({ "a": inner }),
    });
    let items: Vec<Value> = (0..rng.random_range(0..50)).map(|n| json!({ "a": n % 3 })).collect();
    let text = "é\u{0}x".repeat(rng.random_range(0..2_000));
    json!({ "a": { "b": [1] }, "city": "Köln", "items": items, "deep": deep, "text": text, "n": 3 })
}

fn of<'a>(rng: &mut ChaCha8Rng, words: &[&'a str]) -> &'a str {
    words.choose(rng).copied().unwrap_or_default()
}

fn chain(rng: &mut ChaCha8Rng) -> String {
    let (before, again, after) = CHAINS.choose(rng).copied().unwrap_or_default();
    let times = TIMES.choose(rng).copied().unwrap_or(1);
    format!("{before}{}{after}", again.repeat(times))
}

fn engine(rng: &mut ChaCha8Rng) -> String {
    let number = of(rng, &NUMBERS);
    of(rng, &ENGINES).replace("{n}", number)
}

/// A good template with something wrong in it.
fn spoiled(rng: &mut ChaCha8Rng) -> String {
    let mut text = String::new();
    statements(rng, 3, &mut text);
    let at = rng.random_range(0..=text.len());
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let wrong =
        ["{{", "}}", "{%", "%}", "{#", "\"", "'", "\u{0}", "{% raw %}", "{%-", "-%}", "\\", "\n"];
    match rng.random_range(0..3) {
        0 => text.truncate(at),
        1 => text.insert_str(at, &of(rng, &wrong).repeat(rng.random_range(1..70_000))),
        _ => text.insert_str(at, of(rng, &wrong)),
    }
    text
}

fn statements(rng: &mut ChaCha8Rng, depth: usize, text: &mut String) {
    for _ in 0..rng.random_range(1..4) {
        let inner = depth.saturating_sub(1);
        let kind = if depth == 0 { 0 } else { rng.random_range(0..12) };
        let (open, close) = match kind {
            0..=3 => {
                text.push_str("{{ ");
                expression(rng, 5, text);
                text.push_str(" }}");
                continue;
            }
            4 => {
                text.push_str(of(rng, &["Of ", "{# c #}", "\n", "{% raw %}{{{% endraw %}"]));
                continue;
            }
            5 => {
                text.push_str("{% set x = ");
                expression(rng, 4, text);
                text.push_str(" %}");
                continue;
            }
            6 | 7 => ("{% for x in ", "{% endfor %}"),
            8 => ("{% if ", "{% endif %}"),
            9 => ("{% with x = ", "{% endwith %}"),
            10 => ("{% set y %}", "{% endset %}"),
            _ => ("{% macro f(x, y=1) %}", "{% endmacro %}"),
        };
        text.push_str(open);
        if !open.ends_with("%}") {
            expression(rng, 3, text);
            text.push_str(" %}");
        }
        statements(rng, inner, text);
        text.push_str(close);
    }
}

fn expression(rng: &mut ChaCha8Rng, depth: usize, text: &mut String) {
    let kind = if depth == 0 { 0 } else { rng.random_range(0..9) };
    let inner = depth.saturating_sub(1);
    match kind {
        0 | 1 => text.push_str(of(rng, &NAMES)),
        2 => text.push_str(of(rng, &ATOMS)),
        3 => {
            let prefix = of(rng, &PREFIXES);
            text.push_str(prefix);
            expression(rng, inner, text);
            text.push_str(match prefix {
                "(" => ")",
                "[" => "]",
                "{'k': " => "}",
                _ => "",
            });
        }
        4 | 5 => {
            expression(rng, inner, text);
            text.push(' ');
            let operator = of(rng, &BINARY);
            text.push_str(operator);
            text.push(' ');
            if operator == "is" {
                text.push_str(of(rng, &TESTS));
            } else {
                expression(rng, inner, text);
            }
        }
        6 | 7 => {
            expression(rng, inner, text);
            text.push('|');
            text.push_str(of(rng, &FILTERS));
        }
        _ => {
            expression(rng, inner, text);
            text.push_str(of(rng, &[".a", "[0]", "[1:]", "['b']", "(1)", ".b.c", "[-1]", "[::2]"]));
        }
    }
}
