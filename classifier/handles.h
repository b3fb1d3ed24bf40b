// Every handle in a post, with the messenger it belongs to and how sure that is.
//
// Names of messengers are found in the folded text; the handles beside them are read from the original. Nothing is
// looked for where no messenger is named, and no link to one stands.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "classifier/candidate.h"
#include "classifier/fields.h"
#include "classifier/lexicon.h"
#include "common/post.h"
#include "config/messengers.h"

namespace hw::classifier {

struct Handle {
  std::size_t messenger = 0;  // index in Messengers::all
  Candidate candidate;        // from and to in the field's original
  std::string field;          // "text", "links/2" …
  std::size_t position = 0;   // in the folded text, of the handle; of the end for what is not in it (links)
  double confidence = 0;
  bool shared = false;     // read for an earlier name too: "snap+kik: x"
  bool invited = false;    // the author asks to be contacted there: "add me on", "my … is"
  bool elsewhere = false;  // of somebody else ("his telegram"), or in a quotation
};

class HandleFinder {
 public:
  static Result<HandleFinder> create(const config::Messengers& messengers, const Folder& folder,
                                     std::string_view ordinary_words);
  HandleFinder(HandleFinder&&) noexcept;
  ~HandleFinder();

  Mentions mentions(const FoldedPost& post) const;
  // Where none of these words stands in the folded text, mentions() finds nothing.
  std::vector<std::string> telling_words() const;
  // The author asks to be contacted on a messenger, with a handle or without: "add me on kik please".
  bool invites(const FoldedPost& post, const Mentions& mentions) const;
  // Each handle of each messenger once, where it is surest, in the order of the text. `hinted`: a sign or an age stands
  // in the post, so that less is asked of a handle.
  std::vector<Handle> find(const FoldedPost& post, const Mentions& mentions, const Post& given, bool hinted) const;

 private:
  struct Impl;
  explicit HandleFinder(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace hw::classifier
