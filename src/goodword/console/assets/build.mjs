// Builds the console's static files into static/console/dist: `npm run build`.
// Everything is served from our own origin under a strict content security policy, so pictures that the
// UI kit embeds as data: addresses become files, and style rules no page uses are left out.
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const console_ = dirname(here);
const dist = join(console_, "static", "console", "dist");
const fresh = `${dist}.new`; // a build that breaks off leaves the old files as they are

/** A data: picture becomes a file beside the style sheet: img-src 'self' forbids data:. */
const dataPictures = {
  name: "data-pictures",
  setup({ onResolve, onLoad }) {
    const pictures = new Map();
    onResolve({ filter: /^data:image\/svg\+xml/ }, ({ path }) => {
      const name = `kit-${createHash("sha256").update(path).digest("hex").slice(0, 10)}.svg`;
      pictures.set(name, decodeURIComponent(path.slice(path.indexOf(",") + 1)));
      return { path: name, namespace: "data-pictures" };
    });
    onLoad({ filter: /.*/, namespace: "data-pictures" }, ({ path }) => ({
      contents: pictures.get(path),
      loader: "file",
    }));
  },
};

async function filesUnder(folder, ...endings) {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => endings.some((end) => name.endsWith(end))).map((name) => join(folder, name));
}

/** Drops the rules of the kit that no template or script of ours names: a tenth of it is left. */
async function withoutUnused(css) {
  const content = [
    ...(await filesUnder(join(console_, "templates"), ".html")),
    ...(await filesUnder(join(console_, "templatetags"), ".py")),
    ...(await filesUnder(join(dirname(console_), "api"), ".html", "reference.py")),
    ...(await filesUnder(here, ".ts")),
  ];
  const [{ css: kept }] = await new PurgeCSS().purge({
    content,
    css: [{ raw: css }],
    safelist: { standard: ["html", "body", "dark", "light", /^htmx-/], greedy: [/data-bs-theme/] },
    variables: false,
    keyframes: true,
  });
  return kept;
}

const NAMED = /-[0-9A-Z]{8}(\.\w+)$/;

/** `app.css` becomes `app-1A2B3C4D.css`: a name stands for its content, so browsers may keep it for ever. */
function named(name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  return name.replace(/(\.\w+)$/, `-${digest}$1`);
}

await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
const { outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: ["theme.ts", "app.ts", "chart.ts", "kit.css", "own.css"],
  outdir: fresh,
  write: false,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox128", "safari17.5"],
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  legalComments: "none",
  plugins: [dataPictures],
});
const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
for (const name of ["icons.svg", "favicon.svg"]) files.set(name, await readFile(join(here, name)));
const sheet = (await withoutUnused(files.get("kit.css").toString())) + files.get("own.css").toString();
files.set("app.css", Buffer.from(sheet));
files.delete("kit.css");
files.delete("own.css");

const manifest = {};
for (const [name, content] of files) {
  // Pictures that only dropped rules wanted need not be shipped.
  if (name.startsWith("kit-") && !sheet.includes(name)) continue;
  const file = NAMED.test(name) ? name : named(name, content);
  manifest[name.replace(NAMED, "$1")] = file;
  await writeFile(join(fresh, file), content);
  if (!name.endsWith(".woff2")) {
    const packed = gzipSync(content, { level: 9 });
    await writeFile(join(fresh, `${file}.gz`), packed);
    if (file !== name) {
      const size = (bytes) => `${(bytes.length / 1024).toFixed(0).padStart(5)} KB`;
      console.log(`${name.padEnd(14)}${size(content)}, compressed${size(packed)}`);
    }
  }
}
await writeFile(join(fresh, "manifest.json"), JSON.stringify(manifest, null, 2));
await rm(dist, { recursive: true, force: true });
await rename(fresh, dist);
