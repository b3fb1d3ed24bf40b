// The handle that belongs to a messenger's name: to its right, to its left, or on the line below.
//
// Immutable after create(), so any number of threads may share one. Time is bounded for each label.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "classifier/candidate.h"
#include "classifier/fields.h"
#include "classifier/gap.h"
#include "classifier/handles.h"
#include "classifier/judge.h"
#include "classifier/lexicon.h"
#include "classifier/normalise.h"
#include "classifier/pattern.h"
#include "config/messengers.h"

namespace hw::classifier {

// A messenger's name where a handle may belong to it.
struct Label {
  const Mention* mention = nullptr;
  bool hinted = false;  // a sign or an age stands in the post
  const Field* field = nullptr;
  Span span;  // of the name, in the field's original
};

class LabelReader {
 public:
  // Borrows the folder.
  static Result<LabelReader> create(const config::Messengers& messengers, const Folder& folder,
                                    std::string_view ordinary_words);

  std::optional<Handle> right(const FoldedPost& post, const Label& label) const;
  std::optional<Handle> left(const FoldedPost& post, const Label& label) const;
  // "best reach me on wickr" and, alone on the next line or in the text below a title, "name there: x". Asked for where
  // the label has no handle beside it; `before` is where the next label of the field stands.
  std::optional<Handle> below(const FoldedPost& post, const Label& label, std::size_t before) const;
  // The same anywhere in the label's sentence: a phone number with its country, or, beside a sign, what looks like
  // nothing else. Before the label only where the post holds no other handle.
  std::optional<Handle> nearby(const FoldedPost& post, const Label& label, std::size_t until, bool nothing_else) const;
  // A second one behind a handle of this label: "wickr x or x_two".
  std::optional<Handle> another(const Label& label, const Handle& first) const;
  // A handle of this label's messenger at `at` of its field.
  std::optional<Candidate> read_at(const Label& label, std::size_t at) const;

  // The author asks to be contacted there.
  bool invited(const FoldedPost& post, const Mention& mention) const;
  const std::vector<Grammar>& grammars() const { return grammars_; }

 private:
  LabelReader(const config::Messengers& messengers, const Folder& folder, std::string_view ordinary_words);

  bool says(const Patterns& patterns, const FoldedPost& post, const Field& field, std::size_t position) const;
  bool label_follows(std::string_view original, std::size_t at) const;
  bool read(std::size_t messenger, std::string_view original, std::size_t at, Candidate& out) const;
  std::size_t read_before(std::size_t messenger, std::string_view original, Gap& gap, Candidate& out) const;
  std::optional<Handle> right_in_text(const FoldedPost& post, const Label& label, Gap gap) const;
  std::optional<Candidate> announced(const Label& label, std::string_view original, std::size_t line) const;
  Evidence evidence(const FoldedPost& post, const Label& label, const Gap& gap, const Candidate& candidate,
                    std::size_t said_at) const;
  Handle handle(const FoldedPost& post, const Label& label, Candidate candidate, const Evidence& e,
                double confidence) const;

  const Folder* folder_;
  std::vector<Grammar> grammars_;
  WordLists words_;
  WordSet between_;
  Patterns invitations_;
  Patterns third_person_;
};

}  // namespace hw::classifier
