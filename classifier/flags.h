// The flags of a verdict: what protects the young, and what a reviewer should know before reading on.
#pragma once

#include <vector>

#include "classifier/context.h"
#include "classifier/fields.h"
#include "classifier/rule_set.h"
#include "common/post.h"
#include "common/verdict.h"

namespace hw::classifier {

// `ages` are the firings of rules about ages and calls for help; `contact` says that the post holds a handle or asks to
// be contacted on a messenger.
//
// An age is only acted on where there is contact, or a sign. A child
// who writes about school elsewhere is no concern of this program. A call for help counts everywhere but in news, and
// its author is treated as a possible minor, because a victim is never listed.
void raise_flags(const Post& post, const FoldedPost& folded, bool contact, const Context& context,
                 const std::vector<Firing>& ages, Verdict& verdict);

}  // namespace hw::classifier
