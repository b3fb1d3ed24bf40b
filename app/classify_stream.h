// Posts in, verdicts out: the filter behind `classify`, JSON Lines to JSON Lines in the same order.
#pragma once

#include <cstddef>
#include <iosfwd>

#include "app/post_stream.h"
#include "classifier/classifier.h"
#include "common/error.h"

namespace hw::app {

enum class HeldPosts { without_handles, whole };

// A line that is no post gets an error object in its place. The number of those. Fails with io when the input breaks
// off or the output cannot be written.
Result<std::size_t> classify_stream(Input& input, const classifier::Classifier& classifier, HeldPosts held,
                                    std::ostream& out);

}  // namespace hw::app
