-- Weaker links, found by look-ups of keyed tokens.
ALTER TABLE handle ADD COLUMN spelling BLOB;  -- the name without messenger, case, dots and underscores
CREATE INDEX handle_by_spelling ON handle(spelling) WHERE spelling IS NOT NULL;

-- The SimHash of a hit's text, concealed, and its bands as tokens: texts that say nearly the same share one.
CREATE TABLE likeness(
  hit  INTEGER PRIMARY KEY REFERENCES hit ON DELETE CASCADE,
  bits BLOB NOT NULL
) STRICT;
CREATE TABLE likeness_band(
  token BLOB NOT NULL,
  hit   INTEGER NOT NULL REFERENCES hit ON DELETE CASCADE,
  PRIMARY KEY (token, hit)
) STRICT, WITHOUT ROWID;
CREATE INDEX likeness_band_by_hit ON likeness_band(hit);
-- Pairs of hits whose texts differ in few bits; both ways round.
CREATE TABLE alike(
  hit      INTEGER NOT NULL REFERENCES hit ON DELETE CASCADE,
  other    INTEGER NOT NULL REFERENCES hit ON DELETE CASCADE,
  distance INTEGER NOT NULL,
  PRIMARY KEY (hit, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX alike_by_other ON alike(other);
