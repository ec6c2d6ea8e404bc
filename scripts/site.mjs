// Finishes the web app: bindings, optimising, bundling, hashed names, compression.
//
//   node scripts/site.mjs release|debug path/to/frontend.wasm
//
// Names come from [[workspace.metadata.leptos]] in Cargo.toml, so that
// cargo-leptos and this script build the same thing.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [profile, wasmPath] = process.argv.slice(2);
const isRelease = profile === "release";
const BUDGET_BYTES = 400 * 1024;

const metadata = JSON.parse(
  run(process.env.CARGO ?? "cargo", ["metadata", "--no-deps", "--format-version", "1"]),
);
const leptos = metadata.metadata.leptos[0];
const name = leptos["output-name"];
const site = leptos["site-root"];
const pkg = join(site, leptos["site-pkg-dir"]);
const hashFile = leptos["hash-file-name"];
const stampFile = join("target", profile, "site.stamp");

mkdirSync(pkg, { recursive: true });
cpSync(leptos["assets-dir"], site, { recursive: true });

const parts = readHashes(join("target", profile, hashFile));
const css = bundleStyle();
const cssPart = write("css", css);

// Bindings and optimising take seconds, so they are only done for another wasm file.
const wasmStamp = digest(readFileSync(wasmPath));
const isSame =
  existsSync(stampFile) &&
  readFileSync(stampFile, "utf8") === wasmStamp &&
  parts.js && parts.wasm &&
  ["js", "wasm"].every((kind) => existsSync(file(kind, parts[kind])));
if (!isSame) {
  const { js, wasm } = bindWasm();
  parts.js = write("js", js);
  parts.wasm = write("wasm", wasm);
}
parts.css = cssPart;

const lines = ["css", "js", "wasm"].map((kind) => `${kind}: ${parts[kind]}\n`);
writeFileSync(join("target", profile, hashFile), lines.join(""));
writeFileSync(stampFile, wasmStamp);
removeOld();
report();

function run(command, args) {
  return execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
}

function digest(bytes) {
  return createHash("md5").update(bytes).digest("hex").slice(0, 20);
}

function file(kind, hash) {
  return join(pkg, `${name}.${hash}.${kind}`);
}

// `kind: hash` lines, as cargo-leptos writes and the server reads them.
function readHashes(path) {
  if (!existsSync(path)) return {};
  const pairs = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return Object.fromEntries(pairs.map((line) => line.split(":").map((part) => part.trim())));
}

function bundleStyle() {
  const args = [leptos["style-file"], "--bundle", "--loader:.css=css", "--external:/fonts/*"];
  return Buffer.from(run("esbuild", isRelease ? [...args, "--minify"] : args));
}

function bindWasm() {
  const work = mkdtempSync(join("target", "site-"));
  try {
    run(process.env.RUNS_BUILD_WASM_BINDGEN ?? "wasm-bindgen", [
      wasmPath, "--target", "web", "--no-typescript", "--out-dir", work, "--out-name", name,
    ]);
    const bound = join(work, `${name}_bg.wasm`);
    if (isRelease) {
      // The features that rustc may use. Flattening first finds a percent more, and
      // the lowest kilobyte of memory is the end of Rust's stack, never data.
      const features = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"];
      run("wasm-opt", [
        bound, "-o", bound, "--low-memory-unused", "--flatten", "--rereloop", "-Oz", "-Oz",
        "--strip-debug", "--strip-producers", ...features.map((feature) => `--enable-${feature}`),
      ]);
    }
    const args = [join(work, `${name}.js`), "--bundle", "--format=esm"];
    const js = run("esbuild", isRelease ? [...args, "--minify"] : args);
    return { js: Buffer.from(js), wasm: readFileSync(bound) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

// Writes a part under the name that its content gives it, with its compressed forms.
function write(kind, bytes) {
  const hash = digest(bytes);
  const path = file(kind, hash);
  if (existsSync(path) && (!isRelease || existsSync(`${path}.br`))) return hash;
  writeFileSync(path, bytes);
  if (isRelease) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
  return hash;
}

// Parts that neither build names any more.
function removeOld() {
  const kept = ["release", "debug"]
    .flatMap((of) => Object.entries(readHashes(join("target", of, hashFile))))
    .map(([kind, hash]) => `${name}.${hash}.${kind}`);
  for (const entry of readdirSync(pkg)) {
    if (!kept.includes(entry.replace(/\.(br|gz)$/, ""))) rmSync(join(pkg, entry), { recursive: true });
  }
}

function report() {
  const kilobytes = (bytes) => `${Math.round(bytes / 1024)} KB`;
  const sizes = Object.fromEntries(["wasm", "js", "css"].map((kind) => [kind, statSync(file(kind, parts[kind])).size]));
  const plain = `wasm ${kilobytes(sizes.wasm)}, js ${kilobytes(sizes.js)}, css ${kilobytes(sizes.css)}`;
  if (!isRelease) {
    console.log(`site: ${plain}`);
    return;
  }
  const brotli = ["wasm", "js"].reduce((sum, kind) => sum + statSync(`${file(kind, parts[kind])}.br`).size, 0);
  const verdict = brotli > BUDGET_BYTES ? "over" : "within";
  console.log(`site: ${plain}; wasm and js as brotli ${kilobytes(brotli)}, ${verdict} the budget of ${kilobytes(BUDGET_BYTES)}`);
}
