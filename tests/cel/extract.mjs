// Takes cel-spec's simple tests out of the npm package @bufbuild/cel-spec, as one line of JSON for each case.
//
//   npm pack @bufbuild/cel-spec@0.6.1 && tar xzf bufbuild-cel-spec-0.6.1.tgz
//   node tests/cel/extract.mjs package > tests/cel/testdata/simple.jsonl
//
// A case is a cel.expr.conformance.test.SimpleTest in protobuf's JSON form, with its suite and section beside it, and
// the type that cel-go deduces for it.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const root = resolve(process.argv[2] ?? "package");
const manifest = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
const { tests } = await import(pathToFileURL(`${root}/dist/esm/testdata/conformance.js`).href);

const lines = [{ source: `npm:${manifest.name}@${manifest.version}`, upstream: `cel-spec ${manifest.upstreamCelSpecRef}`, license: manifest.license }];
for (const suite of tests.suites) {
  for (const section of suite.suites ?? []) {
    for (const test of section.tests ?? []) {
      const { description, ...original } = test.original;
      lines.push({ suite: suite.name, section: section.name, ...original, ...(test.type ? { deduced: test.type } : {}) });
    }
  }
}
process.stdout.write(lines.map((line) => JSON.stringify(line)).join("\n") + "\n");
