// Makes credentials with the AuthClient of Momento's SDK for Node, and prints them as JSON.
//
// The environment leads to an emulator: MOMENTO_API_KEY, MOMENTO_ENDPOINT, and the proxy.

"use strict";

const { AllDataReadWrite, AuthClient, CredentialProvider, ExpiresIn } = require("@gomomento/sdk");
const { InternalSuperUserPermissions } = require("@gomomento/sdk-core/dist/src/internal/utils");

function shown(made) {
  if (made.type !== "Success") throw new Error(made.toString());
  return {
    credential: made.apiKey ?? made.authToken,
    refresh_token: made.refreshToken,
    endpoint: made.endpoint,
    expires: made.expiresAt.doesExpire(),
    expires_at: made.expiresAt.epoch(),
  };
}

function clientWith(credentialProvider) {
  return new AuthClient({ credentialProvider });
}

async function main() {
  const first = clientWith(
    CredentialProvider.fromApiKeyV2({
      apiKey: process.env.MOMENTO_API_KEY,
      endpoint: process.env.MOMENTO_ENDPOINT,
    }),
  );
  const key = shown(
    await first.generateApiKey(new InternalSuperUserPermissions(), ExpiresIn.minutes(10)),
  );
  const second = clientWith(CredentialProvider.fromString(key.credential));
  const refreshed = shown(await second.refreshApiKey(key.refresh_token));
  const third = clientWith(CredentialProvider.fromString(refreshed.credential));
  const limited = shown(await third.generateApiKey(AllDataReadWrite, ExpiresIn.never()));
  const token = shown(
    await third.generateDisposableToken(AllDataReadWrite, ExpiresIn.minutes(5)),
  );
  process.stdout.write(JSON.stringify({ key, refreshed, limited, token }));
  process.exit(0); // Channels stay open otherwise.
}

main();
