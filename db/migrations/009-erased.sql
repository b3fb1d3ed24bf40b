-- What was erased here and on which day, as keyed tokens: no bundle brings back what was seen before that.
CREATE TABLE erased(
  token BLOB PRIMARY KEY,
  day   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_by_day ON erased(day);
