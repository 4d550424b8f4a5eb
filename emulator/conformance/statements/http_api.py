"""Statements of the HTTP API reference of 2026-02-05."""

from __future__ import annotations

from .document import Document
from .reasons import ADVICE, AWS, CACHE, FAILURE, ONE_ENDPOINT
from .statement import FIRST

_NO_LIMIT = "This revision documents no limit that a request could exceed on purpose."

HTTP_API = Document(
    "HTTP",
    "HTTP API reference of 2026-02-05",
    (
        "HTTP API Reference for Momento Object Store",
        "Authentication",
        "Data Plane API",
        "Put Object",
        "Put Object: Request",
        "Put Object: Body",
        "Put Object: Path Parameters",
        "Put Object: Query Parameters",
        "Put Object: Headers",
        "Put Object: Success",
        "Put Object: Error",
        "Get Object",
        "Get Object: Request",
        "Get Object: Path Parameters",
        "Get Object: Headers",
        "Get Object: Hit",
        "Get Object: Miss",
        "Get Object: Error",
        "Control Plane API",
        "Create or Update Object Store",
        "Create or Update Object Store: Request",
        "Create or Update Object Store: Path Parameters",
        "Create or Update Object Store: Headers",
        "Create or Update Object Store: Request Body",
        "Create or Update Object Store: Created",
        "Create or Update Object Store: Updated",
        "Create or Update Object Store: Error",
        "Describe Object Store",
        "Describe Object Store: Request",
        "Describe Object Store: Path Parameters",
        "Describe Object Store: Headers",
        "Describe Object Store: Success",
        "Describe Object Store: Error",
        "Delete Object Store",
        "Delete Object Store: Request",
        "Delete Object Store: Path Parameters",
        "Delete Object Store: Headers",
        "Delete Object Store: Success",
        "Delete Object Store: Error",
        "List Object Stores",
        "List Object Stores: Request",
        "List Object Stores: Headers",
        "List Object Stores: Success",
        "List Object Stores: Error",
        "Examples",
        "Data Plane Examples",
        "Data Plane Examples: Put Object",
        "Data Plane Examples: Get Object",
        "Control Plane Examples",
        "Control Plane Examples: Create Object Store",
        "Control Plane Examples: List Object Stores",
        "Control Plane Examples: Describe Object Store",
        "Control Plane Examples: Delete Object Store",
        "Appendix: IAM Role Setup",
        "CloudFormation Template",
        "Deploying the Template",
        "Trust Policy",
        "Required S3 Permissions",
    ),
)

_GENERAL = (
    *HTTP_API.states(
        "HTTP API Reference for Momento Object Store",
        {"HTTP-GENERAL-01": "Objects are in the bucket: a second store over it finds them there."},
    ),
    *HTTP_API.states(
        "HTTP API Reference for Momento Object Store",
        {"HTTP-GENERAL-02": "The store's Valkey cluster caches objects without being asked."},
        not_shown=CACHE,
    ),
    *HTTP_API.states(
        "HTTP API Reference for Momento Object Store",
        {"HTTP-GENERAL-03": "Each region has an endpoint of its own."},
        not_shown=ONE_ENDPOINT,
    ),
)

_AUTHENTICATION = HTTP_API.states(
    "Authentication",
    {
        "HTTP-AUTH-01": "A key that the account issued is accepted.",
        "HTTP-AUTH-02": "What a key permits depends on the key: keys control the access.",
        "HTTP-AUTH-03": "A key can be made to expire, and is refused after that.",
        "HTTP-AUTH-04": "The key has to be in the Authorization header.",
    },
)

