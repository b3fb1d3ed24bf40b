// The public face of parsers/: what to ask of a site, and turning what came back into posts and links.
//
// Adapters are stateless and pure, so one may serve any number of threads. A parser never fails on bad markup: whatever
// bytes arrive, it returns the posts it can see and a state that says what kind of page it was.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/access.h"
#include "common/document.h"
#include "common/error.h"
#include "common/post.h"
#include "common/request.h"
#include "config/settings.h"

namespace hw::parsers {

// What an adapter remembers of a source between two runs, as opaque text; empty at first.
using Cursor = std::string;

enum class ReadState {
  ok,          // posts or links were found, or the page is a known kind that is rightly empty
  changed,     // the engine is known, posts or links were expected and none found: its markup has changed
  login_wall,  // the page asks for an account
  error_page,  // the site's own error or "no such topic" page
  not_ours,    // not a page of this engine at all
};
std::string_view to_string(ReadState state);

struct ParsedPage {
  std::vector<Post> posts;       // platform and source are left empty: the pipeline knows them
  std::vector<Request> links;    // threads and sub-listings, on the document's own host, each once
  std::optional<Request> next;   // the next page of this listing or thread
  std::optional<Cursor> cursor;  // what to remember, where there is something
  ReadState state = ReadState::ok;
  // Ids of accounts that are gone as a whole (deleted, suspended, deactivated): none of their posts is public any more.
  std::vector<std::string> accounts_gone;
  double confidence = 1;              // of the posts: below 1 where they were found without knowing the engine
  std::vector<std::string> warnings;  // one a line, for `sources check` and `parse`; never holds a post's content
};

struct Parser {
  std::string_view name;                // also its `kind` in the configuration and its fixture folder
  bool (*recognises)(const Document&);  // cheap, builds no tree
  std::vector<Request> (*plan)(const config::SourceSpec&, const Cursor&);
  ParsedPage (*parse)(const Document&);
  // What the API asks of who reads it. Fails (configuration) where the source's address is none that this adapter
  // reads, a person's page above all; plan() is then not asked. Null: a plain site, any address.
  Result<Access> (*access)(const config::SourceSpec&) = nullptr;
  std::string_view network = {};  // what its posts carry as platform; empty: the source's host
};

// Every parser built in, in the order in which recognises() is asked.
std::span<const Parser> all();
// What the adapter reads; where that is nothing, the state and a warning say what came instead of a page of its own.
ParsedPage read(const Parser& parser, const Document& document);
// By name; nullptr when there is none.
const Parser* find(std::string_view name);
// The first that recognises the document; nullptr when none does.
const Parser* recognise(const Document& document);
std::vector<std::string_view> names();

}  // namespace hw::parsers
