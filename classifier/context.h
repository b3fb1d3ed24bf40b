// What the words around a handle and a sign make of them: advertised or mentioned, meant or explained.
#pragma once

#include <string>
#include <vector>

#include "classifier/fields.h"
#include "classifier/handles.h"
#include "classifier/rule_set.h"
#include "common/verdict.h"

namespace hw::classifier {

struct Sign {
  Firing firing;
  std::string explained_by;  // the id of the rule that gives it an innocent sense; empty: it counts
  bool in_handle = false;    // part of a handle, which says nothing: "map.maker22"
  bool far = false;          // not beside any advertised handle
  bool cited = false;        // in quotation marks: the word is spoken of
};

struct Context {
  std::vector<Sign> signs;
  std::vector<Intent> intents;          // of the handles, in their order
  std::vector<std::string> lowered_by;  // ids of the rules that demoted a handle or explained a sign, each once
  bool counter_speech = false;
  bool news = false;
  bool quoted = false;  // what speaks for a lead stands in a quotation
};

Context judge_context(const FoldedPost& post, const std::vector<Handle>& handles, const std::vector<Firing>& signs,
                      const std::vector<Firing>& contexts);

// In quotation marks that stand in its line and not far away.
bool is_cited(std::string_view text, const Firing& firing);

// The sentence, the paragraph or the post around a place of the folded text: [first, second).
Span reach_around(const FoldedPost& post, std::size_t position, config::RuleReach reach);

}  // namespace hw::classifier
