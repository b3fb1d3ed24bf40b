-- A hit that stays whatever its time, for a court or a case; looked at again on review_day.
CREATE TABLE legal_hold(
  hit        INTEGER PRIMARY KEY REFERENCES hit ON DELETE CASCADE,
  person     TEXT NOT NULL,
  reason     TEXT NOT NULL,
  day        INTEGER NOT NULL,
  review_day INTEGER NOT NULL
) STRICT;
CREATE INDEX legal_hold_by_review ON legal_hold(review_day);
-- What has to be done again to a restored backup, on its way to the journal beside the store (db/erasures.h).
CREATE TABLE erasure(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     INTEGER NOT NULL,
  day      INTEGER NOT NULL,
  token    BLOB NOT NULL,
  origin   BLOB NOT NULL
) STRICT;
