// Sealed bundles: what one machine carries to another, as often as one likes, in any order.
//
// A collector's bundle brings its sealed hits, bans and held posts to a reader's machine, where they are opened, judged
// by what is known there, and sealed again; a reader's brings verdicts, holds and do-not-raise marks back. A bundle
// holds everything that its maker has, so a lost one does no harm, and nothing in it can be read without a reader's
// key. What was erased is named by keyed tokens: a bundle that is older brings nothing of it back, and a collector
// erases with its readers' machine. It is JSON Lines: a head, a line each, and a last line with the host's signature
// over all before it. Taking one twice changes nothing; an older one never undoes a newer one.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string_view>

#include "common/error.h"
#include "db/person.h"
#include "db/store.h"

namespace hw::db {

// io: the stream refuses.
Status export_sealed(Store& store, std::ostream& out);

struct BundleTaken {
  std::size_t hits = 0;     // new or newer
  std::size_t bans = 0;     // new
  std::size_t held = 0;     // went to safeguarding
  std::size_t holds = 0;    // new
  std::size_t marks = 0;    // new
  std::size_t reviews = 0;  // new or newer
  std::size_t erased = 0;   // on a collector: what was erased or closed there
  std::size_t closed = 0;   // sealed to a class that `reader` does not read: take the bundle again with who does
};

// `reader` opens what it may; nullptr, as on a collector: what is sealed is passed over. refused: no enrolled host made
// the bundle (handlewatch keys add NAME --roles collector). tampered: it is not what was signed, or a record does not
// open. malformed: it is no bundle. Nothing is taken then.
Result<BundleTaken> import_sealed(Store& store, std::string_view bundle, const Person* reader);

}  // namespace hw::db
