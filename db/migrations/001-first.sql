-- The first tables. Days are whole days since 1970. Tokens are 16-byte keyed digests (db/token.h). Row numbers are never
-- used twice, since sealed records are bound to them and people cite them.
CREATE TABLE meta(
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  store_id    BLOB NOT NULL,
  token_check BLOB NOT NULL               -- which token key belongs to this store
) STRICT;

-- Posts that were judged, hit or not.
CREATE TABLE fingerprint(
  token BLOB PRIMARY KEY,
  day   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sealed records of every kind; (kind, owner, revision) is their name.
CREATE TABLE sealed(
  record   INTEGER PRIMARY KEY,
  class    INTEGER NOT NULL,
  kind     INTEGER NOT NULL,
  owner    INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  nonce    BLOB NOT NULL,
  body     BLOB NOT NULL,
  UNIQUE (kind, owner, revision)
) STRICT;
CREATE TABLE sealed_key(
  record INTEGER NOT NULL REFERENCES sealed ON DELETE CASCADE,
  key_id BLOB NOT NULL,
  box    BLOB NOT NULL,
  PRIMARY KEY (record, key_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE account(
  account  INTEGER PRIMARY KEY AUTOINCREMENT,
  identity BLOB NOT NULL UNIQUE,
  alias    BLOB,
  platform TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX account_by_alias ON account(alias);

CREATE TABLE handle(
  handle    INTEGER PRIMARY KEY AUTOINCREMENT,
  token     BLOB NOT NULL UNIQUE,
  confirmed INTEGER NOT NULL DEFAULT 0,   -- different reviewers, over all its hits
  rejected  INTEGER NOT NULL DEFAULT 0,
  seeds     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE hit(
  hit         INTEGER PRIMARY KEY AUTOINCREMENT,
  post        BLOB NOT NULL UNIQUE,
  content     BLOB NOT NULL,
  judged      BLOB NOT NULL,
  revision    INTEGER NOT NULL DEFAULT 1,
  account     INTEGER REFERENCES account,
  platform    TEXT NOT NULL,
  source      TEXT NOT NULL,
  band        INTEGER NOT NULL,
  flags       TEXT NOT NULL,              -- separated by commas
  day         INTEGER NOT NULL,           -- first seen
  last_day    INTEGER NOT NULL,
  touched_day INTEGER NOT NULL,           -- last changed or reviewed; retention counts from here
  confirmed   INTEGER NOT NULL DEFAULT 0, -- most confirming reviewers of any of its handles
  rejected    INTEGER NOT NULL DEFAULT 0, -- the post, or each of its handles, is rejected
  disputed    INTEGER NOT NULL DEFAULT 0,
  seeds       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX hit_by_account ON hit(account);
CREATE INDEX hit_by_touched ON hit(touched_day);
CREATE TABLE hit_rule(
  hit  INTEGER NOT NULL REFERENCES hit ON DELETE CASCADE,
  rule TEXT NOT NULL,
  PRIMARY KEY (hit, rule)
) STRICT, WITHOUT ROWID;
-- Every handle that a hit speaks of, advertised or not, and its account's names, in a domain of their own.
CREATE TABLE hit_trace(
  token BLOB NOT NULL,
  hit   INTEGER NOT NULL REFERENCES hit ON DELETE CASCADE,
  PRIMARY KEY (token, hit)
) STRICT, WITHOUT ROWID;
CREATE INDEX hit_trace_by_hit ON hit_trace(hit);

-- A hit advertises a handle. What belongs to the hit or its account stands here again, so that every question about a
-- handle (several accounts? several platforms? a banned account among them?) is an index look-up.
CREATE TABLE advert(
  hit           INTEGER NOT NULL REFERENCES hit ON DELETE CASCADE,
  handle        INTEGER NOT NULL REFERENCES handle,
  account       INTEGER,
  platform      TEXT NOT NULL,
  rejected      INTEGER NOT NULL DEFAULT 0,
  banned_until  INTEGER NOT NULL DEFAULT 0, -- the day on which the last ban of the account is over
  others_until  INTEGER NOT NULL DEFAULT 0, -- the same of bans that did not follow a lead of ours
  PRIMARY KEY (hit, handle)
) STRICT, WITHOUT ROWID;
CREATE INDEX advert_by_ban ON advert(handle, banned_until) WHERE banned_until > 0;
CREATE INDEX advert_by_account ON advert(handle, rejected, account);
CREATE INDEX advert_by_platform ON advert(handle, rejected, platform, account);
CREATE INDEX advert_of_account ON advert(account, handle);

CREATE TABLE review(
  hit      INTEGER NOT NULL REFERENCES hit ON DELETE CASCADE,
  handle   INTEGER NOT NULL,              -- 0: a post that advertises none
  reviewer TEXT NOT NULL,
  verdict  TEXT NOT NULL,
  sign     TEXT,
  day      INTEGER NOT NULL,
  PRIMARY KEY (hit, handle, reviewer)
) STRICT, WITHOUT ROWID;
CREATE INDEX review_by_handle ON review(handle);
CREATE TABLE do_not_raise(
  token BLOB PRIMARY KEY,
  day   INTEGER NOT NULL                  -- when it last kept a post away
) STRICT, WITHOUT ROWID;

-- Holds: what these tokens name goes to safeguarding alone.
CREATE TABLE hold_token(
  token BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE held(
  held     INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     INTEGER NOT NULL,
  token    BLOB NOT NULL UNIQUE,
  version  BLOB,
  revision INTEGER NOT NULL,
  day      INTEGER NOT NULL
) STRICT;
-- Taken out of the review tables, not yet sealed anew: only a reader can do that.
CREATE TABLE withheld(
  kind  INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  token BLOB NOT NULL UNIQUE,
  day   INTEGER NOT NULL,
  PRIMARY KEY (kind, owner)
) STRICT, WITHOUT ROWID;

CREATE TABLE ban(
  ban          INTEGER PRIMARY KEY AUTOINCREMENT,
  event        BLOB NOT NULL UNIQUE,
  platform     TEXT NOT NULL,
  subject      TEXT NOT NULL,             -- account | handle
  action       TEXT NOT NULL,
  standing     INTEGER NOT NULL,          -- a ban that nothing supersedes
  ours         INTEGER NOT NULL,          -- it followed a lead of ours: no independent sign
  decided      BLOB NOT NULL,             -- when and by whom, concealed
  decided_day  INTEGER NOT NULL,
  expires_day  INTEGER,                   -- the first day on which it is over
  imported_day INTEGER NOT NULL
) STRICT;
CREATE TABLE ban_token(
  token BLOB NOT NULL,
  side  INTEGER NOT NULL,                 -- 1: what it concerns; 2: what can supersede or hold it
  ban   INTEGER NOT NULL REFERENCES ban ON DELETE CASCADE,
  PRIMARY KEY (token, side, ban)
) STRICT, WITHOUT ROWID;
CREATE INDEX ban_token_by_ban ON ban_token(ban);

CREATE TABLE export(
  export INTEGER PRIMARY KEY AUTOINCREMENT,
  what   TEXT NOT NULL,
  day    INTEGER NOT NULL,
  count  INTEGER,                         -- NULL: begun and never finished
  digest TEXT
) STRICT;
CREATE TABLE export_item(
  handle INTEGER NOT NULL,
  export INTEGER NOT NULL REFERENCES export,
  PRIMARY KEY (handle, export)
) STRICT, WITHOUT ROWID;

-- Append-only; a leaf is SHA-256(0x00 ‖ salt ‖ record).
CREATE TABLE audit(
  entry  INTEGER PRIMARY KEY,             -- 1, 2, 3 … without a gap
  at     INTEGER NOT NULL,                -- milliseconds since 1970
  salt   BLOB NOT NULL,
  record TEXT NOT NULL,
  leaf   BLOB NOT NULL
) STRICT;
-- The right edge of the tree over the leaves, so that an append costs the same however long the log is.
CREATE TABLE audit_head(
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  size INTEGER NOT NULL,
  edge BLOB NOT NULL
) STRICT;
