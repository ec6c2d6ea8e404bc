// Gathers the licence notices of everything that is shipped and was made by others.
//
//   node scripts/notices.mjs target/site/third-party.txt
//   node scripts/notices.mjs --check     says only whether all may be shipped and has a notice
//
// Shipped are the server, the web app, the engine, fonts and prices. What only builds or
// tests them, procedural macros included, is not.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

// A package and the target that it is shipped for.
const SHIPPED = [["server", "x86_64-unknown-linux-gnu"], ["frontend", "wasm32-unknown-unknown"]];
// Licences that ask for nothing but their notice, or for the source of the package itself,
// which its registry has.
const ALLOWED = new Set([
  "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
  "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "Unicode-3.0", "Unlicense", "Zlib",
]);
const IS_NOTICE = /^(licen[cs]es?|copying|copyright|notice|unlicense)/i;

const cargo = process.env.CARGO ?? "cargo";
const run = (command, args) =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });

const target = process.argv[2];
if (!target) {
  console.error("usage: node scripts/notices.mjs FILE | --check");
  process.exit(2);
}
const packages = shippedPackages();
const problems = [...packages.values()].flatMap(problemsOf);
if (problems.length) {
  console.error(`notices: not everything may be shipped as it is:\n${problems.join("\n")}`);
  process.exit(1);
}
if (target !== "--check") writeFileSync(target, document());

function shippedPackages() {
  const found = new Map();
  for (const [root, platform] of SHIPPED) {
    const args = ["metadata", "--format-version", "1", "--locked", "--filter-platform", platform];
    const metadata = JSON.parse(run(cargo, args));
    const byId = new Map(metadata.packages.map((it) => [it.id, it]));
    const nodes = new Map(metadata.resolve.nodes.map((it) => [it.id, it]));
    const own = new Set(metadata.workspace_members);
    const waiting = [metadata.packages.find((it) => it.name === root && own.has(it.id)).id];
    const seen = new Set(waiting);
    while (waiting.length) {
      const id = waiting.pop();
      const it = byId.get(id);
      if (it.targets.some((part) => part.kind.includes("proc-macro"))) continue;
      if (!own.has(id)) found.set(`${it.name} ${it.version}`, it);
      for (const dependency of nodes.get(id).deps) {
        const isShipped = dependency.dep_kinds.some((kind) => kind.kind === null);
        if (!isShipped || seen.has(dependency.pkg)) continue;
        seen.add(dependency.pkg);
        waiting.push(dependency.pkg);
      }
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

// The ways in which an expression like "(MIT OR Apache-2.0) AND ISC" can be fulfilled.
function choices(expression) {
  const tokens = expression.replaceAll("/", " OR ").match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const either = () => {
    let ways = both();
    while (tokens[at] === "OR") {
      at += 1;
      ways = [...ways, ...both()];
    }
    return ways;
  };
  const both = () => {
    let ways = one();
    while (tokens[at] === "AND") {
      at += 1;
      const right = one();
      ways = ways.flatMap((left) => right.map((it) => [...left, ...it]));
    }
    return ways;
  };
  const one = () => {
    if (tokens[at] === "(") {
      at += 1;
      const ways = either();
      at += 1;
      return ways;
    }
    let name = tokens[at++];
    if (tokens[at] === "WITH") {
      name = `${name} WITH ${tokens[at + 1]}`;
      at += 2;
    }
    return [[name]];
  };
  return either();
}

function problemsOf(it) {
  const name = `  ${it.name} ${it.version}`;
  if (!it.license) return it.license_file ? [] : [`${name} names no licence`];
  const isAllowed = choices(it.license).some((way) => way.every((licence) => ALLOWED.has(licence)));
  return isAllowed ? [] : [`${name} has the licence ${it.license}, which is not among those that may be shipped`];
}

// The texts that come with a package; of several that one may choose from, MIT's alone.
function textsOf(it) {
  const folder = dirname(it.manifest_path);
  const names = readdirSync(folder).filter((name) => IS_NOTICE.test(name) && statSync(join(folder, name)).isFile());
  if (it.license_file && !names.includes(it.license_file)) names.push(it.license_file);
  const mit = names.filter((name) => /mit/i.test(name));
  const mayChoose = it.license && choices(it.license).some((way) => way.length === 1 && way[0] === "MIT");
  const notices = names.filter((name) => /^notice/i.test(name));
  const chosen = mayChoose && mit.length ? [...new Set([...mit, ...notices])] : names;
  return chosen.map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim());
}

function document() {
  // Many packages share a text to the letter.
  const users = new Map();
  const silent = [];
  for (const [name, it] of packages) {
    const texts = textsOf(it);
    if (!texts.length) silent.push(`${name} (${it.license}): copyright of ${it.authors.join(", ") || it.repository}`);
    for (const text of texts) users.set(text, [...(users.get(text) ?? []), name]);
  }
  const apache = readFileSync("LICENSE", "utf8").trim();
  const prices = readFileSync("server/data/prices.LICENSE.txt", "utf8").trim();
  const mit = prices.slice(prices.indexOf("Permission is hereby"));
  const tools = JSON.parse(readFileSync("scripts/tools/package.json", "utf8"));
  const engine = tools.optionalDependencies["@chdb/lib-linux-x64-gnu"];
  const sections = [
    ["Runs contains the following works of others, under these terms. Its own licence is Apache-2.0."],
    [
      `libchdb.so, chDB ${engine} (https://github.com/chdb-io/chdb), which is ClickHouse`,
      "Copyright 2016-2026 ClickHouse, Inc. and the authors of chDB. Apache License, Version 2.0, at the end.\n" +
        "What ClickHouse itself contains, and under which terms, stands in https://github.com/ClickHouse/ClickHouse/tree/master/contrib,\n" +
        "and the engine tells it itself: SELECT library_name, license_type, license_text FROM system.licenses",
    ],
    ["The typeface Inter", readFileSync("public/fonts/LICENSE.txt", "utf8").trim()],
    ["The prices of models: genai-prices (https://github.com/pydantic/genai-prices)", prices],
    ...standardLibrary(),
    ...[...users].map(([text, names]) => [names.join(", "), text]),
    [`Packages that come without a text of their licence: MIT's follows, Apache's stands at the end\n${silent.join("\n")}`, mit],
    ["Apache License, Version 2.0", apache],
  ];
  const line = "=".repeat(80);
  return sections.map((section) => section.join(`\n${"-".repeat(80)}\n`)).join(`\n\n${line}\n`) + "\n";
}

// Rust's own libraries are linked into both programs.
function standardLibrary() {
  const sysroot = run(process.env.RUSTC ?? "rustc", ["--print", "sysroot"]).trim();
  const folder = join(sysroot, "share/doc/rust");
  const file = ["LICENSE-MIT", "COPYRIGHT"].map((name) => join(folder, name)).find((path) => existsSync(path));
  const text = file ? readFileSync(file, "utf8").trim() : "MIT OR Apache-2.0, Copyright (c) The Rust Project Contributors";
  return [["The standard library of Rust (https://www.rust-lang.org)", text]];
}
