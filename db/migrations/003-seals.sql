-- Every sealed record is a leaf of the audit log's tree, numbered among its entries; the leaf outlives the record.
CREATE TABLE seal_leaf(
  entry  INTEGER PRIMARY KEY,
  leaf   BLOB NOT NULL,
  erased INTEGER                          -- the entry that accounts for the record's erasure
) STRICT;
ALTER TABLE sealed ADD COLUMN entry INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN configuration TEXT NOT NULL DEFAULT '';
