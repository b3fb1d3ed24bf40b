// The folded view of a text: what its words are however they are dressed up.
//
// Lower case and without compatibility forms; default-ignorables dropped; accents of Latin letters off; letters of
// other alphabets that look Latin, in words that mix the two, made Latin; letters spelled out ("w i c k r") joined;
// digits and signs that stand for letters ("w1ckr") and stretched letters ("taaaboo") undone. A Russian word stays
// Russian. Any bytes are accepted; time is linear in their number. Immutable, so any number of threads may share one.
#pragma once

#include <string>
#include <string_view>

#include "classifier/code_points.h"
#include "classifier/folded.h"
#include "classifier/vocabulary.h"

namespace hw::classifier {

class Folder {
 public:
  explicit Folder(Vocabulary vocabulary);

  Folded fold(std::string_view original) const;
  // Behind what `out` already holds; offsets count from the beginning of `original`.
  void fold(std::string_view original, Folded& out) const;
  // The same without looking at whole blocks first: slower, and what the other is tested against.
  Folded fold_thoroughly(std::string_view original) const;
  // A pattern, folded as texts are, so that "jaehrig" and "jährig" say what they look like they say. Syntax stays.
  std::string fold_pattern(std::string_view pattern) const;
  // The text is one word of the vocabulary, however it is dressed up.
  bool knows(std::string_view original) const;
  const CodePoints& code_points() const { return code_points_; }

 private:
  std::size_t fold_chunks(std::string_view original, std::size_t at, std::size_t end, Folded& out) const;

  CodePoints code_points_;
  Vocabulary vocabulary_;
};

}  // namespace hw::classifier
