// The dialog that creates a store or changes its configuration.

import { call, path, put } from "../api.js";
import { ask, field } from "../dialog.js";
import { h } from "../dom.js";
import { toast } from "../toast.js";

const ROLE_ARN = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole";
const REGION = "us-east-1";

const LIMITS = {
  read_operations_per_second: "Reads a second",
  write_operations_per_second: "Writes a second",
  read_bytes_per_second: "Bytes read a second",
  write_bytes_per_second: "Bytes written a second",
};

/** Ask for a store's configuration and send it.
 *
 * @param {object} options
 * @param {object} [options.store] the store's document, where one is changed
 * @param {string[]} [options.clusters] names of clusters, to choose from
 * @param {(name: string) => boolean} options.has whether the revision has a feature
 * @returns {Promise<object|null>} the store's document, or null
 */
export async function storeDialog({ store = null, clusters = [], has }) {
  const isNew = store === null;
  return ask(
    isNew ? "Create a store" : `Configuration of ${store.name}`,
    fields(store, clusters, has),
    {
      submit: isNew ? "Create store" : "Save",
      wide: true,
      act: async (data) => {
        const name = isNew ? data.get("name") : store.name;
        const url = path(["stores", name]);
        const document = documentOf(data, store, has);
        const saved = isNew ? await put(url, document) : await call("PATCH", url, document);
        toast(isNew ? `Created the store ${name}` : `Saved the configuration of ${name}`);
        return saved ?? document;
      },
    },
  );
}

function fields(store, clusters, has) {
  const isFixed = store !== null && has("immutable_store_fields");
  const s3 = store?.storage_config.s3 ?? {};
  const cluster = store?.cache_config.valkey_cluster.cluster_name;
  const text = (name, value, more = {}) =>
    h("input", {
      name,
      value: value ?? "",
      autocomplete: "off",
      spellcheck: "false",
      ...more,
    });
  return [
    store === null && field("Name", text("name", "", { required: true, autofocus: true })),
    h(
      "div.fields",
      {},
      field(
        "Bucket",
        text("bucket", s3.bucket_name, {
          readonly: isFixed,
          placeholder: "a bucket of its own",
        }),
      ),
      field(
        "Prefix in the bucket",
        text("prefix", s3.prefix, {
          readonly: isFixed,
          placeholder: "none",
        }),
      ),
      field(
        "Valkey cluster",
        text("cluster", cluster, {
          readonly: isFixed,
          placeholder: "the first one",
          list: "console-clusters",
        }),
      ),
      h(
        "datalist",
        { id: "console-clusters" },
        clusters.map((value) => h("option", { value })),
      ),
    ),
    isFixed && h("p.hint", {}, "Bucket, prefix and cluster of a store cannot be changed."),
    field("Storage role", text("role", s3.iam_role_arn, { placeholder: ROLE_ARN })),
    has("limits") && limitFields(store?.object_store_limits ?? {}),
    has("access_logs") &&
      deliveryFields(
        "logs",
        "Access logging",
        store?.access_logging_config?.cloudwatch,
        "/aws/objectstore/…",
      ),
    has("metrics") && deliveryFields("metrics", "Metrics", store?.metrics_config?.cloudwatch, null),
  ];
}

const limitFields = (limits) =>
  h(
    "fieldset",
    {},
    h("legend", {}, "Limits"),
    h(
      "div.fields",
      {},
      Object.entries(LIMITS).map(([name, label]) =>
        field(
          label,
          h("input", {
            name,
            type: "number",
            min: 1,
            step: 1,
            value: limits[name] ?? "",
            placeholder: "default",
          }),
        ),
      ),
    ),
  );

function deliveryFields(name, title, given, groupExample) {
  const content = h(
    "div.fields",
    {},
    groupExample &&
      field(
        "Log group",
        h("input", {
          name: `${name}-group`,
          value: given?.log_group_name ?? "",
          placeholder: groupExample,
        }),
      ),
    field(
      "Role",
      h("input", {
        name: `${name}-role`,
        value: given?.iam_role_arn ?? "",
        placeholder: ROLE_ARN,
      }),
    ),
    field(
      "Region",
      h("input", {
        name: `${name}-region`,
        value: given?.region ?? "",
        placeholder: REGION,
      }),
    ),
  );
  content.hidden = !given;
  const box = h("input", {
    type: "checkbox",
    name,
    checked: Boolean(given),
    onchange: () => {
      content.hidden = !box.checked;
    },
  });
  return h("fieldset", {}, h("legend", {}, h("label.check", {}, box, title)), content);
}

// What is left empty gets the emulator's default; null removes what the store has.
function documentOf(data, store, has) {
  const s3 = compact({
    bucket_name: data.get("bucket"),
    prefix: data.get("prefix"),
    iam_role_arn: data.get("role"),
  });
  const cluster = compact({ cluster_name: data.get("cluster") });
  const document = {};
  if (Object.keys(s3).length) document.storage_config = { s3 };
  if (Object.keys(cluster).length) document.cache_config = { valkey_cluster: cluster };
  if (has("limits")) {
    const limits = compact(
      Object.fromEntries(
        Object.keys(LIMITS).map((name) => [name, data.get(name) ? Number(data.get(name)) : null]),
      ),
    );
    if (Object.keys(limits).length) document.object_store_limits = limits;
  }
  if (data.get("logs")) {
    document.access_logging_config = {
      cloudwatch: { log_group_name: data.get("logs-group"), ...deliveryOf(data, "logs") },
    };
  } else if (store?.access_logging_config) {
    document.access_logging_config = null;
  }
  if (data.get("metrics")) {
    document.metrics_config = { cloudwatch: deliveryOf(data, "metrics") };
  } else if (store?.metrics_config) {
    document.metrics_config = null;
  }
  return document;
}

const deliveryOf = (data, name) => ({
  iam_role_arn: data.get(`${name}-role`) || ROLE_ARN,
  region: data.get(`${name}-region`) || REGION,
});

const compact = (members) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value));
