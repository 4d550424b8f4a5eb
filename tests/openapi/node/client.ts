// What a user of the generated types writes: it compiles only if they know the API.
import createClient from "openapi-fetch";
import type { paths as Control } from "./control";
import type { paths as Service } from "./service";

declare const process: { argv: string[] };

const service = createClient<Service>({ baseUrl: process.argv[2] });
const control = createClient<Control>({ baseUrl: process.argv[2] });

const headers = { Authorization: process.argv[3] };
const { data } = await service.GET("/objectstore", { headers });
const names: string[] = data?.object_stores.map((store) => store.name) ?? [];
const frozen = await control.POST("/_emulator/clock/freeze", {
  body: { at: "2030-01-01T00:00:00Z" },
});
const isFrozen: boolean | undefined = frozen.data?.frozen;
console.log(JSON.stringify({ names, isFrozen }));
