// How sure is it that a candidate beside a messenger's name is a handle?
//
// A name that can only be a messenger needs little: "wickr blueowl22". A word of everyday language needs a label, an
// invitation, or a handle of a shape that is not seen elsewhere: "the signal is weak", "session: notes" hold none.
#pragma once

#include "classifier/candidate.h"
#include "classifier/gap.h"
#include "config/messengers.h"

namespace hw::classifier {

struct Evidence {
  config::NameKind kind = config::NameKind::plain;
  Gap gap;
  Look look = Look::word;
  HandleType type = HandleType::user;
  bool distinct = false;      // the handle's shape is seldom seen elsewhere
  bool common_word = false;   // the candidate is a word of ordinary language
  bool country_code = false;  // of a phone number
  bool invited = false;
  bool hinted = false;         // a sign stands in the post: an advert is likelier than elsewhere
  bool clause_ends = false;    // behind a handle to the right
  bool begins_line = false;    // the name, or the handle to the left
  bool begins_clause = false;  // the same, or a sign stands before it
  bool capital = false;        // the name is written with a capital
  bool long_name = false;      // of four letters or more: "discord", not "dc"
  bool of_something = false;   // "the signal x", "a session x"
};

// 0: no handle. Otherwise 0.5 to 1.
double judge_right(const Evidence& evidence);
double judge_left(const Evidence& evidence);

}  // namespace hw::classifier