_PUT_OBJECT = (
    *HTTP_API.states(
        "Put Object",
        {
            "HTTP-PUT-01": "Put Object stores an object, which Get Object then returns.",
        },
    ),
    *HTTP_API.states(
        "Put Object: Request",
        {
            "HTTP-PUT-02": "Put Object is a PUT of /objectstore/{storeName}/{key}.",
        },
    ),
    *HTTP_API.states(
        "Put Object: Body",
        {
            "HTTP-PUT-03": "A body sent as application/octet-stream is accepted.",
            "HTTP-PUT-04": "The body is stored as it is, whatever bytes it consists of.",
        },
    ),
    *HTTP_API.states(
        "Put Object: Path Parameters",
        {
            "HTTP-PUT-05": "storeName chooses the store: no other store gets the object.",
            "HTTP-PUT-06": "A storeName that is not URL-safe is refused.",
            "HTTP-PUT-07": "A key is required: a Put without one is refused.",
            "HTTP-PUT-08": "The key names the object: another key is another object.",
            "HTTP-PUT-09": "A key may be a path of several segments.",
        },
    ),
    *HTTP_API.states(
        "Put Object: Query Parameters",
        {
            "HTTP-PUT-10": "ttl_seconds may be left out.",
            "HTTP-PUT-11": "ttl_seconds is an integer: another value answers 400.",
            "HTTP-PUT-12": "ttl_seconds is a time in seconds after which the object is gone.",
            "HTTP-PUT-13": "An object put without ttl_seconds does not expire.",
        },
    ),
    *HTTP_API.states(
        "Put Object: Headers",
        {
            "HTTP-PUT-14": "Authorization is required.",
            "HTTP-PUT-15": "The key in Authorization decides what is permitted.",
            "HTTP-PUT-16": "mo-meta-* may be left out.",
            "HTTP-PUT-17": "Any header that begins with mo-meta- is stored with the object.",
            "HTTP-PUT-18": "Stored metadata comes back from Get Object without the prefix.",
            "HTTP-PUT-19": "mo-meta-content-type is stored as content-type.",
            "HTTP-PUT-20": "Blocked metadata is ignored: the Put succeeds, the rest is stored.",
            "HTTP-PUT-21": "content-length is a blocked metadata name.",
            "HTTP-PUT-22": "transfer-encoding is a blocked metadata name.",
            "HTTP-PUT-23": "connection is a blocked metadata name.",
            "HTTP-PUT-24": "keep-alive is a blocked metadata name.",
            "HTTP-PUT-25": "upgrade is a blocked metadata name.",
            "HTTP-PUT-26": "trailer is a blocked metadata name.",
            "HTTP-PUT-27": "te is a blocked metadata name.",
            "HTTP-PUT-28": "set-cookie is a blocked metadata name.",
            "HTTP-PUT-29": "cookie is a blocked metadata name.",
            "HTTP-PUT-30": "authorization is a blocked metadata name.",
            "HTTP-PUT-31": "www-authenticate is a blocked metadata name.",
            "HTTP-PUT-32": "content-security-policy is a blocked metadata name.",
            "HTTP-PUT-33": "x-frame-options is a blocked metadata name.",
            "HTTP-PUT-34": "strict-transport-security is a blocked metadata name.",
            "HTTP-PUT-35": "access-control-allow-origin is a blocked metadata name.",
            "HTTP-PUT-36": "access-control-allow-credentials is a blocked metadata name.",
            "HTTP-PUT-37": "Other CORS headers are blocked metadata names.",
            "HTTP-PUT-38": "host is a blocked metadata name.",
            "HTTP-PUT-39": "x-forwarded-for is a blocked metadata name.",
            "HTTP-PUT-40": "x-real-ip is a blocked metadata name.",
            "HTTP-PUT-41": "via is a blocked metadata name.",
            "HTTP-PUT-42": "Other proxy headers are blocked metadata names.",
        },
    ),
    *HTTP_API.states(
        "Put Object: Success",
        {
            "HTTP-PUT-43": "A Put that succeeds answers 204 without a body.",
            "HTTP-PUT-44": "204 means that the object is stored: a Get that follows finds it.",
        },
    ),
    *HTTP_API.states(
        "Put Object: Error",
        {
            "HTTP-PUT-45": "A Put that is specified wrongly answers 400.",
            "HTTP-PUT-46": "The body of a Put's 400 says more.",
            "HTTP-PUT-47": "A Put with an invalid key answers 401.",
            "HTTP-PUT-48": "A Put with an expired key answers 401.",
            "HTTP-PUT-49": "The body of a Put's 401 says more.",
            "HTTP-PUT-50": "A Put with a key that does not grant the access answers 403.",
            "HTTP-PUT-51": "The body of a Put's 403 says more.",
            "HTTP-PUT-52": "A Put into a store that does not exist answers 404, Store Not Found.",
        },
    ),
    *HTTP_API.states(
        "Put Object: Error",
        {
            "HTTP-PUT-53": "A Put beyond the account's limits answers 429.",
            "HTTP-PUT-54": "The body of a Put's 429 says more.",
        },
        revisions=(FIRST,),
        not_shown=_NO_LIMIT,
    ),
    *HTTP_API.states(
        "Put Object: Error",
        {"HTTP-PUT-55": "A failure inside the service answers a Put with 500."},
        not_shown=FAILURE,
    ),
)

