// Reads a WARC file with warcio and prints each record as JSON: node check_warc.mjs FILE NODE_MODULES. Ends with 77 where
// warcio is absent.
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [file, modules] = process.argv.slice(2);
const entry = `${modules}/warcio/dist/index.js`;
if (!existsSync(entry)) process.exit(77);
const { WARCParser } = await import(pathToFileURL(entry));

for await (const record of new WARCParser(createReadStream(file), { keepHeaders: true })) {
  const body = Buffer.from(await record.readFully(false));
  const header = (name) => record.warcHeader(name) ?? null;
  console.log(JSON.stringify({
    version: record.warcHeaders.protocol ?? record.warcHeaders.statusline,
    type: record.warcType,
    target: header("WARC-Target-URI"),
    date: header("WARC-Date"),
    length: Number(header("Content-Length")) === body.length,
    digest: header("WARC-Block-Digest") === "sha256:" + createHash("sha256").update(body).digest("hex"),
    refers: header("WARC-Refers-To"),
    id: header("WARC-Record-ID"),
    body: body.toString("utf8"),
  }));
}
