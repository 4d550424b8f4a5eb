// Reads credentials with Momento's SDK for Node: a job a line on stdin, its outcome a line on stdout.
//
// A job is {"method": a static method of CredentialProvider, "arguments": [...],
// "environment": {variables that the method finds}}; an outcome is {"credentials": {...}} or
// {"error": the message}. Nothing is sent to anybody: a provider only takes credentials apart.

"use strict";

const { createInterface } = require("node:readline");
const { CredentialProvider } = require("@gomomento/sdk");

function read(job) {
  const provider = CredentialProvider[job.method](...job.arguments);
  return {
    auth_token: provider.getAuthToken(),
    control_endpoint: provider.getControlEndpoint(),
    cache_endpoint: provider.getCacheEndpoint(),
    token_endpoint: provider.getTokenEndpoint(),
  };
}

function outcome(job) {
  Object.assign(process.env, job.environment);
  try {
    return { credentials: read(job) };
  } catch (error) {
    return { error: error.message };
  } finally {
    for (const name of Object.keys(job.environment)) delete process.env[name];
  }
}

createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(outcome(JSON.parse(line)))}\n`);
});
