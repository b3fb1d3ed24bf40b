-- What became of a hit's post at its source, day by day; only added to. And what is never raised.
CREATE TABLE sighting(
  hit   INTEGER NOT NULL REFERENCES hit ON DELETE CASCADE,
  day   INTEGER NOT NULL,
  state TEXT NOT NULL,                    -- edited | deleted
  PRIMARY KEY (hit, day, state)
) STRICT, WITHOUT ROWID;
CREATE TABLE exempt(
  exempt    INTEGER PRIMARY KEY AUTOINCREMENT,
  token     BLOB NOT NULL UNIQUE,
  messenger TEXT NOT NULL,
  reason    TEXT NOT NULL,
  day       INTEGER NOT NULL
) STRICT;
