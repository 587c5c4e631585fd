// Copies the grammars, the schema and the licence from where they are kept. Run before packaging.

"use strict";

const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..", "..");
const grammars = path.join(root, "grammars", "tenuto_grammars");
const target = path.join(__dirname, "copied");

fs.mkdirSync(target, { recursive: true });
for (const name of ["tenuto.tmLanguage.json", "tenuto.markdown.tmLanguage.json", "workflow.schema.json"]) {
  fs.copyFileSync(path.join(grammars, name), path.join(target, name));
}
fs.copyFileSync(path.join(root, "LICENSE"), path.join(__dirname, "LICENSE"));
