-- Safeguarding's own bookkeeping. A hold remembers which held post asked for it, so that to release that one lifts it;
-- x'' stands for a hold that is older than this migration.
CREATE TABLE hold_for(
  token  BLOB NOT NULL,
  origin BLOB NOT NULL,                   -- the held post that asked for it, as in held.token
  PRIMARY KEY (token, origin)
) STRICT, WITHOUT ROWID;
INSERT INTO hold_for(token, origin) SELECT token, x'' FROM hold_token;
DROP TABLE hold_token;
ALTER TABLE hold_for RENAME TO hold_token;
CREATE INDEX hold_token_by_origin ON hold_token(origin);

ALTER TABLE held ADD COLUMN since BLOB;                    -- when it came, concealed
ALTER TABLE held ADD COLUMN read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE withheld ADD COLUMN since BLOB;
CREATE INDEX held_unread ON held(day) WHERE read = 0;
CREATE INDEX withheld_by_day ON withheld(day);

-- Who asked to release one; it takes two.
CREATE TABLE release(
  held   INTEGER NOT NULL REFERENCES held ON DELETE CASCADE,
  person TEXT NOT NULL,
  PRIMARY KEY (held, person)
) STRICT, WITHOUT ROWID;
-- What two people released: the same post in the same version is not held anew.
CREATE TABLE released(
  token   BLOB NOT NULL,
  version BLOB NOT NULL,
  PRIMARY KEY (token, version)
) STRICT, WITHOUT ROWID;
-- What safeguarding did, sealed to itself; the audit log has the digest of each and says no more.
CREATE TABLE referral_note(
  note INTEGER PRIMARY KEY AUTOINCREMENT,
  day  INTEGER NOT NULL
) STRICT;
