-- When a verdict was given, in milliseconds since 1970: of two that meet on one machine the later one stands.
ALTER TABLE review ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
