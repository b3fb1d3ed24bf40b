-- People and hosts, by the keys that they are; those who read a class are whom its records are sealed to.
CREATE TABLE person(
  person   INTEGER PRIMARY KEY AUTOINCREMENT,
  name     TEXT NOT NULL,
  roles    TEXT NOT NULL,                 -- separated by commas
  sign_key BLOB NOT NULL UNIQUE,          -- Ed25519
  box_key  BLOB NOT NULL,                 -- X25519, of today
  reads    INTEGER NOT NULL,              -- 1: review, 2: safeguarding, 3: both
  removed  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX person_by_name ON person(name) WHERE removed = 0;
