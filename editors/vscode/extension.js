// Starts `tenuto lsp` and hands it to the editor; everything it knows comes from there.

"use strict";

const fs = require("fs");
const path = require("path");
const vscode = require("vscode");
const { LanguageClient, RevealOutputChannelOn } = require("vscode-languageclient/node");

let client;

/** The command that starts the server: the one that is set, else that of a virtual environment, else of the path. */
function command() {
  const set = vscode.workspace.getConfiguration("tenuto").get("command");
  if (Array.isArray(set) && set.length > 0) {
    return { command: set[0], args: set.slice(1) };
  }
  const windows = process.platform === "win32";
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    for (const environment of [".venv", "venv"]) {
      const found = path.join(folder.uri.fsPath, environment, windows ? "Scripts/tenuto.exe" : "bin/tenuto");
      if (fs.existsSync(found)) {
        return { command: found, args: ["lsp"] };
      }
    }
  }
  return { command: "tenuto", args: ["lsp"] };
}

async function start() {
  client = new LanguageClient("tenuto", "Tenuto", command(), {
    documentSelector: [{ language: "tenuto" }, { language: "yaml" }],
    initializationOptions: { rulesUrl: vscode.workspace.getConfiguration("tenuto").get("rulesUrl") || undefined },
    revealOutputChannelOn: RevealOutputChannelOn.Never,
  });
  try {
    await client.start();
  } catch (error) {
    const again = "Try again";
    const message = `The language server of Tenuto did not start: ${error.message ?? error}. Is tenuto installed?`;
    if ((await vscode.window.showErrorMessage(message, again)) === again) {
      await start();
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running?.needsStop()) {
    await running.stop();
  }
}

/** Whether a document is one of ours: YAML is, when it says so. */
function isOurs(document) {
  return document.languageId === "tenuto" || (document.languageId === "yaml" && /^tenuto[ \t]*:/m.test(document.getText()));
}

/** Workspaces full of other YAML are left alone: nothing is started, and nobody is told that tenuto is not installed. */
async function isWanted() {
  if (vscode.workspace.textDocuments.some(isOurs)) {
    return true;
  }
  return (await vscode.workspace.findFiles("**/*.tenuto", "**/node_modules/**", 1)).length > 0;
}

async function activate(context) {
  let isBegun = false;
  const restart = async () => {
    isBegun = true;
    await stop();
    await start();
  };
  const begin = async () => {
    if (!isBegun) {
      isBegun = true;
      await start();
    }
  };
  const look = (document) => {
    if (isOurs(document)) {
      void begin();
    }
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("tenuto.restart", restart),
    vscode.workspace.onDidOpenTextDocument(look),
    vscode.workspace.onDidSaveTextDocument(look),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const isOfServer = ["tenuto.command", "tenuto.rulesUrl"].some((name) => change.affectsConfiguration(name));
      if (isBegun && isOfServer) {
        void restart();
      }
    }),
  );
  if (await isWanted()) {
    await begin();
  }
}

module.exports = { activate, deactivate: stop };