_GET_OBJECT = (
    *HTTP_API.states(
        "Get Object",
        {
            "HTTP-GET-01": "Get Object returns an object of the store that it names.",
        },
    ),
    *HTTP_API.states(
        "Get Object: Request",
        {
            "HTTP-GET-02": "Get Object is a GET of /objectstore/{storeName}/{key}.",
        },
    ),
    *HTTP_API.states(
        "Get Object: Path Parameters",
        {
            "HTTP-GET-03": "storeName chooses the store: another store's object is not returned.",
            "HTTP-GET-04": "A storeName that is not URL-safe is refused.",
            "HTTP-GET-05": "A key is required: a Get without one returns no object.",
            "HTTP-GET-06": "The key chooses the object: each key returns its own.",
            "HTTP-GET-07": "A key may be a path of several segments.",
        },
    ),
    *HTTP_API.states(
        "Get Object: Headers",
        {
            "HTTP-GET-08": "Authorization is required.",
            "HTTP-GET-09": "The key in Authorization decides what is permitted.",
        },
    ),
    *HTTP_API.states(
        "Get Object: Hit",
        {
            "HTTP-GET-10": "A hit answers 200.",
            "HTTP-GET-11": "The body of a hit is what was stored, byte for byte.",
            "HTTP-GET-12": "A hit has all of the object's metadata as response headers.",
        },
    ),
    *HTTP_API.states(
        "Get Object: Miss",
        {
            "HTTP-GET-13": "A miss answers 404.",
            "HTTP-GET-14": "A miss says Object not found.",
        },
    ),
    *HTTP_API.states(
        "Get Object: Error",
        {
            "HTTP-GET-15": "A Get that is specified wrongly answers 400.",
            "HTTP-GET-16": "The body of a Get's 400 says more.",
            "HTTP-GET-17": "A Get with an invalid key answers 401.",
            "HTTP-GET-18": "A Get with an expired key answers 401.",
            "HTTP-GET-19": "The body of a Get's 401 says more.",
            "HTTP-GET-20": "A Get with a key that does not grant the access answers 403.",
            "HTTP-GET-21": "The body of a Get's 403 says more.",
            "HTTP-GET-22": "A Get from a store that does not exist answers 404, Store Not Found.",
        },
    ),
    *HTTP_API.states(
        "Get Object: Error",
        {
            "HTTP-GET-23": "A Get beyond the account's limits answers 429.",
            "HTTP-GET-24": "The body of a Get's 429 says more.",
        },
        revisions=(FIRST,),
        not_shown=_NO_LIMIT,
    ),
    *HTTP_API.states(
        "Get Object: Error",
        {"HTTP-GET-25": "A failure inside the service answers a Get with 500."},
        not_shown=FAILURE,
    ),
)

_CREATE_OR_UPDATE = (
    *HTTP_API.states(
        "Create or Update Object Store",
        {
            "HTTP-STORE-01": "A name that no store has makes a new store.",
            "HTTP-STORE-02": "The name of a store that exists changes that store: none is added.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store",
        {
            "HTTP-STORE-03": "A change replaces the configuration, the prefix too.",
        },
        revisions=(FIRST,),
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Request",
        {
            "HTTP-STORE-04": "Create or Update Object Store is a PUT of /objectstore/{storeName}.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Path Parameters",
        {
            "HTTP-STORE-05": "storeName is required: a PUT of /objectstore makes no store.",
            "HTTP-STORE-06": "storeName becomes the store's name.",
            "HTTP-STORE-07": "A URL-safe storeName is accepted.",
            "HTTP-STORE-08": "A storeName that is not URL-safe is refused.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Headers",
        {
            "HTTP-STORE-09": "Authorization is required.",
            "HTTP-STORE-10": "The key in Authorization decides what is permitted.",
            "HTTP-STORE-11": "Content-Type is required.",
            "HTTP-STORE-12": "Content-Type must be application/json.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Request Body",
        {
            "HTTP-STORE-13": "The body is JSON with storage_config.s3 and cache_config.",
            "HTTP-STORE-14": "storage_config.s3.bucket_name is required.",
            "HTTP-STORE-15": "storage_config.s3.bucket_name is a string.",
            "HTTP-STORE-16": "storage_config.s3.prefix may be left out.",
            "HTTP-STORE-17": "storage_config.s3.prefix is a string.",
            "HTTP-STORE-18": "Prefixes keep apart the objects of stores that share a bucket.",
            "HTTP-STORE-19": "storage_config.s3.iam_role_arn is required.",
            "HTTP-STORE-20": "storage_config.s3.iam_role_arn is a string.",
            "HTTP-STORE-21": "storage_config.s3.iam_role_arn is the ARN of an IAM role.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Request Body",
        {"HTTP-STORE-22": "The service assumes that role to reach the bucket."},
        not_shown=AWS,
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Request Body",
        {
            "HTTP-STORE-23": "cache_config.valkey_cluster.cluster_name is required.",
            "HTTP-STORE-24": "cache_config.valkey_cluster.cluster_name is a string.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Request Body",
        {"HTTP-STORE-25": "The cluster of that name is the one that caches the objects."},
        not_shown=CACHE,
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Created",
        {
            "HTTP-STORE-26": "Making a store answers 201.",
            "HTTP-STORE-27": "The 201 has the store's name.",
            "HTTP-STORE-28": "The 201 has the store's storage_config as it was sent.",
            "HTTP-STORE-29": "The 201 has the store's cache_config as it was sent.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Updated",
        {
            "HTTP-STORE-30": "Changing a store answers 200.",
            "HTTP-STORE-31": "The 200 of a change has the same body as the 201.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Error",
        {
            "HTTP-STORE-32": "A store that is specified wrongly answers 400.",
            "HTTP-STORE-33": "The body of this 400 says more.",
            "HTTP-STORE-34": "An invalid key answers 401.",
            "HTTP-STORE-35": "An expired key answers 401.",
            "HTTP-STORE-36": "The body of this 401 says more.",
            "HTTP-STORE-37": "A key that does not grant the access answers 403.",
            "HTTP-STORE-38": "The body of this 403 says more.",
        },
    ),
    *HTTP_API.states(
        "Create or Update Object Store: Error",
        {"HTTP-STORE-39": "A failure inside the service answers 500."},
        not_shown=FAILURE,
    ),
)

_DESCRIBE = (
    *HTTP_API.states(
        "Describe Object Store",
        {
            "HTTP-DESCRIBE-01": "Describe returns the configuration that the store has now.",
        },
    ),
    *HTTP_API.states(
        "Describe Object Store: Request",
        {
            "HTTP-DESCRIBE-02": "Describe Object Store is a GET of /objectstore/{storeName}.",
        },
    ),
    *HTTP_API.states(
        "Describe Object Store: Path Parameters",
        {
            "HTTP-DESCRIBE-03": "storeName chooses the store that is described.",
            "HTTP-DESCRIBE-04": "A storeName that is not URL-safe is refused.",
        },
    ),
    *HTTP_API.states(
        "Describe Object Store: Headers",
        {
            "HTTP-DESCRIBE-05": "Authorization is required.",
            "HTTP-DESCRIBE-06": "The key in Authorization decides what is permitted.",
        },
    ),
    *HTTP_API.states(
        "Describe Object Store: Success",
        {
            "HTTP-DESCRIBE-07": "Describing a store answers 200.",
            "HTTP-DESCRIBE-08": "The description has the store's name.",
            "HTTP-DESCRIBE-09": "The description has the store's storage_config.",
            "HTTP-DESCRIBE-10": "The description has the store's cache_config.",
        },
    ),
    *HTTP_API.states(
        "Describe Object Store: Error",
        {
            "HTTP-DESCRIBE-11": "An invalid key answers 401.",
            "HTTP-DESCRIBE-12": "An expired key answers 401.",
            "HTTP-DESCRIBE-13": "A store that does not exist answers 404.",
        },
    ),
    *HTTP_API.states(
        "Describe Object Store: Error",
        {"HTTP-DESCRIBE-14": "A failure inside the service answers 500."},
        not_shown=FAILURE,
    ),
)

_DELETE = (
    *HTTP_API.states(
        "Delete Object Store",
        {
            "HTTP-DELETE-01": "A deleted store is described and listed no more.",
        },
    ),
    *HTTP_API.states(
        "Delete Object Store: Request",
        {
            "HTTP-DELETE-02": "Delete Object Store is a DELETE of /objectstore/{storeName}.",
        },
    ),
    *HTTP_API.states(
        "Delete Object Store: Path Parameters",
        {
            "HTTP-DELETE-03": "storeName chooses the store that is deleted: others stay.",
            "HTTP-DELETE-04": "A storeName that is not URL-safe is refused.",
        },
    ),
    *HTTP_API.states(
        "Delete Object Store: Headers",
        {
            "HTTP-DELETE-05": "Authorization is required.",
            "HTTP-DELETE-06": "The key in Authorization decides what is permitted.",
        },
    ),
    *HTTP_API.states(
        "Delete Object Store: Success",
        {
            "HTTP-DELETE-07": "Deleting a store answers 200.",
        },
        revisions=(FIRST,),
    ),
    *HTTP_API.states(
        "Delete Object Store: Error",
        {
            "HTTP-DELETE-08": "An invalid key answers 401.",
            "HTTP-DELETE-09": "An expired key answers 401.",
            "HTTP-DELETE-10": "A store that does not exist answers 404.",
        },
    ),
    *HTTP_API.states(
        "Delete Object Store: Error",
        {"HTTP-DELETE-11": "A failure inside the service answers 500."},
        not_shown=FAILURE,
    ),
)

_LIST = (
    *HTTP_API.states(
        "List Object Stores",
        {
            "HTTP-LIST-01": "The list has every store of the account.",
        },
    ),
    *HTTP_API.states(
        "List Object Stores: Request",
        {
            "HTTP-LIST-02": "List Object Stores is a GET of /objectstore.",
        },
    ),
    *HTTP_API.states(
        "List Object Stores: Headers",
        {
            "HTTP-LIST-03": "Authorization is required.",
            "HTTP-LIST-04": "The key in Authorization decides what is permitted.",
        },
    ),
    *HTTP_API.states(
        "List Object Stores: Success",
        {
            "HTTP-LIST-05": "Listing the stores answers 200.",
            "HTTP-LIST-06": "object_stores holds an object with a name for each store.",
        },
    ),
    *HTTP_API.states(
        "List Object Stores: Error",
        {
            "HTTP-LIST-07": "An invalid key answers 401.",
            "HTTP-LIST-08": "An expired key answers 401.",
        },
    ),
    *HTTP_API.states(
        "List Object Stores: Error",
        {"HTTP-LIST-09": "A failure inside the service answers 500."},
        not_shown=FAILURE,
    ),
)

_EXAMPLES = (
    *HTTP_API.states(
        "Data Plane Examples: Put Object",
        {
            "HTTP-EXAMPLE-01": "A file can be put at the path images/logo.png of a store.",
            "HTTP-EXAMPLE-02": "ttl_seconds=3600 is a TTL of an hour, and is accepted.",
            "HTTP-EXAMPLE-03": "content-type and cache-control can be stored as metadata.",
        },
    ),
    *HTTP_API.states(
        "Data Plane Examples: Get Object",
        {
            "HTTP-EXAMPLE-04": "A Get of images/logo.png needs no header but Authorization.",
        },
    ),
    *HTTP_API.states(
        "Control Plane Examples: Create Object Store",
        {
            "HTTP-EXAMPLE-05": "A store is made from bucket, role and cluster alone.",
        },
    ),
    *HTTP_API.states(
        "Control Plane Examples: List Object Stores",
        {
            "HTTP-EXAMPLE-06": "The list of stores needs no parameter.",
        },
    ),
    *HTTP_API.states(
        "Control Plane Examples: Describe Object Store",
        {
            "HTTP-EXAMPLE-07": "A description needs the store's name and no parameter.",
        },
    ),
    *HTTP_API.states(
        "Control Plane Examples: Delete Object Store",
        {
            "HTTP-EXAMPLE-08": "A deletion needs the store's name, no body and no parameter.",
        },
    ),
)

_IAM_ROLE = (
    *HTTP_API.states(
        "Appendix: IAM Role Setup",
        {
            "HTTP-IAM-01": "The service reaches the bucket through an IAM role that it assumes.",
            "HTTP-IAM-02": "The role trusts the service's AWS account.",
            "HTTP-IAM-03": "The role may reach the bucket.",
        },
        not_shown=AWS,
    ),
    *HTTP_API.states(
        "CloudFormation Template",
        {
            "HTTP-IAM-04": "The template makes a role of the name MomentoObjectStoreRole.",
            "HTTP-IAM-05": "The template asks for the bucket's name in S3BucketName.",
            "HTTP-IAM-06": "The template lets account 168253909317 assume the role.",
            "HTTP-IAM-07": "The template permits GetObject, PutObject, DeleteObject, ListBucket.",
            "HTTP-IAM-08": "The template permits them on the bucket and on its objects.",
            "HTTP-IAM-09": "The template returns the role's ARN as RoleArn.",
        },
        not_shown=AWS,
    ),
    *HTTP_API.states(
        "Deploying the Template",
        {
            "HTTP-IAM-10": "The AWS CLI deploys the template, with CAPABILITY_NAMED_IAM.",
            "HTTP-IAM-11": "The output RoleArn of the stack is the role's ARN.",
        },
        not_shown=AWS,
    ),
    *HTTP_API.states(
        "Deploying the Template",
        {
            "HTTP-IAM-12": "A store made with the role's ARN can be written to and read.",
        },
    ),
    *HTTP_API.states(
        "Trust Policy",
        {
            "HTTP-IAM-13": "The trust policy lets account 168253909317 call sts:AssumeRole.",
        },
        not_shown=AWS,
    ),
    *HTTP_API.states(
        "Required S3 Permissions",
        {
            "HTTP-IAM-14": "s3:GetObject is needed to read objects.",
            "HTTP-IAM-15": "s3:PutObject is needed to write objects.",
            "HTTP-IAM-16": "s3:DeleteObject is needed to delete objects.",
            "HTTP-IAM-17": "s3:ListBucket is needed to list objects.",
        },
        not_shown=AWS,
    ),
    *HTTP_API.states(
        "Required S3 Permissions",
        {
            "HTTP-IAM-18": "The role should be limited to the one bucket.",
            "HTTP-IAM-19": "Resource should not be an asterisk in production.",
        },
        not_shown=ADVICE,
    ),
)

STATEMENTS = (
    *_GENERAL,
    *_AUTHENTICATION,
    *_PUT_OBJECT,
    *_GET_OBJECT,
    *_CREATE_OR_UPDATE,
    *_DESCRIBE,
    *_DELETE,
    *_LIST,
    *_EXAMPLES,
    *_IAM_ROLE,
)
